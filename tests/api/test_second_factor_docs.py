"""What ``docs/second-factor.md`` says: its numbers and names are the code's, its roads end where it says."""

import re
from functools import reduce
from math import log2
from pathlib import Path

import pyotp
import pytest
import time_machine
from django.utils import timezone

import customer_registration
from customer_registration import signals
from customer_registration.codes import ALPHABETS
from customer_registration.conf import config
from customer_registration.flows.second_factor import authenticator, recovery_codes
from customer_registration.models import SecondFactor
from customer_registration.ratelimits.rules import DEFAULT_RULES
from tests import by_code
from tests.by_code import JANE, ME
from tests.conftest import PASSWORD, last_code

DOCS = (Path(__file__).parents[2] / "docs" / "second-factor.md").read_text()
TEMPLATES = Path(customer_registration.__file__).parent / "templates" / "customer_registration"
FACTORS, LOGIN = "/auth/mfa/factors", "/auth/customer/emailpass"

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    """A clock that the test moves."""
    with time_machine.travel(timezone.now(), tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def jane(api, verified, clock):
    """A customer with an app: her person, her token and the app's secret."""
    person, token = verified()
    made = api.post(FACTORS, {"provider": "totp"}, token=token).json()
    shown = pyotp.TOTP(made["secret"])
    answer = api.post(f"{FACTORS}/{made['mfa_factor']['id']}/verify", {"code": shown.now()}, token=token)
    assert answer.json()["mfa_factor"]["status"] == "enabled"
    clock.shift(30)
    return person, token, shown


def rows(header):
    """Return the table below a header, as lists of cells without their code marks."""
    below = DOCS.partition(f"{header}\n")[2].partition("\n\n")[0].splitlines()[1:]
    assert below, header
    return [[cell.strip().replace("`", "") for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in below]


def test_the_defaults_are_those_of_the_settings(settings):
    settings.CUSTOMER_REGISTRATION = {}
    told = set()
    for path, default, _ in rows("| Option | Default | What it does |"):
        if found := re.match(r"RATE_LIMITS\.RULES\[\"(\w+)\"\]", path):
            assert default == DEFAULT_RULES[found[1]]
        else:
            assert default == str(reduce(getattr, path.lower().split("."), config())), path
        told.add(path)
    assert told >= {f"SECOND_FACTOR.{name.upper()}" for name in config().second_factor.__slots__}


def test_the_numbers_are_those_of_the_code():
    told = dict(rows("| | |"))
    assert f"{authenticator.DIGITS} digits, {authenticator.STEP_SECONDS} seconds; the step before" in told["App"]
    assert authenticator.SKEW == 1
    assert told["Secret"].startswith(f"{authenticator.SEED_BYTES * 8} random bits")
    length = recovery_codes.GROUPS * recovery_codes.GROUP_LENGTH
    assert told["Recovery code"].startswith(f"{int(length * log2(len(ALPHABETS['alphanumeric'])))} random bits")
    chosen = config().second_factor
    assert told["Challenge"].startswith(f"{chosen.challenge_seconds} seconds and {chosen.max_attempts} attempts")


def test_every_message_signal_and_permission_is_named():
    for name in {path.name.partition(".")[0] for path in TEMPLATES.glob("*/second_factor*")}:
        assert f"`{name}`" in DOCS
    for name in vars(signals):
        assert not name.startswith("second_factor") or f"`{name}`" in DOCS
    [(permission, _)] = SecondFactor._meta.permissions
    assert f"`{permission}`" in DOCS


def by_password(api, person, token):
    """Log in by the password."""
    return api.post(LOGIN, {"email": JANE, "password": PASSWORD})


def by_a_code(api, person, token):
    """Log in by a code."""
    flow = by_code.ask(api)
    return by_code.bring(api, last_code(JANE), flow)


def by_refresh(api, person, token):
    """Renew a token from before the factor."""
    return api.post("/auth/token/refresh", token=token)


def by_two_steps(api, person, token):
    """Take the first step of the two."""
    return api.post("/store/auth", {"email": JANE, "password": PASSWORD})


@pytest.mark.parametrize("road", [by_password, by_a_code, by_refresh, by_two_steps])
def test_the_roads_ask_for_the_factor(api, jane, road):
    person, token, shown = jane
    asked = road(api, person, token).json()
    assert asked["mfa_required"]
    assert api.get(ME, token=asked["token"]).status_code == 401
    proof = {"method": "totp", "code": shown.now()}
    full = api.post(f"/auth/mfa/challenges/{asked['mfa_challenge']['id']}/verify", proof, token=asked["token"])
    assert api.get(ME, token=full.json()["token"]).status_code == 200
    renewed = api.post("/auth/token/refresh", token=full.json()["token"])
    assert api.get(ME, token=renewed.json()["token"]).status_code == 200, "a refresh keeps it"


def test_a_password_reset_switches_nothing_off(api, jane, reset_link):
    answer = api.post(f"{LOGIN}/update", {"password": "another " + PASSWORD}, token=reset_link())
    assert answer.json() == {"success": True}
    assert api.post(LOGIN, {"email": JANE, "password": "another " + PASSWORD}).json()["mfa_required"]


def test_a_changed_contact_gives_no_way_around(api, jane, change_contact):
    _, token, _ = jane
    change_contact(token, email="jane@example.org")
    assert api.post(LOGIN, {"email": "jane@example.org", "password": PASSWORD}).json()["mfa_required"]


def test_setting_up_again_replaces_what_is_pending(api, verified):
    _, token = verified()
    first, second = (api.post(FACTORS, {"provider": "totp"}, token=token).json()["mfa_factor"]["id"] for _ in "ab")
    assert [factor["id"] for factor in api.get(FACTORS, token=token).json()["mfa_factors"]] == [second]
    assert api.post(f"{FACTORS}/{first}/verify", {"code": "123456"}, token=token).status_code == 404


@pytest.mark.parametrize(("said", "shown"), [({}, "localhost"), ({"SECOND_FACTOR": {"ISSUER": "Acme"}}, "Acme")])
def test_the_app_names_the_shop(api, verified, configure, said, shown):
    configure(STOREFRONT_URL="http://localhost:8000", **said)
    _, token = verified()
    made = api.post(FACTORS, {"provider": "totp"}, token=token).json()
    assert f"issuer={shown}" in made["otpauth_url"]
    assert made["otpauth_url"].startswith(f"otpauth://totp/{shown}:jane%40example.com?")
    assert made["secret"] in made["otpauth_url"]


def test_with_a_second_step_for_everybody_a_verification_logs_nobody_in(api, sign_up, prove, configure):
    configure(LOGIN={"SECOND_STEP": "otp"})
    proof = prove(sign_up(), "email")
    assert (proof["email_verified"], proof["needs_login"], proof["token"]) == (True, True, None)
    asked = by_password(api, None, None).json()
    assert (asked["mfa_required"], asked["mfa_challenge"]["methods"]) == (True, ["otp"])
    assert "mfa_required" not in by_a_code(api, None, None).json()
    assert api.post("/store/auth", {"email": JANE, "password": PASSWORD}).json()["customer"]["email"] == JANE
