# Names for people to read; no table changes.

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customer_registration", "0007_insights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="accountdeletionrequest",
            options={
                "permissions": [
                    ("cancel_accountdeletionrequest", "Can cancel account deletion requests"),
                    ("postpone_accountdeletionrequest", "Can postpone account deletion requests"),
                    ("erase_accountdeletionrequest", "Can erase accounts that asked for it"),
                ],
                "verbose_name": "account deletion request",
                "verbose_name_plural": "account deletion requests",
            },
        ),
        migrations.AlterModelOptions(
            name="accountevent",
            options={"verbose_name": "account event", "verbose_name_plural": "account events"},
        ),
        migrations.AlterModelOptions(
            name="customer",
            options={
                "permissions": [
                    ("view_contacts_customer", "Can see the whole e-mail addresses and phone numbers of customers"),
                    ("send_code_customer", "Can send customers a new verification code"),
                    ("reset_password_customer", "Can send customers a link to reset their password"),
                    ("end_sessions_customer", "Can end the sessions of customers"),
                    ("unlock_customer", "Can unlock customers who have used up their codes"),
                ],
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
            },
        ),
        migrations.AlterModelOptions(
            name="otpverification",
            options={"verbose_name": "one-time code", "verbose_name_plural": "one-time codes"},
        ),
        migrations.AlterModelOptions(
            name="outboxmessage",
            options={"verbose_name": "message", "verbose_name_plural": "messages"},
        ),
        migrations.AlterModelOptions(
            name="recoverycode",
            options={"verbose_name": "recovery code", "verbose_name_plural": "recovery codes"},
        ),
        migrations.AlterModelOptions(
            name="secondfactor",
            options={
                "permissions": [("remove_secondfactor", "Can remove lost second factors")],
                "verbose_name": "second factor",
                "verbose_name_plural": "second factors",
            },
        ),
        migrations.AlterModelOptions(
            name="sendslot",
            options={"verbose_name": "resend throttle", "verbose_name_plural": "resend throttles"},
        ),
        migrations.AlterField(
            model_name="accountdeletionrequest",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="cancelled at"),
        ),
        migrations.AlterField(
            model_name="accountdeletionrequest",
            name="confirmed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="confirmed at"),
        ),
        migrations.AlterField(
            model_name="accountdeletionrequest",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="deletion_requests",
                to="customer_registration.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="accountdeletionrequest",
            name="identifiers_hash",
            field=models.CharField(
                blank=True,
                help_text="Keyed hashes of e-mail and phone.",
                max_length=129,
                verbose_name="hashes of the contacts",
            ),
        ),
        migrations.AlterField(
            model_name="accountdeletionrequest",
            name="language",
            field=models.CharField(
                blank=True, help_text="Of the messages to come.", max_length=16, verbose_name="language"
            ),
        ),
        migrations.AlterField(
            model_name="accountdeletionrequest",
            name="last_error",
            field=models.CharField(blank=True, max_length=500, verbose_name="last error"),
        ),
        migrations.AlterField(
            model_name="accountdeletionrequest",
            name="reason",
            field=models.TextField(blank=True, verbose_name="reason"),
        ),
        migrations.AlterField(
            model_name="accountdeletionrequest",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("confirmed", "Confirmed"),
                    ("completed", "Completed"),
                    ("cancelled", "Cancelled"),
                    ("failed", "Failed"),
                ],
                default="pending",
                max_length=16,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="accountdeletionrequest",
            name="strategy",
            field=models.CharField(
                blank=True,
                choices=[("anonymize", "Anonymize"), ("delete", "Delete")],
                max_length=16,
                verbose_name="strategy",
            ),
        ),
        migrations.AlterField(
            model_name="accountdeletionrequest",
            name="user_agent",
            field=models.CharField(blank=True, max_length=255, verbose_name="browser"),
        ),
        migrations.AlterField(
            model_name="accountevent",
            name="contact",
            field=models.CharField(blank=True, help_text="Masked.", max_length=254, verbose_name="contact"),
        ),
        migrations.AlterField(
            model_name="accountevent",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="time"),
        ),
        migrations.AlterField(
            model_name="accountevent",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="events",
                to="customer_registration.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="accountevent",
            name="customer_ref",
            field=models.CharField(db_index=True, max_length=30, verbose_name="customer"),
        ),
        migrations.AlterField(
            model_name="accountevent",
            name="detail",
            field=models.JSONField(blank=True, default=dict, verbose_name="details"),
        ),
        migrations.AlterField(
            model_name="accountevent",
            name="kind",
            field=models.CharField(max_length=48, verbose_name="event"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="claim_expires_at",
            field=models.DateTimeField(
                blank=True, help_text="Null: contacts never lapse.", null=True, verbose_name="claim ends at"
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="company_name",
            field=models.CharField(blank=True, max_length=255, null=True, verbose_name="company"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created at"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="deletion_scheduled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="erasure due at"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="email",
            field=models.EmailField(blank=True, max_length=254, null=True, verbose_name="e-mail address"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="email_verified_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="e-mail address confirmed at"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="first_name",
            field=models.CharField(blank=True, max_length=255, null=True, verbose_name="first name"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="has_second_factor",
            field=models.BooleanField(default=False, verbose_name="second factor"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="language",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Of their messages.",
                max_length=16,
                verbose_name="language",
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="last_name",
            field=models.CharField(blank=True, max_length=255, null=True, verbose_name="last name"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="metadata",
            field=models.JSONField(blank=True, null=True, verbose_name="metadata"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="phone",
            field=models.CharField(blank=True, max_length=16, null=True, verbose_name="phone number"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="phone_verified_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="phone number confirmed at"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="registered_at",
            field=models.DateTimeField(
                blank=True, help_text="Null until the storefront creates them.", null=True, verbose_name="signed up at"
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="token_epoch",
            field=models.PositiveIntegerField(
                default=0, help_text="Raised to end every session.", verbose_name="token epoch"
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="updated_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="changed at"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="user",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="registered_customer",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
        migrations.AlterField(
            model_name="otpverification",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="codes entered"),
        ),
        migrations.AlterField(
            model_name="otpverification",
            name="attempts_open",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="codes entered without a token"),
        ),
        migrations.AlterField(
            model_name="otpverification",
            name="channel",
            field=models.CharField(max_length=16, verbose_name="channel"),
        ),
        migrations.AlterField(
            model_name="otpverification",
            name="consumed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="used up at"),
        ),
        migrations.AlterField(
            model_name="otpverification",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created at"),
        ),
        migrations.AlterField(
            model_name="otpverification",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="otp_verifications",
                to="customer_registration.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="otpverification",
            name="destination",
            field=models.CharField(blank=True, max_length=254, verbose_name="sent to"),
        ),
        migrations.AlterField(
            model_name="otpverification",
            name="expires_at",
            field=models.DateTimeField(verbose_name="valid until"),
        ),
        migrations.AlterField(
            model_name="otpverification",
            name="max_attempts",
            field=models.PositiveSmallIntegerField(verbose_name="codes that may be entered"),
        ),
        migrations.AlterField(
            model_name="otpverification",
            name="proven_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="brought back at"),
        ),
        migrations.AlterField(
            model_name="otpverification",
            name="purpose",
            field=models.CharField(max_length=32, verbose_name="purpose"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="channel",
            field=models.CharField(max_length=16, verbose_name="channel"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="country",
            field=models.CharField(blank=True, db_default="", default="", max_length=2, verbose_name="country"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created at"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="customer_registration.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="destination",
            field=models.CharField(blank=True, max_length=254, verbose_name="sent to"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="kind",
            field=models.CharField(max_length=48, verbose_name="message"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="language",
            field=models.CharField(blank=True, max_length=16, verbose_name="language"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="last_error",
            field=models.CharField(blank=True, max_length=500, verbose_name="last error"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="next_attempt_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="next try at"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="otp",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="messages",
                to="customer_registration.otpverification",
                verbose_name="one-time code",
            ),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="outcome",
            field=models.CharField(blank=True, db_default="", default="", max_length=16, verbose_name="outcome"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="sent at"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="state",
            field=models.CharField(default="queued", max_length=16, verbose_name="state"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="tries"),
        ),
        migrations.AlterField(
            model_name="recoverycode",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created at"),
        ),
        migrations.AlterField(
            model_name="recoverycode",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="recovery_codes",
                to="customer_registration.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="recoverycode",
            name="used_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="used at"),
        ),
        migrations.AlterField(
            model_name="secondfactor",
            name="contact_kind",
            field=models.CharField(blank=True, help_text="Where codes go.", max_length=8, verbose_name="codes go to"),
        ),
        migrations.AlterField(
            model_name="secondfactor",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created at"),
        ),
        migrations.AlterField(
            model_name="secondfactor",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="second_factors",
                to="customer_registration.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="secondfactor",
            name="enabled_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="enabled at"),
        ),
        migrations.AlterField(
            model_name="secondfactor",
            name="last_step",
            field=models.BigIntegerField(
                blank=True,
                editable=False,
                help_text="The last time step used.",
                null=True,
                verbose_name="last time step",
            ),
        ),
        migrations.AlterField(
            model_name="secondfactor",
            name="metadata",
            field=models.JSONField(blank=True, default=dict, verbose_name="metadata"),
        ),
        migrations.AlterField(
            model_name="secondfactor",
            name="provider",
            field=models.CharField(max_length=16, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="secondfactor",
            name="secret",
            field=models.TextField(
                blank=True, editable=False, help_text="Of an authenticator app, encrypted.", verbose_name="secret"
            ),
        ),
        migrations.AlterField(
            model_name="secondfactor",
            name="status",
            field=models.CharField(
                choices=[("pending", "Not confirmed yet"), ("enabled", "In force"), ("disabled", "Removed")],
                default="pending",
                max_length=16,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="secondfactor",
            name="updated_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="changed at"),
        ),
        migrations.AlterField(
            model_name="sendslot",
            name="last_sent_at",
            field=models.DateTimeField(verbose_name="last sent at"),
        ),
    ]
