"""A season of a shop for the insights page: ``DATABASE_URL=… python -m tests.benchmarks.season`` fills its tables.

Three months of messages and codes, more at weekends, an evening on which the SMS provider was down, a night of pumping
that the guard held back, refused requests, and accounts that are due. Nobody in it exists.
"""

import os
import random
import sys
from datetime import timedelta

DAYS = 90
COUNTRIES = {"DE": 38, "US": 30, "FR": 16, "GB": 14, "BR": 9, "TR": 7, "AE": 5, "JP": 4, "IN": 4, "PL": 3}
PROVEN = {"DE": 0.86, "US": 0.81, "FR": 0.84, "GB": 0.79, "BR": 0.68, "TR": 0.72, "AE": 0.64, "JP": 0.9, "IN": 0.58}
KINDS = ("email_verification", "code_login", "password_reset")
REFUSED = {"login_failed": 41, "resend": 96, "code_send": 23, "register": 12, "login": 8, "account_deletion": 2}


def fill(chance):
    """Write the season; ``chance`` is where its luck comes from."""
    from django.utils import timezone

    from customer_registration.models import AccountDeletionRequest, DailyFigure, OtpVerification, OutboxMessage

    now = timezone.now()
    otps, messages = [], []
    for age in range(DAYS):
        day = now - timedelta(days=age)
        busy = (1.35 if day.weekday() > 4 else 1) * (1.6 - age / DAYS) * chance.uniform(0.85, 1.15)
        for channel, usual in (("email", 150), ("sms", 85)):
            for _ in range(int(usual * busy)):
                otp, message = one(chance, channel, day - timedelta(minutes=chance.randint(20, 700)), down=age == 17)
                otps += [otp] if otp else []
                messages.append(message)
    OtpVerification.objects.bulk_create(otps, batch_size=2000)
    OutboxMessage.objects.bulk_create(messages, batch_size=2000)
    DailyFigure.objects.bulk_create(
        DailyFigure(
            day=(now - timedelta(days=age)).date(), figure="refusal", reason=rule, count=chance.randint(1, most)
        )
        for age in range(DAYS)
        for rule, most in REFUSED.items()
        if most > 5 or not age % 9
    )
    AccountDeletionRequest.objects.bulk_create(
        AccountDeletionRequest(
            customer_ref=f"cus_{number}",
            status="confirmed",
            scheduled_at=due,
            due_at=due,
            active_customer_id=f"cus_{number}",
        )
        for number, due in enumerate(now + timedelta(days=chance.triangular(-1, 54, 4)) for _ in range(148))
    )


def one(chance, channel, at, *, down):
    """Return a code and its message."""
    from customer_registration.models import OtpVerification, OutboxMessage

    country = chance.choices(list(COUNTRIES), list(COUNTRIES.values()))[0] if channel == "sms" else ""
    values = {"channel": channel, "country": country, "created_at": at, "next_attempt_at": at, "state": "sent"}
    if chance.random() < 0.12:
        return None, OutboxMessage(kind="password_changed", sent_at=at, **values)
    kind = "phone_verification" if channel == "sms" else chance.choice(KINDS)
    if channel == "sms" and down and chance.random() < 0.45:
        return None, OutboxMessage(kind=kind, outcome="failed", **values | {"state": "failed"})
    if chance.random() < 0.02:
        why = ["refused", "too_late", "error"] + (["held_number", "held_budget", "held_conversion"] if country else [])
        outcome = chance.choice(why)
        state = "suppressed" if outcome.startswith("held") else "failed"
        return None, OutboxMessage(kind=kind, outcome=outcome, **values | {"state": state})
    otp = OtpVerification(purpose=kind, channel=channel, max_attempts=5, created_at=at)
    otp.expires_at = at + timedelta(minutes=15)
    luck = chance.random()
    if luck < PROVEN.get(country, 0.74):
        otp.consumed_at = otp.proven_at = at
    elif luck < 0.88:
        otp.attempts = chance.choice((0, 0, 0, 1, 2))
    elif luck < 0.96:
        otp.consumed_at = at
    else:
        otp.attempts = chance.choice((1, 5))
    return otp, OutboxMessage(kind=kind, otp=otp, sent_at=at, **values)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    import django

    django.setup()
    from customer_registration.flows.insights import rollup

    fill(random.Random(8))
    sys.stdout.write(f"{rollup.bring_up_to_date().counted} days counted\n")
