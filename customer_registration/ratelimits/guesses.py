"""The cap over single codes: wrong codes per person and family, which no new code clears.

Five guesses a code would be unlimited guesses if asking for another code started anew (NIST SP 800-63B-4 §3.2.2).
"""

from customer_registration import keys
from customer_registration.conf import config
from customer_registration.exceptions import CodeAttemptsExceeded
from customer_registration.ratelimits.engine import Counter, Hits, clear_all
from customer_registration.ratelimits.rules import limits_of

# Those that a right password clears. A second factor's is no such family: the password is what it stands behind.
FAMILIES = ("verification", "contact", "deletion", "code_login")


class GuessBudget:
    """How many wrong codes a person may still enter in a family of purposes.

    The rule ``code_failed`` gives three limits by position: a day's burst; the trickle that is left past it; the
    ceiling over both. A rule of one or two limits leaves the later ones out.
    """

    def __init__(self, family: str, person: str) -> None:
        name = keys.keyed_hash(f"guesses.{family}", person)
        self.limits = limits_of("code_failed")
        self.counters = [
            Counter(item, "code_failed", str(position), name) for position, (item, _) in enumerate(self.limits)
        ]

    def spend(self) -> Hits:
        """Count one guess before it is compared; a right one is given back by `clear`.

        Raises:
            CodeAttemptsExceeded: the person has none left now; the right code is refused too.
            LimiterUnavailable: the limiter's store is down.
        """
        if not config().rate_limits.enabled:
            return Hits()
        spent: list[Counter] = []
        try:
            self._spend(spent)
        except CodeAttemptsExceeded:
            Hits(tuple(spent)).give_back()
            raise
        return Hits(tuple(spent))

    def _spend(self, spent: list[Counter]) -> None:
        burst, trickle, ceiling = [*self.counters, None, None, None][:3]
        if ceiling:
            _hit(ceiling, spent)
        if not burst:
            return
        spent.append(burst)
        left = burst.hit()
        if left == 0 and trickle:
            # The first wait begins with the last guess of the burst. Race: a guess that comes between finds the burst
            # used up and no wait begun, and is granted as the first of the trickle. It was the last one, then.
            _hit(trickle, spent)
        if left >= 0:
            return
        spent.pop().give_back()
        if not trickle:
            raise CodeAttemptsExceeded
        _hit(trickle, spent)

    def is_used_up(self) -> bool:
        """Whether the next guess would be refused; counts none.

        Raises:
            LimiterUnavailable: the limiter's store is down.
        """
        if not config().rate_limits.enabled:
            return False
        burst, trickle, ceiling = [*self.counters, None, None, None][:3]
        if ceiling and ceiling.is_used_up():
            return True
        return burst is not None and burst.is_used_up() and (trickle is None or trickle.is_used_up())

    def clear(self) -> None:
        """Forget the wrong codes: the person has proven themselves."""
        if config().rate_limits.enabled:
            clear_all(self.counters)


def _hit(counter: Counter, spent: list[Counter]) -> None:
    spent.append(counter)
    if counter.hit() < 0:
        raise CodeAttemptsExceeded


def clear_all_families(person: str) -> None:
    """Forget a person's wrong codes in every family."""
    if config().rate_limits.enabled:
        clear_all(counter for family in FAMILIES for counter in GuessBudget(family, person).counters)
