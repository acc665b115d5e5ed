"""Rule 5: each kind of secret used twice, at the edge of its time, and after what must end it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from customer_registration.models import Customer
from tests.conftest import PASSWORD
from tests.security.hostile import GUARD
from tests.security.kinds import CONTACT, KINDS, LOGGED_OUT, OPEN_CODES, PHONES, SESSIONS
from tests.security.places import HOME, INVALID_OTP, INVALID_TOKEN, NEW_PASSWORD, NO_CHALLENGE, use

NOW = datetime(2030, 1, 1, tzinfo=UTC)
REUSABLE = {"login", "staff", "session cookie", "vendor"}
# What proves an address and says nothing of a password. A contact change needs a live login besides.
OF_AN_ADDRESS = {
    *("verification code", "verification link", "e-mail change", "phone change", "undo link"),
    *("deletion code", "cancel code", "login code", "grant"),
}
OF_SOMEBODY = [kind for kind in KINDS if kind != "registration code"]  # the others' people exist
LINK_DEAD = {"type": "not_allowed", "message": "Verification code is invalid or already used"}
LINK_EXPIRED = {"type": "not_allowed", "message": "Verification code has expired"}


def code_of(answer):
    return answer.json().get("code")


def assert_refused(kind, answer, *, code="otp_invalid"):
    """See that an answer is the contract's to a secret of this kind that has died."""
    if kind == "challenge" and answer.status_code != 401:
        assert (answer.status_code, answer.json()) == (404, NO_CHALLENGE)
    elif kind in OPEN_CODES:
        assert (answer.status_code, answer.json()) == (400, INVALID_OTP)
    elif kind in SESSIONS:
        assert (answer.status_code, answer.json()) == (401, GUARD)
    elif kind in ("reset link", "undo link"):
        assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)
    elif kind == "verification link":
        expected = LINK_EXPIRED if code == "otp_expired" else LINK_DEAD
        assert (answer.status_code, answer.json() | expected) == (400, answer.json())
    else:
        assert (answer.status_code, code_of(answer)) == (400, code)


def assert_accepted(answer):
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_used_twice(wallet, kind):
    secret = wallet.make(kind)
    first = use(secret, wallet)
    assert_accepted(first)
    if secret.bearer and kind in ("e-mail change", "phone change"):
        secret.bearer = first.json()["token"]
    second = use(secret, wallet)
    if kind in REUSABLE:
        assert_accepted(second)
    elif kind == "registration":
        assert second.json()["message"] == "Request already authenticated as a customer."
    else:
        assert_refused(kind, second)


