"""What becomes of a code that is right, beside its effect: the audit of a fixed one, and the proof that is counted."""

from collections.abc import Callable
from typing import TypeVar

from customer_registration import signals
from customer_registration.flows.reviewers import audited
from customer_registration.messaging import sms_guard
from customer_registration.models import OtpVerification

Result = TypeVar("Result")
VERIFIED, WRONG = "verified", "wrong"


def bring_about(effect: Callable[[OtpVerification], Result], row: OtpVerification) -> Result:
    """Run the effect of a code that is used up, in the caller's transaction, and take note of it.

    A code that registered somebody and logs them in now was proven then; a fixed one was never sent.
    """
    if row.grant_until is None and not row.is_fixed:
        sms_guard.note_proof(row.destination)
        tell_of_try(row, VERIFIED)
    return audited(effect, row)


def tell_of_try(row: OtpVerification, outcome: str) -> None:
    """Send ``code_tried`` once the caller's transaction, if there is one, has committed."""
    tried = {"purpose": row.purpose, "channel": row.channel, "outcome": outcome}
    signals.send_on_commit(signals.code_tried, OtpVerification, **tried)
