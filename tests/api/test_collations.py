"""A2: what a database's collation calls equal, and what it does not, never decides who somebody is."""

import pytest

from customer_registration.models import Customer
from tests.conftest import PASSWORD

REGISTER, LOGIN = "/auth/customer/emailpass/register", "/auth/customer/emailpass"
pytestmark = pytest.mark.life_cycle

# Spelling, and the account it is; None is no address.
SPELLINGS = {
    "admin@example.com": "admin@example.com",
    "ADMIN@Example.COM": "admin@example.com",
    " admin@example.com": "admin@example.com",
    "ａｄｍｉｎ@example.com": "admin@example.com",
    "ádmin@example.com": None,
    "a\u0301dmin@example.com": None,
    "admın@example.com": None,
    "admin@example.com\u200b": None,
    "аdmin@example.com": None,  # a Cyrillic first letter
    "admin@exämple.com": "admin@xn--exmple-cua.com",
    "admin@EXÄMPLE.com": "admin@xn--exmple-cua.com",
    "admin@ｅxample.com": "admin@example.com",
    "admins@example.com": "admins@example.com",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_spelling_is_the_account_of_its_canonical_form(api, register, spelling):
    for account in sorted({value for value in SPELLINGS.values() if value}):
        register(account, PASSWORD)
    before = Customer.objects.count()
    again = api.post(REGISTER, {"email": spelling, "password": "another one entirely"})
    if SPELLINGS[spelling] is None:
        assert again.json()["message"] == "Invalid request: Invalid email address"
    else:
        assert again.json()["message"] == "Identity with email already exists"
    assert Customer.objects.count() == before
    expected = 401 if SPELLINGS[spelling] is None else 200
    assert api.post(LOGIN, {"email": spelling, "password": PASSWORD}).status_code == expected


def test_the_limiter_and_the_unique_index_give_one_answer(api, register):
    register("admin@example.com")
    same = [spelling for spelling, account in SPELLINGS.items() if account == "admin@example.com"]
    answers = [api.post(LOGIN, {"email": spelling, "password": "wrong password"}) for spelling in [*same, same[0]]]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
