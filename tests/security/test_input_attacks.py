"""Rows B5, B6 and B7 of ``security.md``: what is too much, too long or of another type is refused before any work."""

import json
from itertools import product

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.password_validation import UserAttributeSimilarityValidator

from customer_registration.flows import identify
from customer_registration.models import Customer
from tests.conftest import link_token
from tests.security.hostile import PASSWORD, ROUTES
from tests.security.test_contact_attacks import RIGHTS

pytestmark = pytest.mark.life_cycle

IGNORING = {"token-refresh", "logout-all", "session", "unknown-auth", "unknown-store"}  # they read no body
IGNORED = {("register", "phone")}  # where e-mails register
IDENTIFIERS = ("email", "phone", "email_or_phone")
# Where the contract says 401 to an address that is too long, and so nobody's, and to what is no text. A token comes
# before the schema.
TOO_LONG = {("update", "token"), *product(("login", "two-step-login"), IDENTIFIERS)}
NO_TEXT = TOO_LONG | {
    *product(["two-step-login-code"], IDENTIFIERS),
    *product(["register"], ("email", "password")),
    *product(("login", "two-step-login"), ["password"]),
}
KEYED = ("phone", "email_or_phone")  # beside an e-mail, one identifier too many


@pytest.fixture
def post(stranger, api):
    """Post as whoever gets furthest: guards refuse the others before they read a body. Return the status."""
    api.post("/auth/customer/emailpass/reset-password", {"identifier": "jane@example.com"})
    stranger.bodies["update"] = {"password": PASSWORD, "token": link_token("jane@example.com")}
    unauthenticated = {"login", "register", "update"}

    def run(name, body):
        who = "Eve" if name in ("customers", "verification-request") else "Jane"
        bearer = {} if name in unauthenticated else {"HTTP_AUTHORIZATION": f"Bearer {stranger.bearers[who]}"}
        stranger.send("POST", ROUTES[name][0], json.dumps(body), **bearer)
        return stranger.statuses[-1]

    yield run
    stranger.is_content()


@pytest.fixture
def fields(stranger, post):
    """Return every field of every body: the route's name, the field's, and a body that is right."""
    bodies = {name: body for name, body in stranger.bodies.items() if name not in IGNORING}
    return [(name, field, body) for name, body in bodies.items() for field in body if (name, field) not in IGNORED]


@pytest.fixture
def worked(monkeypatch):
    """Return what costs, as it was begun: a hash, a comparison with the person's names, an address read."""
    begun = []

    def watch(owner, name):
        work = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *args, **options: begun.append(name) or work(*args, **options))

    for owner, name in (
        (MD5PasswordHasher, "encode"),
        (UserAttributeSimilarityValidator, "validate"),
        (identify, "parse_email"),
        (identify, "parse_phone"),
    ):
        watch(owner, name)
    return begun


def only(body, field, value):
    """Return a body with another value; of several identifiers, the one that it is given for."""
    kept = {name: text for name, text in body.items() if field not in KEYED or name not in ("email", "identifier")}
    return {**kept, field: value}


