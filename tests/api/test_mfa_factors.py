"""/auth/mfa/factors: set an authenticator app up, list, put in force."""

import re
from base64 import b32decode
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.utils import timezone

from customer_registration.flows.second_factor import authenticator
from customer_registration.models import Customer, SecondFactor
from tests.conftest import PASSWORD, last_code, wrong
from tests.second_steps import (
    EXCEEDED,
    FACTORS,
    JANE,
    LOGIN,
    PHONE,
    WRONG,
    enable,
    enrol,
    ok,
    with_app,
)

pytestmark = pytest.mark.usefixtures("clock")

EXISTS = {
    "type": "not_allowed",
    "code": "factor_exists",
    "message": "A factor of this kind is enabled already",
}
UNAVAILABLE = {
    "type": "not_allowed",
    "code": "factor_unavailable",
    "message": "This kind of factor cannot be set up",
}
NO_FACTOR = {"type": "not_found", "code": "not_found", "message": "The factor does not exist"}
KEYS = ["id", "auth_identity_id", "provider", "status", "metadata", "created_at", "updated_at", "deleted_at"]


@pytest.fixture
def jane(verified):
    """A customer who is logged in."""
    return verified()[1]


def url_of(made):
    """Return what an app reads: the account's name, and the parameters."""
    parts = urlsplit(made["otpauth_url"])
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    return unquote(parts.path.lstrip("/")), {name: values[0] for name, values in parse_qs(parts.query).items()}


def test_without_factors_the_list_is_empty(api, jane):
    assert ok(api.get(FACTORS, token=jane)) == {"mfa_factors": []}


def test_an_app_is_set_up_and_not_in_force_yet(api, jane):
    made = ok(api.post(FACTORS, {"provider": "totp"}, token=jane))
    assert list(made) == ["mfa_factor", "secret", "otpauth_url", "qr_svg"]
    factor, row = made["mfa_factor"], SecondFactor.objects.get()
    assert list(factor) == KEYS
    assert re.fullmatch("authmfa_[0-9A-Z]{26}", factor["id"])
    assert factor["auth_identity_id"] == Customer.objects.get().auth_identity_id
    assert (factor["provider"], factor["status"], factor["metadata"]) == ("totp", "pending", {})
    assert factor["deleted_at"] is None
    assert len(b32decode(made["secret"])) == 20
    assert made["secret"] not in row.secret
    assert authenticator.unseal(row.secret) == made["secret"]
    assert url_of(made) == (f"shop.example.com:{JANE}", {"secret": made["secret"], "issuer": "shop.example.com"})
    assert made["qr_svg"].startswith("<svg ")
    assert ok(api.get(FACTORS, token=jane)) == {"mfa_factors": [factor]}
    assert Customer.objects.get().has_second_factor is False


def test_the_names_that_an_app_shows(api, jane, configure):
    made = ok(api.post(FACTORS, {"provider": "totp", "label": "Jane's phone", "issuer": "The Shop"}, token=jane))
    assert url_of(made)[0] == "The Shop:Jane's phone"
    assert made["mfa_factor"]["metadata"] == {"label": "Jane's phone"}
    configure(SECOND_FACTOR={"ISSUER": "Ours & Söhne"})
    name, parameters = url_of(ok(api.post(FACTORS, {"provider": "totp"}, token=jane)))
    assert (name, parameters["issuer"]) == (f"Ours & Söhne:{JANE}", "Ours & Söhne")


def test_without_a_host_the_app_shows_no_shop(api, jane, configure):
    configure(STOREFRONT_URL=None)
    assert url_of(ok(api.post(FACTORS, {"provider": "totp"}, token=jane)))[0] == JANE


def test_metadata_is_the_storefronts_own_and_the_label_lies_in_it(api, jane):
    body = {"provider": "totp", "label": "Phone", "metadata": {"color": "red", "label": "other"}}
    made = ok(api.post(FACTORS, body, token=jane))
    assert made["mfa_factor"]["metadata"] == {"color": "red", "label": "Phone"}


