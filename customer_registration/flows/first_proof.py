"""The first proof of an account may come from somebody else than whoever registered it (decision 9, pre-hijacking).

A stranger can register anybody's address, with a password and a phone of their own, and wait. When the owner proves the
address, by a mailed link or a code, nothing of the stranger's may be left as a way in.
"""

from customer_registration import signals
from customer_registration.enums import EventKind, IdentifierKind
from customer_registration.models import AccountEvent, Customer
from customer_registration.models.customer import shadow_field
from customer_registration.users import user_adapter


def strangers_contacts(customer: Customer, proven: IdentifierKind) -> list[IdentifierKind]:
    """Return the kinds of contact beside the one that is proven now, of an account where nothing was proven so far.

    Whether such a contact is there or not: somebody may add one this very moment.
    """
    return [] if customer.has_verified(proven) else [kind for kind in IdentifierKind if kind != proven]


def without(kinds: list[IdentifierKind]) -> dict[str, object]:
    """Return the values of a customer's row without some contacts, and the language that came with them."""
    fields = (name for kind in kinds for name in (kind.value, f"{kind.value}_verified_at", shadow_field(kind)))
    return {**dict.fromkeys(fields), **({"language": ""} if kinds else {})}


def release(before: Customer, after: Customer, kinds: list[IdentifierKind]) -> tuple[list[str], list[AccountEvent]]:
    """Take contacts off the Django user too, and signal it, in the caller's transaction.

    Args:
        before: the customer as read.
        after: as written, without the contacts.
        kinds: which.

    Returns:
        The fields of the user and the audit events, all to be saved by the caller. Fields are cleared whatever was
        read: a number that was added this very moment stays nowhere.
    """
    fields = [name for kind in kinds for name in user_adapter().clear_contact(after.user, kind)]
    held = [kind for kind in kinds if before.contact(kind)]
    for kind in held:
        signals.send_on_commit(signals.claim_lapsed, Customer, customer_id=before.pk, kind=kind.value)
    return fields, [AccountEvent.of(EventKind.CLAIM_LAPSED, before, contact=kind) for kind in held]
