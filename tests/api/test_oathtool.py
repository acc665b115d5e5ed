"""An authenticator app that is not ours: ``oathtool`` of the OATH Toolkit makes the codes, and they log in."""

import shutil
import subprocess
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.utils import timezone

from tests.conftest import PASSWORD

STEP = timedelta(seconds=30)
LOGIN = "/auth/customer/emailpass"
BODY = {"email": "jane@example.com", "password": PASSWORD}
INVALID = {"type": "not_allowed", "code": "otp_invalid", "message": "Invalid code"}

pytestmark = pytest.mark.skipif(
    shutil.which("oathtool") is None, reason="needs the oathtool program: apt-get install oathtool"
)


def shown(secret: str, *options: str) -> str:
    """Return what an app shows, now unless an option says otherwise; it knows the secret and nothing else."""
    command = ["oathtool", "--totp", "-b", *options, secret]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()


def shown_at(secret: str, at: datetime) -> str:
    return shown(secret, f"--now={at:%Y-%m-%d %H:%M:%S UTC}")


@pytest.fixture
def enrolled(api, verified):
    """Set an app up with a code of oathtool, two steps ago; return the person and the secret."""
    with time_machine.travel(timezone.now() - 2 * STEP, tick=False):
        person, token = verified()
        setup = api.post("/auth/mfa/factors", {"provider": "totp"}, token=token).json()
        url, secret = urlsplit(setup["otpauth_url"]), setup["secret"]
        assert (url.scheme, url.netloc, parse_qs(url.query)["secret"]) == ("otpauth", "totp", [secret])
        path = f"/auth/mfa/factors/{setup['mfa_factor']['id']}/verify"
        answer = api.post(path, {"code": shown_at(secret, timezone.now())}, token=token)
        assert (answer.status_code, answer.json()["mfa_factor"]["status"]) == (200, "enabled")
    return person, secret


def bring(api, code):
    """Log in by password and answer the challenge with a code."""
    asked = api.post(LOGIN, BODY).json()
    path = f"/auth/mfa/challenges/{asked['mfa_challenge']['id']}/verify"
    return api.post(path, {"method": "totp", "code": code}, token=asked["token"])


def test_the_code_that_oathtool_shows_now_logs_in(api, enrolled):
    person, secret = enrolled
    answer = bring(api, shown(secret))
    assert answer.status_code == 200, answer.content
    me = api.get("/store/customers/me", token=answer.json()["token"])
    assert (me.status_code, me.json()["customer"]["id"]) == (200, person.id)


def test_a_code_of_oathtool_logs_in_once(api, enrolled):
    _, secret = enrolled
    code = shown(secret)
    assert bring(api, code).status_code == 200
    again = bring(api, code)
    assert (again.status_code, again.json()) == (400, INVALID | {"attempts_remaining": 4})


@pytest.mark.parametrize(("steps", "status"), [(-2, 400), (-1, 200), (1, 200), (2, 400)])
def test_a_clock_may_be_one_step_off(api, enrolled, steps, status):
    _, secret = enrolled
    with time_machine.travel(timezone.now() + STEP, tick=False):  # no step around here was used
        assert bring(api, shown_at(secret, timezone.now() + steps * STEP)).status_code == status
