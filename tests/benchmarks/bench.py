"""Ask the routes in turn, in a shop of real processes, and keep what was seen."""

import itertools
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

from tests.benchmarks.memory import cpu_seconds
from tests.benchmarks.routes import FLOOR, HASH, Route, Stock
from tests.benchmarks.statements import answer, statements
from tests.benchmarks.wire import Seen, drive
from tests.faults.servers import ROOT
from tests.faults.shop import Shop

WARM_UP_SECONDS = 2.0
PACE = 500  # requests a second that nothing reaches that takes somebody new each time


class Figures(NamedTuple):
    """One round of a route.

    Args:
        rate: answers a second.
        cpu: CPU milliseconds of the web processes for each.
        p50: the median latency in milliseconds.
        p99: the latency that one answer in a hundred exceeds, in milliseconds.
    """

    rate: float
    cpu: float = 0.0
    p50: float = 0.0
    p99: float = 0.0


class Bench:
    """A run: what was chosen on the command line, and what was measured."""

    def __init__(self, shop: Shop, chosen: Any) -> None:
        self.shop, self.chosen = shop, chosen
        self.stock = Stock()
        routes = self.stock.routes()
        if unknown := set(chosen.only or ()) - {route.name for route in routes}:
            raise SystemExit(f"no such route: {', '.join(sorted(unknown))}")
        self.routes = [route for route in routes if self._is_wanted(route)]
        self.rounds: dict[str, list[Figures]] = defaultdict(list)
        self.statements: dict[str, int] = {}
        self.surprises: list[str] = []

    def count(self) -> None:
        """Count the SQL statements of each route, in this process."""
        for route in self.routes:
            *others, ask = route.asks(2) if route.keeps else itertools.islice(route.asks(1), 1)
            if others:  # for the next route to live on
                self.stock.keep([answer(others[0]).content])
            self.statements[route.name] = statements(ask, status=route.status)
            if self.statements[route.name] != route.statements:
                self.surprises.append(
                    f"{route.name} takes {self.statements[route.name]} statements, not {route.statements}"
                )

    def run(self) -> None:
        """Ask each route in each round, in turn, so that what changes meanwhile changes for all of them."""
        with self.shop.web(workers=self.chosen.workers, threads=self.chosen.threads) as web:
            for turn in range(1 + self.chosen.rounds):
                for route in self.routes:
                    self._round(route, web.pid, warm_up=turn == 0)
                if turn and self._compares_hashes():
                    self.rounds[HASH].append(Figures(hash_rate(self.chosen.workers, self.chosen.seconds)))

    def figure(self, name: str, which: Callable[[Figures], float]) -> float:
        """Return the median of the rounds."""
        return median(which(each) for each in self.rounds[name])

    def _is_wanted(self, route: Route) -> bool:
        only = self.chosen.only
        return not only or route.name in only or route.name == FLOOR or (route.keeps and "code verify" in only)

    def _compares_hashes(self) -> bool:
        return any(route.floor == HASH for route in self.routes)

    def _round(self, route: Route, pid: int, *, warm_up: bool) -> None:
        seconds = WARM_UP_SECONDS if warm_up else self.chosen.seconds
        asks = route.asks(int(PACE * seconds))
        used = cpu_seconds(pid)
        address = ("127.0.0.1", self.shop.port)
        seen = drive(address, asks, connections=self.chosen.connections, seconds=seconds, keep=route.keeps)
        used = cpu_seconds(pid) - used
        if route.keeps:
            self.stock.keep(seen.bodies)
        if not warm_up:
            self._note(route, seen, used)

    def _note(self, route: Route, seen: Seen, used: float) -> None:
        other = {status: count for status, count in seen.statuses.items() if status != route.status}
        if other:
            self.surprises.append(f"{route.name} answered {other}")
        if not seen.latencies:  # the route before it, whose answers it lives on, has said why
            raise SystemExit("; ".join([*self.surprises, f"{route.name} could not be asked"]))
        cpu = 1000 * used / len(seen.latencies)
        self.rounds[route.name].append(Figures(seen.rate, cpu, seen.within(50), seen.within(99)))


def hash_rate(processes: int, seconds: float) -> float:
    """Return how many passwords a second are compared by so many processes that do nothing else."""
    command = [sys.executable, "-m", "tests.benchmarks.hashing", str(seconds)]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    return sum(float(process.communicate()[0]) for process in running)