def test_b6_a_megabyte_in_any_field_is_413_before_anything_is_done(fields, post, worked, settings):
    settings.AUTH_PASSWORD_VALIDATORS = [
        {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"}
    ]
    answers = {(name, field): post(name, only(body, field, "a" * 1_000_000)) for name, field, body in fields}
    assert len(answers) > 70
    assert {place for place, status in answers.items() if status != 413} == set()
    assert worked == []


def test_b6_ninety_kilobytes_in_any_field_are_400(fields, post, worked):
    answers = {(name, field): post(name, only(body, field, "a" * 90_000)) for name, field, body in fields}
    expected = {place: 401 if place in TOO_LONG else 400 for place in answers}
    assert answers == expected


@pytest.mark.parametrize(
    "path", ["/auth/customer/emailpass", "/auth/customer/emailpass/register", "/auth/customer/emailpass/update"]
)
def test_b6_a_password_past_4096_characters_is_neither_hashed_nor_cut(stranger, post, worked, path):
    worked.clear()
    name = path.rpartition("/")[2].replace("emailpass", "login")
    assert post(name, stranger.bodies[name] | {"password": "a" * 4097}) == 400
    assert not {"encode", "validate"} & set(worked)


VALUES = {"list": ["jane@example.com"], "object": {"$gt": ""}, "boolean": True, "number": 5, "fraction": 1.5}


@pytest.mark.parametrize("kind", VALUES)
def test_b7_another_type_in_any_field_is_400_or_the_contracts_401(fields, post, kind):
    answers = {}
    for name, field, body in fields:
        if (field, kind) == ("metadata", "object") or (name, field, kind) == ("mfa-recovery-codes", "count", "number"):
            continue
        answers[name, field] = post(name, only(body, field, VALUES[kind]))
    expected = {place: 401 if place in NO_TEXT else 400 for place in answers}
    assert answers == expected


@pytest.mark.parametrize("token", ["x", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", "01HZZZZZZZZZZZZZZZZZZZZZZZ.00"])
def test_b7_a_malformed_token_is_401(stranger, api, token):
    of_text = {"otp-verify", "contact-verify", "contact-undo", "deletion-confirm", "deletion-cancel-confirm", "update"}
    assert of_text == {name for name, body in stranger.bodies.items() if "token" in body and "otp" not in body}
    for name in of_text:
        bearer = stranger.bearers["Jane"] if name == "contact-verify" else None
        answer = api.post(ROUTES[name][0], stranger.bodies[name] | {"token": token}, token=bearer)
        assert (name, answer.status_code, answer.json()["message"]) == (name, 401, "Invalid token")
    for path in ("/store/customers/me", "/auth/token/refresh", "/auth/session", "/store/customers"):
        assert api.post(path, token=token).status_code == 401


def privileges():
    """Return what says who may do what, and what is proven."""
    users = get_user_model()._default_manager.order_by("pk")
    rights = users.values_list("pk", "is_staff", "is_superuser", "is_active", "groups", "user_permissions")
    told = ("pk", "user", "email_verified_at", "phone_verified_at", "deletion_scheduled_at", "has_second_factor")
    return list(rights), list(Customer.objects.order_by("pk").values_list(*told, "shadow_email", "created_at"))


def test_b5_no_route_that_takes_a_body_stores_what_nobody_may_say_of_themselves(stranger, api):
    """Every extra field at every route: 400; or ignored, where the contract ignores extra keys."""
    before, statuses = privileges(), {}
    for name, body in stranger.bodies.items():
        if name in ("register", *IGNORING):
            continue
        bearer = stranger.bearers["Eve" if name in ("customers", "verification-request") else "Jane"]
        asked = {"data": {**RIGHTS, **body}, "content_type": "application/json"}
        statuses[name] = api.client.post(
            ROUTES[name][0], headers={"authorization": f"Bearer {bearer}"}, **asked
        ).status_code
        assert privileges() == before, name
    assert {name for name, status in statuses.items() if status != 400} <= {"login", "update", "two-step-login"}


def test_b5_nor_does_a_registration_or_what_becomes_of_it(api):
    extra = {name: value for name, value in RIGHTS.items() if name != "password"}
    body = {"email": "eve@example.com", "password": PASSWORD}
    token = api.post("/auth/customer/emailpass/register", extra | body).json()["token"]
    assert api.post("/store/customers", extra, token=token).status_code == 400
    row = api.post("/store/customers", {"first_name": "Eve"}, token=token).json()["customer"]
    stored = Customer.objects.select_related("user").get()
    assert (row["id"], row["email_verified"], row["has_account"]) == (stored.pk, False, True)
    assert stored.pk != RIGHTS["id"]
    user = stored.user
    assert (user.is_staff, user.is_superuser, user.is_active, user.groups.count()) == (False, False, True, 0)
    assert (stored.email_verified_at, stored.shadow_email, stored.token_epoch) == (None, None, 0)
