"""Users of whatever model who are not customers yet, and what the commands about them say."""

import io
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client

from customer_registration.models import Customer
from tests.conftest import PASSWORD, new_user

PHONES = iter(f"+1202555{number:04}" for number in range(100, 10_000))


def has(field: str) -> bool:
    """Whether the user model has a field."""
    return any(each.name == field for each in get_user_model()._meta.concrete_fields)


NUMBERS = next(filter(has, ("phone", "username")), "")  # the username of auth.User may well be a number
only_with_numbers = pytest.mark.skipif(not NUMBERS, reason="this model has no number; unset TEST_USER_MODEL")
only_with_username = pytest.mark.skipif(not has("username"), reason="this model has no username; unset TEST_USER_MODEL")
only_with_twins = pytest.mark.skipif(
    get_user_model().USERNAME_FIELD == "email",
    reason="this model has no two of one address; unset TEST_USER_MODEL",
)


def user(email: str | None, *, name: str | None = None, **fields: Any) -> Any:
    """Save a user with an address; their username is it, or a number, or a name of their own."""
    model = get_user_model()
    name = name or (next(PHONES) if model.USERNAME_FIELD == "phone" else f"user-{model.objects.count()}")
    return new_user(name, email or "", **fields)


def adopt(*arguments: str) -> tuple[str, str]:
    """Run adopt_users, and return what it said and what it complained about."""
    out, err = io.StringIO(), io.StringIO()
    call_command("adopt_users", *by_email(), *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def check(*arguments: str) -> tuple[str, int]:
    """Run check_contacts, and return what it said and its exit status."""
    out = io.StringIO()
    try:
        call_command("check_contacts", *by_email(), *arguments, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        if "needs a decision" not in str(error):
            raise
        return out.getvalue(), error.returncode
    return out.getvalue(), 0


def by_email() -> list[str]:
    """Leave numbers out, which most tests are not about and which only some models have."""
    return ["--phone-field", ""]


def customer_of(user: Any) -> Customer:
    """Return the customer of a user."""
    return Customer.objects.select_related("user").get(user=user)


def log_in(email: str, password: str = PASSWORD) -> Any:
    """Log in over HTTP."""
    body = {"email": email, "password": password}
    return Client().post("/auth/customer/emailpass", body, content_type="application/json")
