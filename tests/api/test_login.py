"""POST /auth/customer/{provider}."""

from datetime import timedelta

import pytest
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.utils import timezone

from customer_registration.models import Customer
from customer_registration.tokens import LoginToken
from tests.conftest import PASSWORD, new_user

URL = "/auth/customer/emailpass"
WRONG = {"type": "unauthorized", "message": "Invalid email or password"}
pytestmark = pytest.mark.life_cycle


@pytest.fixture
def heard():
    """Which of Django's login signals were sent."""
    sent = []

    def logged_in(sender, **kwargs):
        sent.append("in")

    def failed(sender, **kwargs):
        sent.append("failed")

    user_logged_in.connect(logged_in)
    user_login_failed.connect(failed)
    yield sent
    user_logged_in.disconnect(logged_in)
    user_login_failed.disconnect(failed)


def test_a_verified_customer_logs_in(api, verified, heard):
    person, _ = verified()
    heard.clear()
    answer = api.post(URL, {"email": "Jane@Example.com", "password": PASSWORD, "remember": True})
    assert answer.status_code == 200
    token = LoginToken.read(answer.json()["token"])
    assert token.actor_id == person.id
    assert token.app_metadata == {"customer_id": person.id}
    assert heard == ["in"]
    assert person.row.user.last_login is not None


def test_the_token_lives_a_day(api, verified):
    import jwt

    verified()
    claims = jwt.decode(
        api.post(URL, {"email": "jane@example.com", "password": PASSWORD}).json()["token"],
        options={"verify_signature": False},
    )
    assert claims["exp"] - claims["iat"] == 86400
    assert claims["mfa_enabled"] is False
    assert claims["mfa_challenge_completed_at"] is None
    assert claims["user_metadata"] == {}
    assert "iss" not in claims


def test_the_free_form_identifier_takes_an_address(api, verified):
    verified()
    assert api.post(URL, {"email_or_phone": "jane@example.com", "password": PASSWORD}).status_code == 200


def test_the_identifier_may_come_from_the_query_and_the_body_wins(api, verified):
    verified()
    assert api.post(f"{URL}?email=jane@example.com", {"password": PASSWORD}).status_code == 200
    body = {"email": "jane@example.com", "password": PASSWORD}
    assert api.post(f"{URL}?email=nobody@example.com", body).status_code == 200
    assert api.post(f"{URL}?phone=%2B12025550123", body).status_code == 200
    assert api.post(f"{URL}?email=jane@example.com", {**body, "email": ""}).status_code == 200


def test_the_password_comes_from_the_body_unless_allowed(api, verified, configure):
    verified()
    query = f"{URL}?email=jane@example.com&password=correct%20horse%20battery"
    assert api.post(query).json()["message"] == "Password should be a string"
    configure(LOGIN={"ALLOW_PASSWORD_IN_QUERY": True})
    assert api.post(query).status_code == 200


def test_one_answer_for_unknown_wrong_inactive_and_disallowed(api, verified, heard):
    verified()
    verified("gone@example.com")
    Customer.objects.get(email="gone@example.com").user.__class__.objects.filter(email="gone@example.com").update(
        is_active=False
    )
    heard.clear()
    bodies = [
        {"email": "nobody@example.com", "password": PASSWORD},
        {"email": "jane@example.com", "password": "wrong password"},
        {"email": "gone@example.com", "password": PASSWORD},
        {"email": "no address at all", "password": PASSWORD},
        {"email": "jäne@example.com", "password": PASSWORD},
    ]
    answers = [api.post(URL, body) for body in bodies]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(401, WRONG)] * 5
    assert heard == ["failed"] * 5
    phone = api.post(URL, {"phone": "+12025550123", "password": PASSWORD})
    assert (phone.status_code, phone.json()["message"]) == (401, "Invalid phone or password")


def test_a4_strangers_cost_one_hash_and_one_query(api, verified, counted, mocker_hash):
    verified()
    new_user("x", "x@example.com")
    costs = []
    for email, password in [
        ("nobody@example.com", PASSWORD),
        ("jane@example.com", "wrong password"),
        ("not an address", PASSWORD),
    ]:
        mocker_hash.clear()
        with counted() as queries:
            api.post(URL, {"email": email, "password": password})
        costs.append((len(queries.statements), len(mocker_hash)))
    assert costs == [(1, 1)] * 3


