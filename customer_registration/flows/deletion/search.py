"""Find deletion requests as staff ask for them."""

from django.db.models import Q, QuerySet

from customer_registration.flows.support.search import read
from customer_registration.models import AccountDeletionRequest
from customer_registration.models.account_deletion_request import identifier_hash


def among(requests: QuerySet[AccountDeletionRequest], text: str, *, parts: bool) -> QuerySet[AccountDeletionRequest]:
    """Return the requests that ``text`` is about: the start of an id, or an e-mail address or phone number.

    A whole address or number also finds the requests of people who are erased, by its keyed hash.

    Args:
        requests: to search.
        text: as typed, in any form that finds a customer.
        parts: whether a part of an address or number will do, which lets whoever asks spell out a masked one.
    """
    text = text.strip()
    if not text:
        return requests
    sought = read(text)
    matching = Q(pk__startswith=text) | Q(customer_ref__startswith=text)
    matching |= sought.whole(ref="customer_ref", path="customer__")
    if parts:
        matching |= sought.part(path="customer__")
    for identifier in sought.identifiers:
        matching |= Q(identifiers_hash__contains=identifier_hash(identifier.value))
    return requests.filter(matching)
