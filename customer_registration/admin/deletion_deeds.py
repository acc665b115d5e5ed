"""What staff may do with a deletion request."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customer_registration import local_time
from customer_registration.admin.deeds import Deed, Outcome, Refusals
from customer_registration.enums import DeletionStatus
from customer_registration.exceptions import DeletionClosed
from customer_registration.flows.deletion import desk
from customer_registration.models import AccountDeletionRequest

MAX_DELAY = timedelta(days=366)
GONE_FOR_GOOD = gettext_lazy("This cannot be undone. What is erased is gone for good.")
REFUSED: Refusals = {DeletionClosed: gettext_lazy("Left alone, closed meanwhile or being erased this moment")}
LOGGED_CANCELLATION = "Cancelled the deletion."


class NewDay(forms.Form):
    """When the accounts will be erased instead."""

    day = forms.DateField(
        label=gettext_lazy("New day of the erasure"),
        help_text=gettext_lazy("Each account keeps its time of day. The customers are told the new day."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def clean_day(self) -> Any:
        """Refuse today and what is over, and a year that is a slip of the hand."""
        day, today = self.cleaned_data["day"], local_time.today()
        if day <= today:
            raise ValidationError(_("The day must be in the future."), code="past")
        if day > today + MAX_DELAY:
            raise ValidationError(_("At most a year ahead; it can be postponed again."), code="far")
        return day


def _cancel(row: AccountDeletionRequest, *, by: Any, answers: dict[str, Any]) -> Outcome:
    desk.cancel(row, by=by)
    return Outcome(messages.SUCCESS, _("Cancelled, the account stays"), logged=LOGGED_CANCELLATION)


def _postpone(row: AccountDeletionRequest, *, by: Any, answers: dict[str, Any]) -> Outcome:
    until = _on(answers["day"], row.scheduled_at)
    if row.scheduled_at and until < row.scheduled_at:
        return Outcome(messages.WARNING, _("Left alone, it would come sooner than the customer was told"))
    desk.postpone(row, until=until, by=by)
    text = _("Postponed to %(day)s") % {"day": date_format(answers["day"], "DATE_FORMAT")}
    return Outcome(messages.SUCCESS, text, logged=f"Postponed the erasure to {until.isoformat(timespec='minutes')}.")


def _erase(row: AccountDeletionRequest, *, by: Any, answers: dict[str, Any]) -> Outcome:
    tally = desk.erase_now(row, by=by)
    if tally.failures:
        reason = _("Not erased: %(reason)s") % {"reason": tally.failures[0].reason}
        return Outcome(messages.ERROR, reason, logged="Tried to erase the account, and failed.")
    if not tally.erased:
        return Outcome(
            messages.WARNING,
            _("Somebody else is at it this moment; if they leave it, the next purge erases the account"),
            logged="Made the erasure due at once.",
        )
    return Outcome(messages.SUCCESS, _("Erased"), logged="Erased the account.")


def _closed(row: AccountDeletionRequest) -> str:
    return _("Left alone, the request is %(status)s") % {"status": row.get_status_display()}


def _stand(row: AccountDeletionRequest) -> str:
    return f"{row.status} {row.scheduled_at.isoformat() if row.scheduled_at else ''}"


def _on(day: Any, moment: datetime | None) -> datetime:
    """Return ``day`` at the time of day of ``moment``, in the project's time zone."""
    return local_time.moment(day, local_time.local(moment or timezone.now()).time())


CANCEL = Deed(
    name="cancel",
    offer=gettext_lazy("Cancel the selected deletions"),
    button=gettext_lazy("Cancel the deletion"),
    question=gettext_lazy("Cancel these deletions? The customers are told that their accounts stay, and can log in."),
    objection=lambda row: "" if row.is_open else _closed(row),
    refused=REFUSED,
    work=_cancel,
)
POSTPONE = Deed(
    name="postpone",
    offer=gettext_lazy("Postpone the selected deletions"),
    button=gettext_lazy("Postpone"),
    question=gettext_lazy("Erase these accounts on another day?"),
    objection=lambda row: "" if row.is_erasable else _closed(row),
    refused=REFUSED,
    work=_postpone,
    form=NewDay,
)
ERASE_NOW = Deed(
    name="erase_now",
    offer=gettext_lazy("Erase now: the accounts of the selected requests"),
    button=gettext_lazy("Erase now"),
    question=gettext_lazy("Erase these accounts now, whatever is left of their grace period?"),
    objection=lambda row: "" if row.is_erasable else _closed(row),
    refused=REFUSED,
    work=_erase,
    warning=GONE_FOR_GOOD,
    stand=_stand,
)
RETRY = Deed(
    name="retry",
    offer=gettext_lazy("Retry: erase the selected accounts that could not be"),
    button=gettext_lazy("Retry"),
    question=gettext_lazy("Try again to erase these accounts?"),
    objection=lambda row: "" if row.is_erasable and row.status == DeletionStatus.FAILED else _closed(row),
    refused=REFUSED,
    work=_erase,
    warning=GONE_FOR_GOOD,
    stand=_stand,
)
DEEDS = (CANCEL, POSTPONE, ERASE_NOW, RETRY)
