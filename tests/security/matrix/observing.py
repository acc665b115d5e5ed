"""All that somebody could tell the answers to a stranger by: what is said, what it costs, and what it leaves behind."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
from django.db import connection
from django.urls import resolve

from customer_registration import ratelimits
from customer_registration.models import OtpVerification, OutboxMessage, SendSlot
from customer_registration.ratelimits.engine import build_storage
from tests.conftest import Api
from tests.counting import CountedQueries
from tests.security.matrix.hasher import CountingHasher
from tests.security.matrix.people import Somebody

HERE = "127.0.0.1"
PATTERNS = {
    r"authmfachal_[0-9A-Z]{26}": "<challenge>",
    r"authid_[0-9A-Z]{26}": "<identity>",
    r"authver_[0-9A-Z]{26}": "<verification>",
    r"cus_[0-9A-Z]{26}": "<customer>",
    r"\b[0-9A-HJKMNP-TV-Z]{26}\b": "<ulid>",
    r"\b[0-9a-f]{64}\b": "<hash>",
    r"\b\d+:[0-9a-f]{12}\b": "<epoch>",
}

Point = str
Seen = dict[Point, Any]


@dataclass
class Visit:
    """A stranger's visit: requests about one person, and what was seen at each."""

    api: Api
    who: Somebody
    clock: Any
    tasks: list[Any]
    seen: list[Seen] = field(default_factory=list)

    @property
    def by(self) -> dict[str, str]:
        """The person as bodies name them."""
        return self.who.by

    def post(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """Post and note what can be seen; return what was said."""
        return self.request("post", path, body, **headers)

    def get(self, path: str) -> dict[str, Any]:
        """The same with GET."""
        return self.request("get", path)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """The same with any method."""
        tasks, rows, counted = len(self.tasks), _rows(), counters()
        CountingHasher.work.clear()
        with CountedQueries(connection) as queries:
            answer = self.api.request(method, path, body, **headers)
        is_json = answer.headers["Content-Type"].startswith("application/json")
        said = answer.json() if is_json else {"text": answer.content.decode()}
        self.seen.append(
            {
                "status": answer.status_code,
                "body": masked(said, self.who),
                "headers": dict(answer.headers),
                "cookies": sorted(answer.cookies),
                "statements": len(queries.statements),
                "hashing": sum(CountingHasher.work),
                "tasks": len(self.tasks) - tasks,
                "rows": [after - before for before, after in zip(rows, _rows(), strict=True)],
                "limiter": counters(),
                "route": resolve(path.partition("?")[0]).url_name,
                "rules": {key.split("/")[1] for key, *_ in set(counters()) - set(counted)},
            }
        )
        return dict(said)

    def again(self, times: int, path: str, body: Any) -> None:
        """Post the same so many times."""
        for _ in range(times):
            self.post(path, body)

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        self.clock.shift(seconds)

    def use_up(self, rule: str, times: int) -> None:
        """Use up what a rule grants the stranger's address, on other people."""
        for number in range(times):
            ratelimits.hit(rule, ip=HERE, key=f"other-{number}@example.com")


def masked(said: Any, who: Somebody) -> Any:
    """Return what was said with the values that differ from request to request replaced by their shape.

    Times stay: everybody is visited at the same moment. A token is opened, which anybody can who holds it.
    """
    if isinstance(said, dict):
        return {name: masked(value, who) for name, value in said.items()}
    if isinstance(said, list):
        return [masked(value, who) for value in said]
    if not isinstance(said, str):
        return said
    if said.startswith("eyJ"):
        claims = jwt.decode(said, options={"verify_signature": False})
        return {"token": masked(claims, who), "length": len(said)}
    for own, shape in ((who.email, "<e-mail>"), (who.phone, "<phone>")):
        said = said.replace(own, shape)
    for pattern, shape in PATTERNS.items():
        said = re.sub(pattern, shape, said)
    return said


def counters() -> list[tuple[str, int, float]]:
    """Return what the limiter has counted and until when, people's keyed hashes left out.

    Nor how many requests were refused: that is counted by rule, and says what the status of the answer says.
    """
    store: Any = build_storage("memory://")
    ends = {key: store.expirations.get(key, 0) for key in list(store.storage)}
    live = [key for key, end in ends.items() if end > time.time()]  # it forgets the others when it comes to it
    live = [key for key in live if "/refused/" not in key]
    return sorted((re.sub(r"[0-9a-f]{64}", "#", key), store.storage[key], ends[key]) for key in live)


def differences(found: list[Seen], expected: list[Seen]) -> dict[Point, list[str]]:
    """Return by what somebody is told apart from somebody who is unknown: point → where, and how."""
    told: dict[Point, list[str]] = {}
    if len(found) != len(expected):
        told["requests"] = [f"{len(found)} and not {len(expected)}"]
    for number, (one, other) in enumerate(zip(found, expected, strict=False), start=1):
        for point, value in one.items():
            if point not in ("route", "rules") and value != other[point]:
                told.setdefault(point, []).append(f"{number}: {value} and not {other[point]}")
    return told


def _rows() -> list[int]:
    tables = (model._meta.db_table for model in (OutboxMessage, OtpVerification, SendSlot))
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"(SELECT COUNT(*) FROM {table})" for table in tables))
        return list(cursor.fetchone())


Run = Callable[[Visit], None]