@pytest.fixture
def mocker_hash(monkeypatch):
    """Record every run of the password hasher."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    runs = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *args, **kwargs: (runs.append(1), encode(self, *args, **kwargs))[1]
    )
    return runs


@pytest.mark.parametrize("password", [None, "", 5, []])
def test_a_missing_password_is_401(api, password):
    answer = api.post(URL, {"email": "jane@example.com", "password": password})
    assert answer.status_code == 401
    assert answer.json() == {"type": "unauthorized", "message": "Password should be a string"}


@pytest.mark.parametrize(
    "body", [{}, {"email": "a@example.com", "phone": "+12025550123"}, {"email": "a@example.com", "email_or_phone": "b"}]
)
def test_more_or_fewer_than_one_identifier(api, body):
    answer = api.post(URL, {**body, "password": PASSWORD})
    assert answer.status_code == 400
    assert answer.json() == {
        "type": "invalid_data",
        "message": "Invalid request: Exactly one of 'email', 'phone', 'email_or_phone' is required",
    }


@pytest.mark.parametrize("email", ["", None, 5, ["jane@example.com"], {"$ne": ""}])
def test_an_email_that_is_no_text_is_401(api, email):
    answer = api.post(URL, {"email": email, "password": PASSWORD})
    assert answer.status_code == 401
    assert answer.json() == {"type": "unauthorized", "message": "Email should be a string"}


def test_blank_identifiers_of_a_form_do_not_count(api, verified):
    verified()
    answer = api.post(URL, {"email": "jane@example.com", "phone": "", "password": PASSWORD})
    assert answer.status_code == 200


def test_an_unverified_customer_is_told_what_to_verify(api, sign_up, heard):
    person = sign_up()
    heard.clear()
    answer = api.post(URL, {"email": person.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert answer.json() == {
        "type": "forbidden",
        "code": "verification_required",
        "message": "Verification is required before logging in",
        "customer_id": person.id,
        "verification_type": "email_verification",
    }
    assert heard == []


def test_a7_only_the_right_password_learns_that_an_account_is_unverified(api, sign_up):
    person = sign_up()
    assert api.post(URL, {"email": person.email, "password": "wrong password"}).json() == WRONG


def test_without_verification_anybody_logs_in(api, configure, sign_up):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    person = sign_up()
    answer = api.post(URL, {"email": person.email, "password": PASSWORD})
    assert LoginToken.read(answer.json()["token"]).actor_id == person.id


def test_challenge_mode_answers_in_the_sdks_shape(api, configure, sign_up):
    configure(LOGIN={"UNVERIFIED_RESPONSE": "challenge"})
    person = sign_up()
    body = {"email": person.email, "password": PASSWORD}
    answer = api.post(URL, body).json()
    assert list(answer) == ["verification_required", "token"]
    assert answer["verification_required"] is True
    assert LoginToken.read(answer["token"]).actor_id == ""
    asked = api.post(
        "/auth/verification/request", {"entity_id": person.email, "entity_type": "email"}, token=answer["token"]
    )
    assert asked.status_code == 201
    again = api.post(URL, body).json()
    assert again["verification"] == asked.json()["verification"]


def test_before_the_customer_exists_a_login_is_actorless(api, register, heard):
    register()
    answer = api.post(URL, {"email": "jane@example.com", "password": PASSWORD})
    assert answer.status_code == 200
    assert list(answer.json()) == ["token"]
    assert LoginToken.read(answer.json()["token"]).actor_id == ""
    assert heard == []


def test_before_the_customer_exists_challenge_mode_asks_to_verify(api, register, configure):
    configure(LOGIN={"UNVERIFIED_RESPONSE": "challenge"})
    register()
    answer = api.post(URL, {"email": "jane@example.com", "password": PASSWORD}).json()
    assert answer["verification_required"] is True
    assert LoginToken.read(answer["token"]).actor_id == ""


def test_a_customer_under_deletion_is_told_after_the_right_password_only(api, verified):
    person, token = verified()
    leaving = timezone.now() + timedelta(days=7)
    Customer.objects.update(deletion_scheduled_at=leaving)
    answer = api.post(URL, {"email": person.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert answer.json()["code"] == "account_deletion_pending"
    assert (
        answer.json()["scheduled_at"] == leaving.strftime("%Y-%m-%dT%H:%M:%S.") + f"{leaving.microsecond // 1000:03}Z"
    )
    assert api.post(URL, {"email": person.email, "password": "wrong password"}).json() == WRONG
    assert api.get("/store/customers/me", token=token).status_code == 401


def test_a_second_factor_that_cannot_be_shown_keeps_the_gate_closed(api, verified):
    person, _ = verified()
    Customer.objects.update(has_second_factor=True)  # as if its row were lost
    answer = api.post(URL, {"email": person.email, "password": PASSWORD}).json()
    assert (answer["mfa_required"], answer["mfa_challenge"]["methods"]) == (True, [])
    assert api.get("/store/customers/me", token=answer["token"]).status_code == 401


def test_an_account_inactive_gate_never_shows_its_code_to_a_stranger(api, verified):
    person, _ = verified()
    person.row.user.__class__.objects.update(is_active=False)
    answer = api.post(URL, {"email": person.email, "password": PASSWORD})
    assert "account_inactive" not in answer.content.decode()
    assert answer.json() == WRONG


def test_a_hosts_lock_out_backend_has_the_last_word(api, verified, settings):
    verified()
    settings.AUTHENTICATION_BACKENDS = ["tests.api.test_login.LockedOut", *settings.AUTHENTICATION_BACKENDS]
    assert api.post(URL, {"email": "jane@example.com", "password": PASSWORD}).json() == WRONG


class LockedOut:
    """A backend that refuses everybody, as django-axes does."""

    def authenticate(self, request, **credentials):
        from django.core.exceptions import PermissionDenied

        raise PermissionDenied


def test_a_hash_upgrade_at_login_ends_older_sessions_and_mints_after_it(api, verified, settings):
    person, old = verified()
    settings.PASSWORD_HASHERS = [
        "customer_registration.hashers.OWASPArgon2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    fresh = api.post(URL, {"email": person.email, "password": PASSWORD}).json()["token"]
    assert person.row.user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert api.get("/store/customers/me", token=fresh).status_code == 200
    assert api.get("/store/customers/me", token=old).status_code == 401


def test_phonepass_is_refused_where_phones_do_not_log_in(api):
    answer = api.post("/auth/customer/phonepass", {"phone": "+12025550123", "password": PASSWORD})
    assert answer.status_code == 400
    assert answer.json()["type"] == "not_allowed"
