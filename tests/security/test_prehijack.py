"""Decisions 9 and 10: an account may be somebody else's than whoever registered it, and staff are no customers.

A stranger registers somebody's address with a password, and a number, of their own, and waits. One test and more for
each sentence.
"""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import AccountEvent, Customer, OtpVerification
from customer_registration.signals import claim_lapsed, contact_verified
from customer_registration.tokens import LoginToken
from tests import by_code
from tests.by_code import JANE, ME, PHONE, UNHURRIED, ask, bring, refused, url
from tests.conftest import PASSWORD, last_code, link_token, messages_to
from tests.security.hostile import GUARD

pytestmark = pytest.mark.life_cycle
LOGIN, REFRESH = "/auth/customer/emailpass", "/auth/token/refresh"
VERIFY = "/store/customers/otp/verify"
NEW = "another battery staple"


@pytest.fixture(autouse=True)
def nobody_waits(configure):
    configure(**UNHURRIED, PASSWORD_RESET={"RESEND_THROTTLE_SECONDS": 0}, LOGIN={"IDENTIFIER": "both"})


def password_works(api, password=PASSWORD):
    return api.post(LOGIN, {"email": JANE, "password": password}).status_code == 200


def kinds_of_events(person):
    return list(AccountEvent.objects.filter(customer=person.row).order_by("pk").values_list("kind", flat=True))


# "Code login that proves an address first removes the password and ends sessions, ...


@pytest.mark.parametrize("step", ["verify", ""])
@pytest.mark.parametrize("with_token", [True, False])
def test_the_first_proof_by_code_login_removes_the_password(api, sign_up, step, with_token, hear):
    person, proven = sign_up(), hear(contact_verified)
    flow = ask(api)
    answer = bring(api, last_code(JANE), flow if with_token else None, step=step)
    assert answer.status_code == 200
    assert person.row.email_verified_at is not None
    assert not person.row.user.has_usable_password()
    assert not password_works(api)
    assert kinds_of_events(person)[2:] == ["password_discarded", "contact_verified"]
    assert [told["kind"] for told in proven] == ["email"]
    assert api.get(ME, token=answer.json()["token"]).status_code == 200


def test_and_ends_every_session_of_the_stranger(api, configure, sign_up):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})  # so that the stranger can log in unproven
    person = sign_up()
    bearer = api.post(LOGIN, {"email": JANE, "password": PASSWORD}).json()["token"]
    browser = api.another()
    assert browser.post("/auth/session", token=bearer).status_code == 200
    assert browser.get(ME).status_code == 200
    by_code.log_in(api.another())
    for path in (ME, "/auth/mfa/factors"):
        assert api.get(path, token=bearer).json() == GUARD
        assert browser.get(path).json() == GUARD
    assert api.post(REFRESH, token=bearer).json() == GUARD
    assert browser.post(REFRESH).json() == GUARD
    assert api.post(REFRESH, token=person.token).json() == GUARD
    assert not person.row.user.has_usable_password()


def test_and_every_code_and_link_that_the_stranger_had_sent(api, sign_up, send_code):
    person = sign_up(phone=PHONE)
    to_phone = {"token": send_code(person, "phone"), "code": last_code(PHONE)}
    to_mail = {"token": send_code(person), "code": last_code(JANE)}
    api.post(f"{LOGIN}/reset-password", {"identifier": PHONE})
    reset = link_token(PHONE)
    older = ask(api), last_code(JANE)
    by_code.log_in(api)
    for proof in (to_phone, to_mail):
        assert api.post(VERIFY, proof).json()["code"] == "otp_invalid"
    assert api.post(f"{LOGIN}/update", {"password": NEW}, token=reset).status_code == 401
    assert refused(bring(api, older[1], older[0]))
    assert person.row.phone_verified_at is None


def test_and_the_strangers_number(api, sign_up, send_code, hear):
    person, lapsed = sign_up(phone=PHONE), hear(claim_lapsed)
    by_code.log_in(api)
    assert (person.row.phone, person.row.phone_verified_at) == (None, None)
    assert getattr(person.row.user, "phone", None) in (None, "") or "closed" in person.row.user.phone
    assert [(told["customer_id"], told["kind"]) for told in lapsed] == [(person.id, "phone")]
    assert "claim_lapsed" in kinds_of_events(person)
    sent = len(messages_to(PHONE))
    ask(api, PHONE)
    assert len(messages_to(PHONE)) == sent


