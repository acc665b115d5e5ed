"""Housekeeping after an erasure: what a code has written that was asked for while the erasure was under way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customer_registration.flows import housekeeping
from customer_registration.flows.deletion.executor import Run
from customer_registration.models import AccountDeletionRequest, OtpVerification, OutboxMessage
from tests.deletion.due import due

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


@pytest.fixture
def erased():
    """Erase somebody by anonymising, and let a code come that was asked for meanwhile; return the request."""
    request = due()
    Run().work()
    fields = {"channel": "email", "destination": "jane@example.com", "customer_id": request.customer_ref}
    expires_at = timezone.now() + timedelta(minutes=15)
    otp = OtpVerification.objects.create(purpose="password_reset", max_attempts=5, expires_at=expires_at, **fields)
    OutboxMessage.objects.create(kind="password_reset", otp=otp, **fields)
    return request


def test_a_code_that_came_during_the_erasure_leaves_nothing(erased):
    assert housekeeping.purge()["leftovers"] == 2
    assert not OtpVerification.objects.exists()
    assert list(OutboxMessage.objects.values_list("kind", flat=True)) == ["account_erased"]
    assert housekeeping.purge()["leftovers"] == 0


def test_the_last_message_is_no_leftover(erased):
    housekeeping.purge()
    assert OutboxMessage.objects.get().destination == "jane@example.com"


@pytest.mark.parametrize("status", ["pending", "confirmed", "failed", "cancelled"])
def test_nothing_of_somebody_who_is_not_erased_is_a_leftover(erased, status):
    now = timezone.now()
    AccountDeletionRequest.objects.update(status=status, scheduled_at=now, completed_at=now)
    assert housekeeping.purge()["leftovers"] == 0
    assert OtpVerification.objects.exists()