def test_null_is_as_absent(api, jane):
    body = {"provider": "totp", "label": None, "issuer": None, "metadata": None}
    assert ok(api.post(FACTORS, body, token=jane))["mfa_factor"]["metadata"] == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"provider": None},
        {"provider": "sms"},
        {"provider": ["totp"]},
        {"provider": "recovery_code"},
        {"provider": "totp", "label": 7},
        {"provider": "totp", "label": "x" * 65},
        {"provider": "totp", "issuer": "x" * 65},
        {"provider": "totp", "label": "a\0b"},
        {"provider": "totp", "metadata": []},
        {"provider": "totp", "metadata": {"x": "y" * 17000}},
        {"provider": "totp", "secret": "JBSWY3DPEHPK3PXP"},
        {"provider": "totp", "status": "enabled"},
    ],
)
def test_bad_bodies_are_invalid_and_set_nothing_up(api, jane, body):
    answer = api.post(FACTORS, body, token=jane)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert not SecondFactor.objects.exists()


def test_setting_up_anew_replaces_what_is_not_in_force(api, jane, clock):
    first = enrol(api, jane)
    clock.shift(1)
    second = enrol(api, jane)
    assert first.seed != second.seed
    assert [row.pk for row in SecondFactor.objects.all()] == [second.factor_id]
    answer = api.post(f"{FACTORS}/{first.factor_id}/verify", {"code": first.code()}, token=jane)
    assert (answer.status_code, answer.json()) == (404, NO_FACTOR)
    enable(api, jane, second.factor_id, second.code())


def test_one_in_force_is_not_replaced(api, jane):
    app = with_app(api, jane)
    answer = api.post(FACTORS, {"provider": "totp"}, token=jane)
    assert (answer.status_code, answer.json()) == (400, EXISTS)
    assert [row.pk for row in SecondFactor.objects.all()] == [app.factor_id]


def test_the_newest_is_listed_first_with_those_taken_away(api, jane, clock, configure):
    app = with_app(api, jane)
    clock.shift(1)
    made = ok(api.post(FACTORS, {"provider": "otp"}, token=jane))
    listed = ok(api.get(FACTORS, token=jane))["mfa_factors"]
    assert [(factor["id"], factor["status"]) for factor in listed] == [
        (made["mfa_factor"]["id"], "pending"),
        (app.factor_id, "enabled"),
    ]
    assert set(made) == {"mfa_factor"}
    ok(api.request("delete", f"{FACTORS}/{made['mfa_factor']['id']}", token=jane))
    assert [factor["status"] for factor in ok(api.get(FACTORS, token=jane))["mfa_factors"]] == ["disabled", "enabled"]


@pytest.mark.parametrize("library", ["pyotp", "segno", "cryptography"])
def test_without_the_libraries_an_app_cannot_be_set_up(api, jane, monkeypatch, library):
    real = authenticator.find_spec
    monkeypatch.setattr(authenticator, "find_spec", lambda name: None if name == library else real(name))
    answer = api.post(FACTORS, {"provider": "totp"}, token=jane)
    assert (answer.status_code, answer.json()) == (400, UNAVAILABLE)
    assert not SecondFactor.objects.exists()


# Verify


