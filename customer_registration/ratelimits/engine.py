"""Count hits atomically, before the work they guard is done; give them back where the rule says so."""

import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import ceil

from limits import RateLimitItem, RateLimitItemPerHour
from limits.errors import ConfigurationError, StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage, storage_from_string

from customer_registration import keys
from customer_registration.conf import config
from customer_registration.exceptions import LimiterUnavailable, Throttled
from customer_registration.ratelimits.rules import Limit, limits_of

# A store that hangs is as good as down, and holds a thread of the web server meanwhile; drivers may wait for ever. What
# the URI says itself counts: redis://host:port/db?socket_timeout=1.
PATIENCE = {"socket_connect_timeout": 2.0, "socket_timeout": 2.0}
_WITH_SOCKETS = re.compile(r"(redis|rediss|valkey|valkeys)(\+unix)?://")

# One at a time: the stores that are built at first use, and every call into memory, see below.
_turn = threading.RLock()


class TakingTurns(MemoryStorage):
    """Counters in this process's memory, exact under threads.

    limits' own storage forgets hits where two threads open a window at once (``get`` drops a counter whose expiry is
    not written yet), and its timer may drop a window that has just been opened. Redis counts in one atomic script and
    needs none of this.
    """

    def _MemoryStorage__expire_events(self) -> None:  # noqa: N802  # the timer calls it by this name
        with _turn:
            MemoryStorage._MemoryStorage__expire_events(self)  # type: ignore[attr-defined]


class Counter:
    """One counter of the limiter's store: a limit, for one person or address."""

    def __init__(self, item: RateLimitItem, *parts: str) -> None:
        self.item = item
        self.key = item.key_for(*parts)

    def hit(self) -> int:
        """Count one; return how many are left after it, below zero if this one is past the limit."""
        with _store() as store:
            return self.item.amount - store.incr(self.key, self.item.get_expiry())

    def count(self) -> int:
        """Return how many are counted."""
        with _store() as store:
            return store.get(self.key)

    def is_used_up(self) -> bool:
        """Whether the next hit would be past the limit; counts none."""
        return self.count() >= self.item.amount

    def first_to(self, deed: str) -> bool:
        """Whether nobody has asked this about ``deed`` in the window that is running: of many processes one does it."""
        rest = max(1, self.retry_after())
        with _store() as store:
            return store.incr(f"{self.key}/{deed}", rest) == 1

    def give_back(self) -> None:
        """Take one hit back."""
        with _store() as store:
            if store.incr(self.key, self.item.get_expiry(), amount=-1) < 0:  # the window has ended meanwhile
                store.incr(self.key, self.item.get_expiry())

    def take(self) -> int:
        """Return how many are counted, and count from none again; no hit is lost that comes meanwhile.

        Race: two that take at once would both have them. The caller sees to it that only one does.
        """
        with _store() as store:
            counted = store.get(self.key)
            left = store.incr(self.key, self.item.get_expiry(), amount=-counted) if counted else 0
            if left < 0:  # the window has ended meanwhile
                store.incr(self.key, self.item.get_expiry(), amount=-left)
        return counted

    def put_back(self, taken: int) -> None:
        """Count again what was taken."""
        with _store() as store:
            store.incr(self.key, self.item.get_expiry(), amount=taken)

    def clear(self) -> None:
        """Forget every hit."""
        with _store() as store:
            store.clear(self.key)

    def retry_after(self) -> int:
        """Return the whole seconds until the window ends."""
        with _store() as store:
            return ceil(store.get_expiry(self.key) - time.time())


@dataclass(frozen=True, slots=True)
class Hits:
    """The hits of one request."""

    counters: tuple[Counter, ...] = ()

    def give_back(self) -> None:
        """Take the hits back: what they guard against did not happen."""
        for counter in self.counters:
            counter.give_back()


def hourly(amount: int, *parts: str, hours: int = 1) -> Counter:
    """Return a counter beside the table of rules, which ``RATE_LIMITS.ENABLED`` does not switch off.

    Args:
        amount: its limit.
        parts: what it counts.
        hours: its window.
    """
    return Counter(RateLimitItemPerHour(amount, hours, "customer_registration"), *parts)


