"""POST /auth/user/emailpass: Django staff."""

import pytest
from django.contrib.auth import get_user_model

from customer_registration.tokens import LoginToken
from tests.conftest import new_user

URL = "/auth/user/emailpass"
BODY = {"email": "boss@example.com", "password": "a staff password"}
WRONG = {"type": "unauthorized", "message": "Invalid email or password"}


@pytest.fixture
def staff(db):
    def make(email="Boss@example.com", username="boss", **fields):
        fields = {"is_staff": True, **fields}
        return new_user(username, email, BODY["password"], **fields)

    return make


def test_staff_log_in_by_email(api, staff):
    user = staff()
    answer = api.post(URL, BODY)
    assert answer.status_code == 200
    token = LoginToken.read(answer.json()["token"])
    assert (token.actor_type, token.actor_id) == ("user", str(user.pk))


def test_one_answer_for_everybody_else(api, staff):
    staff()
    staff("shopper@example.com", "shopper", is_staff=False)
    staff("gone@example.com", "gone", is_active=False)
    staff("twin@example.com", "twin1")
    staff("Twin@example.com", "twin2")  # where the address is the username, only another spelling can be had twice
    for email in ("nobody@example.com", "shopper@example.com", "gone@example.com", "twin@example.com", "no address"):
        answer = api.post(URL, {**BODY, "email": email})
        assert (answer.status_code, answer.json()) == (401, WRONG)
    assert api.post(URL, {**BODY, "password": "wrong"}).json() == WRONG


def test_a4_staff_named_by_their_address_cost_what_a_stranger_costs(api, staff, counted, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed = []
    encode = MD5PasswordHasher.encode

    def counting(self, *args, **kwargs):
        hashed.append(1)
        return encode(self, *args, **kwargs)

    staff(username="boss@example.com")
    staff("other@example.com", "other")
    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    costs = []
    for email in ("boss@example.com", "other@example.com", "nobody@example.com"):
        hashed.clear()
        with counted() as queries:
            api.post(URL, {"email": email, "password": "wrong password"})
        costs.append((len(queries.statements), len(hashed)))
    assert costs == [(2, 1)] * 3


class StrictLockOut:
    """A backend whose signature takes nothing but Django's own credentials."""

    def authenticate(self, request, username=None, password=None):
        from django.core.exceptions import PermissionDenied

        raise PermissionDenied


def test_d2_a_strict_lock_out_has_the_last_word(api, staff, settings):
    staff()
    settings.AUTHENTICATION_BACKENDS = ["tests.api.test_staff.StrictLockOut", *settings.AUTHENTICATION_BACKENDS]
    assert api.post(URL, BODY).json() == WRONG


def test_a_customer_is_not_staff(api, verified):
    verified()
    assert api.post(URL, {"email": "jane@example.com", "password": "correct horse battery"}).json() == WRONG


def test_a_staff_token_is_renewed_and_opens_no_customer_route(api, staff):
    staff()
    token = api.post(URL, BODY).json()["token"]
    assert LoginToken.read(api.post("/auth/token/refresh", token=token).json()["token"]).actor_type == "user"
    for path in ("/store/customers/me",):
        assert api.get(path, token=token).json() == {"message": "Unauthorized"}
    assert api.post("/store/customers", {}, token=token).json() == {"message": "Unauthorized"}


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, {"password": "!x"}])
def test_a_staff_token_dies_with_the_right_to_it(api, staff, change):
    staff()
    token = api.post(URL, BODY).json()["token"]
    get_user_model().objects.update(**change)
    assert api.post("/auth/token/refresh", token=token).json() == {"message": "Unauthorized"}


def test_wrong_staff_passwords_are_limited(api, staff):
    staff()
    wrong = {**BODY, "password": "wrong password"}
    assert [api.post(URL, wrong).status_code for _ in range(6)] == [401] * 5 + [429]
    assert api.post(URL, BODY).status_code == 429


def test_staff_log_in_by_email_only(api, staff):
    staff()
    answer = api.post(URL, {"phone": "+12025550123", "password": BODY["password"]})
    assert answer.json() == {"type": "unauthorized", "message": "Invalid phone or password"}
    assert api.post("/auth/user/phonepass", BODY).json()["type"] == "not_allowed"
