"""POST /auth/mfa/challenges/{id}/verify: the second step of a login."""

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.utils import timezone

from customer_registration.exceptions import CodeAttemptsExceeded
from customer_registration.flows import challenges
from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage, SecondFactor
from customer_registration.ratelimits import GuessBudget
from customer_registration.tokens import LoginToken
from tests.conftest import PASSWORD, new_user, wrong
from tests.second_steps import (
    FACTORS,
    GUARD,
    JANE,
    LOGIN,
    ME,
    RECOVERY,
    REFRESH,
    come_in,
    enable,
    enrol,
    ok,
    pending,
    show,
    with_app,
)

pytestmark = pytest.mark.usefixtures("clock")


def test_enrol_verify_login_challenge_token(api, verified, clock):
    person, bearer = verified()
    app = enrol(api, bearer)
    assert "mfa_required" not in ok(api.post(LOGIN, {"email": JANE, "password": PASSWORD})), "nothing is asked for yet"
    assert enable(api, bearer, app.factor_id, app.code())["status"] == "enabled"
    clock.shift(30)
    answer = api.post(LOGIN, {"email": JANE, "password": PASSWORD})
    assert list(answer.json()) == ["mfa_required", "mfa_challenge", "token"]
    challenge, actorless = answer.json()["mfa_challenge"], answer.json()["token"]
    assert re.fullmatch("authmfachal_[0-9A-Z]{26}", challenge["id"])
    assert (challenge["methods"], challenge["attempts"], challenge["max_attempts"]) == (["totp"], 0, 5)
    assert challenge["completed_at"] is None
    assert "metadata" in challenge
    assert datetime.fromisoformat(challenge["expires_at"]) == timezone.now() + timedelta(seconds=300)
    path = f"/auth/mfa/challenges/{challenge['id']}/verify"
    answer = api.post(path, {"method": "totp", "code": app.code()}, token=actorless)
    assert list(ok(answer)) == ["token"]
    token = LoginToken.read(answer.json()["token"])
    assert (token.actor_id, token.auth_provider, token.mfa_enabled) == (person.id, "emailpass", True)
    assert token.mfa_at == token.auth_time == int(timezone.now().timestamp())
    assert token.challenge_id is None
    assert token.claims["mfa_challenge_completed_at"] == timezone.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert ok(api.get(ME, token=answer.json()["token"]))["customer"]["id"] == person.id


def test_the_time_of_the_password_is_kept(api, verified, clock):
    app = with_app(api, verified()[1])
    login, first = pending(api), int(timezone.now().timestamp())
    clock.shift(200)
    token = LoginToken.read(ok(show(api, login, app.code()))["token"])
    assert (token.auth_time, token.mfa_at) == (first, first + 200)


def test_the_actorless_token_opens_nothing_else_that_needs_an_actor(api, verified):
    app = with_app(api, verified()[1])
    login = pending(api)
    for method, path in (
        ("get", ME),
        ("post", ME),
        ("post", f"{ME}/contact"),
        ("post", f"{ME}/password"),
        ("post", f"{ME}/logout-all"),
        ("post", "/store/customers/account-deletion/request"),
        ("get", FACTORS),
        ("post", FACTORS),
        ("post", f"{FACTORS}/{app.factor_id}/verify"),
        ("delete", f"{FACTORS}/{app.factor_id}"),
        ("post", RECOVERY),
    ):
        answer = api.request(method, path, token=login.token)
        assert (answer.status_code, answer.json()) == (401, GUARD), path
    assert LoginToken.read(login.token).claims["mfa_enabled"] is True
    created = api.post("/store/customers", token=login.token)
    assert created.json()["message"] == "Request already authenticated as a customer."


@pytest.mark.parametrize("path", [FACTORS, RECOVERY, f"{FACTORS}/authmfa_x/verify", "/auth/mfa/challenges/x/verify"])
def test_nobody_and_staff_are_refused_by_the_guard(api, db, path):
    boss = new_user("boss", "boss@example.com", is_staff=True)
    staff = ok(api.post("/auth/user/emailpass", {"email": boss.email, "password": PASSWORD}))["token"]
    for token in (None, "junk", staff):
        answer = api.post(path, {"method": "totp", "code": "123456"}, token=token)
        assert (answer.status_code, answer.json()) == (401, GUARD)


