"""`docs/comparison.md`: every release has its evidence, and what it says of this app is what is built in."""

import re
from pathlib import Path

from customer_registration.conf import Config
from customer_registration.ratelimits.rules import DEFAULT_RULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
CLAIMS, _, EVIDENCE = PAGE.partition("## Where it stands")


def test_every_release_that_is_compared_says_where_its_facts_stand():
    named = re.findall(r"^\| \[([\w-]+)].*?\| (\d[\d.]+) \| \d{4}-\d{2} \|", CLAIMS, re.MULTILINE)
    assert len(named) == 5
    assert all(f"**{name} {version}.**" in EVIDENCE for name, version in named)


def test_the_page_is_dated():
    assert re.search(r"As of 20\d\d-\d\d-\d\d;", CLAIMS)


def test_our_languages_are_counted():
    locales = ROOT / "customer_registration" / "locale"
    languages = sum((each / "LC_MESSAGES").is_dir() for each in locales.iterdir())
    assert f"more languages than our {languages} |" in CLAIMS


def test_our_limits_are_those_that_are_built_in():
    guesses = Config().otp.max_attempts
    assert f"| {guesses}, spent in the database before the compare; ten a day over all codes |" in CLAIMS
    assert DEFAULT_RULES["code_failed"].startswith("10/d/key")
    assert f"the old one may undo it for a {'week' if Config().contact_change.undo_days == 7 else '?'}" in CLAIMS
