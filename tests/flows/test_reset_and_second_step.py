"""What a password reset does, and does not do, for the guesses at a second step."""

import pytest

from tests.conftest import PASSWORD, last_code, wrong

pytestmark = [pytest.mark.django_db, pytest.mark.life_cycle]

JANE = "jane@example.com"
LOGIN = "/auth/customer/emailpass"


def test_a_reset_gives_back_the_guesses_at_the_codes_of_the_second_step(api, configure, verified, reset_link):
    """Who knows the old password can use them up; the owner, who reads the mail, must get in all the same (C14)."""
    verified()
    configure(LOGIN={"SECOND_STEP": "otp"}, SECOND_FACTOR={"MAX_ATTEMPTS": 10}, OTP={"MAX_ATTEMPTS": 10})
    thief = api.post(LOGIN, {"email": JANE, "password": PASSWORD}).json()
    path = f"/auth/mfa/challenges/{thief['mfa_challenge']['id']}/verify"
    bad = {"method": "otp", "code": wrong(last_code(JANE))}
    for _ in range(10):
        api.post(path, bad, token=thief["token"])
    assert api.post(path, bad, token=thief["token"]).json()["code"] == "otp_attempts_exceeded"

    link = reset_link()
    assert api.post(f"{LOGIN}/update", {"password": "another one, as long"}, token=link).status_code == 200
    login = api.post(LOGIN, {"email": JANE, "password": "another one, as long"}).json()
    shown = {"method": "otp", "code": last_code(JANE)}
    answer = api.post(f"/auth/mfa/challenges/{login['mfa_challenge']['id']}/verify", shown, token=login["token"])
    assert answer.status_code == 200, answer.content
