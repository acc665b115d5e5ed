"""``python -m tests.benchmarks.measuring DATABASE FOLDER …``: the half of the benchmark that runs as the shop's own."""

import os
import sys
from pathlib import Path
from typing import Any

import django

from tests.benchmarks import starting
from tests.benchmarks.options import parser
from tests.faults.servers import Database
from tests.faults.shop import Shop

LOGINS = 64  # at once


def main(database: str, folder: str, *arguments: str) -> int:
    """Measure and report; return 0 if every target is met."""
    chosen = parser().parse_args(arguments)
    shop = Shop(Database(os.environ["DATABASE_URL"], database), Path(folder), dict(os.environ))
    report = measure(shop, chosen)
    table = report.markdown(" ".join(["python -m tests.benchmarks", *arguments]))
    if chosen.output:
        chosen.output.write_text(table)
    missed = [f"MISSED: {what}" for what in report.missed()]
    sys.stdout.write("\n".join([table, *missed, ""]))
    return 1 if missed else 0


def measure(shop: Shop, chosen: Any) -> Any:
    """Run what was chosen on the command line; return the report."""
    django.setup()
    from tests.benchmarks.bench import Bench
    from tests.benchmarks.flood import flood_one_service, flood_two_services
    from tests.benchmarks.report import Bound, Report

    bench = Bench(shop, chosen)
    bench.count()
    report = Report(bench)
    added = Bound("added to `django.setup()`", starting.added_milliseconds(), 80, "ms")
    if chosen.short:
        report.bounds = [added]
        return report
    bench.run()
    if chosen.only:
        return report
    one = flood_one_service(shop, bench.stock, chosen, connections=LOGINS)
    two = flood_two_services(shop, bench.stock, chosen, connections=LOGINS)
    report.floods = [one, two]
    report.bounds = [
        Bound("own profile under the flood, with a service for logins", two.slowdown, 5, "times as long"),
        Bound("memory under the flood", one.peak, 400, "MiB"),
        Bound("memory of an idle web process", starting.idle_megabytes(shop), 110, "MiB"),
        Bound("cold start", starting.cold_start_seconds(shop), 2.5, "s"),
        added,
    ]
    return report


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
