"""Find deletion requests as staff ask for them."""

from dataclasses import replace

from django.db.models import Q, QuerySet

from customer_registration.flows.support.search import read
from customer_registration.models import AccountDeletionRequest, Customer
from customer_registration.models.account_deletion_request import identifier_hash


def among(requests: QuerySet[AccountDeletionRequest], text: str, *, parts: bool) -> QuerySet[AccountDeletionRequest]:
    """Return the requests that ``text`` is about: the start of an id, or an e-mail address or phone number.

    A whole address or number also finds the requests of people who are erased, by its keyed hash. Customers are looked
    for first, then their requests by their ids, so that no customer is read who has nothing to do with it; only a text
    that finds nothing so is taken for a part.

    Args:
        requests: to search.
        text: as typed, in any form that finds a customer.
        parts: whether a part of an address or number will do, which lets whoever asks spell out a masked one.
    """
    text = text.strip()
    if not text:
        return requests
    sought = read(text)
    holders = Customer.objects.filter(replace(sought, id_starts="").whole()).values_list("pk", flat=True)
    matching = Q(pk__startswith=text) | Q(customer_ref__startswith=text) | Q(customer_ref__in=list(holders))
    if sought.id_starts:
        matching |= Q(customer_ref__startswith=sought.id_starts)
    for identifier in sought.identifiers:
        matching |= Q(identifiers_hash__contains=identifier_hash(identifier.value))
    found = requests.filter(matching)
    if not parts or found.exists():
        return found
    return requests.filter(sought.part(path="customer__"))
