"""The days that are counted: those of the project's time zone, whatever zone a request has activated."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def today() -> date:
    """Return the day that is running."""
    return day_of(timezone.now())


def day_of(moment: datetime) -> date:
    """Return the day that a moment is on."""
    return timezone.localdate(moment, timezone.get_default_timezone())


def begin_of(day: date) -> datetime:
    """Return when a day begins; one of 23 or 25 hours ends where the next begins."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())


def end_of(day: date) -> datetime:
    """Return when a day ends."""
    return begin_of(day + timedelta(days=1))