@pytest.mark.parametrize("seconds", [-1, 0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_at_the_end_of_its_time(wallet, kind, seconds):
    with time_machine.travel(NOW, tick=False):
        secret = wallet.make(kind)
    with time_machine.travel(secret.expires_at + seconds, tick=False):
        answer = use(secret, wallet)
    if seconds < 0:
        assert_accepted(answer)
    else:
        assert_refused(kind, answer, code="otp_expired")


LIFETIMES = {
    "login": timedelta(days=1),
    "registration": timedelta(days=1),
    "staff": timedelta(days=1),
    "session cookie": timedelta(days=1),
    "verification code": timedelta(minutes=15),
    "verification link": timedelta(minutes=15),
    "e-mail change": timedelta(minutes=15),
    "phone change": timedelta(minutes=15),
    "reset link": timedelta(minutes=15),
    "undo link": timedelta(days=7),
    "deletion code": timedelta(minutes=15),
    "cancel code": timedelta(minutes=15),
    "vendor": timedelta(days=1),
    "login code": timedelta(minutes=5),
    "registration code": timedelta(minutes=5),
    "grant": timedelta(minutes=1),
    "challenge": timedelta(minutes=5),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_lives_as_long_as_the_contract_says(wallet, kind):
    with time_machine.travel(NOW, tick=False):
        assert wallet.make(kind).expires_at == (NOW + LIFETIMES[kind]).timestamp()


@pytest.mark.parametrize("kind", ["verification code", "e-mail change", "phone change", "deletion code", "cancel code"])
def test_a_flow_token_says_for_a_day_that_its_code_has_expired(wallet, kind):
    with time_machine.travel(NOW, tick=False):
        secret = wallet.make(kind)
    for seconds, expected in ((-1, (400, "otp_expired")), (0, (401, None)), (1, (401, None))):
        with time_machine.travel(secret.expires_at + timedelta(days=1).total_seconds() + seconds, tick=False):
            secret.bearer = wallet.log_in("zoe" if kind in LOGGED_OUT else "jane")
            answer = use(secret, wallet)
        assert (answer.status_code, code_of(answer)) == expected


def by_api(wallet):
    body = {"old_password": PASSWORD, "password": NEW_PASSWORD}
    answer = wallet.api.post("/store/customers/me/password", body, token=wallet.bearers["jane"])
    assert answer.status_code == 200, answer.content
    return answer.json()["token"]


def by_reset(wallet):
    assert_accepted(use(wallet.make("reset link"), wallet))
    return wallet.log_in("jane", NEW_PASSWORD)


def user_of(wallet, name="jane"):
    person = Customer.objects.filter(email__startswith=name).select_related("user").first()
    return person.user if person else get_user_model().objects.get(email=f"{name}@example.com")


def by_set_password(wallet):
    user = user_of(wallet)
    user.set_password(NEW_PASSWORD)
    user.save()


def by_update(wallet):
    get_user_model().objects.filter(pk=user_of(wallet).pk).update(password=make_password(NEW_PASSWORD))


@pytest.mark.parametrize("change", [by_api, by_reset])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in LOGGED_OUT])
def test_d12_e9_after_a_password_change_by_the_api_nothing_but_undo_lives(wallet, kind, change):
    if change is by_reset and kind == "undo link":
        # The reset goes to the stored address; an account whose address was changed resets by the new one.
        secret = wallet.make(kind)
        assert wallet.api.post("/store/customers/me/logout-all", token=secret.bearer).status_code == 200
    else:
        secret = wallet.make(kind)
        fresh = change(wallet)
        if kind not in SESSIONS:
            secret.bearer = fresh
    answer = use(secret, wallet)
    if kind == "undo link":
        assert_accepted(answer)
    else:
        assert_refused(kind, answer)


@pytest.mark.parametrize("change", [by_set_password, by_update])
@pytest.mark.parametrize("kind", OF_SOMEBODY)
def test_d12_a_password_set_past_the_api_ends_every_session_and_reset_link(wallet, kind, change):
    secret = wallet.make(kind)
    change(wallet)
    answer = use(secret, wallet)
    if kind in ("e-mail change", "phone change"):
        assert (answer.status_code, answer.json()) == (401, GUARD)
    elif kind in OF_AN_ADDRESS:
        assert_accepted(answer)
    else:
        assert_refused(kind, answer)


NEXT = {"email": {"email": "jane.later@example.com"}, "phone": {"phone": PHONES["new"]}}
SENT_BY = {"verification code": "phone", "verification link": "phone", "phone change": "phone"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in LOGGED_OUT])
def test_b4_c10_after_its_own_contact_has_changed_only_undo_lives(wallet, kind):
    secret = wallet.make(kind)
    fresh = wallet.change("jane", **NEXT[SENT_BY.get(kind, "email")])
    if kind not in SESSIONS:
        secret.bearer = fresh
    answer = use(secret, wallet)
    if kind == "undo link":
        assert_accepted(answer)
        assert Customer.objects.filter(email="jane@example.com").exists()
    else:
        assert_refused(kind, answer)


@pytest.mark.parametrize(
    "kind",
    [
        *("verification code", "verification link", "reset link", "e-mail change", "phone change", "deletion code"),
        "login code",
    ],
)
def test_after_the_other_contact_has_changed_a_code_is_as_its_address_is(wallet, kind):
    """Its address is still the person's; a reset link, which opens the account, ends with any change of it."""
    secret = wallet.make(kind)
    secret.bearer = wallet.change("jane", **NEXT["email" if SENT_BY.get(kind) == "phone" else "phone"])
    assert_accepted(use(secret, wallet))


@pytest.mark.parametrize("kind", OF_SOMEBODY)
def test_d1_after_deactivation_nothing_lives(wallet, kind):
    secret = wallet.make(kind)
    user = user_of(wallet)
    user.is_active = False
    user.save()
    answer = use(secret, wallet)
    if HOME[kind].route == "contact-verify":
        assert (answer.status_code, answer.json()) == (401, GUARD)
    else:
        assert_refused(kind, answer)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in LOGGED_OUT])
def test_d14_after_a_log_out_everywhere_sessions_are_dead_and_codes_are_not(wallet, kind):
    secret = wallet.make(kind)
    assert wallet.api.post(CONTACT.replace("contact", "logout-all"), token=secret.bearer).status_code == 200
    if kind in SESSIONS:
        assert_refused(kind, use(secret, wallet))
        return
    secret.bearer = wallet.log_in("jane")
    assert_accepted(use(secret, wallet))
