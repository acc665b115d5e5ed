"""Say what is counted against somebody, and until when."""

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.conf import config
from customer_registration.exceptions import LimiterUnavailable
from customer_registration.flows.standing.explanation import explain
from customer_registration.flows.standing.lines import Line
from customer_registration.flows.standing.person import NobodyNamed, Person, named
from customer_registration.local_time import local
from customer_registration.management.customers import WHO, shown

MARK = "REFUSES"


class Command(BaseCommand):
    """``manage.py explain_limits CONTACT``."""

    help = "Say which limits, throttles, budgets and gates stand before somebody, known or not. Reads only."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("who", metavar="CONTACT", help=f"{WHO} It need be nobody's.")
        parser.add_argument("--ip", help="Where they come from; without it no limit by address is told.")
        parser.add_argument("--all", action="store_true", dest="everything", help="What nothing is counted on, too.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it, by heading.

        Raises:
            CommandError: nobody is named, or the limiter's store is down.
        """
        person = _person(options["who"])
        ip = _network(options["ip"])
        now = timezone.now()
        try:
            explained = explain(person, ip=ip, now=now)
        except LimiterUnavailable as error:
            raise CommandError(
                "The limiter's store is down: nothing can be read, and routes that send or check answer 503."
            ) from error
        self.stdout.write(person.name)
        for warning in _warnings(ip):
            self.stdout.write(f"({warning})")
        told = {
            heading: [line for line in lines if options["everything"] or line.says_something]
            for heading, lines in explained.items()
        }
        for heading, lines in told.items():
            if lines:
                self.stdout.write(f"\n{heading}")
            for line in lines:
                self.stdout.write(_spelled(line, now=now))
        self.stdout.write(_sum([line for lines in told.values() for line in lines], now=now))


def _person(text: str) -> Person:
    try:
        return named(text)
    except NobodyNamed as error:
        if error.ids:
            raise CommandError(f"{shown(text)} is the number of {', '.join(error.ids)}: say which.") from error
        raise CommandError(f"{text!r} is no id, no e-mail address and no phone number.") from error


def _network(text: str | None) -> str | None:
    if text is None:
        return None
    network = ratelimits.network_of(text)
    if network is None:
        raise CommandError(f"{text!r} is no IP address.")
    return network


def _warnings(ip: str | None) -> list[str]:
    limits = config().rate_limits
    warnings = []
    if not limits.enabled:
        warnings.append("RATE_LIMITS.ENABLED is off: no rule refuses anything")
    if limits.storage_uri.startswith("memory:"):
        warnings.append("counters are kept in the memory of each process (memory://): those of others cannot be seen")
    if ip is None:
        warnings.append("no --ip: limits by address are left out")
    return warnings


def _spelled(line: Line, *, now: datetime) -> str:
    counted = "" if line.used is None else f"{line.used} of {line.limit}, "
    return f"  {MARK if line.refuses else '':<{len(MARK)}}  {line.what}: {counted}{line.whose}{_until(line.until, now)}"


def _until(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return ""
    shown_at = f"{local(moment):%Y-%m-%d %H:%M:%S %Z}".rstrip()
    return f"; until {shown_at} ({_wait(moment - now)})" if moment > now else f"; since {shown_at}"


def _wait(left: timedelta) -> str:
    seconds = max(1, round(left.total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"in {round(seconds / length)} {unit}"
    return f"in {seconds} s"


def _sum(lines: list[Line], *, now: datetime) -> str:
    refusing = [line for line in lines if line.refuses]
    if not refusing:
        return "\nNothing refuses them now." if lines else "\nNothing is counted, and nothing refuses them."
    noun = "1 line refuses" if len(refusing) == 1 else f"{len(refusing)} lines refuse"
    ends = [line.until for line in refusing if line.until is not None]
    first = f"; the first ends in {_wait(min(ends) - now).removeprefix('in ')}" if ends else ""
    return f"\n{noun} at this moment{first}."
