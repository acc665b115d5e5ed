"""What the tests of fixed codes share: the code, two test identifiers, and how long they are good for."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests import by_code

CODE = "424242"
REVIEWER, PHONE = "reviewer@example.com", by_code.PHONE
TWO_STEPS = "/store/auth"
VERIFY = "/store/customers/otp/verify"


def in_days(days: int) -> str:
    """Return the day that is so far away, as the setting spells it."""
    return (timezone.now() + timedelta(days=days)).date().isoformat()


def entries(*names: str, **changes: Any) -> dict[str, Any]:
    """Return ``TEST_IDENTIFIERS`` with the code for each name, for another month."""
    return {name: {"code": CODE, "until": in_days(30), **changes} for name in names or (REVIEWER, PHONE)}
