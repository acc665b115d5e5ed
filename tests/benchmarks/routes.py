"""What is measured, in the order in which it is asked, and what each must reach."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.benchmarks import visitors
from tests.benchmarks.wire import Ask

EMAILPASS = "/auth/customer/emailpass"
FLOOR = "DRF + JWT + one SELECT"
HASH = "hash alone"


@dataclass(frozen=True)
class Route:
    """One route under load.

    Args:
        name: as the table shows it.
        asks: returns the requests of a round, given how many can be answered in it at most.
        statements: of SQL that one takes, transaction control left out.
        status: of the answers.
        floor: the name of what it is compared with; "" for the floors.
        least: the part of the floor's rate that it must reach.
        least_cpu: the same of CPU time a request, where that counts: the floor's by the route's.
        keeps: whether the next route lives on the answers.
    """

    name: str
    asks: Callable[[int], Iterator[Ask]]
    statements: int = 0
    status: int = 200
    floor: str = ""
    least: float = 0.0
    least_cpu: float = 0.0
    keeps: bool = False


class Stock:
    """What the requests of a run are made of: people, their tokens, the codes they were sent."""

    def __init__(self, size: int = 500) -> None:
        regulars = visitors.regulars(size)
        self._credentials = [{"email": customer.email, "password": visitors.PASSWORD} for customer in regulars]
        self._tokens = [visitors.login_token(customer) for customer in regulars]
        self._simple_tokens = [visitors.simple_token(customer) for customer in regulars]
        self._flows: list[str] = []

    def routes(self) -> list[Route]:
        """Return the floors and our routes."""
        return [
            Route("bare Django view", lambda _: itertools.repeat(Ask("GET", "/floor/django"))),
            Route("bare DRF view", lambda _: itertools.repeat(Ask("GET", "/floor/drf"))),
            Route("bare DRF view, POST", lambda _: itertools.repeat(Ask("POST", "/floor/drf", {"email": "x"}))),
            Route("DRF + JWT decode", lambda _: self._with_simple_token("/floor/jwt")),
            Route(FLOOR, lambda _: self._with_simple_token("/floor/select"), 1),
            Route("own profile", lambda _: self.profiles(), 1, floor=FLOOR, least=0.95, least_cpu=0.95),
            Route("refresh", lambda _: self._refreshes(), 1, floor=FLOOR, least=0.95, least_cpu=0.95),
            Route("login", lambda _: self.logins(), 2, floor=HASH, least=0.85),
            Route("register", lambda _: registrations(), 4, floor=HASH, least=0.80),
            Route("code send", code_sends, 5, floor=FLOOR, least=0.50, keeps=True),
            Route("code verify", lambda _: self._code_proofs(), 6, floor=FLOOR, least=0.45),
            Route("reset request", resets, 5, status=201, floor=FLOOR, least=0.50),
        ]

    def keep(self, bodies: list[bytes]) -> None:
        """Take the answers of `code_sends`, but for those that refuse: their status is told already."""
        self._flows = [json.loads(body)["token"] for body in bodies if b'"token"' in body]

    def profiles(self) -> Iterator[Ask]:
        """Yield requests of customers who look at themselves, without end."""
        return (Ask("GET", "/store/customers/me", token=token) for token in itertools.cycle(self._tokens))

    def logins(self) -> Iterator[Ask]:
        """Yield requests of customers who log in, without end."""
        return (Ask("POST", EMAILPASS, body) for body in itertools.cycle(self._credentials))

    def _refreshes(self) -> Iterator[Ask]:
        return (Ask("POST", "/auth/token/refresh", {}, token) for token in itertools.cycle(self._tokens))

    def _with_simple_token(self, path: str) -> Iterator[Ask]:
        return (Ask("GET", path, token=token) for token in itertools.cycle(self._simple_tokens))

    def _code_proofs(self) -> Iterator[Ask]:
        flows, self._flows = self._flows, []
        return (
            Ask("POST", "/store/customers/otp/verify", {"token": flow, "code": code})
            for flow, code in visitors.codes_of(flows)
        )


def registrations() -> Iterator[Ask]:
    """Yield requests of people who sign up, without end."""
    while True:
        yield Ask("POST", f"{EMAILPASS}/register", {"email": visitors.fresh_email(), "password": visitors.PASSWORD})


def code_sends(count: int) -> Iterator[Ask]:
    """Yield requests of so many people who ask for their first code."""
    for customer in visitors.written(count, proven=False):
        yield Ask("POST", "/store/customers/otp/send", {"customer_id": customer.pk, "type": "email_verification"})


def resets(count: int) -> Iterator[Ask]:
    """Yield requests of so many people who have forgotten their password."""
    for customer in visitors.regulars(count):
        yield Ask("POST", f"{EMAILPASS}/reset-password", {"identifier": customer.email})
