"""The conditional writes on a customer's row."""

from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F

from customer_registration.conf import config
from customer_registration.enums import IdentifierKind
from customer_registration.identifiers import Identifier
from customer_registration.models.prepared import Change

if TYPE_CHECKING:
    from customer_registration.models.customer import Customer


def shadow_field(kind: IdentifierKind) -> str:
    """Return the name of the field that keeps a shadow of a contact of a kind."""
    return f"shadow_{kind.value}"


_verify = {
    kind: Change(
        lambda rows, customer_id, value, now, kind=kind: rows.filter(pk=customer_id, **{kind.value: value}),
        lambda customer_id, value, now, kind=kind: {f"{kind.value}_verified_at": now, "updated_at": now},
    )
    for kind in IdentifierKind
}


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Look-ups by canonical identifier, and the conditional writes on a customer's row."""

    def identified_by(self, identifier: Identifier) -> "CustomerQuerySet":
        """Return the customer who holds ``identifier``, with the user in the same SELECT."""
        return self.filter(**{identifier.kind.value: identifier.value}).select_related("user")

    def create_once(self, customer: "Customer", *, now: datetime, values: dict[str, object]) -> bool:
        """Turn a registration into a customer; ``False`` if that has happened already, or its claim has gone.

        Races: one registration token used by two requests, both of which read ``registered_at`` as null; a lapsed
        claim that somebody else takes meanwhile, which raises the epoch. One UPDATE matches.
        """
        waiting = self.filter(pk=customer.pk, registered_at=None, token_epoch=customer.token_epoch)
        return waiting.update(**values, registered_at=now, updated_at=now) == 1

    def verify_contact(self, customer_id: str, identifier: Identifier, *, now: datetime) -> bool:
        """Mark a contact proven; ``False`` if the customer no longer holds it.

        Race: the contact was changed, or its lapsed claim was taken, between the code's dispatch and its proof.
        """
        return _verify[identifier.kind].make(self, customer_id, identifier.value, now) == 1

    def raise_epoch(self, customer_id: str, *, now: datetime) -> None:
        """End every session, whatever else happens to the account at this moment."""
        self.filter(pk=customer_id).update(token_epoch=F("token_epoch") + 1, updated_at=now)

    def remember_language(self, customer: "Customer", language: str) -> None:
        """Write down what a person speaks, who has just logged in.

        Race: the account is erased, or its sessions end, at this moment. The epoch is another one then.
        """
        self.filter(pk=customer.pk, token_epoch=customer.token_epoch).update(language=language)
        customer.language = language

    def end_sessions(self, customer: "Customer", *, now: datetime, **values: object) -> "Customer | None":
        """Raise the epoch, which kills every token, and set ``values`` with it.

        Race: two requests that change one account, each with proof. Both have read the same epoch; one UPDATE matches.

        Returns:
            The customer as written: a copy, since the transaction may yet be rolled back and tried again. ``None`` if
            the epoch was raised since ``customer`` was read: nothing has been written.
        """
        unchanged = self.filter(pk=customer.pk, token_epoch=customer.token_epoch)
        values |= {"updated_at": now, "token_epoch": customer.token_epoch + 1}
        if unchanged.update(**values) != 1:
            return None
        written = copy(customer)
        for name, value in values.items():
            setattr(written, name, value)
        return written

    def release_claim(self, holder: "Customer", kind: IdentifierKind, *, now: datetime, fresh: bool = False) -> bool:
        """Take an unproven contact off a row whose claim has lapsed; ``False`` if it was proven or taken meanwhile.

        With ``fresh``, also off a row whose claim is still running: for somebody with a better right than any claim.
        A row that is left without a proven contact loses both, and its sessions. Race: the owner proves the address
        while a newcomer claims it. Exactly one of the two UPDATEs matches.
        """
        unproven = self.filter(**{f"{kind.value}_verified_at": None})
        values: dict[str, object] = {kind.value: None}
        if not config().conceals_accounts:  # there it went out of sight as it lapsed, and nobody shall see who took it
            values["updated_at"] = now
        if not holder.keeps_a_proven_contact_without(kind):
            unproven = self.filter(**{f"{each.value}_verified_at": None for each in IdentifierKind})
            values |= {name: None for each in IdentifierKind for name in (each.value, shadow_field(each))}
            values |= {"token_epoch": F("token_epoch") + 1}
        claimed = unproven if fresh else unproven.filter(claim_expires_at__lt=now)
        return claimed.filter(pk=holder.pk, **{kind.value: getattr(holder, kind.value)}).update(**values) == 1
