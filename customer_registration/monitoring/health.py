"""Whether an installation is well, for a load balancer, an orchestrator or an uptime monitor."""

from dataclasses import fields
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from customer_registration.flows.vitals import Finding, Thresholds, examine
from customer_registration.monitoring.private import PrivateView

__all__ = ["HealthView"]

NAMES = tuple(field.name for field in fields(Thresholds))
DEFAULT = Thresholds()


class HealthView(PrivateView):
    """200 where all is well, 503 where something is not; JSON says what, and nothing of anybody.

    ::

        path("health", HealthView.as_view(token=HEALTH_TOKEN, outbox_late_seconds=120))

    Every field of `Thresholds` is an argument; ``None`` does not look at it.
    """

    outbox_late_seconds: float | None = DEFAULT.outbox_late_seconds
    outbox_broken_off: float | None = DEFAULT.outbox_broken_off
    outbox_retried: float | None = DEFAULT.outbox_retried
    outbox_given_up: float | None = DEFAULT.outbox_given_up
    deletion_late_seconds: float | None = DEFAULT.deletion_late_seconds
    deletions_failed: float | None = DEFAULT.deletions_failed
    schedule_seconds: float | None = DEFAULT.schedule_seconds

    def get(self, request: HttpRequest) -> JsonResponse:
        """Look, and answer."""
        thresholds = Thresholds(**{name: getattr(self, name) for name in NAMES})
        findings = examine(thresholds, now=timezone.now())
        is_well = all(finding.is_well for finding in findings)
        body = {"status": "ok" if is_well else "failing", "checks": {each.name: _shown(each) for each in findings}}
        return JsonResponse(body, status=200 if is_well else 503)


def _shown(finding: Finding) -> dict[str, Any]:
    shown: dict[str, Any] = {"ok": finding.is_well}
    if finding.value is not None:
        shown |= {"value": round(finding.value, 1), "limit": finding.limit}
    if finding.problem:
        shown["problem"] = finding.problem
    return shown
