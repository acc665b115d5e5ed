"""Support staff find a customer by any form of what they are told, and by no part of what is hidden from them."""

import pytest
from django.utils import timezone

from tests.admin.support import EMAIL, PHONE, Support, customer

WHOLE = (
    *("jane@BÜCHER.example", "JANE@xn--bcher-kva.EXAMPLE", "mailto:jane@bücher.example", "Jane <jane@bücher.example>"),
    *("(415) 555-2671", "415.555.2671", "+1 415 555 2671", "tel:+1-415-555-2671", "0014155552671", "14155552671"),
    *("Jane Doe", "jane", "DOE", "Bücher & Co"),
)
PARTS = ("JANE@", "bücher.exam", "@BÜCHER.example", "5552671", "555 26", "(415) 555", "04155")


@pytest.fixture
def clerk(api):
    """Hire somebody who sees masked contacts."""
    return Support(api.commit, "view_customer")


@pytest.fixture
def jane(db):
    """Return a customer with every contact, among others."""
    customer("other", email="other@example.com", phone="+14155550000", first_name="Otto")
    return customer(email=EMAIL, phone=PHONE, first_name="Jane", last_name="Doe", company_name="Bücher & Co")


def test_any_form_of_the_whole_finds_them(clerk, jane):
    ulid = jane.pk.removeprefix("cus_")
    for text in (*WHOLE, jane.pk, jane.pk.upper(), jane.pk[:29], ulid, ulid.lower(), jane.auth_identity_id):
        assert clerk.found(text) == [jane.pk], text
    assert len(clerk.found()) == len(clerk.found("   ")) == 2
    for text in ("nobody", "nobody@example.com", "+14155559999", "x" * 500, "'; drop table", "<", "%", "_", "tel:"):
        assert clerk.found(text) == [], text


def test_a_number_as_it_is_written_in_a_country_that_is_texted(clerk, jane, configure):
    theirs = customer("lea", phone="+4915123456789")
    assert clerk.found("0151 23456789") == []
    configure(SMS_GUARD={"COUNTRIES": ["DE", "FR", "US"]})
    for text in ("0151 23456789", "0049 151 23456789", "+49 (0) 151 23456789", "4915123456789"):
        assert clerk.found(text) == [theirs.pk], text
    assert clerk.found("(415) 555-2671") == [jane.pk]


def test_a_part_finds_them_for_those_who_see_contacts_alone(api, clerk, jane):
    trusted = Support(api.commit, "view_customer", "view_contacts_customer", name="trusted")
    for text in PARTS:
        assert clerk.found(text) == [], text
        assert jane.pk in trusted.found(text), text
    assert trusted.found("bücher.exam") == [jane.pk]


def test_no_look_up_of_a_field_spells_a_contact_out(clerk, jane):
    for lookup in (
        *("email__startswith", "phone__contains", "user__email__contains", "user__password__startswith"),
        *("metadata__x", "shadow_email__gt", "token_epoch", "account__x"),
    ):
        assert clerk.listing(**{lookup: "j"}).status_code == 400, lookup
    assert len(clerk.found(email=EMAIL)) == 2  # the filter of that name knows no such choice


def test_the_list_sorts_by_nothing_that_is_masked(clerk, jane):
    first = clerk.found()
    for column in range(8):
        assert clerk.found(o=str(column)) == clerk.found(o=f"-{column}") == first


def test_a_whole_contact_is_looked_for_by_its_index_alone(clerk, jane, counted):
    with counted() as queries:
        assert clerk.found("jane@bücher.example") == [jane.pk]
    asked = [text for text in queries.statements if "customer_registration_customer" in text and "WHERE" in text]
    assert asked
    assert not [text for text in asked if "LIKE" in text.upper()]


def test_the_filters(clerk, db):
    now = timezone.now()
    people = {
        "jane": customer("jane", email=EMAIL, phone=PHONE),
        "leaving": customer("leaving", email="leaving@example.com", deletion_scheduled_at=now),
        "new": customer("new", email="new@example.com", email_verified_at=None, registered_at=None, is_active=False),
        "factor": customer(
            "factor", phone="+14155550001", phone_verified_at=now, email_verified_at=None, has_second_factor=True
        ),
    }
    for query, expected in (
        ({"account": "registered"}, {"jane", "leaving", "factor"}),
        ({"account": "unregistered"}, {"new"}),
        ({"account": "leaving"}, {"leaving"}),
        ({"account": "inactive"}, {"new"}),
        ({"email": "verified"}, {"jane", "leaving"}),
        ({"email": "unverified"}, {"new"}),
        ({"email": "none"}, {"factor"}),
        ({"phone": "verified"}, {"factor"}),
        ({"phone": "unverified"}, {"jane"}),
        ({"phone": "none"}, {"new", "leaving"}),
        ({"factor": "yes"}, {"factor"}),
        ({"factor": "no"}, {"jane", "leaving", "new"}),
        ({"factor": "nonsense"}, set(people)),
    ):
        assert set(clerk.found(**query)) == {people[name].pk for name in expected}, query
