"""What ``manage.py demo`` tells, in each of the three modes."""

import re
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from customer_registration.conf import IDENTIFIER_MODES
from tests.example.demos import modes_told, part, run_demo

STAFF_PASSWORD = "a password of my own"


def test_every_step_is_ok(story: "subprocess.CompletedProcess[str]") -> None:
    assert story.returncode == 0, story.stdout + story.stderr
    assert story.stderr == ""
    lines = story.stdout.splitlines()
    steps = [line for line in lines if line.startswith("ok  ")]
    assert lines[-1] == f"{len(steps)} steps: {len(steps)} ok"
    assert re.fullmatch(r"Staff: admin@example\.com, password \S{16}", lines[0])


def test_it_can_be_told_again_on_the_same_database(story: "subprocess.CompletedProcess[str]", folder: Path) -> None:
    again = run_demo(folder, STAFF_PASSWORD=STAFF_PASSWORD)
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.splitlines()[-1] == story.stdout.splitlines()[-1]
    assert "Staff: admin@example.com, password as given" in again.stdout
    assert STAFF_PASSWORD not in again.stdout


def test_the_three_modes_are_walked_in_turn(story: "subprocess.CompletedProcess[str]") -> None:
    assert modes_told(story) == IDENTIFIER_MODES


@pytest.mark.parametrize(
    "told",
    [
        r"register jane-\w+@example\.com → registration token",
        r"the sign-up is resumed",
        r"create the customer",
        r"403 verification_required",
        r"ask for a code by e-mail → flow token",
        r"read the mail in /inbox/messages",
        r"wrong code → 400 otp_invalid, attempts_remaining \(4 left\)",
        r"right code → verified",
        r"used code again → 400",
        r"log in → login token",
        r"GET /store/customers/me",
        r"refresh",
        r"Identity with email already exists",
        r"Invalid email or password",
        r"429 too_many_requests, Retry-After \(\d+ s\)",
        r"/auth/verification/request",
        r"\?token=",
        r"/auth/verification/confirm",
        r"/auth/customer/providers .*\(emailpass, otp\)",
    ],
)
def test_the_story_by_email_has(told: str, story: "subprocess.CompletedProcess[str]") -> None:
    assert re.search(rf"^ok    .*{told}", part(story, "email"), re.MULTILINE)


@pytest.mark.parametrize(
    "told",
    [
        r"register \+1\d{3}55501\d\d → registration token",
        r"create the customer → not verified yet, no e-mail \(cus_\w+\)",
        r"403 verification_required, phone_verification",
        r"ask for a code by SMS → flow token",
        r"read the SMS in /inbox/messages\?to=… → code \(\d{6}\)",
        r"wrong code → 400 otp_invalid, attempts_remaining \(4 left\)",
        r"right code → verified",
        r"log in by phone \+1\d{3}55501\d\d → login token",
        r"log in by phone \(\d{3}\) 555-01\d\d",
        r"log in by email_or_phone \(\d{3}\) 555-01\d\d",
        r"/auth/customer/phonepass",
        r"GET /store/customers/me",
        r"refresh",
        r"/auth/customer/providers .*phonepass",
        r"register \+1\.\d{3}\.555\.01\d\d, .*Identity with phone already exists",
        r"Invalid phone or password",
        r"JANE → 400 .*Invalid phone number",
        r"Phone should be a string",
    ],
)
def test_the_story_by_phone_has(told: str, story: "subprocess.CompletedProcess[str]") -> None:
    assert re.search(rf"^ok    .*{told}", part(story, "phone"), re.MULTILINE)