def test_the_first_code_puts_it_in_force(api, jane, clock):
    app = enrol(api, jane)
    clock.shift(5)
    factor = enable(api, jane, app.factor_id, app.code())
    assert list(factor) == KEYS
    assert (factor["id"], factor["status"]) == (app.factor_id, "enabled")
    assert factor["updated_at"] > factor["created_at"]
    assert ok(api.get(FACTORS, token=jane)) == {"mfa_factors": [factor]}
    row = SecondFactor.objects.get()
    assert (row.enabled_at, row.last_step) == (timezone.now(), int(timezone.now().timestamp()) // 30)
    assert Customer.objects.get().has_second_factor is True


def test_a_wrong_code_puts_nothing_in_force(api, jane):
    app = enrol(api, jane)
    answer = api.post(f"{FACTORS}/{app.factor_id}/verify", {"code": wrong(app.code())}, token=jane)
    assert (answer.status_code, answer.json()) == (400, WRONG)
    assert SecondFactor.objects.get().status == "pending"
    assert Customer.objects.get().has_second_factor is False


def test_one_in_force_is_not_verified_again(api, jane, clock):
    app = with_app(api, jane)
    answer = api.post(f"{FACTORS}/{app.factor_id}/verify", {"code": app.code()}, token=jane)
    assert (answer.status_code, answer.json()) == (400, EXISTS)


def test_one_that_was_taken_away_cannot_be_verified(api, jane):
    app = enrol(api, jane)
    ok(api.request("delete", f"{FACTORS}/{app.factor_id}", token=jane))
    answer = api.post(f"{FACTORS}/{app.factor_id}/verify", {"code": app.code()}, token=jane)
    assert (answer.status_code, answer.json()) == (404, NO_FACTOR)
    assert SecondFactor.objects.get().secret == ""


def test_of_two_pending_ones_of_a_kind_one_comes_into_force(api, jane):
    app, customer = enrol(api, jane), Customer.objects.get()
    rival = SecondFactor.objects.create(customer=customer, provider="totp", secret=authenticator.seal(app.seed))
    enable(api, jane, app.factor_id, app.code())
    answer = api.post(f"{FACTORS}/{rival.pk}/verify", {"code": app.code(steps=1)}, token=jane)
    assert (answer.status_code, answer.json()) == (400, EXISTS)
    assert [row.pk for row in SecondFactor.objects.enabled()] == [app.factor_id]


@pytest.mark.parametrize("method", ["verify", "delete"])
def test_unknown_and_foreign_factors_are_not_found(api, jane, verified, method):
    foreign = enrol(api, verified("other@example.com")[1])
    own = enrol(api, jane)
    for factor_id in (foreign.factor_id, own.factor_id.lower(), "authmfa_x", "x", "%00", f"{own.factor_id}%00", "é"):
        if method == "verify":
            answer = api.post(f"{FACTORS}/{factor_id}/verify", {"code": foreign.code()}, token=jane)
        else:
            answer = api.request("delete", f"{FACTORS}/{factor_id}", token=jane)
        assert (answer.status_code, answer.json()) == (404, NO_FACTOR), factor_id
    assert set(SecondFactor.objects.values_list("status", flat=True)) == {"pending"}


def test_ten_wrong_codes_a_day_at_setting_up_too(api, jane):
    app = enrol(api, jane)
    path = f"{FACTORS}/{app.factor_id}/verify"
    for _ in range(10):
        assert api.post(path, {"code": wrong(app.code())}, token=jane).json() == WRONG
    answer = api.post(path, {"code": app.code()}, token=jane)
    assert (answer.status_code, answer.json()) == (400, EXCEEDED)


def test_setting_one_up_gives_no_guesses_at_another(api, verified, prove, clock):
    """Whoever holds a session could set factors of their own up all day long."""
    person, jane = verified(phone=PHONE)
    prove(person, "phone")
    app = with_app(api, jane)
    for _ in range(9):
        answer = api.request("delete", f"{FACTORS}/{app.factor_id}", {"method": "totp", "code": "000000"}, token=jane)
        assert answer.json()["code"] == "otp_invalid"
    made = ok(api.post(FACTORS, {"provider": "otp"}, token=jane))["mfa_factor"]["id"]
    enable(api, jane, made, last_code(PHONE))
    guess = api.request("delete", f"{FACTORS}/{app.factor_id}", {"method": "totp", "code": "000000"}, token=jane)
    assert guess.json()["code"] == "otp_invalid"
    guess = api.request("delete", f"{FACTORS}/{app.factor_id}", {"method": "totp", "code": app.code()}, token=jane)
    assert guess.json() == EXCEEDED


def test_a_session_that_was_ended_meanwhile_sets_nothing_up(api, jane, monkeypatch):
    """Race: the owner resets the password while somebody with the session enrols or enables a factor."""
    app = enrol(api, jane)
    real = authenticator.require_libraries

    def end_first(names):
        Customer.objects.update(token_epoch=7)
        real(names)

    monkeypatch.setattr(authenticator, "require_libraries", end_first)
    answer = api.post(f"{FACTORS}/{app.factor_id}/verify", {"code": app.code()}, token=jane)
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid token")
    assert SecondFactor.objects.get().status == "pending"
    assert SecondFactor.objects.get().last_step is None
    Customer.objects.update(token_epoch=0)
    answer = api.post(FACTORS, {"provider": "totp"}, token=jane)
    assert answer.status_code == 401
    assert SecondFactor.objects.get().pk == app.factor_id


def test_a_pending_factor_lasts_until_housekeeping(api, jane, clock):
    app = enrol(api, jane)
    clock.shift(timedelta(hours=23))
    enable(api, ok(api.post(LOGIN, {"email": JANE, "password": PASSWORD}))["token"], app.factor_id, app.code())


def test_those_taken_away_are_listed_until_housekeeping(api, jane, clock):
    app = with_app(api, jane)
    ok(api.request("delete", f"{FACTORS}/{app.factor_id}", {"method": "totp", "code": app.code()}, token=jane))
    clock.shift(30)
    enrol(api, jane)
    assert [row["status"] for row in ok(api.get(FACTORS, token=jane))["mfa_factors"]] == ["pending", "disabled"]
