"""A benchmark says which targets were missed, and nothing of those that were met."""

import pytest

from tests.benchmarks import bench
from tests.benchmarks.bench import Bench, Figures
from tests.benchmarks.flood import Flood
from tests.benchmarks.options import parser
from tests.benchmarks.report import Bound, Report
from tests.benchmarks.routes import FLOOR, HASH, Route

ROUTES = [
    Route("bare", lambda _: iter(())),
    Route(FLOOR, lambda _: iter(())),
    Route("own profile", lambda _: iter(()), floor=FLOOR, least=0.95, least_cpu=0.95),
    Route("code send", lambda _: iter(()), floor=FLOOR, least=0.50, keeps=True),
    Route("code verify", lambda _: iter(()), floor=FLOOR, least=0.45),
    Route("login", lambda _: iter(()), floor=HASH, least=0.85),
]
# Each target is met exactly.
MET = {
    "bare": Figures(900, 1, p50=1, p99=40),  # nobody promises how steady a floor is
    FLOOR: Figures(400, 1.9, p50=2, p99=90),
    "own profile": Figures(380, 2, p50=10, p99=30),
    "code send": Figures(200, 9, p50=10, p99=20),
    "code verify": Figures(180, 9, p50=10, p99=20),
    "login": Figures(17, 90, p50=100, p99=110),
    HASH: Figures(20),
}
FLOOD = Flood("2 × 4 threads", connections=64, idle=4, flooded=10, logins=22.22, peak=321)


class Stock:
    """Nobody, and the routes above."""

    def routes(self):
        return list(ROUTES)


@pytest.fixture
def measured(monkeypatch):
    """Return the report of rounds that meet each target but for what is laid over them."""
    monkeypatch.setattr(bench, "Stock", Stock)

    def make(rounds=3, **changes):
        made = Bench(shop=None, chosen=parser().parse_args([]))
        made.statements = {route.name: 1 for route in ROUTES}
        for name, figures in MET.items():
            made.rounds[name] = [figures._replace(**changes.get(name.replace(" ", "_"), {}))] * rounds
        return Report(made)

    return make


def tables(text):
    """Return the tables of a text, each a list of rows of cells."""
    parts = [part.splitlines() for part in text.strip().split("\n\n")]
    return [[line.strip("|").split("|") for line in part] for part in parts if part[0].startswith("|")]


def test_nothing_is_said_of_targets_that_are_met(measured):
    report = measured()
    report.bounds, report.floods = [Bound("cold start", 2.5, 2.5, "s")], [FLOOD]
    assert report.missed() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"own_profile": {"rate": 379}},
            "own profile: 0.95 of the requests a second of DRF + JWT + one SELECT, wanted 0.95",
        ),
        ({"own_profile": {"cpu": 2.2}}, "own profile: 0.86 in CPU time of DRF + JWT + one SELECT, wanted 0.95"),
        ({"login": {"rate": 16}}, "login: 0.80 of the requests a second of hash alone, wanted 0.85"),
        ({"login": {"p99": 320}}, "login: p99 is 3.2 times p50, wanted 3"),
    ],
)
def test_a_route_that_misses_its_target_is_told_and_no_other(measured, changes, said):
    assert measured(**changes).missed() == [said]


def test_the_median_of_the_rounds_counts(measured):
    slow = MET["own profile"]._replace(rate=1, cpu=90, p99=900)
    report = measured()
    report.bench.rounds["own profile"][0] = slow
    assert report.missed() == []
    report.bench.rounds["own profile"][1] = slow
    assert len(report.missed()) == 3


def test_a_bound_that_is_passed_is_told(measured):
    report = measured()
    report.bounds = [Bound("cold start", 2.51, 2.5, "s"), Bound("memory", 100, 110, "MiB")]
    assert report.missed() == ["cold start: 2.51 s"]


def test_what_the_bench_did_not_expect_is_told(measured):
    report = measured()
    report.bench.surprises.append("login answered {503: 2}")
    assert report.missed() == ["login answered {503: 2}"]


def test_the_tables_are_whole(measured):
    report = measured()
    report.bounds, report.floods = [Bound("cold start", 2.5, 2.5, "s")], [FLOOD, FLOOD]
    text = report.markdown("python -m tests.benchmarks")
    assert text.splitlines()[0].endswith(", `python -m tests.benchmarks`")
    routes, floods, bounds = tables(text)
    for table in (routes, floods, bounds):
        assert len({len(row) for row in table}) == 1
    assert [row[0].strip() for row in routes[2:]] == list(MET)
    assert [cell.strip() for cell in routes[4]] == [
        "own profile", "380", "0.95 (≥ 0.95)", "2.00", "0.95 (≥ 0.95)", "1", "10.0", "30.0",
    ]  # fmt: skip
    assert [cell.strip() for cell in floods[3]] == [
        "2 × 4 threads", "64", "22.2", "4.0 ms", "10.0 ms", "2.5", "321 MiB",
    ]  # fmt: skip
    assert [cell.strip() for cell in bounds[2]] == ["cold start", "2.50 s", "2.5 s"]


def test_a_short_run_has_statements_alone(measured):
    report = measured()
    report.bench.rounds.clear()
    [routes] = tables(report.markdown("--short"))
    assert [[cell.strip() for cell in row] for row in routes[2:]] == [[route.name, "1"] for route in ROUTES]
    assert report.missed() == []


@pytest.mark.parametrize(
    ("only", "wanted"),
    [
        ([], [route.name for route in ROUTES]),
        (["own profile"], [FLOOR, "own profile"]),
        (["code verify"], [FLOOR, "code send", "code verify"]),  # which lives on the codes that were sent
        (["login", "bare"], ["bare", FLOOR, "login"]),
    ],
)
def test_a_route_is_measured_with_what_it_needs(monkeypatch, only, wanted):
    monkeypatch.setattr(bench, "Stock", Stock)
    chosen = parser().parse_args([part for name in only for part in ("--only", name)])
    assert [route.name for route in Bench(shop=None, chosen=chosen).routes] == wanted


def test_a_route_that_there_is_not_is_refused(monkeypatch):
    monkeypatch.setattr(bench, "Stock", Stock)
    with pytest.raises(SystemExit, match=r"^no such route: logout$"):
        Bench(shop=None, chosen=parser().parse_args(["--only", "login", "--only", "logout"]))
