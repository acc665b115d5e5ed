"""Tell a deletion request's story: from its own times, the audit trail and the messages, newest last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.utils.translation import gettext as _

from customer_registration.admin import words
from customer_registration.admin.deletion_deeds import LOGGED_CANCELLATION
from customer_registration.enums import EventKind, OutboxState
from customer_registration.models import AccountDeletionRequest, AccountEvent, OutboxMessage

KINDS = (
    *(EventKind.DELETION_SCHEDULED, EventKind.DELETION_POSTPONED, EventKind.DELETION_HASTENED),
    *(EventKind.DELETION_FAILED, EventKind.DELETION_CANCELLED),
)
REMINDER = "account_deletion_reminder"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened, and who did it."""

    at: datetime
    what: str
    who: str
    note: str = ""


def of_events(events: Sequence[AccountEvent]) -> list[Moment]:
    """Return what the audit trail says, in its order."""
    names = words.names_of(events)
    return [
        Moment(
            event.created_at,
            words.happened(event),
            words.who(event, names),
            ", ".join(filter(None, [event.contact, words.note(event)])),
        )
        for event in events
    ]


def of(request: AccountDeletionRequest) -> list[Moment]:
    """Return what happened to a request.

    The audit trail is kept for a time and loses its details with the erasure: the request's own times remain.
    """
    events = _events(request)
    told = [*_own(request, events), *_staff_and_failures(request, events), *_reminders(request)]
    return sorted(told, key=lambda moment: moment.at)


def _events(request: AccountDeletionRequest) -> list[AccountEvent]:
    """Return the audit trail from this request to the customer's next one."""
    events = AccountEvent.objects.filter(
        customer_ref=request.customer_ref, kind__in=KINDS, created_at__gte=request.created_at
    )
    later = AccountDeletionRequest.objects.filter(
        customer_ref=request.customer_ref, created_at__gt=request.created_at
    ).order_by("created_at")
    end = later.values_list("created_at", flat=True).first()
    return list((events.filter(created_at__lt=end) if end else events).order_by("created_at", "pk"))


def _own(request: AccountDeletionRequest, events: Sequence[AccountEvent]) -> Iterator[Moment]:
    by_kind = {event.kind: event for event in events}
    yield Moment(request.created_at, _("Requested"), _("the customer"))
    if request.confirmed_at:
        scheduled = by_kind.get(EventKind.DELETION_SCHEDULED)
        yield Moment(
            request.confirmed_at, _("Confirmed"), _("the customer"), words.note(scheduled) if scheduled else ""
        )
    if request.cancelled_at:
        who = _who_cancelled(request, by_kind.get(EventKind.DELETION_CANCELLED))
        yield Moment(request.cancelled_at, _("Cancelled"), who)
    if request.completed_at:
        yield Moment(request.completed_at, _("Erased"), _("automatic"), request.get_strategy_display())


def _staff_and_failures(request: AccountDeletionRequest, events: Sequence[AccountEvent]) -> Iterator[Moment]:
    names = words.names_of(events)
    failures = [event for event in events if event.kind == EventKind.DELETION_FAILED]
    for event in events:
        by = words.who(event, names)
        if event.kind == EventKind.DELETION_POSTPONED:
            yield Moment(event.created_at, _("Postponed"), by, words.note(event))
        elif event.kind == EventKind.DELETION_HASTENED:
            yield Moment(event.created_at, _("Erasure ordered at once"), by)
        elif event.kind == EventKind.DELETION_FAILED:
            # The request knows its last reason only.
            note = request.last_error if event is failures[-1] else ""
            yield Moment(event.created_at, _("Erasure failed"), _("automatic"), note)


def _reminders(request: AccountDeletionRequest) -> Iterator[Moment]:
    sent = OutboxMessage.objects.filter(
        customer=request.customer_ref, kind=REMINDER, created_at__gte=request.created_at
    )
    for message in sent:
        note = "" if message.state == OutboxState.SENT else words.label(OutboxState, message.state)
        yield Moment(message.sent_at or message.created_at, _("Reminded"), _("automatic"), note)


def _who_cancelled(request: AccountDeletionRequest, event: AccountEvent | None) -> str:
    """Return who kept the account: staff by the event, or by the admin's log where an erasure has blanked it since."""
    if event is not None and event.detail.get("lapsed"):
        return _("automatic")  # nobody confirmed it
    if event is not None and event.detail:
        return words.who(event, words.names_of([event]))
    logged = LogEntry.objects.filter(object_id=request.pk, content_type=get_content_type_for_model(request))
    entry = logged.filter(change_message=LOGGED_CANCELLATION).select_related("user").first()
    return entry.user.get_username() if entry else _("the customer")
