"""Tests that nobody keeps waiting."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from customer_registration import conf
from customer_registration.testing.environment import require_tests

THROTTLED = ("email_verification", "phone_verification", "password_reset", "two_step_login")


@contextmanager
def no_rate_limits() -> Iterator[None]:
    """Let people ask and guess as often as they like: no limit counts, no code has to wait for the one before.

    Returns a context manager. What it lifts is ``RATE_LIMITS``, every ``RESEND_THROTTLE_SECONDS`` and the budgets of
    ``SMS_GUARD``, whatever else of the settings a test changes meanwhile. The guesses at one code
    (``OTP.MAX_ATTEMPTS``) are counted as ever.

    Raises:
        NotATest: outside of tests.
    """
    require_tests()
    read = conf.load

    def load(raw: Any) -> tuple[conf.Config, list[conf.Problem]]:
        loaded, problems = read(raw)
        return _unlimited(loaded), problems

    # Not by `override_settings`, which whatever sets the dict anew would undo, and which has to end in order.
    with patch.object(conf, "load", load):
        conf.config.cache_clear()
        try:
            yield
        finally:
            conf.config.cache_clear()


def _unlimited(chosen: Any) -> Any:
    throttles = {name: replace(getattr(chosen, name), resend_throttle_seconds=0) for name in THROTTLED}
    guard = replace(chosen.sms_guard, hourly_budget=None, prefix_hourly_budget=None, min_conversion=None)
    return replace(chosen, rate_limits=replace(chosen.rate_limits, enabled=False), sms_guard=guard, **throttles)
