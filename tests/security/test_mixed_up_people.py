"""Row B3 of ``security.md``: what one person began in a client, and left, is no part of what the next one finishes."""

import pytest
from django.utils import timezone

from customer_registration.flows.second_factor import authenticator
from customer_registration.models import Customer, OtpVerification
from tests.conftest import PASSWORD, link_token
from tests.security.kinds import CONTACT, PHONES, SEED

pytestmark = pytest.mark.life_cycle

LOGIN, TWO_STEPS, ME = "/auth/customer/emailpass", "/store/auth", "/store/customers/me"
ANNA, BEN = "jane@example.com", "joe@example.com"


def everything_of(email):
    """Return the row and the user of somebody, and what became of every code of theirs."""
    customer = Customer.objects.filter(email=email)
    codes = OtpVerification.objects.filter(destination=email).order_by("pk")
    user = list(customer.values("user__password", "user__last_login", "user__is_active"))
    return list(customer.values()), user, list(codes.values("attempts", "attempts_open", "consumed_at"))


def newest_code(email):
    return OtpVerification.objects.filter(destination=email).latest("pk").code()


@pytest.fixture
def both(wallet):
    """Return the one client that Anna and Ben share; both are customers."""
    wallet.bearer("jane")
    wallet.bearer("joe")
    return wallet.api


def test_b3_two_steps_begun_by_one_and_finished_by_another(both):
    for email in (ANNA, BEN):
        assert both.post(TWO_STEPS, {"email": email, "password": PASSWORD}).status_code == 200
    before = everything_of(ANNA)
    assert dict(both.client.session.items()) == {}
    crossed = both.post(f"{TWO_STEPS}/otp", {"email": BEN, "otp": newest_code(ANNA)})
    assert (crossed.status_code, crossed.cookies) == (400, {})
    assert both.post(f"{TWO_STEPS}/otp", {"email": BEN, "otp": newest_code(BEN)}).status_code == 200
    assert both.get(ME).json()["customer"]["email"] == BEN
    anna = Customer.objects.get(email=ANNA)
    stored = str(dict(both.client.session.items()))
    assert not [text for text in (anna.pk, anna.auth_identity_id, ANNA) if text in stored]
    assert everything_of(ANNA) == before


def test_b3_a_session_of_one_gives_way_to_that_of_another(both, wallet):
    for name in ("jane", "joe"):
        assert both.post("/auth/session", token=wallet.bearers[name]).status_code == 200
    before = everything_of(ANNA)
    assert both.get(ME).json()["customer"]["email"] == BEN
    assert both.post(ME, {"first_name": "Ben", "metadata": {"size": 9}}).status_code == 200
    assert both.post(f"{ME}/logout-all").status_code == 200
    assert everything_of(ANNA) == before
    assert both.get(ME, token=wallet.bearers["jane"]).status_code == 200


def test_b3_a_registration_that_one_left_is_no_part_of_the_next_ones(api, register):
    tokens = {email: register(email) for email in (ANNA, BEN)}
    for token in tokens.values():
        assert api.post("/auth/session", token=token).status_code == 200
    anna, before = Customer.objects.get(email=ANNA), everything_of(ANNA)
    created = api.post("/store/customers", {"first_name": "Ben"}, token=tokens[BEN]).json()["customer"]
    assert (created["email"], created["phone"], created["first_name"]) == (BEN, None, "Ben")
    assert created["id"] != anna.pk
    assert everything_of(ANNA) == before


def test_b3_a_second_factor_asked_of_one_and_shown_by_another(both, wallet, clock):
    challenges = {}
    for name, email in (("jane", ANNA), ("joe", BEN)):
        wallet.enrol(name)
        challenges[email] = both.post(LOGIN, {"email": email, "password": PASSWORD}).json()
    before = everything_of(ANNA)
    code = authenticator.code_at(SEED, int(timezone.now().timestamp()) // authenticator.STEP_SECONDS)
    answer = {"method": "totp", "code": code}
    path = "/auth/mfa/challenges/{}/verify"
    annas, bens = challenges[ANNA]["mfa_challenge"]["id"], challenges[BEN]["mfa_challenge"]["id"]
    assert both.post(path.format(annas), answer, token=challenges[BEN]["token"]).status_code == 404
    token = both.post(path.format(bens), answer, token=challenges[BEN]["token"]).json()["token"]
    assert both.get(ME, token=token).json()["customer"]["email"] == BEN
    open_ones = OtpVerification.objects.filter(purpose="second_factor_challenge", consumed_at=None)
    assert [row.customer.email for row in open_ones] == [ANNA]
    assert open_ones.get().attempts == 0
    assert everything_of(ANNA) == before


@pytest.mark.parametrize("flow", ["reset", "contact change", "code login"])
def test_b3_any_other_flow_that_one_began_is_left_as_it_was(both, wallet, flow):
    new = "another battery staple"
    if flow == "reset":
        for email in (ANNA, BEN):
            both.post(f"{LOGIN}/reset-password", {"identifier": email})
        before = everything_of(ANNA)
        assert both.post(f"{LOGIN}/update", {"password": new}, token=link_token(BEN)).status_code == 200
    elif flow == "contact change":
        asked = {}
        for name, phone in (("jane", PHONES["new"]), ("joe", "+447400123999")):
            asked[name] = both.post(CONTACT, {"phone": phone}, token=wallet.bearers[name]).json()["token"]
        before = everything_of(ANNA)
        proof = {"code": newest_code("+447400123999")}
        crossed = both.post(f"{CONTACT}/verify", proof | {"token": asked["jane"]}, token=wallet.bearers["joe"])
        assert crossed.status_code == 401
        done = both.post(f"{CONTACT}/verify", proof | {"token": asked["joe"]}, token=wallet.bearers["joe"])
        assert done.json()["customer"]["phone"] == "+447400123999"
    else:
        flows = {email: both.post("/auth/customer/otp/generate", {"identifier": email}).json() for email in (ANNA, BEN)}
        before, proof = everything_of(ANNA), {"identifier": BEN, "otp": newest_code(BEN)}
        assert both.post("/auth/customer/otp/verify", proof | {"token": flows[ANNA]["token"]}).status_code == 400
        token = both.post("/auth/customer/otp/verify", proof | {"token": flows[BEN]["token"]}).json()["token"]
        assert both.get(ME, token=token).json()["customer"]["email"] == BEN
    assert everything_of(ANNA) == before
