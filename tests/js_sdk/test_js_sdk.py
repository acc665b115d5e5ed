"""The real ``@medusajs/js-sdk`` against live shops.

The scenarios are the ``*.test.mjs`` files beside this one; node's own test runner runs them, on the SDK from npm.
"""

import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.live_shop import install_packages, migrated, open_shop, packages_of, run_node  # noqa: F401  # fixture

HERE = Path(__file__).parent
SIGNING_KEY = "for-tests-only-" + "j" * 40
NODE_SECONDS = 300
ONE_TEST_MILLISECONDS = 60_000

pytestmark = [
    pytest.mark.js_sdk,
    pytest.mark.skipif(os.environ.get("TEST_JS_SDK") != "1", reason="set TEST_JS_SDK=1 (needs node and npm)"),
]


class Shop(NamedTuple):
    """A configuration, the test files that run against it, and what those are told about it."""

    options: dict[str, Any]
    files: tuple[str, ...]
    told: dict[str, str] = {}


# What there is whatever people register by.
EVERYWHERE = (
    "contact-change.test.mjs",
    "password-reset.test.mjs",
    "account-deletion.test.mjs",
    "passwordless.test.mjs",
)
SHOPS = {
    "default": Shop(
        {},
        (
            "register.test.mjs",
            "login.test.mjs",
            "verification.test.mjs",
            "profile.test.mjs",
            "password-change.test.mjs",
            "sessions.test.mjs",
            *EVERYWHERE,
        ),
    ),
    "challenge": Shop(
        {"LOGIN": {"UNVERIFIED_RESPONSE": "challenge"}},
        ("dtc-starter.test.mjs",),
        {"UNVERIFIED_RESPONSE": "challenge"},
    ),
    "phone": Shop(
        {"REGISTRATION": {"IDENTIFIER": "phone"}},
        ("phone.test.mjs", *EVERYWHERE),
    ),
    "both": Shop(
        {"REGISTRATION": {"IDENTIFIER": "both"}},
        ("both.test.mjs", *EVERYWHERE),
    ),
    "second factor": Shop(
        {
            "REGISTRATION": {"IDENTIFIER": "both"},
            "EMAIL_VERIFICATION": {"RESEND_THROTTLE_SECONDS": 0},
            "PHONE_VERIFICATION": {"RESEND_THROTTLE_SECONDS": 0},
        },
        ("second-factor.test.mjs",),
    ),
    "second step": Shop({"LOGIN": {"SECOND_STEP": "otp"}}, ("second-step.test.mjs",)),
    "publishable key": Shop({"PUBLISHABLE_API_KEYS": ["pk_test"]}, ("publishable-key.test.mjs",)),
    "no verification": Shop(
        {"REGISTRATION": {"REQUIRE_VERIFICATION": False}, "TOKENS": {"SIGNING_KEY": SIGNING_KEY}},
        ("nextjs-starter.test.mjs", "dtc-starter.test.mjs", "stale-token.test.mjs"),
        {"SIGNING_KEY": SIGNING_KEY},
    ),
}


@pytest.fixture(scope="module")
def sdk(testrun_uid: str) -> None:
    """Install the SDK."""
    install_packages(HERE, testrun_uid, "TEST_JS_SDK=1")


def test_every_file_has_a_shop() -> None:
    files = {path.name for path in HERE.glob("*.test.mjs")}
    assert files == {name for shop in SHOPS.values() for name in shop.files}


def test_the_lock_file_names_no_registry() -> None:
    assert packages_of(HERE)["node_modules/@medusajs/js-sdk"]["version"] == "2.21.2"


@pytest.mark.parametrize("name", SHOPS)
@pytest.mark.usefixtures("sdk")
def test_sdk(name: str, migrated: Path, tmp_path: Path) -> None:  # noqa: F811
    shop = SHOPS[name]
    mode = shop.options.get("REGISTRATION", {}).get("IDENTIFIER", "email")
    with open_shop(shop.options, migrated, tmp_path) as (url, log):
        sys.stdout.write(f"\n{name} shop\n")
        told = {"BASE_URL": url, "IDENTIFIER": mode} | shop.told
        limit = (f"--test-timeout={ONE_TEST_MILLISECONDS}",)
        if failed := run_node(HERE, shop.files, told, seconds=NODE_SECONDS, options=limit):
            pytest.fail(f"{failed}; the shop said:\n{log.read_text()}", pytrace=False)
    assert "Traceback" not in log.read_text(), log.read_text()
