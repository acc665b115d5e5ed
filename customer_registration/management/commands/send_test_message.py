"""Send a sample through the project's own backends, to see whether a message arrives."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customer_registration import languages
from customer_registration.enums import Channel, IdentifierKind
from customer_registration.exceptions import InvalidIdentifier, LimiterUnavailable
from customer_registration.flows.identify import identify
from customer_registration.identifiers import Identifier, kind_of
from customer_registration.messaging import samples, trial


class Command(BaseCommand):
    """``manage.py send_test_message CONTACT``."""

    help = (
        "Send a sample message, whose code is nobody's, through every backend of a channel. Status 1 if none took it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("contact", metavar="CONTACT", help="An e-mail address or a phone number; no customer's.")
        parser.add_argument("--channel", help="A key of CHANNELS; if not given the one that codes go by.")
        parser.add_argument(
            "--backend", help="One of the channel's backends, by its name in CHANNELS; if not given all."
        )
        parser.add_argument("--language", help="Of the text, such as de; if not given LANGUAGE_CODE.")
        parser.add_argument("--kind", help="Of message, such as password_reset; if not given a verification code.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send, and say what each backend did.

        Raises:
            CommandError: an argument names nothing, or no backend took the message.
        """
        contact = _contact(options["contact"])
        channel = options["channel"] or trial.channel_for(contact.kind)
        backends = _backends(channel, contact, options["backend"])
        _check_text(options["language"], options["kind"], contact)
        taken = 0
        try:
            for each in trial.send(
                contact, backends, channel=channel, language=options["language"] or "", kind=options["kind"] or ""
            ):
                taken += each.is_taken
                self._tell(each)
        except LimiterUnavailable as error:
            raise CommandError(
                "The limiter's store is down, so the SMS guard cannot count: nothing was sent."
            ) from error
        if not taken:
            raise CommandError(f"No backend of {channel!r} took a message to {contact}.")
        self.stdout.write(
            f"{taken} of {len(backends)} took a message to {contact}. Taken is not yet delivered: look there."
        )

    def _tell(self, each: trial.Trial) -> None:
        if each.is_taken:
            self.stdout.write(f"{each.backend}: taken in {each.seconds:.2f} s")
        elif each.held_back:
            self.stdout.write(f"{each.backend}: not asked, SMS_GUARD refuses: {each.refusal}")
        else:
            self.stdout.write(f"{each.backend}: failed after {each.seconds:.2f} s: {each.refusal}")


def _contact(text: str) -> Identifier:
    """Return the contact, whatever SMS_GUARD says of it: the guard itself is to say so."""
    kind = kind_of(text)
    try:
        return identify(text, kind)
    except InvalidIdentifier as error:
        noun = "e-mail address" if kind == IdentifierKind.EMAIL else "phone number"
        raise CommandError(f"{text!r} is no {noun}; write a number as +14155552671.") from error


def _backends(channel: str, contact: Identifier, wanted: str | None) -> list[str]:
    names = trial.backends_of(channel)
    if not names:
        raise CommandError(f"CHANNELS has no backend for {channel!r}.")
    other = Channel.SMS if contact.kind == IdentifierKind.EMAIL else Channel.EMAIL
    if channel == other:
        raise CommandError(f"The channel {channel!r} does not reach {contact}.")
    if wanted is None:
        return names
    if wanted not in names:
        raise CommandError(f"{wanted!r} is no backend of {channel!r}: {', '.join(names)}.")
    return [wanted]


def _check_text(language: str | None, kind: str | None, contact: Identifier) -> None:
    if language and not languages.supported(language):
        raise CommandError(f"{language!r} is none of LANGUAGES.")
    known = samples.kinds(Channel.EMAIL if contact.kind == IdentifierKind.EMAIL else Channel.SMS)
    if kind and kind not in known:
        raise CommandError(f"{kind!r} is no kind of message: {', '.join(known)}.")
