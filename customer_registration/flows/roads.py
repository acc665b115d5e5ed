"""Tell of every try to log in, on whatever road, and what came of it: figures, without anybody's name."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from customer_registration import signals
from customer_registration.actors import CUSTOMER
from customer_registration.exceptions import (
    CodeAttemptsExceeded,
    GateClosed,
    InvalidCredentials,
    InvalidOtp,
    InvalidSecondFactor,
    SecondFactorAttemptsExceeded,
)
from customer_registration.flows.gates import Grant

PASSWORD, CODE, TWO_STEPS, SECOND_FACTOR, VERIFICATION = (
    "password",
    "code",
    "two_steps",
    "second_factor",
    "verification",
)
LOGGED_IN, FAILED, UNFINISHED = "logged_in", "failed", "unfinished"

WRONG = (InvalidCredentials, InvalidOtp, InvalidSecondFactor, CodeAttemptsExceeded, SecondFactorAttemptsExceeded)

Given = ParamSpec("Given")
Result = TypeVar("Result")


def told(road: str, *, actor_type: str = CUSTOMER) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Return a decorator for a flow that logs somebody in, which sends ``login_attempted`` as it ends.

    What a limit refuses was no try, and is told by ``request_refused``.

    Args:
        road: how they come in.
        actor_type: whom the flow logs in; a flow of several types is given an ``ActorType`` first.
    """

    def decorate(flow: Callable[Given, Result]) -> Callable[Given, Result]:
        @wraps(flow)
        def run(*args: Given.args, **options: Given.kwargs) -> Result:
            actor = str(getattr(args[0], "name", "") if actor_type == "" else actor_type)
            try:
                result = flow(*args, **options)
            except WRONG:
                tell(road, FAILED, actor_type=actor)
                raise
            except GateClosed as closed:
                tell(road, closed.code or FAILED, actor_type=actor)
                raise
            tell(road, _outcome(result), actor_type=actor)
            return result

        return run

    return decorate


def tell(road: str, outcome: str, *, actor_type: str = CUSTOMER) -> None:
    """Send ``login_attempted``."""
    signals.login_attempted.send_robust(Grant, actor_type=actor_type, road=road, outcome=outcome)


def _outcome(result: Any) -> str:
    customer, grant = result if isinstance(result, tuple) else (None, result)
    if isinstance(grant, str):
        return LOGGED_IN
    if grant is None:
        return "code_required"
    if grant.verify_first is not None:
        return "verification_required"
    if grant.challenge is not None:
        return "second_factor_required"
    return LOGGED_IN if customer is None or customer.is_registered else UNFINISHED
