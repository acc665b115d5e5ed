"""Many people who log in at once, and what the others feel of it: latency of a cheap route, and memory."""

import multiprocessing
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from statistics import median
from typing import Any

from tests.benchmarks.memory import megabytes
from tests.benchmarks.routes import Stock
from tests.benchmarks.wire import drive
from tests.faults.servers import free_port
from tests.faults.shop import Shop

IDLE_SECONDS = 3.0
SAMPLE_SECONDS = 0.1


@dataclass(frozen=True)
class Flood:
    """What a flood of logins did.

    Args:
        service: what serves.
        connections: with a login under way on each.
        idle: the median latency of a customer's own profile before, in milliseconds.
        flooded: the same during the flood.
        logins: how many a second were answered.
        peak: the most memory that all web processes held together, in MiB (proportional set size).
    """

    service: str
    connections: int
    idle: float
    flooded: float
    logins: float
    peak: float

    @property
    def slowdown(self) -> float:
        """How many times longer the cheap route took."""
        return self.flooded / self.idle


def flood_one_service(shop: Shop, stock: Stock, chosen: Any, *, connections: int) -> Flood:
    """Flood a shop whose processes serve everything."""
    with shop.web(workers=chosen.workers, threads=chosen.threads) as web:
        name = f"{chosen.workers} × {chosen.threads} threads"
        return _flood(name, shop, shop, stock, [web.pid], connections=connections, seconds=chosen.seconds)


def flood_two_services(shop: Shop, stock: Stock, chosen: Any, *, connections: int) -> Flood:
    """Flood a shop with a process of its own for what hashes passwords, where a proxy sends those routes."""
    hashing = replace(shop, port=free_port(), folder=shop.folder / "hashing")
    hashing.folder.mkdir(exist_ok=True)
    with ExitStack() as services:
        pids = [
            services.enter_context(shop.web(workers=chosen.workers, threads=chosen.threads)).pid,
            services.enter_context(hashing.web(workers=1, threads=2 * chosen.threads, nice=10)).pid,
        ]
        name = f"{chosen.workers} × {chosen.threads} threads, and for logins 1 × {2 * chosen.threads}, nice 10"
        return _flood(name, shop, hashing, stock, pids, connections=connections, seconds=chosen.seconds)


def _flood(
    service: str, shop: Shop, hashing: Shop, stock: Stock, pids: list[int], *, connections: int, seconds: float
) -> Flood:
    cheap, dear = (("127.0.0.1", each.port) for each in (shop, hashing))
    drive(dear, islice(stock.logins(), 2 * connections), connections=connections, seconds=60)  # each thread once
    drive(cheap, islice(stock.profiles(), 2 * connections), connections=connections, seconds=60)
    idle = drive(cheap, stock.profiles(), connections=1, seconds=IDLE_SECONDS)
    forked = multiprocessing.get_context("fork")
    answered: Any = forked.SimpleQueue()

    def log_in() -> None:
        answered.put(drive(dear, stock.logins(), connections=connections, seconds=seconds + 2).rate)

    crowd, watch = forked.Process(target=log_in), _Peak(pids)
    watch.start()
    crowd.start()
    time.sleep(1)  # until the crowd is there
    busy = drive(cheap, stock.profiles(), connections=1, seconds=seconds)
    crowd.join()
    watch.stop()
    return Flood(
        service=service,
        connections=connections,
        idle=1000 * median(idle.latencies),
        flooded=1000 * median(busy.latencies),
        logins=answered.get(),
        peak=watch.peak,
    )


class _Peak(threading.Thread):
    """Keeps the most memory that families of processes were seen to hold together."""

    def __init__(self, pids: list[int]) -> None:
        super().__init__(daemon=True)
        self._pids, self._over = pids, threading.Event()
        self.peak = 0.0

    def run(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, sum(map(megabytes, self._pids)))

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self.join()