@pytest.mark.parametrize(
    "told",
    [
        r"register alex-\w+@example\.com → registration token",
        r"without a phone → 400 .*Field 'phone' is required",
        r"create the customer with \(\d{3}\) 555-01\d\d → neither is verified yet",
        r"by e-mail too early → 403 verification_required, email_verification",
        r"read the mail .* → code \(\d{6}\)",
        r"the e-mail is verified, the phone is not",
        r"log in by e-mail → login token",
        r"log in by phone → 403 verification_required, phone_verification",
        r"read the SMS .* → code \(\d{6}\)",
        r"both are verified",
        r"log in by phone \+1\d{3}55501\d\d → login token",
        r"log in by email_or_phone",
        r"refresh",
        r"/auth/customer/providers .*\(emailpass, phonepass, otp\)",
        r"422 .*Customer with this phone already has an account",
        r"at phonepass → 401 .*Identity with phone already exists",
    ],
)
def test_the_story_by_both_has(told: str, story: "subprocess.CompletedProcess[str]") -> None:
    assert re.search(rf"^ok    .*{told}", part(story, "both"), re.MULTILINE)


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("email", r"send another e-mail along → 400 .*Email changes require OTP verification"),
        ("email", r"change the e-mail to jane-new-\w+@example\.com → flow token"),
        ("email", r"read the mail at the new e-mail → code \(\d{6}\)"),
        ("email", r"read the mail at jane-\w+@example\.com → link .*/contact-change/undo\?token="),
        ("email", r"log in by e-mail jane-\w+@example\.com, as before → login token"),
        ("email", r"reset the password of jane-\w+@example\.com → 201"),
        ("email", r"read the mail → link .*/reset-password\?token="),
        ("phone", r"send another phone along → 400 .*Phone changes require OTP verification"),
        ("phone", r"change the phone to \+1\d{3}55501\d\d → flow token"),
        ("phone", r"read the SMS at the new phone → code \(\d{6}\)"),
        ("phone", r"read the SMS at \+1\d{3}55501\d\d → link .*/contact-change/undo\?token="),
        ("phone", r"log in by phone \+1\d{3}55501\d\d, as before → login token"),
        ("phone", r"reset the password of \+1\d{3}55501\d\d → 201"),
        ("phone", r"read the SMS → link .*/reset-password\?token="),
        ("both", r"change the phone to \+1\d{3}55501\d\d → flow token"),
        ("both", r"read the SMS at the new phone → code \(\d{6}\)"),
        ("both", r"read the mail at alex-\w+@example\.com → link .*/contact-change/undo\?token="),
        ("both", r"log in by phone \+1\d{3}55501\d\d, as before → login token"),
        ("both", r"reset the password of alex-\w+@example\.com → 201"),
    ],
)
def test_the_account_is_told_of_by_the_contact_of_its_mode(
    mode: str, told: str, story: "subprocess.CompletedProcess[str]"
) -> None:
    assert re.search(rf"^ok    .*{told}", part(story, mode), re.MULTILINE)


