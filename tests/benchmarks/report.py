"""Say what was measured, as Markdown, and which targets were missed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.benchmarks.bench import Bench
from tests.benchmarks.flood import Flood
from tests.benchmarks.routes import HASH, Route

TAIL = 3.0  # times p50 that p99 may be


@dataclass(frozen=True)
class Bound:
    """A figure that may not pass a bound."""

    name: str
    figure: float
    most: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether it does not."""
        return self.figure <= self.most


@dataclass
class Report:
    """What a run has found.

    Args:
        bench: the routes.
        floods: of logins.
        bounds: what else was measured.
    """

    bench: Bench
    floods: list[Flood] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)

    def markdown(self, command: str) -> str:
        """Return the tables."""
        parts = [[f"{datetime.now(UTC):%Y-%m-%d}, `{command}`"], self._routes(), self._floods(), self._bounds()]
        return "\n\n".join("\n".join(part) for part in map(list, parts) if part) + "\n"

    def missed(self) -> list[str]:
        """Return what did not go as it should."""
        found = [*self.bench.surprises, *self._slow_routes()]
        found += [f"{each.name}: {each.figure:.2f} {each.unit}" for each in self.bounds if not each.is_met]
        return found

    def _routes(self) -> Iterator[str]:
        if not self.bench.rounds:
            yield "| route | SQL |"
            yield "|---|---:|"
            yield from (f"| {name} | {count} |" for name, count in self.bench.statements.items())
            return
        yield "| route | requests/s | of its floor | CPU ms | of the floor's | SQL | p50 ms | p99 ms |"
        yield "|---|---:|---:|---:|---:|---:|---:|---:|"
        for route in self.bench.routes:
            rate, cpu, p50, p99 = (self.bench.figure(route.name, lambda each, n=n: each[n]) for n in range(4))
            part, part_cpu = self._parts(route)
            yield (
                f"| {route.name} | {rate:.0f} | {_shown(part, route.least)} | {cpu:.2f} | "
                f"{_shown(part_cpu, route.least_cpu)} | {self.bench.statements[route.name]} | {p50:.1f} | {p99:.1f} |"
            )
        if self.bench.rounds[HASH]:
            yield f"| {HASH} | {self.bench.figure(HASH, lambda each: each.rate):.1f} | | | | | | |"

    def _parts(self, route: Route) -> tuple[float, float]:
        """Return the route's part of its floor, in requests a second and in CPU time; 0 where it has none."""
        if not self.bench.rounds.get(route.floor):
            return 0.0, 0.0

        def figure(name: str, place: int) -> float:
            return self.bench.figure(name, lambda each: each[place])

        rate = figure(route.name, 0) / figure(route.floor, 0)
        return rate, figure(route.floor, 1) / figure(route.name, 1)

    def _slow_routes(self) -> Iterator[str]:
        for route in self.bench.routes if self.bench.rounds else ():
            part, part_cpu = self._parts(route)
            if part < route.least:
                yield f"{route.name}: {part:.2f} of the requests a second of {route.floor}, wanted {route.least:.2f}"
            if part_cpu < route.least_cpu:
                yield f"{route.name}: {part_cpu:.2f} in CPU time of {route.floor}, wanted {route.least_cpu:.2f}"
            tail = self.bench.figure(route.name, lambda each: each.p99 / each.p50)
            if route.floor and tail > TAIL:
                yield f"{route.name}: p99 is {tail:.1f} times p50, wanted {TAIL:g}"

    def _floods(self) -> Iterator[str]:
        if not self.floods:
            return
        yield "| web processes | logins at once | logins/s | own profile, idle | flooded | times | peak memory |"
        yield "|---|---:|---:|---:|---:|---:|---:|"
        for each in self.floods:
            yield (
                f"| {each.service} | {each.connections} | {each.logins:.1f} | {each.idle:.1f} ms | "
                f"{each.flooded:.1f} ms | {each.slowdown:.1f} | {each.peak:.0f} MiB |"
            )

    def _bounds(self) -> Iterator[str]:
        if not self.bounds:
            return
        yield "| | | at most |"
        yield "|---|---:|---:|"
        for each in self.bounds:
            yield f"| {each.name} | {each.figure:.2f} {each.unit} | {each.most:g} {each.unit} |"


def _shown(part: float, least: float) -> str:
    if not part:
        return ""
    return f"{part:.2f} (≥ {least:.2f})" if least else f"{part:.2f}"
