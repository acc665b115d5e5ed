"""What the app has sent in a test, or is about to send once the test's transaction commits, which it never does.

It is read from the outbox's rows, which are written with the change that they tell of. So it needs no commit, no broker
and no backend, and it is there whichever process delivers. What a row does not keep, the text and the address of
somebody who is gone, is noted as it is handed to a backend of this process. What is read once stays as it was: the link
in a mail does not change with the password that it was to replace.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, overload
from unittest.mock import patch

from django.conf import settings
from django.db.models import Max

from customer_registration import identifiers, messaging
from customer_registration.enums import OutboxState
from customer_registration.messaging import delivery
from customer_registration.messaging.backends.base import Message
from customer_registration.models import OutboxMessage
from customer_registration.testing.environment import require_tests
from customer_registration.testing.sent_message import SentMessage

# A row as it was handed over, and the message that was made of it.
HandedOver = tuple[OutboxMessage, Message]
SHOWN = (OutboxState.QUEUED, OutboxState.SENT)


class Outbox(Sequence[SentMessage]):
    """The messages of a test, oldest first; read anew each time.

    Left out is what nobody gets: decoys for people who do not exist, text messages that the SMS guard holds back, and
    what was given up.

    Args:
        since: the id of the last message before the test.
    """

    def __init__(self, since: int = 0) -> None:
        require_tests()
        self._since = since
        self._read: dict[int, OutboxMessage] = {}
        self._handed_over: dict[int, HandedOver] = {}

    def __len__(self) -> int:
        return len(self._sent())

    @overload
    def __getitem__(self, index: int) -> SentMessage: ...
    @overload
    def __getitem__(self, index: slice) -> list[SentMessage]: ...
    def __getitem__(self, index: int | slice) -> SentMessage | list[SentMessage]:
        return self._sent()[index]

    def __iter__(self) -> Iterator[SentMessage]:
        return iter(self._sent())

    def __repr__(self) -> str:
        return repr(self._sent())

    def to(self, contact: str) -> list[SentMessage]:
        """Return the messages to somebody.

        Args:
            contact: an e-mail address or a phone number, in any spelling.
        """
        return [message for message in self._sent() if message.to == _canonical(contact)]

    def last(self, contact: str | None = None, kind: str | None = None) -> SentMessage:
        """Return the newest message.

        Args:
            contact: to whom, in any spelling; anybody if not given.
            kind: such as ``password_reset``; any if not given.

        Raises:
            AssertionError: there is none. Its text says what there is.
        """
        for message in self._newest_first(self._sent(), contact, kind):
            return message
        raise self._none("message", contact, kind)

    def last_code(self, contact: str | None = None, kind: str | None = None) -> str:
        """Return the code that somebody was sent last, used or not.

        Also one that the project sends itself, where ``PASSWORDLESS.SEND`` is off.

        Args:
            contact: to whom, in any spelling; anybody if not given.
            kind: such as ``code_login``; any if not given.

        Raises:
            AssertionError: there is none. Its text says what there is.
        """
        return self._newest_secret("code", contact, kind, self._sent(left_to_project=True))

    def last_link(self, contact: str | None = None, kind: str | None = None) -> str:
        """Return the link that somebody was sent last, used or not; "" without ``STOREFRONT_URL``.

        Args:
            contact: to whom, in any spelling; anybody if not given.
            kind: such as ``code_login``; any if not given.

        Raises:
            AssertionError: there is none. Its text says what there is.
        """
        return self._newest_secret("link", contact, kind, self._sent())

    def last_token(self, contact: str | None = None, kind: str | None = None) -> str:
        """Return what the last link carries, as a storefront's page posts it.

        Args:
            contact: to whom, in any spelling; anybody if not given.
            kind: such as ``code_login``; any if not given.

        Raises:
            AssertionError: there is none. Its text says what there is.
        """
        return self._newest_secret("token", contact, kind, self._sent())

    def deliver(self) -> int:
        """Hand what waits to the project's backends, as it happens after a commit; return how many they took."""
        return messaging.deliver_due()

    def clear(self) -> None:
        """Forget what was sent so far."""
        self._since = _newest_id()

    def _note(self, row: OutboxMessage, message: Message) -> None:
        self._handed_over[row.pk] = (row, message)

    def _rows(self) -> list[OutboxMessage]:
        rows = OutboxMessage.objects.filter(pk__gt=self._since).select_related("customer__user", "otp").order_by("pk")
        for row in rows:
            if row.otp is not None and row.otp.customer_id == row.customer_id:
                row.otp.customer = row.customer  # one row, and nobody reads it twice
        return list(rows)

    def _sent(self, *, left_to_project: bool = False) -> list[SentMessage]:
        rows = {row.pk: row for row in self._rows()}
        gone = {key: row for key, (row, _) in self._handed_over.items() if key > self._since and key not in rows}
        return [
            self._tell(row, is_gone=key in gone)
            for key, row in sorted((rows | gone).items())
            if key in gone or row.state in SHOWN or (left_to_project and _is_left_to_project(row))
        ]

    def _tell(self, row: OutboxMessage, *, is_gone: bool) -> SentMessage:
        read = self._read.get(row.pk)
        if read is None or read.created_at != row.created_at:  # keys come again after a rollback
            read = self._read[row.pk] = row
        original, message = self._handed_over.get(row.pk) or (read, None)
        delivered = is_gone or row.state == OutboxState.SENT
        return SentMessage(row, original=original, message=message, delivered=delivered)

    def _newest_first(self, sent: list[SentMessage], contact: str | None, kind: str | None) -> Iterator[SentMessage]:
        to = _canonical(contact) if contact else None
        for message in reversed(sent):
            if (to is None or message.to == to) and (kind is None or message.kind == kind):
                yield message

    def _newest_secret(self, name: str, contact: str | None, kind: str | None, sent: list[SentMessage]) -> str:
        for message in self._newest_first(sent, contact, kind):
            if (secret := getattr(message, name)) is not None:
                return str(secret)
        raise self._none("code" if name == "code" else "link", contact, kind)

    def _none(self, wanted: str, contact: str | None, kind: str | None) -> AssertionError:
        to = _canonical(contact) if contact else None
        return AssertionError(self._why_none(f"No {kind or ''} {wanted}".replace("  ", " "), to))

    def _why_none(self, what: str, to: str | None) -> str:
        unsent = [_why_unsent(row) for row in self._rows() if row.state not in SHOWN]
        return f"{what} was sent{f' to {to}' if to else ''}. Sent: {self!r}. Not sent: [{', '.join(unsent)}]."


