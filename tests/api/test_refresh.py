"""POST /auth/token/refresh, and what ends a session."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db.models import F
from django.utils import timezone

from customer_registration.models import Customer
from customer_registration.tokens import LoginToken
from tests.conftest import PASSWORD

URL = "/auth/token/refresh"
GUARD = {"message": "Unauthorized"}
pytestmark = pytest.mark.life_cycle


def test_a_token_is_renewed_and_keeps_the_time_of_the_login(api, verified):
    _, token = verified()
    with time_machine.travel(timezone.now() + timedelta(hours=20)):
        fresh = api.post(URL, token=token).json()["token"]
    with time_machine.travel(timezone.now() + timedelta(hours=30)):
        assert api.get("/store/customers/me", token=token).status_code == 401
        assert api.get("/store/customers/me", token=fresh).status_code == 200
        renewed = LoginToken.read(fresh)
    assert renewed.auth_time == LoginToken.read(token).auth_time


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 401), (1, 401)])
def test_a_token_is_valid_until_its_last_second(api, verified, seconds, status):
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as traveller:
        _, token = verified()
        traveller.shift(timedelta(days=1, seconds=seconds))
        assert api.get("/store/customers/me", token=token).status_code == status


def test_no_refreshing_past_the_sessions_end(api, configure, verified):
    configure(LOGIN={"SESSION_MAX_DAYS": 2})
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        _, token = verified()
        traveller.shift(timedelta(hours=23))
        token = api.post(URL, token=token).json()["token"]
        traveller.shift(timedelta(hours=23))
        token = api.post(URL, token=token).json()["token"]
        traveller.shift(timedelta(hours=1, minutes=59))
        assert api.get("/store/customers/me", token=token).status_code == 200
        traveller.shift(timedelta(minutes=2))
        assert api.post(URL, token=token).json() == GUARD


@pytest.mark.parametrize("token", [None, "", "junk"])
def test_without_a_live_token_the_guard_answers(api, token):
    answer = api.post(URL, token=token)
    assert (answer.status_code, answer.json()) == (401, GUARD)


def test_a_registration_token_is_renewed_actorless_until_the_customer_exists(api, register):
    fresh = api.post(URL, token=register())
    assert fresh.status_code == 200
    assert LoginToken.read(fresh.json()["token"]).actor_id == ""


def test_a_registration_token_passes_the_same_gates_as_a_login(api, sign_up):
    person = sign_up()
    answer = api.post(URL, token=person.token)
    assert (answer.status_code, answer.json()["code"]) == (403, "verification_required")
    Customer.objects.update(email_verified_at=timezone.now())
    assert LoginToken.read(api.post(URL, token=person.token).json()["token"]).actor_id == person.id


def test_in_challenge_mode_refresh_answers_in_the_sdks_shape(api, configure, sign_up):
    configure(LOGIN={"UNVERIFIED_RESPONSE": "challenge"})
    answer = api.post(URL, token=sign_up().token)
    assert answer.status_code == 200
    assert answer.json()["verification_required"] is True


def test_d1_deactivation_ends_everything(api, verified):
    person, token = verified()
    get_user_model().objects.update(is_active=False)
    assert api.get("/store/customers/me", token=token).json() == GUARD
    assert api.post(URL, token=token).json() == GUARD
    assert api.post("/auth/customer/emailpass", {"email": person.email, "password": PASSWORD}).status_code == 401


def test_a_raised_epoch_ends_everything(api, verified):
    _, token = verified()
    Customer.objects.update(token_epoch=F("token_epoch") + 1)
    assert api.get("/store/customers/me", token=token).json() == GUARD


@pytest.mark.parametrize("road", ["set_password", "attribute", "update", "changepassword"])
def test_d12_a_password_set_by_any_road_ends_older_sessions(api, verified, road, monkeypatch):
    person, token = verified()
    user = person.row.user
    if road == "set_password":
        user.set_password("a new password")
        user.save()
    elif road == "attribute":
        user.password = "!"
        user.save()
    elif road == "update":
        get_user_model().objects.filter(pk=user.pk).update(password="!x")
    else:
        from django.core.management import call_command

        monkeypatch.setattr("getpass.getpass", lambda **prompt: "a new password 1")
        call_command("changepassword", user.get_username(), stdout=io.StringIO())
    assert api.post(URL, token=token).json() == GUARD


def test_an_erased_customer_is_nobody(api, verified):
    person, token = verified()
    person.row.user.delete()
    assert not Customer.objects.exists()
    assert api.get("/store/customers/me", token=token).json() == GUARD


def test_a_rotated_secret_key_keeps_sessions_alive_while_it_is_a_fallback(api, verified, settings):
    _, token = verified()
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another secret " * 4
    assert api.get("/store/customers/me", token=token).status_code == 401
    settings.SECRET_KEY_FALLBACKS = [old]
    assert api.get("/store/customers/me", token=token).status_code == 200
    fresh = api.post(URL, token=token).json()["token"]
    settings.SECRET_KEY_FALLBACKS = []
    assert api.get("/store/customers/me", token=fresh).status_code == 200
