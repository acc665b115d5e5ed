"""Let app-store reviewers and end-to-end tests in by the fixed codes of ``TEST_IDENTIFIERS``, and say so each time.

A code that may be fixed is marked as it is issued: then nothing is sent, since fictional numbers fail at providers and
cost money, and nothing but the fixed code opens it. It is spent, compared and used up on the road of every code.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.db import transaction

from customer_registration import fixed_codes
from customer_registration.enums import EventKind, Purpose
from customer_registration.identifiers import Identifier, kind_of
from customer_registration.models import AccountEvent, Customer, OtpVerification
from customer_registration.models.otp_verification import FIXED

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


def marked(
    payload: dict[str, Any] | None,
    purpose: Purpose,
    destination: Identifier | None,
    customer: Customer | None,
    *,
    now: datetime,
) -> dict[str, Any] | None:
    """Return the payload of a customer's code to be, marked if a fixed code takes its place.

    Args:
        payload: what else is kept with the row.
        purpose: what the code proves.
        destination: where it would go; ``None`` for a decoy.
        customer: whose it is, with the user loaded; ``None`` for who registers.
        now: the time of the flow.
    """
    if destination is None or purpose not in fixed_codes.PURPOSES:
        return payload
    if fixed_codes.in_force(destination.value, now=now) is None or (customer is not None and customer.is_staff):
        return payload
    return {**(payload or {}), FIXED: True}


def audited(effect: Callable[[OtpVerification], Result], row: OtpVerification) -> Result:
    """Run the effect of a proven code; if it was a fixed one, audit it in the caller's transaction, and log it after.

    The log names no contact: whoever reads both it and the settings would know who may come in.
    """
    result = effect(row)
    if row.is_fixed and row.customer is not None:
        customer, purpose = row.customer, row.purpose
        event = AccountEvent.of(EventKind.TEST_CODE_USED, customer, contact=kind_of(row.destination), purpose=purpose)
        event.save(force_insert=True)
        about = {"event": "fixed_code_used", "customer_id": customer.pk, "purpose": purpose}
        text = "A fixed code of TEST_IDENTIFIERS was used: %s of %s"
        said = partial(logger.warning, text, purpose, customer.pk, extra=about)
        transaction.on_commit(said, robust=True)
    return result
