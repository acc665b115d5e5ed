"""What ``manage.py demo`` tells, in each of the three modes."""

import re
import subprocess
from pathlib import Path

import pytest

from customer_registration.conf import IDENTIFIER_MODES
from tests.example.demos import modes_told, run_demo

STAFF_PASSWORD = "a password of my own"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the database that the story was told on."""
    return tmp_path_factory.mktemp("story")


@pytest.fixture(scope="module")
def story(folder: Path) -> "subprocess.CompletedProcess[str]":
    """The story, told once."""
    return run_demo(folder)


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


def part(run: "subprocess.CompletedProcess[str]", mode: str) -> str:
    """Return what was told in a mode."""
    found = re.search(rf"^REGISTRATION\.IDENTIFIER = {mode}\n((?:.+\n)+)", run.stdout, re.MULTILINE)
    assert found, run.stdout
    return found[1]


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
        r"/auth/customer/providers .*\(emailpass\)",
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
        r"/auth/customer/providers .*\(emailpass, phonepass\)",
        r"422 .*Customer with this phone already has an account",
        r"at phonepass → 401 .*Identity with phone already exists",
    ],
)
def test_the_story_by_both_has(told: str, story: "subprocess.CompletedProcess[str]") -> None:
    assert re.search(rf"^ok    .*{told}", part(story, "both"), re.MULTILINE)


@pytest.mark.parametrize("told", [r"staff login", r"404 as JSON", r"/inbox, /docs and /openapi\.json"])
def test_the_story_has_whatever_the_mode(told: str, story: "subprocess.CompletedProcess[str]") -> None:
    rest = story.stdout.partition("\nWhatever the mode\n")[2]
    assert re.search(rf"^ok    .*{told}", rest, re.MULTILINE)