def test_without_verification_the_number_goes_too_unless_it_is_a_reset(api, configure, sign_up, reset_link):
    """Where nobody has to prove anything most contacts are unproven, and a forgotten password may not cost one."""
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    reset, proven = sign_up("reset@example.com", phone="+12025550199"), sign_up(phone=PHONE)
    body = {"password": NEW}
    assert api.post(f"{LOGIN}/update", body, token=reset_link("reset@example.com")).status_code == 200
    assert reset.row.email_verified_at is not None
    assert reset.row.phone == "+12025550199"
    by_code.log_in(api)
    assert proven.row.phone is None
    assert not proven.row.user.has_usable_password()


def test_the_first_proof_of_somebody_who_never_became_a_customer_does_the_same(api, register):
    stranger = register()
    token = by_code.log_in(api)
    assert LoginToken.read(token).actor_id == ""
    assert api.post(REFRESH, token=stranger).json() == GUARD
    assert api.post("/store/customers", {}, token=stranger).json() == GUARD
    assert api.post("/store/customers", {"first_name": "Jane"}, token=token).status_code == 200
    assert not password_works(api)


def test_a_lapsed_claim_that_nobody_took_is_its_owners_by_a_code(api, sign_up):
    person = sign_up()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert LoginToken.read(by_code.log_in(api)).actor_id == person.id
        assert person.row.email_verified_at is not None
        assert not password_works(api)


@pytest.mark.parametrize("step", ["verify", ""])
def test_a_later_code_login_leaves_the_password_and_the_sessions(api, verified, step):
    person, bearer = verified()
    before = kinds_of_events(person)
    flow = ask(api)
    assert bring(api, last_code(JANE), flow, step=step).status_code == 200
    assert api.get(ME, token=bearer).status_code == 200
    assert password_works(api)
    assert kinds_of_events(person) == before


# ... unless the request carries a live bearer or cookie of that same customer."


@pytest.mark.parametrize("way", ["registration token", "bearer", "cookie"])
def test_the_persons_own_session_keeps_the_password(api, configure, sign_up, way):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": way == "registration token"})
    person = sign_up(phone=PHONE)
    bearer = person.token
    if way != "registration token":
        bearer = api.post(LOGIN, {"email": JANE, "password": PASSWORD}).json()["token"]
    device = api.another()
    if way == "cookie":
        assert device.post("/auth/session", token=bearer).status_code == 200
    flow = ask(device)
    answer = bring(device, last_code(JANE), flow, bearer=None if way == "cookie" else bearer)
    assert answer.status_code == 200
    assert person.row.email_verified_at is not None
    assert person.row.phone == PHONE
    assert person.row.user.check_password(PASSWORD)
    assert api.post(REFRESH, token=bearer).status_code == 200
    assert "password_discarded" not in kinds_of_events(person)


@pytest.mark.parametrize("whose", ["another customer's", "dead", "junk", "staff's"])
def test_no_other_session_does(api, sign_up, verified, whose):
    person, (_, others) = sign_up(), verified("other@example.com")
    bearer = {"another customer's": others, "junk": "a.b.c", "dead": person.token, "staff's": others}[whose]
    if whose == "dead":
        Customer.objects.filter(pk=person.id).update(token_epoch=1)
    if whose == "staff's":
        get_user_model().objects.filter(registered_customer__email="other@example.com").update(is_staff=True)
        credentials = {"email": "other@example.com", "password": PASSWORD}
        bearer = api.post("/auth/user/emailpass", credentials).json()["token"]
    flow = ask(api)
    assert bring(api, last_code(JANE), flow, bearer=bearer).status_code == 200
    assert not person.row.user.has_usable_password()


@pytest.mark.parametrize("origin", ["https://evil.example.com", "null"])
def test_a_cookie_that_another_sites_page_sends_is_none_of_the_persons(api, configure, sign_up, origin):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    person = sign_up()
    bearer = api.post(LOGIN, {"email": JANE, "password": PASSWORD}).json()["token"]
    assert api.post("/auth/session", token=bearer).status_code == 200
    flow = ask(api)
    body = {"identifier": JANE, "otp": last_code(JANE), "token": flow}
    answer = api.post(url("verify"), body, origin=origin)
    assert answer.status_code in (200, 403)
    assert answer.status_code == 403 or not person.row.user.has_usable_password()


