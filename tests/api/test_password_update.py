"""POST /auth/customer/{provider}/update: what the token of a reset link is good for."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import Customer, OtpVerification
from customer_registration.signals import contact_verified
from tests.conftest import PASSWORD, last_code, link_token, messages_to

LOGIN, ME, REFRESH = "/auth/customer/emailpass", "/store/customers/me", "/auth/token/refresh"
URL, PHONE_URL = f"{LOGIN}/update", "/auth/customer/phonepass/update"
EMAIL, PHONE, TYPED = "jane@example.com", "+12025550123", "(202) 555-0123"
NEW = {"password": "a new password entirely"}
INVALID_TOKEN = {"type": "unauthorized", "message": "Invalid token"}
GUARD = {"message": "Unauthorized"}

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def jane(verified, prove, configure):
    """Both contacts are proven and log in; return the person and a token."""
    configure(LOGIN={"IDENTIFIER": "both"})
    person, token = verified(EMAIL, phone=PHONE)
    prove(person, "phone")
    return person, token


def still_good(api, link):
    return api.post(URL, NEW, token=link).status_code == 200


def is_invalid(answer):
    return (answer.status_code, answer.json()) == (401, INVALID_TOKEN)


@pytest.mark.parametrize("to", [EMAIL, PHONE])
def test_a_new_password_ends_every_session_and_gives_no_token(api, jane, reset_link, to):
    person, token = jane
    device = api.another()
    device.post("/auth/session", token=token)
    renewed = api.post(REFRESH, token=token).json()["token"]
    answer = api.post(URL, NEW, token=reset_link(to))
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert answer.cookies == {}
    for dead in (token, renewed, person.token):
        assert api.get(ME, token=dead).json() == GUARD
        assert api.post(REFRESH, token=dead).json() == GUARD
    assert device.get(ME).json() == GUARD
    assert device.post(REFRESH).json() == GUARD
    assert api.post(LOGIN, {"email": EMAIL, "password": PASSWORD}).status_code == 401
    assert api.post(LOGIN, {"email": EMAIL, **NEW}).status_code == 200


@pytest.mark.parametrize("alias", ["body", "body beside a stale bearer", "body beside a junk bearer"])
def test_the_token_may_be_in_the_body(api, jane, reset_link, alias):
    bearer = {"body": None, "body beside a stale bearer": jane[1], "body beside a junk bearer": "junk"}[alias]
    assert api.post(URL, {**NEW, "token": reset_link()}, token=bearer).json() == {"success": True}


def test_the_token_is_never_read_from_the_query_string(api, jane, reset_link):
    link = reset_link()
    assert is_invalid(api.post(f"{URL}?token={link}", NEW))
    assert still_good(api, link)


def test_a_token_works_once(api, jane, reset_link):
    link = reset_link()
    assert still_good(api, link)
    for _ in range(2):
        assert is_invalid(api.post(URL, {"password": "yet another password"}, token=link))
    assert api.post(LOGIN, {"email": EMAIL, **NEW}).status_code == 200


@pytest.mark.parametrize("minutes", [15, 60])
@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 401), (1, 401)])
def test_a_token_is_good_for_fifteen_minutes(api, configure, jane, reset_link, minutes, seconds, status):
    configure(PASSWORD_RESET={} if minutes == 15 else {"EXPIRY_MINUTES": minutes})
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as traveller:
        link = reset_link()
        traveller.shift(timedelta(minutes=minutes, seconds=seconds))
        assert api.post(URL, NEW, token=link).status_code == status


@pytest.mark.parametrize("order", [[EMAIL, PHONE], [PHONE, EMAIL], [EMAIL, EMAIL]])
def test_only_the_newest_token_works_whatever_it_came_by(api, jane, reset_link, configure, order):
    configure(PASSWORD_RESET={"RESEND_THROTTLE_SECONDS": 0})
    first, second = [reset_link(to) for to in order]
    assert first != second
    assert is_invalid(api.post(URL, NEW, token=first))
    assert still_good(api, second)


def test_a_token_is_bound_to_its_provider_and_actor(api, jane, reset_link):
    by_email = reset_link(EMAIL)
    for path in (PHONE_URL, "/auth/customer/otp/update", "/auth/customer/x/update", "/auth/user/emailpass/update"):
        assert is_invalid(api.post(path, NEW, token=by_email))
    assert still_good(api, by_email)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        api.post("/auth/customer/phonepass/reset-password", {"phone": PHONE})
        by_phone = link_token(PHONE)
        assert is_invalid(api.post(URL, NEW, token=by_phone))
        assert api.post(PHONE_URL, NEW, token=by_phone).status_code == 200


def test_other_tokens_are_invalid(api, jane, send_code, sign_up, register, reset_link, change_contact):
    person, token = jane
    link, verification = reset_link(), send_code(sign_up("other@example.com"))
    api.post(
        "/auth/verification/request",
        {"entity_id": "x@example.com", "entity_type": "email"},
        token=register("x@example.com"),
    )
    others = [person.token, token, verification, link_token("x@example.com"), f"{link[:-3]}AAA", "", "junk", "a.b.c"]
    for bad in others:
        assert is_invalid(api.post(URL, NEW, token=bad))
        assert is_invalid(api.post(URL, {**NEW, "token": bad}))
    for bad in (None, 5, [], {}, True):
        assert is_invalid(api.post(URL, {**NEW, "token": bad}))
    assert is_invalid(api.post(URL, NEW))
    assert is_invalid(api.post(URL, NEW, authorization=f"Basic {link}"))
    change_contact(token, email="new@example.com")
    assert is_invalid(api.post(URL, NEW, token=link_token(EMAIL)))


def test_e4_a_reset_token_opens_nothing_else(api, jane, reset_link):
    link = reset_link()
    for path in ("/auth/session", REFRESH, ME, f"{ME}/password", f"{ME}/logout-all"):
        assert api.post(path, token=link).json() == GUARD


# What does not spend it


@pytest.mark.parametrize("password", ["short", "12345678", "jane@example.com"])
def test_a_password_that_the_validators_refuse(api, jane, reset_link, password):
    link = reset_link()
    answer = api.post(URL, {"password": password}, token=link)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert answer.json()["code"] == "password_rejected"
    assert api.get(ME, token=jane[1]).status_code == 200
    assert still_good(api, link)


@pytest.mark.parametrize(
    "body", [{}, {"password": None}, {"password": ""}, {"password": 5}, {"password": "x" * 4097}, {**NEW, "role": "x"}]
)
def test_a_bad_body_is_400_and_the_token_stays_good(api, jane, reset_link, body):
    link = reset_link()
    answer = api.post(URL, body, token=link)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert still_good(api, link)


def test_json_comes_first_then_the_token_then_the_schema(api, jane, reset_link):
    link = reset_link()

    def raw(body, token=None):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return api.client.post(URL, data=body, content_type="application/json", headers=headers)

    for token in (None, "junk", link):
        answer = raw(b'{"password": ', token)
        assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert is_invalid(raw(b"{}"))
    assert is_invalid(raw(b'{"role": 5}', "junk"))
    assert raw(b"{}", link).json()["message"] == "Invalid request: Field 'password' is required"
    assert still_good(api, link)


@pytest.mark.parametrize(
    "body",
    [
        {"email": EMAIL}, {"email": " JANE@Example.com "}, {"phone": TYPED}, {"identifier": EMAIL},
        {"email_or_phone": PHONE}, {"email": EMAIL, "phone": PHONE},
    ],
)  # fmt: skip
def test_a_matching_identifier_may_be_sent_along(api, jane, reset_link, body):
    assert api.post(URL, {**NEW, **body}, token=reset_link()).json() == {"success": True}


@pytest.mark.parametrize(
    "body",
    [
        {"email": "eve@example.com"}, {"email": "nobody"}, {"phone": "+14155552671"}, {"identifier": "eve@example.com"},
        {"email_or_phone": "+14155552671"}, {"email": EMAIL, "phone": "+14155552671"},
    ],
)  # fmt: skip
def test_the_identity_comes_from_the_token_and_nothing_may_contradict_it(api, jane, verified, reset_link, body):
    eve, _ = verified("eve@example.com")
    link = reset_link()
    assert is_invalid(api.post(URL, {**NEW, **body}, token=link))
    assert eve.row.user.check_password(PASSWORD)
    assert still_good(api, link)


# What comes with it


@pytest.mark.parametrize(("to", "kind"), [(EMAIL, "email"), (PHONE, "phone")])
def test_it_verifies_the_channel_it_came_through_and_no_other(api, jane, reset_link, hear, to, kind):
    person, _ = jane
    Customer.objects.update(email_verified_at=None, phone_verified_at=None)
    heard, link = hear(contact_verified), reset_link(to)
    assert not person.row.email_verified_at
    api.post(URL, NEW, token=link)
    row = person.row
    assert {name for name in ("email", "phone") if getattr(row, f"{name}_verified_at")} == {kind}
    assert [(each["customer"].pk, each["kind"]) for each in heard] == [(person.id, kind)]
    assert api.post(LOGIN, {kind: to, **NEW}).status_code == 200


def test_a_channel_that_was_verified_keeps_its_time(api, jane, reset_link, hear):
    person, _ = jane
    before, heard = person.row.email_verified_at, hear(contact_verified)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert still_good(api, reset_link())
    assert person.row.email_verified_at == before
    assert heard == []


def test_e9_every_code_dies_and_undo_links_stay(api, verified, send_code, change_contact, reset_link):
    person, token = verified(phone=PHONE)
    token = change_contact(token, email="new@example.com")
    proof = {"token": send_code(person, "phone"), "code": last_code(PHONE)}
    assert still_good(api, reset_link("new@example.com"))
    assert api.post("/store/customers/otp/verify", proof).json()["code"] == "otp_invalid"
    assert list(OtpVerification.objects.filter(consumed_at=None).values_list("purpose", flat=True)) == ["contact_undo"]


@pytest.mark.parametrize("road", ["change", "set_password", "update"])
def test_a_link_is_dead_once_the_password_has_changed(api, jane, reset_link, road):
    person, token = jane
    link = reset_link()
    if road == "change":
        body = {"old_password": PASSWORD, "password": "yet another password"}
        assert api.post(f"{ME}/password", body, token=token).status_code == 200
    elif road == "set_password":
        user = person.row.user
        user.set_password("yet another password")
        user.save()
    else:
        get_user_model().objects.update(password="!x")
    assert is_invalid(api.post(URL, NEW, token=link))


@pytest.mark.parametrize("flags", [{"is_staff": True}, {"is_superuser": True}, {"is_active": False}])
def test_a_link_is_dead_for_who_became_staff_or_inactive_since(api, jane, reset_link, flags):
    link = reset_link()
    get_user_model().objects.update(**flags)
    assert is_invalid(api.post(URL, NEW, token=link))
    assert jane[0].row.user.check_password(PASSWORD)


def test_e14_the_person_is_told(api, jane, reset_link):
    link = reset_link()
    before = len(messages_to(EMAIL))
    api.post(URL, NEW, token=link)
    assert len(messages_to(EMAIL)) == before + 1
    assert "password of your account was changed" in messages_to(EMAIL)[0]
