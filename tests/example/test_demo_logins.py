"""What ``manage.py demo`` tells of logins without a password, and of logins with a second step."""

import re
import subprocess
from pathlib import Path

import pytest

from customer_registration.conf import IDENTIFIER_MODES
from tests.example.demos import part, run_demo

WITHOUT_APPS_CODES = '{"OTP": {"LENGTH": 9}, "PASSWORDLESS": {"DIGITS": 7}, "TWO_STEP_LOGIN": {"DIGITS": 8}}'


@pytest.mark.parametrize("mode", IDENTIFIER_MODES)
@pytest.mark.parametrize(
    "told",
    [
        r"register with a wrong code → 400 \"Invalid OTP\"",
        r"register with the code → registration token, no password",
        r"create the customer → the (e-mail|phone) is verified \(cus_\w+\)",
        r"POST /auth/customer/otp with the code just used → login token",
        r"the same code a second time → 400 \"Invalid OTP\"",
        r"ask for another one at once → 429 too_many_requests, Retry-After \(\d+ s\)",
        r"POST /auth/customer/otp/verify with the code → login token",
        r"GET /store/customers/me → the same customer",
        r"bring the used code again → 400 \"Invalid OTP\"",
        r"log in with a password → 401 .*, there is none",
        r"who has a password → 200 all the same",
        r"→ nothing was sent \(\d+ other messages\)",
        r"register with a guess → 400 \"Invalid OTP\"",
        r"whom nobody knows → 200 all the same",
        r"does not conceal who is a customer → \S+ 422, \S+ 404",
    ],
)
def test_people_without_a_password_are_told_of_in_every_mode(
    told: str, mode: str, story: "subprocess.CompletedProcess[str]"
) -> None:
    assert re.search(rf"^ok    .*{told}", part(story, mode), re.MULTILINE)


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("email", r"ask for a code to sign jane-bare-\w+@example\.com up → flow token"),
        ("email", r"read the mail → code to sign up \(\d{6}\)"),
        ("email", r"ask for a code to log in as JANE-BARE-\w+@EXAMPLE\.COM → flow token"),
        ("email", r"read the mail → code to log in \(\d{6}\)"),
        ("phone", r"ask for a code to sign \+1\d{3}55501\d\d up → flow token"),
        ("phone", r"read the SMS → code to sign up \(\d{6}\)"),
        ("phone", r"ask for a code to log in as \(\d{3}\) 555-01\d\d → flow token"),
        ("phone", r"read the SMS → code to log in \(\d{6}\)"),
        ("both", r"ask for a code to sign alex-bare-\w+@example\.com up → flow token"),
    ],
)
def test_they_have_nothing_but_the_contact_of_their_mode(
    mode: str, told: str, story: "subprocess.CompletedProcess[str]"
) -> None:
    assert re.search(rf"^ok    .*{told}", part(story, mode), re.MULTILINE)


@pytest.mark.parametrize("mode", IDENTIFIER_MODES)
@pytest.mark.parametrize(
    "told",
    [
        r"POST /store/auth with a wrong password → 401",
        r"POST /store/auth with the right one → the customer, and no session yet",
        r"read the (mail|SMS) → code \(\d{6}\)",
        r"bring a wrong code → 400 \"OTP is invalid\"",
        r"POST /store/auth/otp with the code → the customer, and a cookie \(sessionid\)",
        r"GET /store/auth by the cookie alone → the session's customer",
        r"bring the used code again → 400 \"OTP is invalid\"",
        r"DELETE /store/auth → the session has ended",
    ],
)
def test_the_login_in_two_steps_is_told_of_in_every_mode(
    told: str, mode: str, story: "subprocess.CompletedProcess[str]"
) -> None:
    assert re.search(rf"^ok    .*{told}", part(story, mode), re.MULTILINE)


@pytest.mark.parametrize("mode", IDENTIFIER_MODES)
@pytest.mark.parametrize(
    "told",
    [
        r"a secret, and a QR code of it \(otpauth://totp/Shop:Phone\?secret=[A-Z2-7]{32}&issuer=Shop\)",
        r"put it in force with a wrong code → 400 \"Invalid code\"",
        r"put it in force with the code that the app shows → enabled \(\d{6}\)",
        r"log in → mfa_required, a challenge for totp, a token without an actor",
        r"with its token → 401, half a login opens nothing",
        r"then the one that was used → 400 otp_invalid, attempts_remaining \(3 left\)",
        r"with the next code of the app → login token \(\d{6}\)",
        r"answer the same challenge again → 404",
        r"recovery-codes with the older token → 403 reauthentication_required",
        r"→ ten codes, shown once \(10, \w{4}-\w{4}-\w{4} among them\)",
        r"log in → mfa_required, a challenge for totp or recovery_code, a token without an actor",
        r"with a recovery code → login token",
        r"bring the recovery code again → 400 otp_invalid",
        r"with the older token alone → 403 reauthentication_required",
        r"with it and a recovery code → disabled",
        r"log in with the password alone → login token",
    ],
)
def test_the_authenticator_app_is_told_of_in_every_mode(
    told: str, mode: str, story: "subprocess.CompletedProcess[str]"
) -> None:
    assert re.search(rf"^ok    .*{told}", part(story, mode), re.MULTILINE)


@pytest.mark.parametrize(
    "told",
    [
        r"ask for a code to log in as admin@example\.com, at /auth/user → flow token",
        r"read the mail → code to log in \(\d{6}\)",
        r"bring it as a customer → 400 \"Invalid OTP\"",
        r"POST /auth/user/otp/verify → login token",
        r"GET /admin/account-deletion-requests with it → the requests \(\d+\)",
        r"register as staff → 400 \"Invalid OTP\", whatever the code",
    ],
)
def test_staff_log_in_by_code_whatever_the_mode(told: str, story: "subprocess.CompletedProcess[str]") -> None:
    rest = story.stdout.partition("\nWhatever the mode\n")[2]
    assert re.search(rf"^ok    .*{told}", rest, re.MULTILINE)


def test_codes_of_other_lengths_are_read_too(tmp_path: Path) -> None:
    run = run_demo(tmp_path, CUSTOMER_REGISTRATION=WITHOUT_APPS_CODES)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"code to sign up \(\d{7}\)", run.stdout)
    assert re.search(r"→ code \(\d{8}\)", run.stdout)
