"""One thing that is counted, or that stands in somebody's way."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from customer_registration.ratelimits import Counter


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the explanation.

    Args:
        what: the rule with its limit, the throttle, the code.
        whose: what is counted, with contacts masked.
        used: how many are counted; ``None`` where nothing is.
        limit: how many are allowed.
        until: when the window ends, or the throttle; ``None`` if nothing runs out.
        refuses: whether it refuses what comes at this moment.
    """

    what: str
    whose: str
    used: int | None = None
    limit: int | None = None
    until: datetime | None = None
    refuses: bool = False

    @property
    def says_something(self) -> bool:
        """Whether there is anything to tell, beyond that there is such a limit."""
        return self.refuses or self.used != 0 or self.until is not None


def of_counter(what: str, whose: str, counter: Counter, *, limit: int, now: datetime) -> Line:
    """Return the line of a counter, which refuses once it is used up.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    used = counter.count()
    return Line(what, whose, used, limit, ends(counter, now=now) if used > 0 else None, refuses=used >= limit)


def ends(counter: Counter, *, now: datetime) -> datetime:
    """Return when a counter's window ends, to the second."""
    return (now + timedelta(seconds=max(0, counter.retry_after()))).replace(microsecond=0)
