"""The example project as in production: ``check --deploy`` finds nothing, and nothing is silenced for it."""

import re
import subprocess
import sys
from pathlib import Path

from tests.example.demos import ROOT, environment

PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "of-this-test-" + "0123456789abcdef" * 3,
    "ALLOWED_HOSTS": "shop.example.com",
    "STOREFRONT_URL": "https://shop.example.com",
    "STOREFRONT_SERVERS": "10.0.0.0/8",
    "TRUSTED_PROXIES": "1",
    "REDIS_URL": "redis://redis.example.com:6379/0",
    "EMAIL_URL": "smtp+tls://shop:secret@mail.example.com:587",
    "APPRISE_URL": "jsons://token@sms.example.com/send/{to}",
}
# What each variable is for, by what is found without it.
MISSED = {
    "customer_registration.E101": "REDIS_URL",
    "customer_registration.E103": "EMAIL_URL and APPRISE_URL",
    "customer_registration.E105": "STOREFRONT_URL by https",
    "customer_registration.W103": "STOREFRONT_SERVERS",
    "security.W004": "STOREFRONT_URL by https",
    "security.W008": "STOREFRONT_URL by https",
    "security.W009": "SECRET_KEY",
    "security.W012": "STOREFRONT_URL by https",
    "security.W016": "STOREFRONT_URL by https",
}


def check(folder: Path, **changes: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    env = environment(folder, **changes)
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_the_example_is_ready_for_production(tmp_path: Path) -> None:
    run = check(tmp_path, **PRODUCTION)
    assert (run.returncode, run.stdout.strip()) == (0, "System check identified no issues (0 silenced)."), run.stderr


def test_without_what_production_needs_each_lack_is_told(tmp_path: Path) -> None:
    run = check(tmp_path, DEBUG="0", SECRET_KEY="short", ALLOWED_HOSTS="shop.example.com")
    assert run.returncode == 1
    assert set(re.findall(r"\(([\w.]+\.[EW]\d+)\)", run.stderr)) == set(MISSED)
