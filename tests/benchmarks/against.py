"""Ask a server that is there already, over the contract alone: another version of ours, or Medusa."""

import itertools
import json
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.wire import Ask, drive

EMAILPASS = "/auth/customer/emailpass"
PASSWORD = "correct horse battery"
PEOPLE = 20


class Server:
    """A server, and people who have an account there."""

    def __init__(self, chosen: Any) -> None:
        parts = urlsplit(chosen.against)
        if parts.scheme != "http":  # what TLS costs is not what is compared
            raise SystemExit(f"{chosen.against} is not an http:// address")
        self.address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.chosen = chosen
        self.headers = tuple(tuple(each.split("=", 1)) for each in chosen.header)

    def measure(self) -> str:
        """Return a Markdown table of the routes."""
        people = [tuple(each.split(":", 1)) for each in self.chosen.account] or [self._sign_up() for _ in range(PEOPLE)]
        credentials = [{"email": email, "password": password} for email, password in people]
        tokens = [self._say(Ask("POST", EMAILPASS, each))["token"] for each in credentials]
        everybody, bearers = itertools.cycle(credentials), itertools.cycle(tokens)
        routes: dict[str, Iterator[Ask]] = {
            "own profile": (Ask("GET", "/store/customers/me", token=token) for token in bearers),
            "refresh": (Ask("POST", "/auth/token/refresh", {}, token) for token in bearers),
            "login": (Ask("POST", EMAILPASS, each) for each in everybody),
            "register": (Ask("POST", f"{EMAILPASS}/register", _newcomer()) for _ in itertools.count()),
            "reset request": (
                Ask("POST", f"{EMAILPASS}/reset-password", {"identifier": each["email"]}) for each in everybody
            ),
        }
        lines = ["| route | requests/s | p50 ms | p99 ms | answers |", "|---|---:|---:|---:|---|"]
        return "\n".join([*lines, *(self._measured(name, asks) for name, asks in routes.items()), ""])

    def _measured(self, name: str, asks: Iterator[Ask]) -> str:
        own = (ask._replace(headers=self.headers) for ask in asks)
        seen = drive(self.address, own, connections=self.chosen.connections, seconds=self.chosen.seconds)
        answers = ", ".join(f"{status}: {count}" for status, count in sorted(seen.statuses.items()))
        return f"| {name} | {seen.rate:.1f} | {seen.within(50):.1f} | {seen.within(99):.1f} | {answers} |"

    def _sign_up(self) -> tuple[str, str]:
        credentials = _newcomer()
        bearer = self._say(Ask("POST", f"{EMAILPASS}/register", credentials))["token"]
        self._say(Ask("POST", "/store/customers", {"email": credentials["email"]}, bearer))
        return credentials["email"], credentials["password"]

    def _say(self, ask: Ask) -> dict[str, Any]:
        own = ask._replace(headers=self.headers)
        try:
            seen = drive(self.address, iter([own]), connections=1, seconds=60, keep=True)
        except OSError as error:
            raise SystemExit(f"{self.chosen.against} does not answer: {error}") from error
        if 200 not in seen.statuses:
            raise SystemExit(f"{ask.method} {ask.path} answered {dict(seen.statuses)}: {seen.bodies[0].decode()[:300]}")
        answer: dict[str, Any] = json.loads(seen.bodies[0])
        return answer


def _newcomer() -> dict[str, str]:
    return {"email": f"{secrets.token_hex(8)}@example.com", "password": PASSWORD}
