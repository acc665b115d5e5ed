"""A person who buys in the shop, beside the Django user that holds the password."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customer_registration.conf import config
from customer_registration.enums import IdentifierKind
from customer_registration.identifiers import E164_MAX_LENGTH, EMAIL_MAX_LENGTH, Identifier, canonical, mask
from customer_registration.languages import LANGUAGE_MAX_LENGTH
from customer_registration.models.customer_queryset import CustomerQuerySet, shadow_field
from customer_registration.models.ids import CUSTOMER_ID_LENGTH, CUSTOMER_PREFIX, new_customer_id


def unproven_order() -> list[IdentifierKind]:
    """Return the kinds of contact as they are told where none is proven: the one that registers comes first."""
    registers_by = config().registration.identifier
    return sorted(IdentifierKind, key=lambda kind: kind != registers_by)


class Customer(models.Model):
    """One row a person: contacts, what is proven, names, and the counter that revokes tokens.

    The password lives on ``user``, so hashers, validators and Django's admin work as ever. Contacts are canonical
    ASCII (`identifiers`), null when absent; names may be null or "", which the storefront protocol tells apart.
    """

    id = models.CharField(primary_key=True, max_length=CUSTOMER_ID_LENGTH, default=new_customer_id, editable=False)
    # Null where a project has deleted the user and kept the customer.
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="registered_customer",
        verbose_name=_("user"),
    )
    email = models.EmailField(_("e-mail address"), max_length=EMAIL_MAX_LENGTH, null=True, blank=True)
    # Plain text, not PhoneNumberField: its descriptor parses the number on every row read and its module loads the
    # phone metadata at start. `identifiers.parse_phone` is the one door, and it is django-phonenumber-field.
    phone = models.CharField(_("phone number"), max_length=E164_MAX_LENGTH, null=True, blank=True)
    email_verified_at = models.DateTimeField(_("e-mail address confirmed at"), null=True, blank=True)
    phone_verified_at = models.DateTimeField(_("phone number confirmed at"), null=True, blank=True)
    first_name = models.CharField(_("first name"), max_length=255, null=True, blank=True)
    last_name = models.CharField(_("last name"), max_length=255, null=True, blank=True)
    company_name = models.CharField(_("company"), max_length=255, null=True, blank=True)
    metadata = models.JSONField(_("metadata"), null=True, blank=True)
    # By the database too: web processes of an older version write rows while the first new one starts.
    language = models.CharField(
        _("language"),
        max_length=LANGUAGE_MAX_LENGTH,
        blank=True,
        default="",
        db_default="",
        help_text=_("Of their messages."),
    )
    registered_at = models.DateTimeField(
        _("signed up at"), null=True, blank=True, help_text=_("Null until the storefront creates them.")
    )
    claim_expires_at = models.DateTimeField(
        _("claim ends at"), null=True, blank=True, help_text=_("Null: contacts never lapse.")
    )
    token_epoch = models.PositiveIntegerField(_("token epoch"), default=0, help_text=_("Raised to end every session."))
    deletion_scheduled_at = models.DateTimeField(_("erasure due at"), null=True, blank=True)
    has_second_factor = models.BooleanField(_("second factor"), default=False)
    # What somebody signed up with while another held it (EXISTING_ACCOUNT = "conceal"): shown to them, held by nobody.
    shadow_email = models.EmailField(max_length=EMAIL_MAX_LENGTH, null=True, blank=True, editable=False)
    shadow_phone = models.CharField(max_length=E164_MAX_LENGTH, null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed at"), default=timezone.now, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["email"], name="customer_registration_customer_email"),
            models.UniqueConstraint(fields=["phone"], name="customer_registration_customer_phone"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["deletion_scheduled_at"], name="cr_customer_deletion_due"),
            models.Index(fields=["claim_expires_at"], name="cr_customer_claim_expires"),
            models.Index(fields=["shadow_email"], name="cr_customer_shadow_email"),
            models.Index(fields=["shadow_phone"], name="cr_customer_shadow_phone"),
        ]
        permissions: ClassVar = [
            ("view_contacts_customer", "Can see the whole e-mail addresses and phone numbers of customers"),
            ("send_code_customer", "Can send customers a new verification code"),
            ("reset_password_customer", "Can send customers a link to reset their password"),
            ("end_sessions_customer", "Can end the sessions of customers"),
            ("unlock_customer", "Can unlock customers who have used up their codes"),
        ]

    def __str__(self) -> str:
        return self.pk

    def __repr__(self) -> str:
        return f"<Customer: {self.pk}>"

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Save. A contact that was written by hand, in the admin or a shell, is not proven by that (attack B4).

        It is stored in its canonical form, the only one that look-ups know: another spelling would leave its holder
        unknown, and the address free for a second account (attack A12). The flows write by conditional UPDATEs, which
        do not come through here.
        """
        self._spell_contacts()
        named = None if update_fields is None else set(update_fields)
        for kind, (value, proven_at) in getattr(self, "_proofs_read", {}).items():
            replaced = self.__dict__.get(kind.value) != value and (named is None or kind.value in named)
            if replaced and self.verified_at(kind) == proven_at:
                setattr(self, f"{kind.value}_verified_at", None)
                named = named and named | {f"{kind.value}_verified_at"}
        super().save(*args, update_fields=named, **options)
        self._remember_proofs()

    @classmethod
    def from_db(cls, *args: Any, **options: Any) -> "Customer":
        """Build a customer from a row, and remember which contacts its proofs are of."""
        customer: Customer = super().from_db(*args, **options)
        customer._remember_proofs()
        return customer

    def refresh_from_db(self, *args: Any, **options: Any) -> None:
        """Read the row anew."""
        super().refresh_from_db(*args, **options)
        self._remember_proofs()

    def _spell_contacts(self) -> None:
        region = getattr(settings, "PHONENUMBER_DEFAULT_REGION", None)
        for kind in IdentifierKind:
            written = self.__dict__.get(kind.value)
            if written and isinstance(written, str):
                setattr(self, kind.value, canonical(kind, written, region=region))

    def _remember_proofs(self) -> None:
        # Straight from the instance: what was not read must not be read for this.
        here = self.__dict__
        self._proofs_read = {
            kind: (here[kind.value], here[f"{kind.value}_verified_at"])
            for kind in IdentifierKind
            if kind.value in here and f"{kind.value}_verified_at" in here
        }

    @property
    def auth_identity_id(self) -> str:
        """The identity's id in the storefront protocol: ``authid_`` and the customer's ULID."""
        return f"authid_{self.pk.removeprefix(CUSTOMER_PREFIX)}"

    @property
    def is_registered(self) -> bool:
        """Whether the storefront has created the customer, beyond the identity."""
        return self.registered_at is not None

    @property
    def is_active(self) -> bool:
        """Whether the Django user may log in."""
        return self.user is not None and self.user.is_active

    def contact(self, kind: IdentifierKind) -> Identifier | None:
        """Return the contact of a kind, or ``None``.

        Args:
            kind: e-mail or phone.
        """
        value = getattr(self, kind.value)
        return Identifier(kind, value) if value else None

    def claimed(self, kind: IdentifierKind) -> Identifier | None:
        """Return what whoever signed up here believes to hold: the contact, or the shadow of one that is another's."""
        value = getattr(self, kind.value) or getattr(self, shadow_field(kind))
        return Identifier(kind, value) if value else None

    def make_shadow(self, kind: IdentifierKind) -> None:
        """Keep a contact as a shadow: somebody else holds it. To be saved by the caller."""
        if value := getattr(self, kind.value):
            setattr(self, shadow_field(kind), value)
            setattr(self, kind.value, None)

    def verified_at(self, kind: IdentifierKind) -> datetime | None:
        """Return when the contact of a kind was proven, or ``None``.

        Args:
            kind: e-mail or phone.
        """
        verified: datetime | None = getattr(self, f"{kind.value}_verified_at")
        return verified

    def has_verified(self, kind: IdentifierKind) -> bool:
        """Whether the contact of a kind is proven.

        Args:
            kind: e-mail or phone.
        """
        return self.verified_at(kind) is not None

    def claim_lapsed(self, kind: IdentifierKind, *, now: datetime) -> bool:
        """Whether somebody else may claim the contact of a kind: unproven, past the claim's end."""
        expires = self.claim_expires_at
        return expires is not None and expires < now and not self.has_verified(kind)

    def claim_is_over(self, kind: IdentifierKind, *, now: datetime) -> bool:
        """Whether a claim has ended by lapsing: where accounts are concealed it does, taken or not.

        If it ended when somebody takes it, he who claimed an address that is held would see his tokens live on, and
        know by that.
        """
        return config().conceals_accounts and self.claim_lapsed(kind, now=now)

    def keeps_a_proven_contact_without(self, kind: IdentifierKind) -> bool:
        """Whether a proven contact of another kind remains if this one goes."""
        return any(self.has_verified(other) for other in IdentifierKind if other != kind)

    @property
    def is_staff(self) -> bool:
        """Whether the Django user is staff or superuser, whom no customer's road may touch."""
        user = self.user
        return bool(getattr(user, "is_staff", False) or getattr(user, "is_superuser", False))

    def may_come_in_by(self, kind: IdentifierKind) -> bool:
        """Whether a contact is a way in: not to a staff account (decision 10), nor unproven beside a proven one (9).

        Nor, where accounts are concealed, once the claim on it is over: a row whose other contact somebody takes then
        is closed, one whose other contact is a shadow is not, and a link that still came would tell which it was.
        """
        reachable = self.has_verified(kind) or not self.keeps_a_proven_contact_without(kind)
        return self.is_active and not self.is_staff and reachable and not self.claim_is_over(kind, now=timezone.now())

    @property
    def notice_contact(self) -> Identifier | None:
        """The contact that is told of changes: a proven e-mail, else a proven phone, else the one that registers."""
        held = {kind: contact for kind in IdentifierKind if (contact := self.contact(kind))}
        proven = [kind for kind in held if self.has_verified(kind)]
        return next((held[kind] for kind in (*proven, *unproven_order()) if kind in held), None)

    def masked_contact(self, kind: IdentifierKind) -> str:
        """Return the contact as it may be shown to others.

        Args:
            kind: e-mail or phone.
        """
        return mask(getattr(self, kind.value) or "")
