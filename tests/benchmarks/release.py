"""At a line on standard input, queue codes in a transaction and say so; at the next, commit, which publishes them."""

import sys
from datetime import timedelta

import django

django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from customer_registration import messaging  # noqa: E402
from customer_registration.models import Customer, OtpVerification  # noqa: E402


def queue(phone: str) -> None:
    """Queue a code for a new customer."""
    now, kind = timezone.now(), "phone_verification"
    customer = Customer.objects.create(phone=phone)
    otp = OtpVerification.objects.create(
        purpose=kind,
        channel="sms",
        destination=phone,
        customer=customer,
        max_attempts=5,
        expires_at=now + timedelta(minutes=15),
    )
    messaging.queue(messaging.compose(kind, channel="sms", destination=phone, customer=customer, otp=otp, now=now))


size = int(sys.argv[1])
for turn, _ in enumerate(iter(sys.stdin.readline, "")):
    with transaction.atomic():
        for number in range(size):
            queue(f"+1202555{turn * size + number:04}")
        sys.stdout.write("queued\n")
        sys.stdout.flush()
        sys.stdin.readline()