def test_a_registration_token_has_no_factors(api, register):
    answer = api.get(FACTORS, token=register())
    assert (answer.status_code, answer.json()) == (401, GUARD)


def test_refresh_asks_for_a_factor_that_was_enabled_since_the_login(api, verified):
    person, bearer = verified()
    app = with_app(api, bearer)
    assert api.get(ME, token=bearer).status_code == 200, "issued tokens live on"
    answer = ok(api.post(REFRESH, token=bearer))
    assert (answer["mfa_required"], answer["mfa_challenge"]["methods"]) == (True, ["totp"])
    assert LoginToken.read(answer["token"]).actor_id == ""
    path = f"/auth/mfa/challenges/{answer['mfa_challenge']['id']}/verify"
    token = ok(api.post(path, {"method": "totp", "code": app.code()}, token=answer["token"]))["token"]
    assert LoginToken.read(token).actor_id == person.id
    assert LoginToken.read(token).auth_time == LoginToken.read(bearer).auth_time
    again = ok(api.post(REFRESH, token=token))
    assert list(again) == ["token"]
    assert LoginToken.read(again["token"]).mfa_at == LoginToken.read(token).mfa_at


def test_a_refresh_of_the_actorless_token_is_asked_again(api, verified):
    with_app(api, verified()[1])
    first = pending(api)
    answer = ok(api.post(REFRESH, token=first.token))
    assert answer["mfa_required"] is True
    assert answer["mfa_challenge"]["id"] != first.challenge["id"]


def test_challenges_by_refreshing_are_counted_as_logins(api, verified, configure):
    """Each one writes a row."""
    _, bearer = verified()
    with_app(api, bearer)
    configure(RATE_LIMITS={"RULES": {"login": "3/m/ip"}})
    login = pending(api)
    for _ in range(2):
        assert ok(api.post(REFRESH, token=login.token))["mfa_required"] is True
    answer = api.post(REFRESH, token=login.token)
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert OtpVerification.objects.filter(purpose="second_factor_challenge").count() == 3


def test_a_cookie_session_shows_the_factor_too(api, verified):
    person, bearer = verified()
    app = with_app(api, bearer)
    login = pending(api)
    assert ok(api.post("/auth/session", token=login.token))["user"]["actor_id"] == ""
    assert api.get(ME).status_code == 401
    token = ok(api.post(login.path, {"method": "totp", "code": app.code()}))["token"]
    ok(api.post("/auth/session", token=token))
    assert ok(api.get(ME))["customer"]["id"] == person.id


def test_a_change_of_contact_or_password_gives_no_token_while_the_factor_is_not_shown(api, verified, change_contact):
    _, bearer = verified()
    with_app(api, bearer)
    changed = ok(
        api.post(f"{ME}/password", {"old_password": PASSWORD, "password": "another one entirely"}, token=bearer)
    )
    assert changed == {"token": None}


# Other roads, and what others see


def test_a_reset_of_the_password_leaves_the_factor_in_force(api, verified, reset_link):
    app = with_app(api, verified()[1])
    login = pending(api)
    answer = api.post(f"{LOGIN}/update", {"password": "a new password entirely"}, token=reset_link())
    assert "token" not in ok(answer)
    assert show(api, login, app.code()).status_code == 401, "a challenge from before dies with the old password"
    again = pending(api, password="a new password entirely")
    assert api.get(ME, token=again.token).status_code == 401
    ok(show(api, again, app.code()))
    assert SecondFactor.objects.enabled().count() == 1


def test_a_change_of_contact_leaves_the_factor_in_force(api, verified, change_contact, clock):
    _, bearer = verified()
    app = with_app(api, bearer)
    token = come_in(api, app.code())
    fresh = change_contact(token, email="new@example.com")
    assert api.get(ME, token=fresh).status_code == 200
    clock.shift(30)
    ok(show(api, pending(api, "new@example.com"), app.code()))


