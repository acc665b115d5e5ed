"""Drop the indexes that nothing reads and every write pays for.

Django gives each column of text that is a key, or refers to one, a second index on PostgreSQL, for ``LIKE``; codes,
messages and factors are looked for by whole keys alone. And an index that begins with the customer serves those that
are of the customer only.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

TABLE = "customer_registration"
# Name, table, column. Those stay by which staff look for the start of an id: of customers, requests and events.
FOR_LIKE = (
    (f"{TABLE}_ac_customer_id_100fcd79_like", f"{TABLE}_accountdeletionrequest", "customer_id"),
    (f"{TABLE}_accountevent_customer_id_727a0b7a_like", f"{TABLE}_accountevent", "customer_id"),
    (f"{TABLE}_otpverification_customer_id_f49e56b9_like", f"{TABLE}_otpverification", "customer_id"),
    (f"{TABLE}_otpverification_id_e2bcb513_like", f"{TABLE}_otpverification", "id"),
    (f"{TABLE}_outboxmessage_customer_id_a9d7dadc_like", f"{TABLE}_outboxmessage", "customer_id"),
    (f"{TABLE}_outboxmessage_otp_id_22c8269f_like", f"{TABLE}_outboxmessage", "otp_id"),
    (f"{TABLE}_recoverycode_customer_id_7a1bcece_like", f"{TABLE}_recoverycode", "customer_id"),
    (f"{TABLE}_secondfactor_customer_id_86f564fd_like", f"{TABLE}_secondfactor", "customer_id"),
    (f"{TABLE}_secondfactor_id_a9384f0f_like", f"{TABLE}_secondfactor", "id"),
)
SERVED_BY_ANOTHER = (
    (f"{TABLE}_otpverification_customer_id_f49e56b9", f"{TABLE}_otpverification", "customer_id"),
    (f"{TABLE}_recoverycode_customer_id_7a1bcece", f"{TABLE}_recoverycode", "customer_id"),
)


def drop(apps: Any, schema_editor: Any) -> None:
    """Drop them. MySQL has neither kind: it makes no index for a reference that another one serves."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    if schema_editor.connection.vendor == "mysql":
        return
    for name, _table, _column in (*FOR_LIKE, *SERVED_BY_ANOTHER):
        # Concurrently: else a long query on the table would let every request wait behind the DROP.
        schema_editor.execute(f'DROP INDEX {"CONCURRENTLY" if postgresql else ""} IF EXISTS "{name}"')


def make_again(apps: Any, schema_editor: Any) -> None:
    """Make them as they were."""
    if schema_editor.connection.vendor == "mysql":
        return
    if schema_editor.connection.vendor == "postgresql":
        drop(apps, schema_editor)  # what was killed half-way leaves an index that is there and serves nothing
        for name, table, column in FOR_LIKE:
            schema_editor.execute(f'CREATE INDEX CONCURRENTLY "{name}" ON "{table}" ("{column}" varchar_pattern_ops)')
        for name, table, column in SERVED_BY_ANOTHER:
            schema_editor.execute(f'CREATE INDEX CONCURRENTLY "{name}" ON "{table}" ("{column}")')
        return
    for name, table, column in SERVED_BY_ANOTHER:
        schema_editor.execute(f'CREATE INDEX IF NOT EXISTS "{name}" ON "{table}" ("{column}")')


class Migration(migrations.Migration):
    atomic = False  # CONCURRENTLY wants none; each statement may be run again

    dependencies = [
        ("customer_registration", "0008_labels"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            # As operations on the database they would drop and check the references, too, and copy SQLite's tables.
            state_operations=[
                migrations.AlterField(
                    model_name="otpverification",
                    name="customer",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="otp_verifications",
                        to="customer_registration.customer",
                        verbose_name="customer",
                    ),
                ),
                migrations.AlterField(
                    model_name="recoverycode",
                    name="customer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to="customer_registration.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
        ),
        migrations.RunPython(drop, make_again),
    ]
