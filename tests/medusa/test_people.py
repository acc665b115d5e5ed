"""Whom a move makes of an account, where something about it is unusual: told, never guessed, merged or half written."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.db import connection

from customer_registration.models import Customer
from tests.conftest import last_code, new_user
from tests.medusa.conftest import RECORD, VECTORS, account, id_of, row

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


def test_names_dates_and_metadata_are_kept_as_they_are(shop, run):
    run("--csv", shop(account("jane", first_name="Jané", last_name="O'Neill", metadata='{"a": {"b": [1, null]}}')))
    jane = row("jane")
    assert (jane.first_name, jane.last_name, jane.company_name) == ("Jané", "O'Neill", None)
    assert jane.metadata == {"a": {"b": [1, None]}}
    assert jane.created_at == jane.registered_at == datetime(2025, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert check_password(VECTORS[0]["password"], jane.user.password)


NO_ADDRESS = "have an e-mail address that is none, or has a character that stands for another"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"email": "no address"}, NO_ADDRESS),
        ({"email": "jané@example.com"}, NO_ADDRESS),
        ({"email": ""}, "have neither an e-mail address nor a phone number that can be one"),
        ({"email": "", "phone": "123"}, "have neither an e-mail address nor a phone number that can be one"),
        ({"first_name": "x" * 256}, "have a name that is too long"),
        ({"last_name": "nul \0"}, "have a value that cannot be read"),
        ({"metadata": "{"}, "have a value that cannot be read"),
        ({"metadata": "[1]"}, "have a value that cannot be read"),
        ({"metadata": '{"a": NaN}'}, "have a value that cannot be read"),
        ({"metadata": '{"a": "\\u0000"}'}, "have a value that cannot be read"),
        ({"metadata": '{"a": "\\ud800"}'}, "have a value that cannot be read"),
        ({"metadata": '{"a":' + "[" * 900 + "]" * 900 + "}"}, "have a value that cannot be read"),
        ({"metadata": '{"a": 1e999}'}, "have a value that cannot be read"),
        ({"metadata": '{"a":' + "[" * 100_000}, "have a value that cannot be read"),
        ({"created_at": "26.11.2026"}, "have a value that cannot be read"),
        ({"created_at": "0001-01-01 00:00:00+02"}, "have a value that cannot be read"),
        ({"created_at": "9999-12-31 23:59:59-05"}, "have a value that cannot be read"),
        ({"updated_at": "infinity"}, "have a value that cannot be read"),
        ({"id": "cus_" + "0" * 27}, "have an id that is not cus_ and up to 26 letters and digits"),
        ({"id": f"{id_of('jane')}\0"}, "have an id that is not cus_ and up to 26 letters and digits"),
        ({"id": ""}, "have an id that is not cus_ and up to 26 letters and digits"),
        ({"id": "jane@example.com"}, "have an id that is not cus_ and up to 26 letters and digits"),
    ],
    ids=str,
)
def test_who_cannot_come_in_stays_out_and_the_others_come(shop, run, changes, told):
    said = run("--csv", shop(account("before"), account("jane", **changes), account("after")))
    assert f"1 stayed out: they {told}." in said
    assert "2 imported" in said
    assert set(Customer.objects.values_list("pk", flat=True)) == {id_of("before"), id_of("after")}
    assert get_user_model().objects.count() == 2
    assert "jane@" not in said


@pytest.mark.parametrize("spelling", ["JANE@EXAMPLE.COM", "Jane@Example.com"])
def test_a12_addresses_that_differ_in_spelling_only_are_reported_and_none_comes_in(shop, run, spelling):
    said = run("--csv", shop(account("one", email="jane@example.com"), account("two", email=spelling)))
    assert "2 stayed out: they share an e-mail address but for its case or spelling." in said
    assert not Customer.objects.exists()


@pytest.mark.parametrize("spelling", ["mi\N{KELVIN SIGN}e@example.com", "ｍike@example.com"])
def test_a1_a_proof_of_a_lookalike_is_none_of_the_plain_address(shop, run, spelling):
    said = run("--csv", shop(account("thief", email=spelling, verified_at="2025-02-02 00:00:00+00"), account("mike")))
    assert f"1 stayed out: they {NO_ADDRESS}." in said
    assert Customer.objects.get().pk == id_of("mike")
    assert row("mike").email_verified_at is None


def test_b1_who_proves_an_address_is_rid_of_the_password_that_a_stranger_took_it_with(shop, run, api):
    run("--csv", shop(account("jane")))
    stranger = {"email": "jane@example.com", "password": VECTORS[0]["password"]}
    assert api.post("/auth/customer/emailpass", stranger).status_code == 403  # the right password, no proof
    api.post("/auth/customer/otp/generate", {"identifier": "jane@example.com"})
    code = {"identifier": "jane@example.com", "otp": last_code("jane@example.com")}
    assert api.post("/auth/customer/otp", code).status_code == 200
    assert api.post("/auth/customer/emailpass", stranger).status_code == 401


def test_a12_an_address_that_is_taken_here_is_not_merged(shop, run, sign_up):
    person = sign_up("jane@example.com")
    said = run("--csv", shop(account("jane", email="Jane@Example.com", first_name="Another")))
    assert "0 imported, 0 were here already" in said
    assert "1 stayed out: they have an e-mail address that somebody signs up with here at this time." in said
    assert (person.row.first_name, Customer.objects.count()) == (None, 1)
    assert check_password(person.password, person.row.user.password)


def test_a_proven_holder_keeps_the_address(shop, run, verified):
    person, _ = verified("jane@example.com")
    said = run("--csv", shop(account("jane")))
    assert "1 stayed out: they have an e-mail address that somebody else has here." in said
    assert Customer.objects.get().pk == person.id


def test_an_address_of_a_user_who_is_no_customer(shop, run):
    new_user("boss", "jane@example.com", is_staff=True)
    said = run("--csv", shop(account("jane"), account("mary")))
    if get_user_model().USERNAME_FIELD == "email":
        assert "1 imported" in said
        assert "1 stayed out: they were refused by the database, or their address is that of a user here." in said
    else:  # where users may share an address, staff and a customer may
        assert "2 imported" in said
        assert not row("jane").is_staff


def test_a_phone_number_that_is_taken_here_is_left_behind(shop, run, sign_up):
    sign_up("tom@example.com", phone="+12125550134")
    said = run("--csv", shop(account("jane", phone="(212) 555-0134", phone_verified="t"), account("mary")))
    assert "2 imported" in said
    assert "1 came without their phone number: somebody else has it here." in said
    assert (row("jane").phone, row("jane").phone_verified_at) == (None, None)
    assert check_password(VECTORS[0]["password"], row("jane").user.password)


def test_a_password_of_a_phone_number_stays_behind_with_it(shop, run, sign_up):
    sign_up("tom@example.com", phone="+12125550134")
    said = run("--csv", shop(account("jane", phone="+12125550134", login="+12125550134", provider="phonepass")))
    assert "1 came without their phone number: somebody else has it here." in said
    assert "1 came without their password: the login it belongs to is not their address or number." in said
    assert not row("jane").user.has_usable_password()


def test_a_customer_with_a_phone_number_alone(shop, run):
    by_phone = account("jane", email="", phone="+1 212-555-0134", login="+12125550134", provider="phonepass")
    other = account("tom", email="", phone="+12125550135", login="2125550135", provider="otp", password=None)
    said = run("--csv", shop(by_phone, other))
    assert "2 imported" in said
    assert (row("jane").email, row("jane").phone) == (None, "+12125550134")
    assert row("jane").user.has_usable_password()
    assert not row("tom").user.has_usable_password()


def test_a_shared_phone_number_keeps_those_out_who_have_nothing_else(shop, run):
    said = run("--csv", shop(account("jane", phone="+12125550134"), account("tom", email="", phone="2125550134")))
    assert "1 stayed out: they share a phone number, and have no e-mail address." in said
    assert row("jane").phone is None


@pytest.mark.parametrize("flag", ["t", "true"])
def test_flags_of_the_plugin_are_kept_with_the_time_of_the_last_change(shop, run, flag):
    flags = {"email_verified": flag, "phone_verified": flag, "updated_at": "2025-05-05 00:00:00+00"}
    run("--csv", shop(account("jane", phone="+12125550134", **flags), account("tom", email_verified="f")))
    when = datetime(2025, 5, 5, tzinfo=UTC)
    assert (row("jane").email_verified_at, row("jane").phone_verified_at) == (when, when)
    assert row("tom").email_verified_at is None


def test_a_proof_of_another_address_and_a_flag_that_customers_write_themselves_prove_nothing(shop, run):
    old = account("jane", verified_at="2025-02-02 00:00:00+00", login="old@example.com")
    run("--csv", shop(old, account("tom", metadata='{"email_verified": true}')))
    assert row("jane").email_verified_at is None
    assert row("tom").email_verified_at is None


def several(*identities, second_factor=False):
    """Return the rows of somebody with several identities, each (provider, login, password)."""
    rows = account("jane", phone="+12125550134", login=None)
    rows["provider_identity"] = rows["auth_identity"] = []
    for number, (provider, login, password) in enumerate(identities):
        made = account("jane", login=login, password=password, provider=provider)
        made["auth_identity"][0]["id"] = made["provider_identity"][0]["auth_identity_id"] = f"authid_{number}"
        rows["auth_identity"] = rows["auth_identity"] + made["auth_identity"]
        rows["provider_identity"] = rows["provider_identity"] + made["provider_identity"]
    if second_factor:
        rows["auth_mfa_factor"] = [{"auth_identity_id": "authid_0", "status": "enabled"}]
    return rows


OTHER = VECTORS[7]["record"]
MAIL, PHONE = "jane@example.com", "+12125550134"


@pytest.mark.parametrize(
    ("identities", "password", "told"),
    [
        ([("google", "1133", None), ("emailpass", MAIL, RECORD)], RECORD, ""),
        ([("emailpass", MAIL, RECORD), ("phonepass", PHONE, OTHER)], RECORD, ""),
        ([("phonepass", PHONE, OTHER), ("emailpass", "JANE@example.com", RECORD)], RECORD, ""),
        ([("phonepass", PHONE, OTHER)], OTHER, ""),
        ([("emailpass", MAIL, RECORD), ("emailpass", "old@example.com", OTHER)], RECORD, ""),
        ([("emailpass", MAIL, RECORD), ("emailpass", "Jane@Example.com", RECORD)], RECORD, ""),
        ([("emailpass", MAIL, RECORD), ("emailpass", "Jane@Example.com", OTHER)], None, "they have several there"),
        ([("emailpass", "old@example.com", RECORD)], None, "the login it belongs to is not their address or number"),
        ([("emailpass", MAIL, "c2NyeXB0")], None, "it is no scrypt-kdf record, or one that costs too much"),
        ([("google", "1133", None)], None, "they have none there"),
        ([], None, "they have none there"),
    ],
)
def test_which_password_is_theirs(shop, run, identities, password, told):
    said = run("--csv", shop(several(*identities)))
    vector = next((vector for vector in VECTORS if vector["record"] == password), None)
    stored = row("jane").user.password
    assert check_password(vector["password"], stored) if vector else stored.startswith("!")
    assert told in said


def test_half_of_a_login_is_no_whole_one(shop, run):
    said = run("--csv", shop(several(("emailpass", MAIL, RECORD), second_factor=True)))
    assert "1 came without their password: it was half of a login with a second factor, which is not moved." in said
    assert not row("jane").user.has_usable_password()


def test_deleted_identities_open_nothing(shop, run):
    gone = account("jane")
    gone["provider_identity"][0]["deleted_at"] = "2025-05-05 00:00:00+00"
    run("--csv", shop(gone))
    assert not row("jane").user.has_usable_password()


@pytest.mark.parametrize("document", ['{"customer_id": "\\ud800", "password": "\\ud800"}', "[" * 100_000, "[1]", "{"])
def test_json_that_says_nothing_opens_nothing(shop, run, document):
    lost, half = account("lost"), account("half")
    lost["auth_identity"][0]["app_metadata"] = half["provider_identity"][0]["provider_metadata"] = document
    assert "3 imported" in run("--csv", shop(lost, half, account("jane")))
    assert not row("lost").user.has_usable_password()
    assert not row("half").user.has_usable_password()


def test_an_identity_of_part_of_an_id_is_nobodys(shop, run):
    odd = account("odd", id=f"{id_of('odd')}\0x")
    assert "1 stayed out" in run("--csv", shop(odd, account("jane")))


def test_guests_and_deleted_customers_leave_their_address_free(shop, run, api):
    guest = account("guest", has_account="f", login=None)
    gone = account("gone", email="guest@example.com", deleted_at="2025-05-05 00:00:00+00")
    said = run("--csv", shop(guest, gone, account("jane")))
    assert "1 guests are left out." in said
    assert "1 deleted rows of customer are left out." in said
    answer = api.post("/auth/customer/emailpass/register", {"email": "guest@example.com", "password": "mine it is 42"})
    assert answer.status_code == 200


def test_identities_of_staff_are_no_customers(shop, run):
    staff = account("boss")
    del staff["customer"]
    staff["auth_identity"][0]["app_metadata"] = '{"user_id": "user_01"}'
    astray = account("astray")
    del astray["customer"]
    said = run("--csv", shop(staff, astray, account("jane")))
    assert "1 identities of no customer who is there are left out." in said
    assert Customer.objects.get().pk == id_of("jane")


def test_what_the_database_refuses_keeps_nobody_else_out(shop, run, monkeypatch):
    monkeypatch.setattr("customer_registration.contrib.medusa.people.is_storable", lambda value: True)
    people = [account(f"p{number}") for number in range(7)]
    said = run("--csv", shop(*people, account("jane", metadata='{"a": "\\u0000"}')))
    if connection.vendor == "postgresql":  # which takes no NUL in JSON; the others do
        assert "7 imported" in said
        assert "1 stayed out: they were refused by the database" in said
    else:
        assert "8 imported" in said
    assert Customer.objects.filter(pk__in=[id_of(f"p{number}") for number in range(7)]).count() == 7
