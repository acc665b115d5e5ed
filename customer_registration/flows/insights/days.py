"""The days that are counted: those of the project's time zone, whatever zone a request has activated."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from customer_registration.local_time import local, moment


def today() -> date:
    """Return the day that is running."""
    return day_of(timezone.now())


def day_of(at: datetime) -> date:
    """Return the day that a moment is on."""
    return local(at, timezone.get_default_timezone()).date()


def begin_of(day: date) -> datetime:
    """Return when a day begins; one of 23 or 25 hours ends where the next begins."""
    return moment(day, time.min, timezone.get_default_timezone())


def end_of(day: date) -> datetime:
    """Return when a day ends."""
    return begin_of(day + timedelta(days=1))