@pytest.mark.parametrize("mode", IDENTIFIER_MODES)
@pytest.mark.parametrize(
    "told",
    [
        r"POST /store/customers/me with a last name and metadata",
        r"change one key of the metadata, delete one",
        r"is changed, fresh token",
        r"the token from before → 401",
        r"contact/undo → success",
        r"the token of the change → 401",
        r"reset the password of a stranger's .* → 201 Created all the same",
        r"update with the link's token → new password",
        r"use the link again → 401 \"Invalid token\"",
        r"log in with the old password → 401",
        r"log in with the new password → login token",
        r"change the password with the forgotten one → 403 wrong_password",
        r"change the password with the right one → fresh token",
        r"POST /auth/session → a session, behind a cookie \(sessionid\)",
        r"by the cookie alone → the customer",
        r"in another browser → 401",
        r"DELETE /auth/session → the session has ended",
        r"DELETE /auth/session again → 401",
        r"logout-all → success",
        r"on either device → 401",
        r"log in again → login token",
    ],
)
def test_the_story_of_an_account_has_in_every_mode(
    told: str, mode: str, story: "subprocess.CompletedProcess[str]"
) -> None:
    assert re.search(rf"^ok    .*{told}", part(story, mode), re.MULTILINE)


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("email", r"read the mail → code to delete the account \(\d{6}\)"),
        ("email", r"ask to keep the account of jane-\w+@example\.com → flow token"),
        ("email", r"read the mail → code to keep the account \(\d{6}\)"),
        ("email", r"its contact masked \(j\*\*\*@example\.com\)"),
        ("email", r"read the mail at jane-gone-\w+@example\.com → the last one"),
        ("email", r"register jane-gone-\w+@example\.com anew.* → another one \(cus_\w+\)"),
        ("phone", r"read the SMS → code to delete the account \(\d{6}\)"),
        ("phone", r"ask to keep the account of \+1\d{3}55501\d\d → flow token"),
        ("phone", r"read the SMS → code to keep the account \(\d{6}\)"),
        ("phone", r"its contact masked \(\+1\S*\*\S*\)"),
        ("phone", r"read the SMS at \+1\d{3}55501\d\d → the last one"),
        ("phone", r"register \+1\d{3}55501\d\d anew.* → another one \(cus_\w+\)"),
        ("both", r"read the mail → code to delete the account \(\d{6}\)"),
        ("both", r"ask to keep the account of alex-\w+@example\.com → flow token"),
        ("both", r"read the mail at alex-gone-\w+@example\.com → the last one"),
        ("both", r"register alex-gone-\w+@example\.com anew.* → another one \(cus_\w+\)"),
    ],
)
def test_leaving_is_told_of_by_the_contact_of_its_mode(
    mode: str, told: str, story: "subprocess.CompletedProcess[str]"
) -> None:
    assert re.search(rf"^ok    .*{told}", part(story, mode), re.MULTILINE)


@pytest.mark.parametrize("mode", IDENTIFIER_MODES)
@pytest.mark.parametrize(
    "told",
    [
        r"account-deletion/request with a reason → flow token",
        r"bring the code → confirmed, scheduled_at \(20\S+Z\)",
        r"log in → 403 account_deletion_pending, scheduled_at \(20\S+Z\)",
        r"keep a stranger's account → flow token all the same",
        r"bring the code → the request is cancelled",
        r"the token from before → still 401",
        r"log in, as before → login token",
        r"bring the code, without a grace period → confirmed, scheduled_at",
        r"GET /admin/account-deletion-requests\?customer_id=… → the request",
        r"--dry-run → .*\(1 accounts? .*due; strategy anonymize\. Nothing was changed\..* 1 auth\.User anonymised",
        r"purge_accounts --customer … → erased \(.*1 erased, 0 failed in \d",
        r"\{id\} → completed, nothing personal in it",
        r"deliver_messages.*\(1 sent: Your account and the personal data in it were deleted\)",
    ],
)
def test_the_story_of_leaving_has_in_every_mode(
    told: str, mode: str, story: "subprocess.CompletedProcess[str]"
) -> None:
    assert re.search(rf"^ok    .*{told}", part(story, mode), re.MULTILINE)


def test_whoever_cancels_has_a_week_and_whoever_is_erased_has_none(story: "subprocess.CompletedProcess[str]") -> None:
    told = part(story, "email")
    moments = re.findall(r"^ok    bring the code.* → confirmed, scheduled_at \((\S+)\)$", told, re.MULTILINE)
    week, none = map(datetime.fromisoformat, moments)
    assert timedelta(days=6, hours=23) < week - none < timedelta(days=7)


@pytest.mark.parametrize("told", [r"staff login", r"404 as JSON", r"/inbox, /docs and /openapi\.json"])
def test_the_story_has_whatever_the_mode(told: str, story: "subprocess.CompletedProcess[str]") -> None:
    rest = story.stdout.partition("\nWhatever the mode\n")[2]
    assert re.search(rf"^ok    .*{told}", rest, re.MULTILINE)
