"""How a rule is registered and what it finds. It imports next to nothing, since it loads at ``django.setup()``."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning

from customer_registration.conf import SETTING, Config, load

Rule: TypeAlias = Callable[..., Iterable[CheckMessage]]

TAG = "customer_registration"
# By tag. Those of our own tag hold at every start, the others before the project goes live: ``--deploy``.
RULES: dict[str, list[Rule]] = {TAG: [], Tags.security: [], Tags.compatibility: []}


def project_config() -> Config:
    """Return the options in force; wrong ones have their defaults, and a rule of their own that reports them."""
    return load(getattr(settings, SETTING, {}))[0]


def error(number: str, message: str, hint: str | None = None) -> Error:
    """Return a finding that stops a start."""
    return Error(message, hint=hint, id=f"customer_registration.{number}")


def warning(number: str, message: str, hint: str | None = None) -> Warning:
    """Return a finding that is only told."""
    return Warning(message, hint=hint, id=f"customer_registration.{number}")


def check(tag: str = TAG) -> Callable[[Rule], Rule]:
    """Add a rule to those of its tag."""

    def add(rule: Rule) -> Rule:
        RULES[tag].append(rule)
        return rule

    return add