def test_verifying_an_address_gives_no_token_past_the_factor(api, verified, send_code, clock):
    person, bearer = verified()
    with_app(api, bearer)
    clock.shift(91)
    Customer.objects.update(email_verified_at=None)
    proof = {"token": send_code(person), "code": OtpVerification.objects.latest("pk").code()}
    body = ok(api.post("/store/customers/otp/verify", proof))
    assert (body["verified"], body["token"], body["needs_login"]) == (True, None, True)


@pytest.mark.parametrize(
    ("change", "status"),
    [({"deletion_scheduled_at": timezone.now()}, 401), ({"email_verified_at": None}, 403)],
    ids=["leaving", "unverified"],
)
def test_a_gate_that_has_closed_since_the_password_stops_the_second_step(api, verified, change, status):
    app = with_app(api, verified()[1])
    login = pending(api)
    Customer.objects.update(**change)
    assert show(api, login, app.code()).status_code == status
    Customer.objects.update(deletion_scheduled_at=None, email_verified_at=timezone.now())
    assert show(api, login, app.code()).status_code == 200, "nothing was used up"


def test_an_inactive_person_comes_no_further(api, verified):
    person, bearer = verified()
    app = with_app(api, bearer)
    login = pending(api)
    type(person.row.user).objects.filter(pk=person.row.user_id).update(is_active=False)
    assert show(api, login, app.code()).status_code == 401


def test_django_hears_of_the_login_when_it_is_complete_and_of_every_wrong_code(api, verified, hear):
    app = with_app(api, verified()[1])
    came, failed = hear(user_logged_in), hear(user_login_failed)
    login = pending(api)
    assert (came, failed) == ([], [])
    show(api, login, wrong(app.code()))
    assert (came, len(failed)) == ([], 1)
    assert JANE not in str(failed[0]["credentials"])
    show(api, login, app.code())
    assert (len(came), len(failed)) == (1, 1)


def test_django_hears_of_a_login_that_goes_by_a_refresh(api, verified, hear):
    app = with_app(api, verified()[1])
    came, first = hear(user_logged_in), pending(api)
    answer = ok(api.post(REFRESH, token=first.token))
    path = f"/auth/mfa/challenges/{answer['mfa_challenge']['id']}/verify"
    ok(api.post(path, {"method": "totp", "code": app.code()}, token=answer["token"]))
    assert len(came) == 1


def test_the_second_step_clears_the_wrong_codes_of_the_contact(api, verified, configure):
    """As a login by password does; before it, the password alone has cleared nothing."""
    configure(RATE_LIMITS={"RULES": {"code_failed": "1/d/key"}})
    _, bearer = verified()
    app = with_app(api, bearer)
    budget = GuessBudget("verification", challenges.person_of(JANE, ""))
    budget.spend()
    login = pending(api)
    with pytest.raises(CodeAttemptsExceeded):
        budget.spend()
    ok(show(api, login, app.code()))
    budget.spend()


def test_a_challenge_is_no_code_that_a_message_could_carry(api, verified):
    with_app(api, verified()[1])
    before = OutboxMessage.objects.count()
    pending(api)
    row = OtpVerification.objects.get(purpose="second_factor_challenge")
    assert (row.channel, row.destination, OutboxMessage.objects.count()) == ("", "", before)
    assert not row.matches_code(row.code())


def test_what_is_logged_and_shown_holds_no_seed_and_no_code(api, verified, caplog):
    caplog.set_level("DEBUG")
    app = with_app(api, verified()[1])
    login = pending(api)
    ok(show(api, login, app.code()))
    factor = SecondFactor.objects.get()
    assert app.seed not in factor.secret
    assert app.seed not in repr(factor) + str(factor) + caplog.text
    assert app.code() not in caplog.text
    assert not AccountEvent.objects.filter(detail__icontains=app.seed).exists()
