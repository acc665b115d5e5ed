"""Gauges that are read when somebody scrapes: the outbox, and deletions that are due."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from django.db import Error
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from customer_registration.contrib.prometheus.metrics import PREFIX
from customer_registration.flows import vitals

HELP = {
    "outbox_queued": "Messages that wait, retries included",
    "outbox_late_seconds": "For how long the oldest message that is due has been",
    "outbox_broken_off": "Messages that were begun three times and more and left no error",
    "outbox_retried": "Messages that a provider has failed three times and more",
    "outbox_given_up": "Messages given up within the last hour",
    "deletions_due": "Accounts whose grace period is over, and that are still there",
    "deletion_late_seconds": "For how long the oldest of them has been due",
    "deletions_failed": "Accounts whose erasure failed",
    "schedule_seconds": "Since the insights were counted last",
}


class VitalsCollector(Collector):
    """The figures of ``manage.py check_health``; five statements a scrape, each by an index."""

    def describe(self) -> Iterable[Metric]:
        """Return nothing: a registry would ask the database before it may be asked."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Read; where the database is down say so, and nothing else."""
        up = GaugeMetricFamily(f"{PREFIX}_database_up", "Whether the database answers")
        try:
            read = asdict(vitals.read(now=timezone.now()))
        except Error:
            up.add_metric((), 0)
            yield up
            return
        up.add_metric((), 1)
        yield up
        for name, value in read.items():
            if value is not None:
                yield GaugeMetricFamily(f"{PREFIX}_{name}", HELP[name], value=value)
