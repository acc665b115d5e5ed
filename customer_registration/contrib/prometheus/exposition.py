"""What a scrape is answered, from the counters of one process or of all that share ``PROMETHEUS_MULTIPROC_DIR``."""

import os
from collections.abc import Iterator

from prometheus_client import REGISTRY, CollectorRegistry, Metric, start_http_server
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from customer_registration.contrib.prometheus.collector import VitalsCollector

__all__ = ["serve"]

SHARED = "PROMETHEUS_MULTIPROC_DIR"


class _OfThisProcess(Collector):
    """Everything that is counted in this process, by the project and by other libraries too."""

    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()


def everything(*, with_vitals: bool = True) -> CollectorRegistry:
    """Return a registry of all counters, and of the gauges that the database is asked for.

    Args:
        with_vitals: whether to ask; one place is enough.
    """
    registry = CollectorRegistry(auto_describe=False)
    if os.environ.get(SHARED):
        MultiProcessCollector(registry)
    else:
        registry.register(_OfThisProcess())
    if with_vitals:
        registry.register(VitalsCollector())
    return registry


def exposed(accept: str) -> tuple[bytes, str]:
    """Return the answer to a scrape, and its content type.

    Args:
        accept: the header of that name.
    """
    try:
        encode, content_type = choose_encoder(accept)
    except TypeError:  # prometheus_client compares the parts of a version that is no figure
        encode, content_type = choose_encoder("")
    return encode(everything()), content_type


def serve(port: int, *, host: str = "127.0.0.1") -> None:
    """Serve the counters of a process that has no web server, such as a Celery worker, from a thread of its own.

    Args:
        port: to listen on.
        host: the address to listen on.
    """
    start_http_server(port, host, registry=everything(with_vitals=False))
