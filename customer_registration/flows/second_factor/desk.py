"""What staff may do with a factor whose owner has lost it: take it away. It is audited, and the owner is told."""

from contextlib import suppress
from typing import Any

from django.utils import timezone

from customer_registration.enums import FactorStatus
from customer_registration.exceptions import LimiterUnavailable
from customer_registration.flows.second_factor import proofs, removal
from customer_registration.models import Customer, SecondFactor
from customer_registration.models.integrity import atomically

__all__ = ["remove"]


def remove(factor: SecondFactor, *, by: Any) -> bool:
    """Take a factor away; with the last one, the recovery codes go, and a login asks for none any more.

    Wrong codes of before are forgotten: what comes in place of the factor can be set up at once.

    Args:
        factor: as whoever decides has seen it.
        by: the staff user.

    Returns:
        Whether it was taken away: it may have gone, or changed, since it was seen.
    """
    now = timezone.now()
    if factor.status == FactorStatus.DISABLED:
        return False

    def write() -> bool:
        if not removal.disable(factor, now=now):
            return False
        held = Customer.objects.filter(pk=factor.customer_id)
        held.update(updated_at=now)
        removal.settle(factor, held.select_related("user").get(), now=now, by=str(by.pk))
        return True

    done = atomically(write)
    if done:
        with suppress(LimiterUnavailable):  # the removal has been committed
            proofs.budget_of(factor.customer_id).clear()
    return done
