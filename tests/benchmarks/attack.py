"""Replay an SMS pumping attack against sign-up by code, with honest people beside it, on a clock of its own.

Everybody goes through the real door and the real flows: `identify`, `pre_register`, the outbox, the guard, a provider
that keeps what it is given, and `register` for whoever brings the code back. Attackers never do.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from math import ceil
from typing import Any

import phonenumbers
import time_machine

from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import CustomerRegistrationError, InvalidIdentifier, Throttled
from customer_registration.flows.client import Client
from customer_registration.flows.identify import identify
from customer_registration.flows.passwordless import registration
from customer_registration.flows.passwordless.open_codes import Address, Brought
from customer_registration.identifiers import Identifier
from customer_registration.messaging.backends import locmem
from customer_registration.models import OtpVerification
from tests.pumping import block, prefixes

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOME = ("US", "CA", "GB")  # where the shop sells
PRICES = {"US": 0.008, "CA": 0.008, "GB": 0.05, "elsewhere": 0.15}  # dollars a text
CONVERSION = 0.8  # of the codes that honest people ask for
TYPING = timedelta(seconds=40)


@dataclass(frozen=True)
class Scene:
    """How large it all is; what goes on in one prefix is the same at any scale.

    Args:
        scale: 1 is 2,000 numbers of 300 prefixes from 50 addresses, and 120 honest sign-ups an hour.
        attack_hours: how long the attackers go on; each number is asked for twice.
        hours: how long honest people come, of whom the first and the last are there without the attackers.
    """

    scale: float = 1.0
    attack_hours: float = 4.0
    hours: float = 7.0
    before: float = 1.0

    @property
    def numbers(self) -> int:
        """How many numbers the attackers have."""
        return round(2000 * self.scale)

    @property
    def honest(self) -> int:
        """How many honest people come."""
        return round(120 * self.scale * self.hours)


@dataclass
class Outcome:
    """What was sent and to whom not, in dollars and people."""

    attack_texts: int = 0
    honest_texts: int = 0
    dollars: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def honest_refused(self) -> int:
        """How many honest people got no code."""
        return sum(self.refused.values())


@dataclass(frozen=True)
class Person:
    """Somebody who asks for a code: an attacker's number, or an honest person's."""

    number: str
    ip: str
    where: str  # "attack", or of the honest: "same prefix", "other prefix"


class Replay:
    """One run of the attack under the settings in force."""

    def __init__(self, scene: Scene, commit: Callable[..., Any], prices: dict[str, float] = PRICES) -> None:
        self._scene, self._commit, self._prices = scene, commit, prices
        self._random = random.Random(2026)
        self._order = count()
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Run it; the clock jumps from one event to the next."""
        locmem.outbox.clear()
        for moment, person in [*self._attackers(), *self._honest()]:
            self._at(moment, lambda person=person: self._ask(person))
        with time_machine.travel(START, tick=False) as clock:
            while self._agenda:
                moment, _, act = heapq.heappop(self._agenda)
                clock.move_to(moment)
                act()
        return self.outcome

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (moment, next(self._order), act))

    def _attackers(self) -> Iterator[tuple[datetime, Person]]:
        """Yield who asks and when: twice for each number, evenly, from so many addresses that no limit holds them."""
        scene, blocks = self._scene, self._blocks()
        shares = [1 / (rank + 1) ** 0.5 for rank in range(len(blocks))]  # some blocks are larger than others
        fresh = [block(first) for first in blocks]
        numbers = [next(fresh[turn]) for turn in range(len(blocks))]
        while len(numbers) < scene.numbers:
            [turn] = self._random.choices(range(len(blocks)), shares)
            numbers += islice(fresh[turn], 1)
        asked = [*self._random.sample(numbers, len(numbers)), *self._random.sample(numbers, len(numbers))]
        ips, begin = ceil(50 * scene.scale), START + timedelta(hours=scene.before)
        for turn, number in enumerate(asked):
            moment = begin + timedelta(hours=scene.attack_hours) * turn / len(asked)
            yield moment, Person(number, f"203.0.113.{turn % ips}", "attack")

    def _honest(self) -> Iterator[tuple[datetime, Person]]:
        """Yield honest people: of home alone, two in five of prefixes that the attackers use as well."""
        shared, own = self._at_home()
        fresh = {first: reversed([*block(first)]) for first in (*shared, *own)}  # from the block's other end
        for turn in range(self._scene.honest):
            where = "same prefix" if self._random.random() < 0.4 else "other prefix"
            first = self._random.choice(shared if where == "same prefix" else own)
            moment = START + timedelta(hours=self._scene.hours) * self._random.random()
            yield moment, Person(next(fresh[first]), f"198.18.{turn // 250}.{turn % 250}", where)

    def _blocks(self) -> list[str]:
        """Return the blocks that the attackers rent: a third of them where the shop sells, the rest far away."""
        size = max(3, round(300 * self._scene.scale))
        return [*home_prefixes()[: size // 3], *prefixes(size - size // 3, outside=HOME)]

    def _at_home(self) -> tuple[list[str], list[str]]:
        size = max(2, round(30 * self._scene.scale))
        return home_prefixes()[:size], home_prefixes()[-size:]

    def _ask(self, person: Person) -> None:
        sent = len(locmem.outbox)
        try:
            identifier = identify(person.number, IdentifierKind.PHONE, to_text=True)
            with self._commit(execute=True):
                registration.pre_register(identifier, kinds=(IdentifierKind.PHONE,), client=Client(ip=person.ip))
        except InvalidIdentifier:  # another country
            pass
        except Throttled:  # an address of the attackers that came twenty times within the hour
            assert person.where == "attack"
        went = len(locmem.outbox) > sent
        if went:
            self.outcome.dollars += price(person.number, self._prices)
        if person.where == "attack":
            self.outcome.attack_texts += went
        elif went:
            self.outcome.honest_texts += 1
            if self._random.random() < CONVERSION:
                self._at(datetime.now(UTC) + TYPING, lambda: self._bring(identifier))
        else:
            self.outcome.refused[person.where] += 1

    def _bring(self, identifier: Identifier) -> None:
        code = OtpVerification.objects.filter(destination=identifier.value).latest("pk").code()
        brought = Brought(Address("customer", identifier), code)
        try:
            with self._commit(execute=True):
                registration.register(brought, client=Client(ip="198.18.255.1"))
        except CustomerRegistrationError as error:
            raise AssertionError(f"an honest person was refused with the right code: {error}") from error


def home_prefixes() -> list[str]:
    """Return the first numbers of prefixes where the shop sells, in the order of a shuffle that stays."""
    found: dict[str, str] = {}
    for area in (201, 202, 212, 213, 305, 312, 404, 415, 416, 512, 514, 604, 617, 702, 713):
        for digit in "23456789":
            found.setdefault(f"+1{area}{digit}", f"+1{area}{digit}550000")
    for digits in range(7400, 7500):
        found.setdefault(f"+44{digits}", f"+44{digits}100000")
    valid = [first for first in found.values() if next(block(first), None)]
    return random.Random(7).sample(valid, len(valid))


def price(number: str, prices: dict[str, float] = PRICES) -> float:
    """Return what a text to a number costs, in dollars."""
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return prices.get(str(region), prices["elsewhere"])
