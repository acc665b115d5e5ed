"""What Prometheus scrapes."""

from django.http import HttpRequest, HttpResponse

from customer_registration.contrib.prometheus.exposition import exposed
from customer_registration.monitoring.private import PrivateView

__all__ = ["MetricsView"]


class MetricsView(PrivateView):
    """The counters of all processes that share ``PROMETHEUS_MULTIPROC_DIR``, and gauges of outbox and deletions.

    ::

        path("internal/metrics", MetricsView.as_view(token=METRICS_TOKEN))
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer a scrape."""
        body, content_type = exposed(request.headers.get("accept", ""))
        return HttpResponse(body, content_type=content_type)