@contextmanager
def watch_outbox(*, since: int | None = None) -> Iterator[Outbox]:
    """Return a context manager that yields the outbox of what is sent from now on.

    Args:
        since: the id of the last message before; the newest there is if not given. 0 takes in what is there already.

    Raises:
        NotATest: outside of tests.
    """
    require_tests()
    outbox = Outbox(_newest_id() if since is None else since)
    render = vars(delivery)["render"]  # as it is there by now: a test may have replaced it

    def render_and_note(row: OutboxMessage) -> Message:
        message: Message = render(row)
        outbox._note(row, message)
        return message

    with patch.object(delivery, "render", render_and_note):
        yield outbox


def _newest_id() -> int:
    return OutboxMessage.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _canonical(contact: str) -> str:
    region: Any = getattr(settings, "PHONENUMBER_DEFAULT_REGION", None)
    return identifiers.canonical(identifiers.kind_of(contact), contact.strip(), region=region)


def _is_left_to_project(row: OutboxMessage) -> bool:
    """Whether a code has a recipient, and no message of ours: ``PASSWORDLESS.SEND`` is off."""
    named = row.state == OutboxState.SUPPRESSED and not row.destination and not row.last_error
    return named and row.otp is not None and not row.otp.is_decoy and not row.otp.is_fixed


def _why_unsent(row: OutboxMessage) -> str:
    """Say of a message that nobody gets what it was to be, and why."""
    if row.last_error:
        reason = row.last_error
    elif row.otp is not None and row.otp.is_fixed:
        reason = "its code is that of TEST_IDENTIFIERS"
    else:
        reason = "there is no such person, or they may not come in by this contact"
    return f"{row.kind}: {reason}"
