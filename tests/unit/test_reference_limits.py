"""``docs/reference/limits.md``: every rule with its default."""

import re
from pathlib import Path

from customer_registration.ratelimits import rules
from customer_registration.ratelimits.rules import DEFAULT_RULES
from tests.pages import table

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "limits.md").read_text()


def test_every_rule_has_its_default_and_no_rule_is_invented():
    told = [(name, default) for name, default, _ in table(PAGE, "| Rule | Default | Counts |")]
    assert told == [(f"`{name}`", f"`{default}`") for name, default in DEFAULT_RULES.items()]


def test_every_scope_and_window_is_explained():
    scopes = re.search(r"\((key.*?ip)\)\"", rules._RULE.pattern + '"')[1].replace("\\", "").split("|")
    assert sorted(name for name, _ in table(PAGE, "| Scope | Counts for |")) == sorted(f"`{each}`" for each in scopes)
    assert re.findall(r"`(\w)`", PAGE.partition("A window is")[2].partition(":")[0]) == list(rules._UNITS)


def test_the_example_can_be_read():
    [example] = re.findall(r'"RULES": \{(.*)\}', PAGE)
    for name, text in re.findall(r'"(\w+)": "([^"]*)"', example):
        assert name in DEFAULT_RULES
        assert rules.parse(text)
