"""Count what the public signals tell."""

from typing import Any

from django.dispatch import receiver

from customer_registration import signals
from customer_registration.contrib.prometheus import metrics


@receiver(signals.identity_registered)
def count_identity(**_: Any) -> None:
    """Count a claim."""
    metrics.REGISTRATIONS.labels("identity").inc()


@receiver(signals.customer_registered)
def count_customer(**_: Any) -> None:
    """Count a customer."""
    metrics.REGISTRATIONS.labels("customer").inc()


@receiver(signals.login_attempted)
def count_login(*, actor_type: str, road: str, outcome: str, **_: Any) -> None:
    """Count a try to log in."""
    metrics.LOGINS.labels(actor_type, road, outcome).inc()


@receiver(signals.code_issued)
def count_issued(*, purpose: str, channel: str, is_decoy: bool, **_: Any) -> None:
    """Count a code that was made."""
    metrics.CODES_ISSUED.labels(str(purpose), channel, "yes" if is_decoy else "no").inc()


@receiver(signals.code_tried)
def count_tried(*, purpose: str, channel: str, outcome: str, **_: Any) -> None:
    """Count a code that was brought back."""
    metrics.CODES_TRIED.labels(str(purpose), channel, outcome).inc()


@receiver(signals.request_refused)
def count_refusal(*, rule: str, **_: Any) -> None:
    """Count a refusal."""
    metrics.REFUSALS.labels(rule).inc()


@receiver(signals.message_attempted)
def count_attempt(*, channel: str, backend: str, outcome: str, seconds: float | None, **_: Any) -> None:
    """Count a try to deliver a message, and the time it took."""
    metrics.MESSAGES.labels(channel, backend, outcome).inc()
    if seconds is not None:
        metrics.DELIVERY.labels(channel, backend).observe(seconds)


@receiver(signals.contact_verified)
def count_verified(*, kind: str, **_: Any) -> None:
    """Count a proven contact."""
    metrics.CONTACTS.labels(kind, "verified").inc()


@receiver(signals.contact_changed)
def count_changed(*, kind: str, **_: Any) -> None:
    """Count a changed contact."""
    metrics.CONTACTS.labels(kind, "changed").inc()


@receiver(signals.contact_change_undone)
def count_undone(*, kind: str, **_: Any) -> None:
    """Count a change taken back: more than a few are an attack."""
    metrics.CONTACTS.labels(kind, "undone").inc()


@receiver(signals.password_changed)
def count_password(*, by_reset: bool, **_: Any) -> None:
    """Count a new password."""
    metrics.PASSWORDS.labels("reset" if by_reset else "change").inc()


@receiver(signals.second_factor_enabled)
def count_factor_enabled(*, provider: str, **_: Any) -> None:
    """Count a second factor."""
    metrics.SECOND_FACTORS.labels(str(provider), "enabled").inc()


@receiver(signals.second_factor_removed)
def count_factor_removed(*, provider: str, **_: Any) -> None:
    """Count a second factor that is gone."""
    metrics.SECOND_FACTORS.labels(str(provider), "removed").inc()


@receiver(signals.account_deletion_scheduled)
def count_scheduled(**_: Any) -> None:
    """Count a deletion to come."""
    metrics.DELETIONS.labels("scheduled").inc()


@receiver(signals.account_deletion_cancelled)
def count_cancelled(**_: Any) -> None:
    """Count somebody who stays."""
    metrics.DELETIONS.labels("cancelled").inc()


@receiver(signals.account_erased)
def count_erased(**_: Any) -> None:
    """Count an erased account."""
    metrics.DELETIONS.labels("erased").inc()


@receiver(signals.sms_budget_reached)
def count_budget(*, percent: int, prefix: str | None, **_: Any) -> None:
    """Count an alarm; which prefix it is about is in the log, for there are thousands."""
    metrics.SMS_BUDGETS.labels(str(percent), "prefix" if prefix else "all").inc()
