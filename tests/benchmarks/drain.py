"""Fill a PostgreSQL with codes that wait to be sent, empty its outbox by one sweep, and print the rate.

``python -m tests.benchmarks.drain sms 10000``, on the database of the environment; `tests.benchmarks.outbox` calls it.
"""

import sys
import time

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from customer_registration import messaging  # noqa: E402
from customer_registration.messaging.backends.base import BaseBackend  # noqa: E402
from customer_registration.messaging.channels import load_backend  # noqa: E402
from customer_registration.models import OutboxMessage  # noqa: E402

WARM_UP = 200  # codes that are sent before the clock runs: metadata, templates and catalogues are loaded by then
BLOCKS = (12_022_000_000, 4_915_112_000_000, 33_612_000_000, 447_400_000_000)  # mobile numbers of four countries
PURPOSES = {"sms": "phone_verification", "email": "email_verification"}
FILL = (
    """INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
        date_joined)
    SELECT n, 'argon2$' || md5(n::text), false, 'cus_' || lpad(n::text, 26, '0'), 'Jane', 'Doe', '', false, true, now()
    FROM generate_series(1, {codes}) AS n""",
    """INSERT INTO customer_registration_customer (id, user_id, {contact}, first_name, last_name, registered_at,
        token_epoch, has_second_factor, created_at, updated_at)
    SELECT 'cus_' || lpad(n::text, 26, '0'), n, {destination}, 'Jane', 'Doe', now(), 0, false, now(), now()
    FROM generate_series(1, {codes}) AS n""",
    """INSERT INTO customer_registration_otpverification (id, purpose, subject, channel, destination, customer_id,
        nonce, attempts, attempts_open, max_attempts, expires_at, payload, created_at)
    SELECT lpad(n::text, 26, '0'), '{purpose}', '', '{channel}', {destination}, 'cus_' || lpad(n::text, 26, '0'),
        decode(md5(n::text), 'hex'), 0, 0, 5, now() + interval '15 minutes', '{{}}', now()
    FROM generate_series(1, {codes}) AS n""",
    """INSERT INTO customer_registration_outboxmessage (kind, channel, destination, customer_id, otp_id, context,
        language, state, tries, next_attempt_at, last_error, created_at)
    SELECT '{purpose}', '{channel}', destination, customer_id, id, '{{}}', 'en', 'queued', 0, created_at, '', created_at
    FROM customer_registration_otpverification ORDER BY id""",
    "VACUUM ANALYZE",
)


class Backend(BaseBackend):
    """The provider that costs nothing. It counts, so that nothing can be skipped."""

    sent = 0

    def send(self, message):
        """Take a message."""
        self.sent += 1


def fill(channel, codes):
    """Write so many customers of four countries, each with a code that waits to be sent."""
    destination = "'jane' || n || '@example.com'"
    if channel == "sms":
        blocks = " ".join(f"WHEN {place} THEN {block}" for place, block in enumerate(BLOCKS))
        destination = f"'+' || (n + CASE n % {len(BLOCKS)} {blocks} END)"
    values = {"channel": channel, "codes": codes, "destination": destination, "purpose": PURPOSES[channel]}
    values["contact"] = "phone" if channel == "sms" else "email"
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement.format(**values))


def drain(channel, codes):
    """Return how many codes a second one sweep sends."""
    call_command("migrate", verbosity=0)
    fill(channel, codes + WARM_UP)
    assert messaging.deliver_due(limit=WARM_UP) == WARM_UP
    begin = time.perf_counter()
    sent = messaging.deliver_due(limit=codes)
    seconds = time.perf_counter() - begin
    written = OutboxMessage.objects.filter(state="sent").count()
    assert sent == codes
    assert load_backend("tests.benchmarks.drain.Backend").sent == written == codes + WARM_UP
    return codes / seconds


if __name__ == "__main__":
    sys.stdout.write(f"{drain(sys.argv[1], int(sys.argv[2]))}\n")
