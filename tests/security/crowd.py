"""Many clients at one moment: four processes that share a database and a Redis, 24 threads in all."""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import django

PROCESSES, THREADS = 4, 24
REDIS_URL = os.environ.get("TEST_REDIS_URL", "")
OPTIONS: dict[str, Any] = {
    "STOREFRONT_URL": "https://shop.example.com",
    "RATE_LIMITS": {"STORAGE_URI": REDIS_URL},
    "OTP": {"MAX_ATTEMPTS": 10},  # so that the day's ten are the limit, and not one code's five
    "EMAIL_VERIFICATION": {"RESEND_THROTTLE_SECONDS": 0},
}
shared: dict[str, Any] = {}


def open_shop(database: str, together: Any) -> None:
    """Prepare a process: it serves on the test's database, and waits for the others at ``together``."""
    django.setup()
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    settings.CUSTOMER_REGISTRATION = OPTIONS
    shared["together"] = together


def rush(path: str, body: dict[str, Any], address: str, times: int, broken: bool) -> Counter[str]:
    """Post from this process's threads as often, when all threads of all processes are there; count the answers."""
    from django.db import connections
    from django.test import Client

    def post(_: int) -> Counter[str]:
        client, answers = Client(REMOTE_ADDR=address), Counter[str]()
        try:
            shared["together"].wait(60)
            for _ in range(times):
                answer = client.post(path, body, content_type="application/json")
                answers[f"{answer.status_code} {answer.json().get('code', '')}".strip()] += 1
        finally:
            connections.close_all()
        return answers

    threads = THREADS // PROCESSES
    with ThreadPoolExecutor(threads) as pool, read_then_write(threads) if broken else nullcontext():
        return sum(pool.map(post, range(threads)), Counter[str]())


@contextmanager
def read_then_write(threads: int) -> Iterator[None]:
    """Count as one must not: look, and then write. Threads that look together see the same."""
    from customer_registration.ratelimits.engine import Counter as Limit
    from customer_registration.ratelimits.engine import _store

    meeting, hit = Barrier(threads, timeout=1), Limit.hit

    def look_and_write(self: Any) -> int:
        with _store() as store:
            seen = store.get(self.key)
            with suppress(BrokenBarrierError):
                meeting.wait()
            store.incr(self.key, self.item.get_expiry())
            return int(self.item.amount - seen - 1)

    Limit.hit = look_and_write  # type: ignore[method-assign]
    try:
        yield
    finally:
        Limit.hit = hit  # type: ignore[method-assign]
