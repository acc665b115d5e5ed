"""What staff may do for a customer. Nobody at the desk learns a password, a code or a link."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customer_registration.admin.deeds import Deed, Outcome, Refusals
from customer_registration.exceptions import (
    AccountInactive,
    AlreadyVerified,
    ChannelUnavailable,
    LimiterUnavailable,
    StaffAccount,
    Throttled,
)
from customer_registration.flows.support import desk
from customer_registration.models import Customer

IS_STAFF = gettext_lazy("Left alone, it is the account of somebody on the staff")
INACTIVE = gettext_lazy("Left alone, the account is deactivated, closed or erased")
VERIFIED = gettext_lazy("Left alone, no contact waits to be confirmed")
REFUSED: Refusals = {
    StaffAccount: IS_STAFF,
    AccountInactive: INACTIVE,
    AlreadyVerified: VERIFIED,
    ChannelUnavailable: gettext_lazy("Left alone, no message can be sent to a contact of this account"),
    LimiterUnavailable: gettext_lazy("Not done, the store of the rate limits is down; try again later"),
}


def _of_staff(row: Customer) -> str:
    return str(IS_STAFF) if row.is_staff else ""


def _no_customer(row: Customer) -> str:
    return _of_staff(row) or ("" if row.is_active else str(INACTIVE))


def _nothing_waits(row: Customer) -> str:
    return _no_customer(row) or ("" if desk.waiting(row) else str(VERIFIED))


def _sent(send: Callable[..., Any], row: Customer, by: Any, text: str, logged: str) -> Outcome:
    try:
        send(row, by=by)
    except Throttled as throttled:
        return Outcome(messages.WARNING, _too_soon(throttled.retry_after))
    return Outcome(messages.SUCCESS, text, logged=logged)


def _too_soon(seconds: int) -> str:
    if seconds <= 120:
        text = ngettext(
            "Not sent, the next message can go out in %(count)s second",
            "Not sent, the next message can go out in %(count)s seconds",
            seconds,
        )
        return text % {"count": seconds}
    minutes = -(-seconds // 60)
    text = ngettext(
        "Not sent, the next message can go out in %(count)s minute",
        "Not sent, the next message can go out in %(count)s minutes",
        minutes,
    )
    return text % {"count": minutes}


def _send_code(row: Customer, *, by: Any, answers: dict[str, Any]) -> Outcome:
    return _sent(desk.send_code, row, by, _("The confirmation is on its way"), "Sent the confirmation again.")


def _send_reset(row: Customer, *, by: Any, answers: dict[str, Any]) -> Outcome:
    return _sent(desk.start_reset, row, by, _("The link is on its way"), "Sent a link to reset the password.")


def _end_sessions(row: Customer, *, by: Any, answers: dict[str, Any]) -> Outcome:
    desk.end_sessions(row, by=by)
    return Outcome(messages.SUCCESS, _("Logged out everywhere"), logged="Ended every session.")


def _unlock(row: Customer, *, by: Any, answers: dict[str, Any]) -> Outcome:
    desk.unlock(row, by=by)
    return Outcome(messages.SUCCESS, _("Unlocked"), logged="Unlocked.")


SEND_CODE = Deed(
    name="send_code",
    offer=gettext_lazy("Send the confirmation again"),
    button=gettext_lazy("Send the confirmation again"),
    question=gettext_lazy(
        "Send these customers the message that confirms their contact again? Each gets the code that is under way once "
        "more, or a link where there is none. It goes to the customer alone, in their language."
    ),
    objection=_nothing_waits,
    work=_send_code,
    refused=REFUSED,
)
SEND_RESET = Deed(
    name="send_reset",
    offer=gettext_lazy("Send a link to reset the password"),
    button=gettext_lazy("Send a link to reset the password"),
    question=gettext_lazy(
        "Send these customers a link to set a new password? The old password works until they have set a new one."
    ),
    objection=_no_customer,
    work=_send_reset,
    refused=REFUSED,
)
END_SESSIONS = Deed(
    name="end_sessions",
    offer=gettext_lazy("Log out everywhere"),
    button=gettext_lazy("Log out everywhere"),
    question=gettext_lazy("Log these customers out on every device? They can log in again at once."),
    objection=_of_staff,
    work=_end_sessions,
    refused=REFUSED,
)
UNLOCK = Deed(
    name="unlock",
    offer=gettext_lazy("Unlock: forget wrong codes and used-up sends"),
    button=gettext_lazy("Unlock"),
    question=gettext_lazy(
        "Forget the wrong codes and the messages that are counted against these customers? They can try again at once."
    ),
    objection=_of_staff,
    work=_unlock,
    refused=REFUSED,
)
DEEDS = (SEND_CODE, SEND_RESET, END_SESSIONS, UNLOCK)
