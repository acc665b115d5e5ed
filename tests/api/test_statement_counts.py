"""SQL statements a request, exactly; transaction control is not counted. A change here is a change of cost."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from tests.conftest import PASSWORD, wrong

LOGIN, REGISTER = "/auth/customer/emailpass", "/auth/customer/emailpass/register"
SEND, VERIFY = "/store/customers/otp/send", "/store/customers/otp/verify"
NOBODY = "cus_01ARZ3NDEKTSV4RRFFQ69G5FAV"
BODY = {"email": "jane@example.com", "password": PASSWORD}

# A user model with a phone of its own takes a statement to write it there.
USERS_PHONE = int(hasattr(get_user_model(), "phone"))

pytestmark = pytest.mark.life_cycle


@pytest.fixture(autouse=True)
def messages_stay_queued(monkeypatch):
    """As with a broker: the request publishes a task and delivers nothing."""
    monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)


@pytest.fixture
def cost(api, counted):
    """Return how many statements a POST or GET takes."""

    def count(path, body=None, *, token=None, method="post", status=200):
        with counted() as queries:
            answer = api.request(method, path, body, token=token)
        assert answer.status_code == status, answer.content
        return len(queries.statements)

    return count


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
    from customer_registration.models import OtpVerification

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


def test_a_forged_token_costs_nothing(cost):
    assert cost("/store/customers/me", token="a.b.c", method="get", status=401) == 0


def sent_codes_are_read_elsewhere(verified, monkeypatch):
    from customer_registration.messaging import delivery

    with monkeypatch.context() as patch:
        patch.setattr("customer_registration.messaging.deliver", delivery.deliver)
        return verified()
