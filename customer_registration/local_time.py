"""Moments in the project's time zone, whether it keeps them with a zone or, with ``USE_TZ = False``, without.

Django's own functions refuse a time without a zone, which is what ``timezone.now()`` returns in such a project, and
what its database holds: the time in ``TIME_ZONE``.
"""

from datetime import date, datetime, time, tzinfo

from django.conf import settings
from django.utils import timezone


def local(moment: datetime, zone: tzinfo | None = None) -> datetime:
    """Return a moment as a clock shows it.

    Args:
        moment: as the database or ``timezone.now()`` has it.
        zone: of the clock, if not the active one; a moment without a zone is shown as it is.
    """
    return timezone.localtime(moment, zone) if timezone.is_aware(moment) else moment


def today() -> date:
    """Return the day that is running in the active time zone."""
    return local(timezone.now()).date()


def moment(day: date, clock: time, zone: tzinfo | None = None) -> datetime:
    """Return the moment when a clock shows a time of day, as the project keeps moments.

    Args:
        day: of the calendar.
        clock: time of the day.
        zone: of the clock, if not the active one.
    """
    shown = datetime.combine(day, clock)
    return timezone.make_aware(shown, zone) if settings.USE_TZ else shown
