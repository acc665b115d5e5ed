"""How a rule is registered and what it finds."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.checks import Error, Warning, register

from customer_registration.conf import SETTING, Config, load

TAG = "customer_registration"


def project_config() -> Config:
    """Return the options in force; wrong ones have their defaults, and a rule of their own that reports them."""
    return load(getattr(settings, SETTING, {}))[0]


def error(number: str, message: str, hint: str | None = None) -> Error:
    """Return a finding that stops a start."""
    return Error(message, hint=hint, id=f"customer_registration.{number}")


def warning(number: str, message: str, hint: str | None = None) -> Warning:
    """Return a finding that is only told."""
    return Warning(message, hint=hint, id=f"customer_registration.{number}")


def check(tag: str = TAG, *, deploy: bool = False) -> Callable[[Any], Any]:
    """Register a rule."""
    return register(tag, deploy=deploy)
