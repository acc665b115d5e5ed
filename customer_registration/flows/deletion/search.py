"""Find deletion requests as staff ask for them."""

from django.db.models import Q, QuerySet

from customer_registration.exceptions import InvalidIdentifier
from customer_registration.flows.identify import identify
from customer_registration.identifiers import kind_of
from customer_registration.models import AccountDeletionRequest
from customer_registration.models.account_deletion_request import identifier_hash


def among(requests: QuerySet[AccountDeletionRequest], text: str, *, parts: bool) -> QuerySet[AccountDeletionRequest]:
    """Return the requests that ``text`` is about: the start of an id, or an e-mail address or phone number.

    A whole address or number also finds the requests of people who are erased, by its keyed hash.

    Args:
        requests: to search.
        text: as typed.
        parts: whether a part of an address or number will do, which lets whoever asks spell out a masked one.
    """
    text = text.strip()
    if not text:
        return requests
    matching = Q(pk__startswith=text) | Q(customer_ref__startswith=text)
    if parts:
        matching |= Q(customer__email__icontains=text) | Q(customer__phone__contains=text)
    try:
        identifier = identify(text, kind_of(text))
    except InvalidIdentifier:
        return requests.filter(matching)
    hashed = Q(identifiers_hash__contains=identifier_hash(identifier.value))
    return requests.filter(matching | hashed | Q(**{f"customer__{identifier.kind.value}": identifier.value}))
