"""``manage.py demo``: the story as a process of its own, on a database of its own."""

import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from customer_registration.conf import IDENTIFIER_MODES, config
from customer_registration.models import Customer
from customer_registration.ratelimits.rules import DEFAULT_RULES, limits_of
from example_project.inbox.management.commands.demo import Command, free_numbers, in_mode, modes
from tests.example.demos import PATIENCE_SECONDS, ROOT, command, environment, modes_told, run_demo

STAFF_PASSWORD = "a password of my own"
# The mode with messages to addresses and to numbers, for what is about those: all three modes take twice as long.
BOTH = '{"REGISTRATION": {"IDENTIFIER": "both"}}'
BOTH_WITH_LONG_CODES = '{"REGISTRATION": {"IDENTIFIER": "both"}, "OTP": {"LENGTH": 8, "CHARSET": "alphanumeric"}}'
UNVERIFIED_BY_EMAIL = '{"REGISTRATION": {"IDENTIFIER": "email", "REQUIRE_VERIFICATION": false}}'


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """Start the demo so that it keeps serving; whatever happens, it is over after the test."""
    running: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            command(),
            cwd=ROOT,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A shell's background jobs, and so perhaps this test run, ignore Ctrl-C; a person's terminal does not.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        running.append(process)
        return process

    yield start
    for process in running:
        with process:
            process.kill()


@pytest.mark.parametrize("mode", IDENTIFIER_MODES)
def test_a_mode_that_is_named_is_the_only_one(mode: str, tmp_path: Path) -> None:
    run = run_demo(tmp_path, CUSTOMER_REGISTRATION=f'{{"REGISTRATION": {{"IDENTIFIER": "{mode}"}}}}')
    assert run.returncode == 0, run.stdout + run.stderr
    assert modes_told(run) == (mode,)
    assert "staff login" in run.stdout


def test_the_storys_numbers_are_american_wherever_the_shop_is(tmp_path: Path) -> None:
    run = run_demo(tmp_path, PHONENUMBER_DEFAULT_REGION="DE", CUSTOMER_REGISTRATION=BOTH)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("options", "walked"),
    [
        ({}, IDENTIFIER_MODES),
        ({"REGISTRATION": {"REQUIRE_VERIFICATION": True}}, IDENTIFIER_MODES),
        ({"REGISTRATION": {"IDENTIFIER": "email"}}, ("email",)),
        ({"REGISTRATION": {"IDENTIFIER": "both"}}, ("both",)),
        ({"LOGIN": {"IDENTIFIER": "both"}}, ("email",)),
    ],
)
def test_the_modes_to_walk(options: dict[str, Any], walked: tuple[str, ...], settings: Any) -> None:
    settings.CUSTOMER_REGISTRATION = options
    assert modes() == walked


def test_a_mode_lasts_for_its_block_and_changes_nothing_else(settings: Any) -> None:
    settings.CUSTOMER_REGISTRATION = {"OTP": {"LENGTH": 8}}
    settings.PHONENUMBER_DEFAULT_REGION = "DE"
    with in_mode("phone"):
        assert (config().registration.identifier, config().otp.length) == ("phone", 8)
        seen: list[str] = []
        thread = threading.Thread(target=lambda: seen.append(config().registration.identifier))
        thread.start()
        thread.join()
        assert seen == ["phone"], "the server's threads see it too"
    assert (config().registration.identifier, config().otp.length) == ("email", 8)
    assert settings.PHONENUMBER_DEFAULT_REGION == "DE"


def test_the_people_of_a_mode_use_up_no_limit_of_their_address(settings: Any) -> None:
    settings.CUSTOMER_REGISTRATION = {"RATE_LIMITS": {"RULES": {"register": "3/m/ip"}}}
    with in_mode("email"):
        scopes = {name: [limit.scope for limit in limits_of(name)] for name in DEFAULT_RULES}
    assert scopes.pop("register") == ["ip"], "what the project says stays"
    assert scopes.pop("login") == []
    assert scopes["code_send"] == ["key", "key"]
    assert scopes["login_failed"] == ["key+ip"]
    assert "ip" not in [scope for each in scopes.values() for scope in each]


