"""What became of a one-time code and of the message that carried it, in words."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customer_registration.admin import words
from customer_registration.admin.filters import ChoiceFilter
from customer_registration.admin.standing import Standing
from customer_registration.enums import OutboxState
from customer_registration.models import OtpVerification, OutboxMessage

LIVE, USED, WITHDRAWN, USED_UP, EXPIRED = "live", "used", "withdrawn", "used_up", "expired"
LABELS = {
    LIVE: gettext_lazy("Live"),
    USED: gettext_lazy("Used"),
    WITHDRAWN: gettext_lazy("Replaced or withdrawn"),
    USED_UP: gettext_lazy("Guesses used up"),
    EXPIRED: gettext_lazy("Expired"),
}
TONES = {LIVE: "waiting", USED: "good", WITHDRAWN: "plain", USED_UP: "bad", EXPIRED: "plain"}


def name_of(row: OtpVerification, *, now: datetime) -> str:
    """Return the name of a code's state."""
    if row.consumed_at is not None:
        return USED if row.proven_at else WITHDRAWN
    if not row.attempts_remaining:
        return USED_UP
    return EXPIRED if row.expires_at <= now else LIVE


def conditions(now: datetime) -> dict[str, Q]:
    """Return the conditions of the states, as `name_of` tells them."""
    unused = Q(consumed_at=None)
    left = unused & Q(attempts__lt=F("max_attempts"))
    return {
        LIVE: left & Q(expires_at__gt=now),
        USED: Q(proven_at__isnull=False),
        WITHDRAWN: Q(consumed_at__isnull=False, proven_at=None),
        USED_UP: unused & Q(attempts__gte=F("max_attempts")),
        EXPIRED: left & Q(expires_at__lte=now),
    }


def of(row: OtpVerification) -> Standing:
    """Return a code's state."""
    name = name_of(row, now=timezone.now())
    return Standing(TONES[name], str(LABELS[name]))


def why(row: Any) -> str:
    """Return what became of a code in a sentence, and what kept it from being used."""
    if row.is_decoy:
        return _("Nothing was sent: nobody could be reached by what was asked for.")
    match name_of(row, now=timezone.now()):
        case "used":
            return _("It was entered in time.")
        case "withdrawn":
            return _("A newer one took its place, or it ended with a change of the account.")
        case "used_up":
            text = ngettext("%(count)s wrong guess was made.", "%(count)s wrong guesses were made.", row.attempts)
            return text % {"count": row.attempts}
        case "expired" if not _arrived(row):
            return _("It could not be delivered before it expired.")
        case "expired":
            return _("Nobody entered it before it expired.")
    return _("It can be entered now.")


def message_of(row: Any) -> OutboxMessage | None:
    """Return the newest message that carried a code, which the admin has loaded with it."""
    carried: list[OutboxMessage] = row.carried_by
    return carried[0] if carried else None


def delivery(row: Any) -> str:
    """Return what became of the newest message that carried a code."""
    message = message_of(row)
    if message is None:
        return _("No message is kept") if row.destination else _("Nothing sent")
    match message.state:
        case OutboxState.SENT:
            return _("Handed over %(when)s") % {"when": words.short_moment(message.sent_at)}
        case OutboxState.QUEUED if message.tries:
            text = ngettext("Waiting, tried %(count)s time", "Waiting, tried %(count)s times", message.tries)
            return text % {"count": message.tries}
        case OutboxState.QUEUED:
            return _("Waiting")
        case OutboxState.FAILED:
            return _("Failed")
        case OutboxState.SUPPRESSED:
            return _("Held back") if message.last_error else _("Nothing sent")
    return message.state


def _arrived(row: Any) -> bool:
    return any(message.state == OutboxState.SENT for message in row.carried_by)


class CodeStateFilter(ChoiceFilter):
    """By what became of a code."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the states."""
        return list(LABELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the codes in a state."""
        chosen = conditions(timezone.now()).get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)
