"""What the insights cost where there is a lot to count: ``python -m tests.benchmarks.insights``.

Makes a PostgreSQL database of its own with a million messages and their codes in thirty days, 200,000 accounts that are
due, and figures of ninety days in fifty countries; then prints how long it takes to count, to read and to draw.
``TEST_DATABASE_URL`` names the server. Its status is 1 if the page's statements take 200 ms or more.
"""

import argparse
import os
import statistics
import sys
import time

from tests.faults.servers import SERVER, Database

BOUND = 0.2  # seconds
CODES = """
INSERT INTO customer_registration_otpverification (id, purpose, subject, channel, destination, nonce, attempts,
    attempts_open, max_attempts, expires_at, consumed_at, proven_at, payload, created_at)
SELECT lpad(n::text, 26, '0'), 'code_login', '', CASE n % 3 WHEN 0 THEN 'sms' ELSE 'email' END, 'somebody', '', n % 5,
    0, 5, at + interval '15 minutes', CASE WHEN n % 10 < 8 THEN at END, CASE WHEN n % 10 < 7 THEN at END, '{{}}', at
FROM (SELECT n, now() - interval '30 days' * n / {rows} AS at FROM generate_series(1, {rows}) AS n) AS made
"""
MESSAGES = """
INSERT INTO customer_registration_outboxmessage (kind, channel, destination, otp_id, context, language, state, tries,
    next_attempt_at, sent_at, last_error, created_at, country, outcome)
SELECT CASE id::int % 8 WHEN 7 THEN 'password_changed' ELSE 'code_login' END, channel, destination, id, '{}', 'en',
    CASE WHEN id::int % 50 = 1 THEN 'failed' WHEN id::int % 50 = 2 THEN 'suppressed' ELSE 'sent' END, 1, created_at,
    created_at, '', created_at,
    CASE channel WHEN 'sms' THEN chr(65 + id::int % 5) || chr(65 + id::int / 5 % 10) ELSE '' END,
    CASE WHEN id::int % 50 = 1 THEN 'refused' WHEN id::int % 100 = 52 THEN 'held_budget' ELSE '' END
FROM customer_registration_otpverification
"""
DUE = """
INSERT INTO customer_registration_accountdeletionrequest (id, customer_ref, identifiers_hash, status, reason, ip,
    user_agent, language, created_at, scheduled_at, due_at, strategy, tries, last_error, active_customer_id)
SELECT lpad(n::text, 26, '0'), 'cus_' || n, '', 'confirmed', '', '', '', '', now(), at, at, '', 0, '', 'cus_' || n
FROM (SELECT n, now() + interval '60 days' * n / {rows} AS at FROM generate_series(1, {rows}) AS n) AS made
"""
OLDER = """
INSERT INTO customer_registration_dailyfigure (day, figure, channel, country, reason, count)
SELECT day - 30 * times, figure, channel, country, reason, count
FROM customer_registration_dailyfigure, generate_series(1, 2) AS times
ON CONFLICT DO NOTHING
"""


def main(arguments: list[str] | None = None) -> int:
    """Fill a database, count, read and print."""
    parser = argparse.ArgumentParser(description="Time the insights.")
    parser.add_argument("--rows", type=int, default=1_000_000, help="messages, and codes")
    parser.add_argument("--due", type=int, default=200_000, help="accounts to be deleted")
    chosen = parser.parse_args(arguments)
    database = Database(SERVER, f"insights_{os.getpid()}")
    database.create()
    try:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "example_project.settings", "DATABASE_URL": database.url}
        import django

        django.setup()
        return run(chosen.rows, chosen.due)
    finally:
        from django.db import connections

        connections.close_all()
        database.drop()


def run(rows: int, due: int) -> int:
    """Time what the task and the page do."""
    from django.core.management import call_command
    from django.db import connection

    from customer_registration.admin.insight_cards import cards
    from customer_registration.flows.insights import reading, rollup
    from customer_registration.models import DailyFigure

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        for statement in (CODES.format(rows=rows), MESSAGES, DUE.format(rows=due), "VACUUM ANALYZE"):
            cursor.execute(statement)
    tell("count every day, the first time", took(rollup.bring_up_to_date))
    with connection.cursor() as cursor:
        cursor.execute(OLDER)
        cursor.execute("VACUUM ANALYZE customer_registration_dailyfigure")
    tell("count again: the days that may still change", took(rollup.bring_up_to_date))
    tell("figures", DailyFigure.objects.count(), "rows")
    slowest = 0.0
    for days in (7, 30, 90):
        each = [took(lambda days=days: reading.read(days)) for _ in range(20)]
        slowest = max(slowest, statistics.median(each))
        tell(f"read {days} days: median", statistics.median(each))
        tell(f"read {days} days: worst of 20", max(each))
    with connection.execute_wrapper(Apart()):
        read = reading.read(90)
    tell("draw 90 days, the first time", took(lambda: list(cards(read))))
    tell("draw 90 days", took(lambda: list(cards(read))))
    return int(slowest >= BOUND)


class Apart:
    """Print how long each statement takes."""

    def __call__(self, execute, sql, *arguments):
        """Carry a statement out."""
        begin = time.perf_counter()
        try:
            return execute(sql, *arguments)
        finally:
            tell(f"  {sql.partition(' FROM ')[2].split()[0]}", time.perf_counter() - begin)


def took(work):
    """Return how many seconds something takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def tell(what, value, unit="ms"):
    """Print a figure."""
    sys.stdout.write(f"{what}: {value * 1000 if unit == 'ms' else value:,.0f} {unit}\n")


if __name__ == "__main__":
    sys.exit(main())