def test_a_step_that_fails_says_what_was_expected_and_what_came(tmp_path: Path) -> None:
    run = run_demo(tmp_path, CUSTOMER_REGISTRATION=UNVERIFIED_BY_EMAIL)
    assert run.returncode == 1
    assert "CommandError: 1 of the steps did not go as the story says." in run.stderr
    failed = re.search(
        r"^FAIL  log in too early.*\n      expected  403 (.*)\n      came      200 ", run.stdout, re.MULTILINE
    )
    assert failed, run.stdout
    assert '"code": "verification_required"' in failed[1]
    assert re.search(r"^\d+ steps: \d+ ok, 1 FAIL$", run.stdout, re.MULTILINE)
    assert re.search(r"^ok    .*404 as JSON", run.stdout, re.MULTILINE), "the story goes on"


def test_codes_of_another_length_and_alphabet_are_read_too(tmp_path: Path) -> None:
    run = run_demo(tmp_path, CUSTOMER_REGISTRATION=BOTH_WITH_LONG_CODES)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_shop_stays_open_until_ctrl_c(open_shop: Callable[[], "subprocess.Popen[str]"]) -> None:
    process = open_shop()
    assert process.stdout is not None
    watchdog = threading.Timer(PATIENCE_SECONDS, process.kill)
    watchdog.start()
    try:
        pages, mailed = {}, set()
        for line in process.stdout:
            if found := re.fullmatch(r"  (http://127\.0\.0\.1:\d+)(/\S*)  .*\w", line.rstrip()):
                pages[found[2]] = found[1] + found[2]
            if found := re.search(r"→ link .*\((http://[^/]+)/verify\?", line):
                mailed.add(found[1])
            if pages and line.startswith("Staff: admin@example.com, password "):
                break
        assert set(pages) == {"/", "/inbox", "/docs", "/openapi.json", "/django-admin/"}
        assert mailed == {pages["/"].rstrip("/")}, "links in messages lead to this shop, whichever its port"
        for url in pages.values():
            assert httpx.get(url, trust_env=False, follow_redirects=True).status_code == 200
        providers = httpx.get(pages["/inbox"].replace("/inbox", "/auth/customer/providers"), trust_env=False).json()
        assert [each["id"] for each in providers["providers"]] == ["emailpass", "otp"], "the project's mode is back"
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0
        assert "Traceback" not in rest
    finally:
        watchdog.cancel()


def test_a_port_in_use_is_a_clear_error(settings: Any) -> None:
    settings.DEBUG = True
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Port {port} is in use\. Choose another with --port"):
            call_command("demo", port=port, exit=True)


def test_a_port_that_cannot_be_is_a_clear_error(settings: Any) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match="between 0 and 65535"):
        call_command("demo", port=65536, exit=True)


def test_without_debug_it_says_that_it_needs_the_inbox() -> None:
    with pytest.raises(CommandError, match="DEBUG=1"):
        call_command("demo", exit=True)


@pytest.mark.django_db
def test_numbers_of_customers_are_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    Customer.objects.create(phone="+14155550100")
    numbers = ["+14155550100", "+14155550101"]
    monkeypatch.setattr("example_project.inbox.management.commands.demo.fictional_numbers", lambda: iter(numbers))
    assert list(free_numbers()) == ["+14155550101"]


@pytest.mark.django_db
def test_a_customer_with_the_address_of_the_staff_is_not_promoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFF_EMAIL", "jane@example.com")
    monkeypatch.setenv("STAFF_PASSWORD", STAFF_PASSWORD)
    customer = User.objects.create_user("cus_01", "jane@example.com")
    staff = Command(stdout=StringIO())._staff()
    customer.refresh_from_db()
    assert (customer.is_staff, customer.is_superuser) == (False, False)
    assert User.objects.get(username=staff.email).check_password(staff.password)


@pytest.mark.django_db
def test_staff_made_by_createsuperuser_are_updated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STAFF_EMAIL", raising=False)
    monkeypatch.delenv("STAFF_PASSWORD", raising=False)
    boss = User.objects.create_superuser("boss", "admin@example.com", "old")
    staff = Command(stdout=StringIO())._staff()
    assert User.objects.get(is_staff=True) == boss
    boss.refresh_from_db()
    assert boss.check_password(staff.password)
