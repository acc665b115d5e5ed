"""POST /auth/customer/otp/pre-register and /otp/register, and the login that a registration leaves open."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone

from customer_registration.models import AccountEvent, Customer, OtpVerification
from customer_registration.signals import contact_verified, identity_registered
from customer_registration.tokens import LoginToken
from tests import by_code
from tests.by_code import JANE, ME, PHONE, UNHURRIED, ask, bring, refused, url
from tests.conftest import PASSWORD, holds_no_contact, last_code, messages_to

pytestmark = pytest.mark.life_cycle
LOGIN, CREATE = "/auth/customer/emailpass", "/store/customers"
TAKEN = {
    "type": "duplicate_error",
    "code": "invalid_request_error",
    "message": "Customer with this email already has an account",
}


def test_a_code_registers_an_identity_without_a_password(api, hear):
    told = [hear(identity_registered), hear(contact_verified)]
    answer = api.post(url("pre-register"), {"identifier": " Jane@Example.com "})
    assert answer.status_code == 200
    assert list(answer.json()) == ["message", "token"]
    assert answer.json()["message"] == by_code.VALIDATE
    [message] = mail.outbox
    assert message.to == [JANE]
    code = last_code(JANE)
    assert re.fullmatch("[0-9]{6}", code)
    assert "5 minutes" in message.body
    assert not Customer.objects.exists()
    proven = bring(api, code, answer.json()["token"], step="register")
    assert proven.status_code == 200
    assert list(proven.json()) == ["token"]
    token = LoginToken.read(proven.json()["token"])
    assert (token.actor_id, token.actor_type, token.auth_provider) == ("", "customer", "otp")
    assert token.app_metadata == {}
    row = Customer.objects.select_related("user").get()
    assert (row.email, row.registered_at) == (JANE, None)
    assert row.email_verified_at is not None
    assert not row.user.has_usable_password()
    assert token.customer_id == row.pk
    assert [len(heard) for heard in told] == [1, 1]
    assert set(AccountEvent.objects.values_list("kind", flat=True)) == {"identity_registered", "contact_verified"}


def test_the_customer_is_created_as_usual_and_is_verified(api):
    token = by_code.register(api)
    answer = api.post(CREATE, {"first_name": "Jane", "email": ""}, token=token)
    assert answer.status_code == 200
    customer = answer.json()["customer"]
    assert (customer["email"], customer["email_verified"], customer["has_account"]) == (JANE, True, True)
    fresh = api.post("/auth/token/refresh", token=token)
    assert LoginToken.read(fresh.json()["token"]).actor_id == customer["id"]
    again = api.post(CREATE, {}, token=token)
    assert (again.status_code, again.json()["message"]) == (400, "Request already authenticated as a customer.")


@pytest.mark.parametrize("with_token", [True, False])
def test_register_takes_the_code_with_the_flow_token_and_without(api, with_token):
    flow = ask(api, step="pre-register")
    answer = bring(api, last_code(JANE), flow if with_token else None, step="register")
    assert answer.status_code == 200


def test_somebody_with_nothing_but_a_phone_signs_up(api, configure):
    configure(REGISTRATION={"IDENTIFIER": "phone"})
    person = by_code.sign_up(api, PHONE, first_name="Jane")
    row = Customer.objects.get(pk=person)
    assert (row.phone, row.email, row.email_verified_at) == (PHONE, None, None)
    assert row.phone_verified_at is not None
    assert len(messages_to(PHONE)) == 1


def test_where_both_register_either_comes_first(api, configure):
    configure(REGISTRATION={"IDENTIFIER": "both"})
    missing = api.post(CREATE, {}, token=by_code.register(api, PHONE))
    assert (missing.status_code, missing.json()["type"]) == (400, "invalid_data")
    answer = api.post(CREATE, {"phone": "+12025550199"}, token=by_code.register(api, JANE))
    assert answer.status_code == 200
    customer = answer.json()["customer"]
    assert (customer["email_verified"], customer["phone_verified"]) == (True, False)


@pytest.mark.parametrize("step", ["verify", ""])
def test_a_code_to_register_is_no_code_to_log_in(api, configure, step):
    configure(**UNHURRIED)
    flow, code = ask(api, step="pre-register"), last_code(JANE)
    assert refused(bring(api, code, flow, step=step))
    assert refused(bring(api, code, step=step))
    assert bring(api, code, flow, step="register").status_code == 200


def test_c8_a_code_to_log_in_is_no_code_to_register(api, verified):
    verified()
    flow, code = ask(api), last_code(JANE)
    assert refused(bring(api, code, flow, step="register"))
    assert refused(bring(api, code, step="register"))
    assert bring(api, code, flow).status_code == 200


@pytest.mark.parametrize("with_token", [True, False])
def test_c1_a_code_registers_once(api, with_token):
    flow = ask(api, step="pre-register")
    code, brought = last_code(JANE), flow if with_token else None
    assert bring(api, code, brought, step="register").status_code == 200
    assert refused(bring(api, code, brought, step="register"))
    assert Customer.objects.count() == get_user_model().objects.count() == 1


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_code_is_good_until_its_last_second(api, seconds):
    flow = ask(api, step="pre-register")
    ends = OtpVerification.objects.get().expires_at
    with time_machine.travel(ends + timedelta(seconds=seconds), tick=False):
        answer = bring(api, last_code(JANE), flow, step="register")
    assert answer.status_code == 200 if seconds < 0 else refused(answer)
    assert Customer.objects.exists() is (seconds < 0)


# Who is there already.


def test_somebody_with_an_account_is_sent_no_code_and_answered_alike(api, configure, verified):
    configure(**UNHURRIED)
    verified()
    sent = len(mail.outbox)
    free, taken = (api.post(url("pre-register"), {"identifier": name}) for name in ("free@example.com", JANE))
    assert (taken.status_code, taken.json()["message"]) == (free.status_code, free.json()["message"])
    assert len(taken.json()["token"]) == len(free.json()["token"])
    assert [message.to for message in mail.outbox[sent:]] == [["free@example.com"]]
    decoy = OtpVerification.objects.filter(purpose="code_registration").latest("pk")
    assert decoy.destination == ""
    for flow in (taken.json()["token"], None):
        assert refused(bring(api, decoy.code(), flow, step="register"))


def test_an_address_taken_after_the_code_was_sent_is_a_duplicate(api, verified):
    flow = ask(api, step="pre-register")
    code = last_code(JANE)
    person, bearer = verified()
    answer = bring(api, code, flow, step="register")
    assert (answer.status_code, answer.json()) == (422, TAKEN)
    assert api.get(ME, token=bearer).status_code == 200
    assert person.row.user.check_password(PASSWORD)
    assert Customer.objects.count() == 1
    assert refused(bring(api, code, flow, step=""))


def test_a_fresh_claim_is_left_alone(api, sign_up):
    person = sign_up()
    assert api.post(url("pre-register"), {"identifier": JANE}).status_code == 200
    assert mail.outbox == []
    assert person.row.user.check_password(PASSWORD)


def test_a_lapsed_claim_gives_way_to_who_proves_the_address(api, sign_up):
    older = sign_up()
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        token = by_code.register(api)
        assert LoginToken.read(token).customer_id != older.id
        assert api.post(CREATE, {}, token=token).status_code == 200
        assert (older.row.email, older.row.user.has_usable_password()) == (None, False)
        assert holds_no_contact(older.row.user)
        assert api.get(ME, token=older.token).status_code == 401
        assert api.post(LOGIN, {"email": JANE, "password": PASSWORD}).status_code == 401


def test_a_registration_that_broke_off_is_resumed_by_a_new_code(api, configure):
    configure(**UNHURRIED)
    first = LoginToken.read(by_code.register(api))
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        token = by_code.register(api)
        assert LoginToken.read(token).auth_identity_id == first.auth_identity_id
        assert Customer.objects.count() == get_user_model().objects.count() == 1
        assert api.post(CREATE, {}, token=token).status_code == 200
        sent = len(mail.outbox)
        ask(api, step="pre-register")  # now there is an account
        assert len(mail.outbox) == sent


def test_a_password_identity_is_never_registered_again(api, register, configure):
    """Proven, and not a customer yet: of another provider all the same."""
    configure(**UNHURRIED)
    token = register()
    row = Customer.objects.get()
    Customer.objects.update(email_verified_at=timezone.now())
    sent = len(mail.outbox)
    ask(api, step="pre-register")
    assert len(mail.outbox) == sent
    assert LoginToken.read(token).customer_id == row.pk
    assert Customer.objects.select_related("user").get().user.check_password(PASSWORD)


def test_a_kind_that_does_not_register_is_answered_as_taken(api):
    answer = api.post(url("pre-register"), {"identifier": PHONE})
    assert (answer.status_code, answer.json()["message"]) == (200, by_code.VALIDATE)
    assert messages_to(PHONE) == []
    row = OtpVerification.objects.get()
    assert refused(bring(api, row.code(), answer.json()["token"], identifier=PHONE, step="register"))
    assert not Customer.objects.exists()


def test_where_nothing_is_concealed_a_taken_address_is_a_duplicate_at_once(api, configure, verified):
    configure(PASSWORDLESS={"CONCEAL": False})
    verified()
    sent = len(mail.outbox)
    answer = api.post(url("pre-register"), {"identifier": JANE})
    assert (answer.status_code, answer.json()["type"]) == (422, "duplicate_error")
    assert len(mail.outbox) == sent
    assert api.post(url("pre-register"), {"identifier": "free@example.com"}).status_code == 200


# What somebody without a password may do.


def test_e11_no_password_logs_them_in(api):
    by_code.sign_up(api)
    for password in ("", " ", "!", Customer.objects.select_related("user").get().user.password):
        assert api.post(LOGIN, {"email": JANE, "password": password}).status_code == 401


def test_their_first_password_is_set_with_a_fresh_login_or_a_link(api, configure, reset_link):
    configure(**UNHURRIED)
    by_code.sign_up(api)
    token = by_code.log_in(api)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        late = api.post(f"{ME}/password", {"password": "a first password"}, token=token)
        assert (late.status_code, late.json()["code"]) == (403, "reauthentication_required")
    assert api.post(f"{ME}/password", {"password": "a first password"}, token=token).status_code == 200
    assert api.post(LOGIN, {"email": JANE, "password": "a first password"}).status_code == 200
    body = {"password": "a second password"}
    assert api.post(f"{LOGIN}/update", body, token=reset_link(JANE)).status_code == 200
    assert api.post(LOGIN, {"email": JANE, "password": "a second password"}).status_code == 200


def test_without_verification_a_code_proves_the_address_too(api, configure):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    by_code.sign_up(api)
    assert Customer.objects.get().email_verified_at is not None
