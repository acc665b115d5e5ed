"""Rows A1, A2, A3, A12 and A13 of ``security.md``: one person has one spelling, at every door."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from customer_registration.models import Customer
from tests import by_code
from tests.conftest import PASSWORD, last_code, messages_to, new_user

pytestmark = pytest.mark.life_cycle

LOGIN = "/auth/customer/emailpass"
CONTACT = "/store/customers/me/contact"
MIKE, JANE = "mike@example.com", "jane@example.com"
LOOK_ALIKES = [
    "mıke@example.com",  # dotless i
    "mi\u212ae@example.com",  # the Kelvin sign, which lower-cases to k
    "mіke@example.com",  # Cyrillic
    "mike@ехample.com",
    "mike@example.com\u200b",
    "mike@example.com\u202e",
    "mike@example.com, eve@example.net",
    "mike@example.com\r\nBcc: eve@example.net",
]
ASKING = {
    "reset": (f"{LOGIN}/reset-password", "identifier"),
    "code login": ("/auth/customer/otp/generate", "identifier"),
    "way back": ("/store/customers/account-deletion/cancel-request", "email"),
}


@pytest.fixture(autouse=True)
def nobody_waits(configure):
    configure(**by_code.UNHURRIED, PASSWORD_RESET={"RESEND_THROTTLE_SECONDS": 0})


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a1_no_message_goes_to_any_address_but_the_stored_one(api, verified, leave, name):
    _, bearer = verified(MIKE)
    leave(bearer, MIKE)
    for road, (path, field) in ASKING.items():
        mail.outbox.clear()
        assert api.post(path, {field: name}).status_code < 500
        assert {to for message in mail.outbox for to in message.recipients()} <= {MIKE}, road


def test_a1_the_link_that_a_look_alike_asks_for_is_the_owners(api, verified):
    """NFKC makes the Kelvin sign a plain k: the same address, and its mail goes where it always did."""
    verified(MIKE)
    mail.outbox.clear()
    api.post(f"{LOGIN}/reset-password", {"identifier": "mi\u212ae@example.com"})
    assert [message.to for message in mail.outbox] == [[MIKE]]


VARIANTS = [
    *("ADMIN@example.com", "Admin@Example.Com", "admin@EXAMPLE.com", " admin@example.com ", "ａｄｍｉｎ@example.com"),
    *(
        "admin@ｅｘａｍｐｌｅ.com",
        "admin@example。com",
        "ádmin@example.com",
        "a\u0301dmin@example.com",
        "admın@example.com",
    ),
    *("ADM\u0130N@example.com", "ad\u00admin@example.com", "ad\u200bmin@example.com", "admin@exämple.com"),
    *(
        "ᴀdmin@example.com",
        "ɑdmin@example.com",
        "administrator@example.com",
        "admin+x@example.com",
        "ad.min@example.com",
    ),
]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a2_the_limiter_and_the_unique_index_give_one_answer(api, configure, verified, variant):
    configure(RATE_LIMITS={"RULES": {"register": "", "code_send": ""}})
    verified("admin@example.com")
    taken = api.post(f"{LOGIN}/register", {"email": variant, "password": PASSWORD}).status_code == 401
    stranger = api.another(REMOTE_ADDR="192.0.2.1")
    for _ in range(5):
        stranger.post(LOGIN, {"email": variant, "password": "wrong password"})
    limited = stranger.post(LOGIN, {"email": "admin@example.com", "password": "wrong password"}).status_code == 429
    assert limited is taken
    # One way or the other a wrong spelling was refused, or is another address in ASCII of its own.
    assert all(email.isascii() and email == email.lower() for email in Customer.objects.values_list("email", flat=True))


@pytest.mark.parametrize("road", [LOGIN, "/store/auth"])
def test_a3_six_guesses_in_six_spellings_count_as_six_on_one_key(api, verified, road):
    verified()
    names = [JANE, "JANE@example.com", "Jane@Example.com", " jane@example.com", "jane@EXAMPLE.com"]
    guesses = [api.post(road, {"email": name, "password": "wrong password"}).status_code for name in names]
    assert guesses == [401] * 5
    assert api.post(road, {"email": "ＪＡＮＥ@example.com", "password": PASSWORD}).status_code == 429


# Row A12, as far as there are rows that did not register by themselves: what a project writes for its guests.

SHOUTED, NATIONAL = "Jane@EXAMPLE.Com", "(202) 555-0123"


def guest(**contact):
    """Save a customer as a project does for somebody who ordered without an account."""
    return Customer.objects.create(user=new_user("guest", JANE), **contact)


def by_registration(api, bearer):
    assert api.post(f"{LOGIN}/register", {"email": SHOUTED, "password": PASSWORD}).status_code == 200


def by_code_registration(api, bearer):
    flow = by_code.ask(api, SHOUTED, "pre-register")
    answer = by_code.bring(api, last_code(JANE), flow, identifier=SHOUTED, step="register")
    assert answer.status_code == 200


def by_contact_change(api, bearer):
    asked = api.post(CONTACT, {"email": SHOUTED}, token=bearer).json()
    proof = {"token": asked["token"], "code": last_code(JANE)}
    assert api.post(f"{CONTACT}/verify", proof, token=bearer).status_code == 200


def by_the_project(api, bearer):
    guest(email=SHOUTED)


def by_a_shell(api, bearer):
    row = guest()
    row.email = SHOUTED
    row.save(update_fields=["email"])


DOORS = [by_registration, by_code_registration, by_contact_change, by_the_project, by_a_shell]


@pytest.mark.parametrize("door", DOORS)
def test_a12_every_door_stores_the_canonical_address(api, verified, door):
    _, bearer = verified("old@example.com")
    door(api, bearer)
    assert Customer.objects.get(email__iexact=JANE).email == JANE


def test_a12_and_the_canonical_number(configure, api):
    configure(REGISTRATION={"IDENTIFIER": "phone"})
    guest(phone=NATIONAL)
    assert Customer.objects.get().phone == by_code.PHONE
    again = api.post("/auth/customer/phonepass/register", {"phone": NATIONAL, "password": "another battery"})
    assert (again.status_code, Customer.objects.count()) == (401, 1)


@pytest.mark.parametrize("spelling", [JANE, SHOUTED, "JANE@EXAMPLE.COM"])
def test_a12_whatever_case_a_project_wrote_its_guest_is_found_in_every_case(api, spelling):
    row = guest(email=SHOUTED, registered_at="2026-01-01T00:00Z", email_verified_at="2026-01-01T00:00Z")
    assert api.post(LOGIN, {"email": spelling, "password": PASSWORD}).status_code == 200
    for path, field in (ASKING["reset"], ASKING["code login"]):
        mail.outbox.clear()
        api.post(path, {field: spelling})
        assert [message.to for message in mail.outbox] == [[JANE]]
    assert api.post(f"{LOGIN}/register", {"email": spelling, "password": PASSWORD}).status_code == 401
    assert Customer.objects.get() == row


def test_a12_two_rows_of_one_address_are_refused_by_the_database(verified):
    verified()
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.create(email=SHOUTED)
    assert Customer.objects.count() == 1


def test_a12_an_account_and_a_guest_are_never_merged_without_proof(api, verified):
    """Neither a registration nor the wish of another customer opens, joins or renames the row of a guest."""
    row = guest(email=JANE, first_name="Jane", metadata={"order": 7})
    before = list(Customer.objects.filter(pk=row.pk).values())
    _, bearer = verified("eve@example.com")
    assert api.post(f"{LOGIN}/register", {"email": SHOUTED, "password": "hers from now on"}).status_code == 401
    asked = api.post(CONTACT, {"email": SHOUTED}, token=bearer).json()
    wrongly = {"token": asked["token"], "code": "000000"}
    assert api.post(f"{CONTACT}/verify", wrongly, token=bearer).status_code == 400
    assert list(Customer.objects.filter(pk=row.pk).values()) == before
    assert not [text for text in messages_to("eve@example.com") if "Jane" in text]


TWENTY = [
    *("+12025550123", "+1 202 555 0123", "+1-202-555-0123", "+1.202.555.0123", "+1 (202) 555-0123", "(202) 555-0123"),
    *("2025550123", "202.555.0123", "1 202 555 0123", " +12025550123 ", "+1/202/555/0123", "+1 202 555-0123"),
    *(
        "+12025550123 ext. 5",
        "+12025550123x5",
        "+12025550123;ext=5",
        "+12025550123,5",
        "+1202555LADY",
        "1-202-JKL-0123",
    ),
    *("+１２０２５５５０１２３", "tel:+12025550123", "+١٢٠٢٥٥٥٠١٢٣", "00012025550123"),
]


def test_a13_twenty_spellings_of_one_number_are_one_account_or_a_400(api, configure):
    configure(REGISTRATION={"IDENTIFIER": "phone"})
    assert len(set(TWENTY)) >= 20
    first = by_code.sign_up(api, TWENTY[0])
    statuses = set()
    for spelling in TWENTY:
        answer = api.post("/auth/customer/phonepass/register", {"phone": spelling, "password": PASSWORD})
        asked = api.post(by_code.url("pre-register"), {"identifier": spelling})
        statuses.add((answer.status_code, asked.status_code))
    assert statuses == {(401, 200), (400, 400)}  # it is taken; or it is no number
    assert [row.pk for row in Customer.objects.all()] == [first]