def hit(rule: str, *, ip: str | None, key: str | None = None) -> Hits:
    """Count one hit of ``rule`` on each of its limits: those by address first.

    An address that is refused leaves no counters behind, so nobody fills the store by naming people at random.

    Args:
        rule: a name of the table of rules.
        ip: the client's address or network; ``None`` where it cannot be told, then the limits by address do not apply.
        key: the person: a canonical identifier or an id, of somebody known or not.

    Raises:
        Throttled: a limit is used up; says for how long. No hit of this request stays counted, so that a burst of
            refused ones does not use up the window.
        LimiterUnavailable: the limiter's store is down.
    """
    if not config().rate_limits.enabled:
        return Hits()
    counted: list[Counter] = []
    for limit, counter in counters_of(rule, ip=ip, key=key):
        counted.append(counter)
        if counter.hit() < 0:
            retry_after = counter.retry_after()
            Hits(tuple(counted)).give_back()
            raise Throttled(retry_after, by_address=limit.scope == "ip", rule=rule)
    return Hits(tuple(counted))


def counters_of(rule: str, *, ip: str | None, key: str | None = None) -> Iterator[tuple[Limit, Counter]]:
    """Yield the limits of a rule that a request would hit, each with its counter: those by address first.

    Args:
        rule, ip, key: as `hit` takes them.
    """
    person = keys.keyed_hash("ratelimits", key) if key is not None else None
    parts = {
        "ip": (ip,),
        "key": (person,),
        # Without an address the pair is the person alone, apart from the pairs of clients that have one.
        "key+ip": (person, ip or "unknown"),
    }
    for limit in sorted(limits_of(rule), key=lambda limit: limit.scope != "ip"):
        names = [part for part in parts[limit.scope] if part is not None]
        if len(names) == len(parts[limit.scope]):
            yield limit, Counter(limit.item, rule, limit.scope, *names)


def hit_all(rules: Mapping[str, str], *, ip: str | None) -> Hits:
    """Count one hit of several rules, each on a person of its own: all of them or none, as `hit`.

    Args:
        rules: rule → the person it counts.
        ip: the client's address or network.
    """
    counted: list[Counter] = []
    try:
        for rule, key in rules.items():
            counted += hit(rule, ip=ip, key=key).counters
    except Throttled:
        Hits(tuple(counted)).give_back()
        raise
    return Hits(tuple(counted))


def forgive(rule: str, *, key: str, ip: str | None = None) -> None:
    """Forget the hits of a person on a rule; those of addresses stay.

    Args:
        rule: a name of the table of rules.
        key: the person.
        ip: their address, to forget what is counted of the two together, too.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    if not config().rate_limits.enabled:
        return
    person = keys.keyed_hash("ratelimits", key)
    parts = {"key": (person,)} | ({"key+ip": (person, ip)} if ip is not None else {})
    limits = [(item, scope) for item, scope in limits_of(rule) if scope in parts]
    clear_all(Counter(item, rule, scope, *parts[scope]) for item, scope in limits)


def is_used_up(rule: str, *, key: str) -> bool:
    """Whether a limit of a rule is used up for a person, whatever their address; counts none.

    Args:
        rule: a name of the table of rules.
        key: the person.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    if not config().rate_limits.enabled:
        return False
    person = keys.keyed_hash("ratelimits", key)
    counters = (Counter(item, rule, scope, person) for item, scope in limits_of(rule) if scope == "key")
    return any(counter.is_used_up() for counter in counters)


def clear_all(counters: Iterable[Counter]) -> None:
    """Forget every hit of several counters, on Redis by one command.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    names = [counter.key for counter in counters]
    with _store() as store:
        if type(store) is not RedisStorage or not names:  # a cluster keeps them in several places
            for name in names:
                store.clear(name)
            return
        try:
            store.get_connection().delete(*map(store.prefixed_key, names))
        except store.base_exceptions as error:
            raise LimiterUnavailable from error


def reset() -> None:
    """Forget every counter of the store; for tests and for operators."""
    with _store() as store:
        store.reset()


@contextmanager
def _store() -> Iterator[Storage]:
    storage = build_storage(config().rate_limits.storage_uri)
    try:
        if isinstance(storage, MemoryStorage):
            with _turn:
                yield storage
        else:
            yield storage
    except StorageError as error:
        raise LimiterUnavailable from error


def build_storage(uri: str) -> Storage:
    """Return the store behind a URI, one a process; it connects at first use.

    Raises:
        ConfigurationError: the ``limits`` library knows no such store, its driver is missing, or it is asynchronous.
    """
    with _turn:  # the first threads would each build one, while the driver is half imported
        return _build_once(uri)


@cache
def _build_once(uri: str) -> Storage:
    if uri == "memory://":
        return TakingTurns(uri, wrap_exceptions=True)
    options = PATIENCE if _WITH_SOCKETS.match(uri) else {}
    storage = storage_from_string(uri, wrap_exceptions=True, **options)
    if not isinstance(storage, Storage):
        raise ConfigurationError(f"{uri} is an asynchronous store")
    return storage
