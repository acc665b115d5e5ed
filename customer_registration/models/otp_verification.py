"""One-time secrets: codes, and the values of mailed links. The row never holds the secret itself."""

import secrets
from datetime import datetime
from typing import ClassVar

from django.db import models, router
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customer_registration import codes, fixed_codes, keys
from customer_registration.conf import config
from customer_registration.enums import Purpose
from customer_registration.identifiers import EMAIL_MAX_LENGTH
from customer_registration.models.customer import Customer
from customer_registration.models.ids import ULID_LENGTH, new_ulid
from customer_registration.models.prepared import Change

NONCE_BYTES = 16
CHANNEL_MAX_LENGTH = 16
# The counters of guesses: by whoever holds the flow token, and by whoever names the identifier alone.
ATTEMPTS = "attempts"
ATTEMPTS_OPEN = "attempts_open"
FIXED = "fixed_code"  # in the payload: nothing was sent, and the code of TEST_IDENTIFIERS is the one


def new_nonce() -> bytes:
    """Return 16 random bytes."""
    return secrets.token_bytes(NONCE_BYTES)


def _granted(now: datetime) -> Q:
    return Q(grant_until__gt=now, grant_used_at=None)


_spend = {
    counter: Change(
        lambda rows, row_id, now, counter=counter: rows.usable(now).filter(
            pk=row_id, **{f"{counter}__lt": F("max_attempts")}
        ),
        lambda row_id, now, counter=counter: {counter: F(counter) + 1},
    )
    for counter in (ATTEMPTS, ATTEMPTS_OPEN)
}
_consume = Change(
    lambda rows, row_id, now: rows.live(now).filter(pk=row_id),
    lambda row_id, now: {"consumed_at": now, "proven_at": now},
)


class OtpVerificationQuerySet(models.QuerySet["OtpVerification"]):
    """The conditional writes that make a guess, and a success, count exactly once."""

    def live(self, now: datetime) -> "OtpVerificationQuerySet":
        """Return the codes that are neither used, superseded nor expired."""
        return self.filter(consumed_at=None, expires_at__gt=now)

    def granted(self, now: datetime) -> "OtpVerificationQuerySet":
        """Return the codes that have just registered somebody, and may log them in once."""
        return self.filter(_granted(now))

    def usable(self, now: datetime) -> "OtpVerificationQuerySet":
        """Return the live codes and the granted ones."""
        return self.filter(Q(consumed_at=None, expires_at__gt=now) | _granted(now))

    def spend_attempt(self, row_id: str, *, now: datetime, counter: str = ATTEMPTS) -> bool:
        """Count one guess at a code before anything is compared; ``False`` if no guess is left.

        Race: parallel guesses. Read-then-write lets every one of them through; this UPDATE lets exactly
        ``max_attempts`` match. It must run in autocommit, so that no rollback forgets the failure.

        Args:
            row_id: of the code.
            now: the time of the flow.
            counter: ``ATTEMPTS`` of who holds the flow token, or ``ATTEMPTS_OPEN`` of who names the identifier alone.
        """
        return _spend[counter].make(self, row_id, now) == 1

    def give_attempt_back(self, row_id: str, *, counter: str = ATTEMPTS) -> None:
        """Take one guess back: it was right, and its effect has to wait for somebody else, or is not to be."""
        self.filter(pk=row_id, **{f"{counter}__gt": 0}).update(**{counter: F(counter) - 1})

    def consume(self, row_id: str, *, now: datetime, **values: object) -> bool:
        """Use a proven secret up, and set ``values`` with it; ``False`` if it was used already.

        Race: the right code sent twice at once. Call it first in the transaction that holds the effect.
        """
        if values:
            return self.live(now).filter(pk=row_id).update(consumed_at=now, proven_at=now, **values) == 1
        return _consume.make(self, row_id, now) == 1

    def use_grant(self, row_id: str, *, now: datetime) -> bool:
        """Use up the one login that a registration left open; ``False`` if it was used, or its time is over.

        Race: the right code sent twice at once, as in `consume`.
        """
        return self.granted(now).filter(pk=row_id).update(grant_used_at=now) == 1

    def supersede(self, row_id: str, *, attempts: int, now: datetime) -> bool:
        """Retire a code for a newer one, if no guess at it has been counted since ``attempts`` was read.

        Race: a guess between the read and the replacement would be forgotten by the newer code.
        """
        return self.filter(pk=row_id, attempts=attempts, consumed_at=None).update(consumed_at=now) == 1

    def retire_all(self, customer_id: str, *, now: datetime) -> int:
        """Kill every live secret of a customer, undo links included; return how many."""
        unused = self.filter(Q(consumed_at=None) | _granted(now), customer_id=customer_id)
        return unused.update(consumed_at=now, grant_until=None)

    def retire_codes(self, customer_id: str, *, now: datetime, sent_to: str | None = None) -> int:
        """Kill a customer's live codes and links, or those that went to one contact; return how many.

        Undo links stay: they are what an owner has left when somebody else holds the session and the password.
        """
        unused = self.filter(Q(consumed_at=None) | _granted(now), customer_id=customer_id)
        codes = unused.exclude(purpose=Purpose.CONTACT_UNDO)
        if sent_to is not None:
            codes = codes.filter(destination=sent_to)
        return codes.update(consumed_at=now, grant_until=None)

    def delete_at_once(self) -> int:
        """Delete rows that no message refers to, in one statement; return how many.

        (Django's own ``delete`` reads the rows first and looks for messages that refer to them.)
        """
        return int(self._raw_delete(router.db_for_write(self.model)) or 0)

    def retire_later_undo_links(self, undo: "OtpVerification", *, now: datetime) -> int:
        """Kill the undo links of changes that came after the one that ``undo`` takes back; return how many."""
        links = self.filter(customer_id=undo.customer_id, purpose=Purpose.CONTACT_UNDO, consumed_at=None)
        return links.filter(pk__gt=undo.pk).update(consumed_at=now)


