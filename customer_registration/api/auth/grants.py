"""What a login or a refresh answers."""

from typing import Any

from customer_registration.api.auth.verification import verification_object
from customer_registration.api.representation import timestamp
from customer_registration.flows import verification_requests
from customer_registration.flows.gates import Grant
from customer_registration.flows.second_factor import challenges as second_step
from customer_registration.models import Customer, OtpVerification


def grant_object(grant: Grant, customer: Customer | None) -> dict[str, Any]:
    """Return the token alone, or with what stands between it and an actor: a verification, a second factor."""
    if grant.challenge is not None:
        return {"mfa_required": True, "mfa_challenge": challenge_object(grant.challenge), "token": grant.token}
    if grant.verify_first is None or customer is None:
        return {"token": grant.token}
    latest = verification_requests.latest_request(customer, grant.verify_first)
    row = {"verification": verification_object(latest)} if latest else {}
    return {"verification_required": True, **row, "token": grant.token}


def challenge_object(challenge: OtpVerification) -> dict[str, Any]:
    """Return a challenge of the second factor."""
    return {
        "id": second_step.public_id(challenge.pk),
        "methods": second_step.offered(challenge),
        "expires_at": timestamp(challenge.expires_at),
        "attempts": challenge.attempts,
        "max_attempts": challenge.max_attempts,
        "completed_at": timestamp(challenge.consumed_at),
        "metadata": None,
    }
