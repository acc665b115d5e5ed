"""Fill a PostgreSQL database with customers, some of whom are due for erasure, faster than any API could."""

import sys

from django.db import connection

# Per account that is due: what a life leaves behind from registration to the confirmed deletion.
CODES = ("email_verification", "account_deletion_request")
MESSAGES = (*CODES, "account_deletion_scheduled")
EVENTS = {  # kind → masked contact, detail
    "identity_registered": ("j***@example.com", "{}"),
    "customer_created": ("", "{}"),
    "contact_verified": ("j***@example.com", "{}"),
    "deletion_requested": ("", "{}"),
    "deletion_scheduled": ("", '{"scheduled_at": "2026-11-21T12:00:00+00:00"}'),
}
ADMIN_LOG_ENTRIES = 20_000


def seed(*, customers: int, due: int) -> None:
    """Write ``customers`` proven customers with names; the first ``due`` of them are due for erasure since an hour.

    Keys are made by number: ids have the length and alphabet of ULIDs.
    """
    with connection.cursor() as cursor:
        for statement in _statements(customers, due):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _statements(customers: int, due: int) -> list[str]:
    ulid = "'01K' || lpad(n::text, 23, '0')"
    customer = f"'cus_' || {ulid}"
    past = "now() - interval '8 days'"
    return [
        f"""INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff,
                is_active, date_joined)
            SELECT n, 'argon2$' || md5(n::text), false, {customer}, 'Jane', 'Doe ' || n, 'jane' || n || '@example.com',
                false, true, {past} FROM generate_series(1, {customers}) n""",
        f"""INSERT INTO customer_registration_customer (id, user_id, email, email_verified_at, first_name, last_name,
                metadata, registered_at, token_epoch, has_second_factor, created_at, updated_at, deletion_scheduled_at)
            SELECT {customer}, n, 'jane' || n || '@example.com', {past}, 'Jane', 'Doe ' || n, '{{"size": "M"}}', {past},
                1, false, {past}, {past}, CASE WHEN n <= {due} THEN now() - interval '1 hour' END
            FROM generate_series(1, {customers}) n""",
        f"""INSERT INTO customer_registration_accountdeletionrequest (id, customer_id, customer_ref, identifiers_hash,
                status, reason, ip, user_agent, language, created_at, confirmed_at, scheduled_at, due_at, strategy,
                tries, last_error, active_customer_id)
            SELECT {ulid}, {customer}, {customer}, md5(n::text) || md5(n::text), 'confirmed', 'I moved', '192.0.2.1',
                'Mozilla/5.0', 'en', {past}, {past}, now() - interval '1 hour',
                now() - interval '1 hour' + n * interval '1 millisecond', '', 0, '', {customer}
            FROM generate_series(1, {due}) n""",
        *(
            f"""INSERT INTO customer_registration_otpverification (id, purpose, subject, channel, destination,
                customer_id, nonce, attempts, attempts_open, max_attempts, expires_at, consumed_at, payload, created_at)
            SELECT '{place}' || lpad(n::text, 25, '0'), '{purpose}', '', 'email', 'jane' || n || '@example.com',
                {customer}, '\\x00'::bytea, 0, 0, 5, {past}, {past}, '{{}}', {past} FROM generate_series(1, {due}) n"""
            for place, purpose in enumerate(CODES)
        ),
        *(
            f"""INSERT INTO customer_registration_outboxmessage (kind, channel, destination, customer_id, otp_id,
                context, language, state, tries, next_attempt_at, sent_at, last_error, created_at)
            SELECT '{kind}', 'email', 'jane' || n || '@example.com', {customer},
                {f"'{place}' || lpad(n::text, 25, '0')" if place < len(CODES) else "NULL"}, '{{}}', 'en', 'sent', 1,
                {past}, {past}, '', {past} FROM generate_series(1, {due}) n"""
            for place, kind in enumerate(MESSAGES)
        ),
        *(
            f"""INSERT INTO customer_registration_accountevent (kind, customer_id, customer_ref, contact, detail,
                created_at)
            SELECT '{kind}', {customer}, {customer}, '{contact}', '{detail}', {past}
            FROM generate_series(1, {customers if place == 0 else due}) n"""
            for place, (kind, (contact, detail)) in enumerate(EVENTS.items())
        ),
        f"""INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff,
                is_active, date_joined)
            VALUES ({customers + 1}, '!', true, 'boss', '', '', 'boss@example.com', true, true, {past})""",
        f"""INSERT INTO django_admin_log (action_time, object_id, object_repr, action_flag, change_message,
                content_type_id, user_id)
            SELECT {past}, ((n * 7919) % {customers} + 1)::text, 'Jane Doe', 2, '', (SELECT id FROM django_content_type
                WHERE app_label = 'auth' AND model = 'user'), {customers + 1}
            FROM generate_series(1, {ADMIN_LOG_ENTRIES}) n""",
    ]


def handler(customer, request):
    """A project's handler that writes one row, as most would."""
    from customer_registration.models import AccountEvent, Customer

    if AccountEvent.objects.filter(customer=customer).exists():
        Customer.objects.filter(pk=customer.pk).update(company_name="")


if __name__ == "__main__":
    import django

    django.setup()
    seed(customers=int(sys.argv[1]), due=int(sys.argv[2]))
