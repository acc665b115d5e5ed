"""SQL statements a request, exactly; transaction control is not counted. A change here is a change of cost."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import OtpVerification
from customer_registration.tokens import ResetToken
from tests.conftest import PASSWORD, wrong

LOGIN, REGISTER = "/auth/customer/emailpass", "/auth/customer/emailpass/register"
SEND, VERIFY = "/store/customers/otp/send", "/store/customers/otp/verify"
ME, CONTACT = "/store/customers/me", "/store/customers/me/contact"
NOBODY = "cus_01ARZ3NDEKTSV4RRFFQ69G5FAV"
BODY = {"email": "jane@example.com", "password": PASSWORD}

# A user model with a phone of its own takes a statement to write it there.
USERS_PHONE = int(hasattr(get_user_model(), "phone"))

pytestmark = pytest.mark.life_cycle


@pytest.fixture(autouse=True)
def messages_stay_queued(monkeypatch):
    """As with a broker: the request publishes a task and delivers nothing."""
    monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)


def test_register(cost):
    assert cost(REGISTER, BODY) == 4


def test_register_in_place_of_a_lapsed_claim(cost, register):
    register()
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert cost(REGISTER, BODY) == 7


def test_register_again(cost, register):
    register()
    assert cost(REGISTER, BODY) == 1
    assert cost(REGISTER, {**BODY, "password": "another one entirely"}, status=401) == 1


def test_create(cost, register):
    assert cost("/store/customers", {"first_name": "Jane"}, token=register()) == 3


def test_create_with_a_second_identifier(cost, register):
    assert cost("/store/customers", {"phone": "+12025550123"}, token=register()) == 4 + USERS_PHONE


def test_create_with_a_lapsed_second_identifier(cost, register, sign_up):
    sign_up("first@example.com", phone="+12025550123")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert cost("/store/customers", {"phone": "+12025550123"}, token=register()) == 7 + USERS_PHONE


def test_create_with_a_code_sent(cost, register, configure):
    configure(EMAIL_VERIFICATION={"AUTO_SEND_ON_REGISTRATION": True})
    assert cost("/store/customers", {}, token=register()) == 6


def test_login(cost, verified, monkeypatch):
    sent_codes_are_read_elsewhere(verified, monkeypatch)
    assert cost(LOGIN, BODY) == 2


def test_login_refused(cost, sign_up):
    sign_up()
    assert cost(LOGIN, {**BODY, "password": "wrong password"}, status=401) == 1
    assert cost(LOGIN, {**BODY, "email": "nobody@example.com"}, status=401) == 1
    assert cost(LOGIN, BODY, status=403) == 1


def test_send_costs_the_same_for_known_and_unknown(cost, sign_up):
    person, start = sign_up(), timezone.now()

    def known_and_unknown(status=200):
        bodies = [{"customer_id": customer_id, "type": "email_verification"} for customer_id in (person.id, NOBODY)]
        return [cost(SEND, body, status=status) for body in bodies]

    assert known_and_unknown() == [5, 5]
    first, second = known_and_unknown(status=429)
    assert first == second == 4
    with time_machine.travel(start + timedelta(seconds=100)):
        assert known_and_unknown() == [5, 5]
    with time_machine.travel(start + timedelta(minutes=30)):
        assert known_and_unknown() == [5, 5]


def test_verify_costs_the_same_for_known_and_unknown(api, cost, sign_up):
    person = sign_up()
    tokens = [
        api.post(SEND, {"customer_id": customer_id, "type": "email_verification"}).json()["token"]
        for customer_id in (person.id, NOBODY)
    ]
    code = OtpVerification.objects.get(customer=person.id).code()
    assert [cost(VERIFY, {"token": token, "code": wrong(code)}, status=400) for token in tokens] == [2, 2]
    assert cost(VERIFY, {"token": tokens[0], "code": code}) == 6


def test_me_and_refresh(cost, verified, monkeypatch):
    _, token = sent_codes_are_read_elsewhere(verified, monkeypatch)
    assert cost("/store/customers/me", token=token, method="get") == 1
    assert cost("/auth/token/refresh", token=token) == 1


def test_me_and_refresh_by_cookie(api, cost, verified, monkeypatch):
    _, token = sent_codes_are_read_elsewhere(verified, monkeypatch)
    api.post("/auth/session", token=token)
    assert cost("/store/customers/me", method="get") == 2
    assert cost("/auth/token/refresh") == 2


def test_update_the_profile(cost, verified, monkeypatch):
    _, token = sent_codes_are_read_elsewhere(verified, monkeypatch)
    assert cost(ME, {"first_name": "Jane", "metadata": {"a": 1}}, token=token) == 3
    assert cost(ME, {}, token=token) == 1


def test_change_a_contact(api, cost, verified, monkeypatch):
    _, token = sent_codes_are_read_elsewhere(verified, monkeypatch)
    new, start = {"email": "new@example.com"}, timezone.now()
    assert cost(CONTACT, new, token=token) == 6
    assert cost(CONTACT, new, token=token, status=429) == 5
    with time_machine.travel(start + timedelta(seconds=100)):
        assert cost(CONTACT, new, token=token) == 6
    with time_machine.travel(start + timedelta(seconds=200)):
        flow = api.post(CONTACT, new, token=token).json()["token"]
        code = OtpVerification.objects.latest("pk").code()
        proof = {"token": flow, "code": code}
        assert cost(f"{CONTACT}/verify", {**proof, "code": wrong(code)}, token=token, status=400) == 3
        assert cost(f"{CONTACT}/verify", proof, token=token) == 10


def test_change_to_a_taken_contact_costs_the_same(cost, verified, monkeypatch):
    _, token = sent_codes_are_read_elsewhere(verified, monkeypatch)
    sent_codes_are_read_elsewhere(lambda: verified("taken@example.com"), monkeypatch)
    assert cost(CONTACT, {"email": "taken@example.com"}, token=token) == 6


def test_a_reset_costs_the_same_for_known_and_unknown(cost, verified, monkeypatch):
    sent_codes_are_read_elsewhere(verified, monkeypatch)
    start = timezone.now()

    def known_and_unknown():
        bodies = [{"email": email} for email in ("jane@example.com", "nobody@example.com")]
        return [cost(f"{LOGIN}/reset-password", body, status=201) for body in bodies]

    assert known_and_unknown() == [5, 5]
    inside_the_throttle = known_and_unknown()
    assert inside_the_throttle == [4, 4]
    with time_machine.travel(start + timedelta(seconds=121)):
        assert known_and_unknown() == [5, 5]


def test_update_a_password(cost, verified, monkeypatch):
    sent_codes_are_read_elsewhere(verified, monkeypatch)
    cost(f"{LOGIN}/reset-password", {"email": "jane@example.com"}, status=201)
    token = ResetToken.of(OtpVerification.objects.get(purpose="password_reset")).sign()
    assert cost(f"{LOGIN}/update", {"password": "a new password entirely"}, token=token) == 7


def test_change_a_password(cost, verified, monkeypatch):
    _, token = sent_codes_are_read_elsewhere(verified, monkeypatch)
    body = {"old_password": PASSWORD, "password": "a new password entirely"}
    assert cost(f"{ME}/password", body, token=token) == 6


def test_a_forged_token_costs_nothing(cost):
    assert cost("/store/customers/me", token="a.b.c", method="get", status=401) == 0


def sent_codes_are_read_elsewhere(verified, monkeypatch):
    from customer_registration.messaging import delivery

    with monkeypatch.context() as patch:
        patch.setattr("customer_registration.messaging.deliver", delivery.deliver)
        return verified()
