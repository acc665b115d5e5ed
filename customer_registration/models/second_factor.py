"""What a person shows beside their first proof: an authenticator app, a code to a contact, a recovery code."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customer_registration.enums import FactorStatus
from customer_registration.models.customer import Customer
from customer_registration.models.ids import FACTOR_ID_LENGTH, new_factor_id

PROVIDER_MAX_LENGTH = 16


class SecondFactorQuerySet(models.QuerySet["SecondFactor"]):
    """The conditional writes on a factor."""

    def enabled(self) -> "SecondFactorQuerySet":
        """Return the factors in force."""
        return self.filter(status=FactorStatus.ENABLED)

    def use_step(self, factor_id: str, step: int, *, secret: str) -> bool:
        """Use up a time step of an authenticator app (RFC 6238 §5.2); ``False`` if it or a later one was used.

        Race: one code sent twice at once. One UPDATE matches. One that was taken away meanwhile gets no secret back.

        Args:
            factor_id: of the app.
            step: the time step.
            secret: the app's, sealed under the present key.
        """
        unused = self.filter(Q(last_step=None) | Q(last_step__lt=step), pk=factor_id)
        return unused.exclude(status=FactorStatus.DISABLED).update(last_step=step, secret=secret) == 1

    def enable(self, factor: "SecondFactor", *, now: datetime) -> bool:
        """Put a pending factor in force; ``False`` if it is not pending any more.

        Raises:
            IntegrityError: another factor of this provider was enabled meanwhile.
        """
        key = f"{factor.customer_id}:{factor.provider}"
        pending = self.filter(pk=factor.pk, status=FactorStatus.PENDING)
        return pending.update(status=FactorStatus.ENABLED, enabled_key=key, enabled_at=now, updated_at=now) == 1

    def disable(self, factor: "SecondFactor", *, now: datetime) -> bool:
        """Take a factor out of force and forget its secret; ``False`` if somebody was quicker."""
        held = self.filter(pk=factor.pk).exclude(status=FactorStatus.DISABLED)
        emptied = {"enabled_key": None, "secret": ""}  # nosec B105  # none is left
        return held.update(status=FactorStatus.DISABLED, updated_at=now, **emptied) == 1


class SecondFactor(models.Model):
    """One factor of one customer. At most one of each provider is in force, which ``enabled_key`` guarantees."""

    id = models.CharField(primary_key=True, max_length=FACTOR_ID_LENGTH, default=new_factor_id, editable=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="second_factors", verbose_name=_("customer"))
    provider = models.CharField(_("kind"), max_length=PROVIDER_MAX_LENGTH)
    status = models.CharField(_("status"), max_length=16, choices=FactorStatus.choices, default=FactorStatus.PENDING)
    enabled_key = models.CharField(max_length=64, null=True, blank=True, editable=False)
    secret = models.TextField(
        _("secret"), blank=True, editable=False, help_text=_("Of an authenticator app, encrypted.")
    )
    last_step = models.BigIntegerField(
        _("last time step"), null=True, blank=True, editable=False, help_text=_("The last time step used.")
    )
    contact_kind = models.CharField(_("codes go to"), max_length=8, blank=True, help_text=_("Where codes go."))
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed at"), default=timezone.now, editable=False)
    enabled_at = models.DateTimeField(_("enabled at"), null=True, blank=True, editable=False)

    objects = SecondFactorQuerySet.as_manager()

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        permissions: ClassVar = [("remove_secondfactor", "Can remove lost second factors")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enabled_key"], name="customer_registration_second_factor_enabled"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.pk}"

    def __repr__(self) -> str:
        return f"<SecondFactor: {self.pk}>"


class RecoveryCodeQuerySet(models.QuerySet["RecoveryCode"]):
    """Use codes once."""

    def use(self, customer_id: str, hashes: list[str], *, now: datetime) -> bool:
        """Use a code up; ``False`` if there is no such code, or it was used.

        Race: one code sent twice at once. One UPDATE matches.

        Args:
            customer_id: whose.
            hashes: of what was typed, under each signing secret that still verifies.
            now: the time of the flow.
        """
        unused = self.filter(customer_id=customer_id, code_hash__in=hashes, used_at=None)
        return unused.update(used_at=now) == 1


class RecoveryCode(models.Model):
    """One recovery code, as a keyed hash: what was shown once cannot be shown again."""

    # No index of its own: that of the constraint begins with it.
    customer = models.ForeignKey(
        Customer, models.CASCADE, db_index=False, related_name="recovery_codes", verbose_name=_("customer")
    )
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = RecoveryCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "code_hash"], name="customer_registration_recovery_code_hash"),
        ]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