# "Ordinary verification, contact change and reset do not."


def test_ordinary_verification_keeps_the_password(api, verified):
    person, _ = verified()
    assert password_works(api)
    assert "password_discarded" not in kinds_of_events(person)


def test_a_contact_change_keeps_the_password(api, verified, change_contact):
    person, token = verified()
    change_contact(token, phone=PHONE)
    assert person.row.phone_verified_at is not None
    assert password_works(api)


def test_a_reset_sets_one(api, sign_up, reset_link):
    person = sign_up()
    assert api.post(f"{LOGIN}/update", {"password": NEW}, token=reset_link()).status_code == 200
    assert password_works(api, NEW)
    assert "password_discarded" not in kinds_of_events(person)


def test_a_second_contact_that_is_proven_by_a_code_ordinarily_logs_in_and_keeps_the_password(api, verified, prove):
    person, _ = verified(phone=PHONE)
    prove(person, "phone")
    assert LoginToken.read(by_code.log_in(api, PHONE)).actor_id == person.id
    assert person.row.user.check_password(PASSWORD)


# "An unproven contact of an account that has another proven one is no way in: reset and code login by it answer as for
# unknown and send nothing."


@pytest.mark.parametrize("unproven", ["phone", "email"])
def test_an_unproven_contact_beside_a_proven_one_is_no_way_in(api, verified, prove, unproven):
    person, _ = verified(phone=PHONE)
    if unproven == "email":
        prove(person, "phone")
        Customer.objects.filter(pk=person.id).update(email_verified_at=None)
    name, nobody = (PHONE, "+12025550199") if unproven == "phone" else (JANE, "nobody@example.com")
    sent = len(messages_to(name))
    answers = [api.post(url("generate"), {"identifier": each}) for each in (name, nobody)]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["message"] for answer in answers} == {by_code.SENT}
    row = OtpVerification.objects.filter(purpose="code_login").earliest("pk")
    assert row.destination == ""
    for flow in (answers[0].json()["token"], None):
        assert refused(bring(api, row.code(), flow, identifier=name))
    resets = [api.post(f"{LOGIN}/reset-password", {"identifier": each}) for each in (name, nobody)]
    assert [(answer.status_code, answer.content) for answer in resets] == [(201, b"Created")] * 2
    assert len(messages_to(name)) == sent


def test_a_code_dies_where_its_address_stops_being_a_way_in(api, sign_up, prove):
    person = sign_up(phone=PHONE)
    flow, code = ask(api, PHONE), last_code(PHONE)
    prove(person, "email")  # the number is a stranger's from now on
    for brought in (flow, None):
        assert refused(bring(api, code, brought, identifier=PHONE))
    assert person.row.phone_verified_at is None


# Decision 10: "Staff are not customers. If the customer's user is staff or superuser: reset, code login and password
# discard answer as for unknown; ..."


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
@pytest.mark.parametrize("standing", ["proven", "unproven"])
def test_a_staff_customer_is_unknown_to_code_login(api, verified, sign_up, flag, standing):
    person = verified()[0] if standing == "proven" else sign_up()
    flow, code = ask(api), last_code(JANE)
    get_user_model().objects.filter(pk=person.row.user.pk).update(**{flag: True})
    assert refused(bring(api, code, flow))  # sent while they were none
    sent = len(messages_to(JANE))
    answers = [api.post(url(step), {"identifier": JANE}) for step in ("generate", "pre-register")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(messages_to(JANE)) == sent
    for step, flow in zip(("verify", "register"), answers, strict=True):
        row = OtpVerification.objects.filter(purpose__startswith="code_").latest("pk")
        assert refused(bring(api, row.code(), flow.json()["token"], step=step))
    assert person.row.user.check_password(PASSWORD)
    assert "password_discarded" not in kinds_of_events(person)


def test_a_lapsed_claim_of_staff_is_taken_by_no_code(api, sign_up):
    person = sign_up()
    get_user_model().objects.filter(pk=person.row.user.pk).update(is_staff=True)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        sent = len(messages_to(JANE))
        ask(api, step="pre-register")
        assert len(messages_to(JANE)) == sent
    assert person.row.email == JANE
    assert person.row.user.check_password(PASSWORD)
