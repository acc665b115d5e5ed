"""Rows about guesses at codes by identifier, and at those that keep an account."""

from collections.abc import Callable
from typing import Any

from tests.by_code import url
from tests.conftest import wrong
from tests.security.matrix.observing import Visit
from tests.security.matrix.row import EVERYWHERE, row
from tests.security.matrix.rows_of_codes import (
    CANCEL,
    FEW_GUESSES,
    HOUR,
    LEAVE,
    NO_WAIT,
    QUARTER,
    STAY,
    code,
    sent_to,
)

# By which step a code is asked for, and to which it is brought.
ROADS = {
    "code-verify": ("generate", "verify"),
    "code-login": ("generate", ""),
    "code-register": ("pre-register", "register"),
}
PAST_EVERY_CAP = (200, *[400] * 4, *(200, 400, 400) * 2, 200, 400)


def on_each_road(*statuses: int, roads: tuple[str, ...] = tuple(ROADS), **options: Any) -> Callable[[Any], Any]:
    """Add the decorated visit to the table once for each road of a code by identifier."""

    def add(run: Callable[[Visit, str, str], None]) -> Any:
        for route, (ask, bring) in ((road, ROADS[road]) for road in roads):

            def visit(visit: Visit, ask: str = url(ask), bring: str = url(bring)) -> None:
                run(visit, ask, bring)

            visit.__name__ = f"{run.__name__} at {route}"
            row(route, *statuses, **options)(visit)
        return run

    return add


@on_each_road(200, *[400] * 7, modes=EVERYWHERE)
def wrong_codes(visit, ask, bring):
    flow = visit.post(ask, sent_to(visit))["token"]
    visit.again(7, bring, {**sent_to(visit), "otp": wrong(code()), "token": flow})


@on_each_road(200, *[400] * 7)
def wrong_codes_without_the_flow_token(visit, ask, bring):
    visit.post(ask, sent_to(visit))
    visit.again(7, bring, {**sent_to(visit), "otp": wrong(code())})


@on_each_road(*[400] * 12)
def guesses_where_no_code_was_asked_for(visit, ask, bring):
    visit.again(12, bring, {**sent_to(visit), "otp": "123456"})


@on_each_road(*PAST_EVERY_CAP, past="code_failed", **FEW_GUESSES)
def wrong_codes_past_every_cap(visit, ask, bring):
    for guesses in (4, 2, 2, 1):
        flow = visit.post(ask, sent_to(visit))["token"]
        visit.again(guesses, bring, {**sent_to(visit), "otp": wrong(code()), "token": flow})
        visit.wait(QUARTER)


@on_each_road(200, 400, modes=EVERYWHERE, roads=("code-verify", "code-login"))
@on_each_road(200, 200, modes=EVERYWHERE, roads=("code-register",))
def the_code(visit, ask, bring):
    flow = visit.post(ask, sent_to(visit))["token"]
    visit.post(bring, {**sent_to(visit), "otp": code(), "token": flow})


@on_each_road(429, past="login 60/m/ip")
def a_code_from_an_address_with_sixty_logins(visit, ask, bring):
    visit.use_up("login", 60)
    visit.post(bring, {**sent_to(visit), "otp": "123456"})


@row("code-register", 429, past="register 20/h/ip")
def a_code_from_an_address_with_twenty_registrations(visit):
    visit.use_up("register", 20)
    visit.post(url("register"), {**sent_to(visit), "otp": "123456"})


# Keep an account


@row("deletion-cancel-request", 200, 429, modes=EVERYWHERE)
def requests_to_stay_inside_the_throttle(visit):
    visit.again(2, CANCEL, visit.by)


@row("deletion-cancel-request", *[200] * 5, 429, past="account_deletion 5/h/key", **NO_WAIT)
def requests_to_stay_past_the_hours_five(visit):
    visit.again(6, CANCEL, {"email_or_phone": visit.who.identifier})


@row("deletion-cancel-request", *[200] * 10, 429, past="account_deletion 10/d/key", **NO_WAIT)
def requests_to_stay_past_the_days_ten(visit):
    for _ in range(2):
        visit.again(5, CANCEL, visit.by)
        visit.wait(HOUR)
    visit.post(CANCEL, visit.by)


@row("deletion-cancel-request", 429, past="account_deletion 20/h/ip")
def a_request_to_stay_from_an_address_with_twenty(visit):
    visit.use_up("account_deletion", 20)
    visit.post(CANCEL, visit.by)


@row("deletion-cancel-confirm", 200, *[400] * 7, modes=EVERYWHERE)
def wrong_codes_to_stay(visit):
    flow = visit.post(CANCEL, visit.by)["token"]
    visit.again(7, STAY, {"token": flow, "code": wrong(code())})


@row("deletion-cancel-confirm", *PAST_EVERY_CAP, past="code_failed", **FEW_GUESSES)
def wrong_codes_to_stay_past_every_cap(visit):
    for guesses in (4, 2, 2, 1):
        flow = visit.post(CANCEL, visit.by)["token"]
        visit.again(guesses, STAY, {"token": flow, "code": wrong(code())})
        visit.wait(QUARTER)


@row("deletion-cancel-confirm", 200, 400)
def the_code_to_stay(visit):
    flow = visit.post(CANCEL, visit.by)["token"]
    visit.post(STAY, {"token": flow, "code": code()})


@row("deletion-confirm", 200, 401, 401)
def a_code_to_leave_that_was_not_sent(visit):
    """Only its own customer has a flow token of this route, so a stranger brings one of another."""
    flow = visit.post(CANCEL, visit.by)["token"]
    for token in (flow, "a.b.c"):
        visit.post(LEAVE, {"token": token, "code": code()})
