"""A write that fails twice. Not on MariaDB, where the failed first try keeps a lock that all others wait for."""

import pytest

from customer_registration.flows import claims
from customer_registration.models import Customer
from customer_registration.models.customer import CustomerQuerySet
from tests.races.at_once import post
from tests.races.test_contact_changes import DUPLICATE, VERIFY, WANTED, is_alive, whole

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("unlimited"),
]


def test_an_address_let_go_and_claimed_anew_within_a_change_is_a_duplicate(verified, ask_change, between):
    """The second try to write it fails like the first, and the answer is the same."""
    person, bearer = verified()
    before, proof = whole(person), ask_change(bearer, email=WANTED["email"])
    holder = Customer.objects.create(email=WANTED["email"])
    claim = post("/auth/customer/emailpass/register", {"email": WANTED["email"], "password": "correct horse battery"})
    between(claims, "free", lambda: Customer.objects.filter(pk=holder.pk).update(email=None))
    between(CustomerQuerySet, "end_sessions", lambda: None, claim)
    answer = post(VERIFY, proof, token=bearer)()
    assert (answer.status_code, answer.json()) == (422, DUPLICATE["email"])
    assert whole(person) == before
    assert is_alive(bearer)