class OtpVerification(models.Model):
    """One secret that was sent, or pretended to be: decoys have no destination, and those of nobody no customer.

    ``attempts`` counts guesses by whoever holds the flow token, ``attempts_open`` those without one.
    """

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    purpose = models.CharField(_("purpose"), max_length=32)
    # A keyed hash of who a code is for, where it can be brought back without naming its row.
    subject = models.CharField(max_length=64, blank=True, default="")
    channel = models.CharField(_("channel"), max_length=CHANNEL_MAX_LENGTH)
    destination = models.CharField(_("sent to"), max_length=EMAIL_MAX_LENGTH, blank=True)
    # No index of its own: ``cr_otp_customer_purpose`` begins with it.
    customer = models.ForeignKey(
        Customer,
        models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="otp_verifications",
        verbose_name=_("customer"),
    )
    nonce = models.BinaryField(max_length=NONCE_BYTES, default=new_nonce)
    attempts = models.PositiveSmallIntegerField(_("codes entered"), default=0)
    attempts_open = models.PositiveSmallIntegerField(_("codes entered without a token"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("codes that may be entered"))
    expires_at = models.DateTimeField(_("valid until"))
    consumed_at = models.DateTimeField(_("used up at"), null=True, blank=True)
    # Set with ``consumed_at`` if the secret was brought back; one that was replaced or retired has the former alone.
    proven_at = models.DateTimeField(_("brought back at"), null=True, blank=True)
    payload = models.JSONField(default=dict, blank=True)
    grant_until = models.DateTimeField(null=True, blank=True)
    grant_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = OtpVerificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("one-time code")
        verbose_name_plural = _("one-time codes")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(attempts__lte=F("max_attempts")), name="customer_registration_otp_attempts_capped"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "purpose", "expires_at"], name="cr_otp_customer_purpose"),
            models.Index(fields=["expires_at"], name="cr_otp_expires"),
            models.Index(fields=["subject", "purpose"], name="cr_otp_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"

    @property
    def attempts_remaining(self) -> int:
        """How many guesses the holder of the flow token has left."""
        return max(0, self.max_attempts - self.attempts)

    @property
    def is_decoy(self) -> bool:
        """Whether nothing was sent; its code can be hit by chance and proves nothing."""
        return not self.destination

    @property
    def is_fixed(self) -> bool:
        """Whether the fixed code of a test identifier takes the place of the derived one."""
        return FIXED in self.payload

    def code(self) -> str:
        """Derive the code as it is sent."""
        length, charset = self._format()
        return codes.derive_code(self, secret=keys.secrets()[0], length=length, charset=charset)

    def matches_code(self, typed: str) -> bool:
        """Compare a typed code with this row's. Spend an attempt first."""
        if self.is_fixed:
            return self._matches_fixed_code(typed)
        length, charset = self._format()
        matched = codes.code_matches(self, typed, secrets=keys.secrets(), length=length, charset=charset)
        return matched and not self.is_decoy

    def _matches_fixed_code(self, typed: str) -> bool:
        # Asked anew: the entry may have ended or gone since the row was made, and its customer become staff.
        fixed = fixed_codes.in_force(self.destination, now=timezone.now())
        if fixed is None or (self.customer is not None and self.customer.is_staff):
            return False
        return codes.fixed_code_matches(fixed, typed)

    def _format(self) -> tuple[int, str]:
        """Return the length and the charset of this row's code."""
        chosen = config()
        digits = {
            Purpose.CODE_LOGIN: chosen.passwordless.digits,
            Purpose.CODE_REGISTRATION: chosen.passwordless.digits,
            Purpose.TWO_STEP_LOGIN: chosen.two_step_login.digits,
            Purpose.SERVICE: self.payload.get("digits"),
        }.get(Purpose(self.purpose))
        return (digits, "numeric") if digits else (chosen.otp.length, chosen.otp.charset)

    def link_value(self) -> str:
        """Derive what a mailed link carries."""
        return codes.derive_link_value(self, secret=keys.secrets()[0])

    def matches_link_value(self, value: str) -> bool:
        """Compare a link's value with this row's."""
        return codes.link_value_matches(self, value, secrets=keys.secrets()) and not self.is_decoy
