"""manage.py adopt_users: every user becomes a customer who goes on logging in with their password; nobody is merged."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import identify_hasher
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customer_registration.enums import IdentifierKind
from customer_registration.flows.adoption import people
from customer_registration.flows.adoption.fields import Fields
from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage
from customer_registration.signals import customer_registered, identity_registered
from tests.commands.users import NUMBERS, adopt, customer_of, has, log_in, only_with_numbers, only_with_username, user
from tests.conftest import PASSWORD, last_code

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]
DJANGOS = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
OURS = "customer_registration.hashers.OWASPArgon2PasswordHasher"


def test_every_user_becomes_a_customer():
    jane, kim = user("jane@example.com"), user("kim@example.com")
    out, err = adopt()
    assert "2 adopted, 0 left out in " in out
    assert err == ""
    customer = customer_of(jane)
    assert (customer.email, customer.phone, customer.claim_expires_at) == ("jane@example.com", None, None)
    assert customer.is_registered
    assert not customer.email_verified_at
    assert customer_of(kim).email == "kim@example.com"
    event = AccountEvent.objects.get(customer=customer)
    assert (event.kind, event.contact) == ("customer_adopted", "j***@example.com")
    assert event.detail == {"source": "adopt_users", "proven": []}


def test_names_and_the_day_they_joined_come_along_where_the_model_has_them():
    joined, before = datetime(2019, 2, 28, 12, tzinfo=UTC), timezone.now()
    known = {"first_name": "Jane", "last_name": " ", "date_joined": joined} if has("date_joined") else {}
    jane = user("jane@example.com", **known)
    adopt()
    customer = customer_of(jane)
    assert (customer.first_name, customer.last_name) == (known.get("first_name"), None)
    assert customer.registered_at == customer.created_at
    assert customer.registered_at == joined if known else customer.registered_at >= before
    assert customer.updated_at >= before


def test_the_spelling_of_the_users_row_stays_and_any_spelling_logs_in():
    jane = user("  Jane@EXAMPLE.com")
    adopt("--verified")
    assert customer_of(jane).email == "jane@example.com"
    jane.refresh_from_db()
    assert jane.email == "  Jane@EXAMPLE.com"
    assert log_in("JANE@example.com").status_code == 200


def test_the_old_password_logs_in_over_http_and_its_hash_is_upgraded(settings):
    settings.PASSWORD_HASHERS = [DJANGOS]
    jane = user("jane@example.com")
    assert identify_hasher(jane.password).algorithm == "pbkdf2_sha256"
    settings.PASSWORD_HASHERS = [OURS, DJANGOS]
    adopt("--verified")
    assert log_in("jane@example.com", "another password").status_code == 401
    answer = log_in("jane@example.com")
    assert answer.status_code == 200
    assert answer.json()["token"]
    jane.refresh_from_db()
    assert identify_hasher(jane.password).algorithm == "argon2"
    assert log_in("jane@example.com").status_code == 200


def test_whoever_is_not_proven_is_asked_for_a_code_and_then_is_in(api):
    jane = user("jane@example.com")
    adopt()
    customer = customer_of(jane)
    refused = log_in("jane@example.com")
    assert (refused.status_code, refused.json()["code"]) == (403, "verification_required")
    assert refused.json()["customer_id"] == customer.pk
    asked = {"customer_id": customer.pk, "type": "email_verification"}
    flow = api.post("/store/customers/otp/send", asked).json()["token"]
    proof = {"token": flow, "code": last_code("jane@example.com")}
    assert api.post("/store/customers/otp/verify", proof).json()["email_verified"]
    assert log_in("jane@example.com").status_code == 200


@pytest.mark.parametrize(
    ("options", "proven"),
    [
        ([], set()),
        (["--verified"], {"email", "phone"}),
        (["--verified", "both"], {"email", "phone"}),
        (["--verified", "email"], {"email"}),
        (["--verified", "phone"], {"phone"}),
    ],
)
@only_with_numbers
def test_the_shop_says_which_contacts_it_has_proven(options, proven):
    jane = user("jane@example.com", name="+1 (202) 555-0123")
    out, _ = adopt("--phone-field", NUMBERS, *options)
    customer = customer_of(jane)
    assert (customer.email, customer.phone) == ("jane@example.com", "+12025550123")
    assert {kind.value for kind in IdentifierKind if customer.has_verified(kind)} == proven
    assert AccountEvent.objects.get(customer=customer).detail["proven"] == sorted(proven)
    assert ("1 have no proven contact to log in with" in out) == ("email" not in proven)


def test_what_unproven_means_is_told_only_where_it_means_something(configure):
    user("jane@example.com")
    assert "REQUIRE_VERIFICATION is on" in adopt("--dry-run")[0]
    assert "REQUIRE_VERIFICATION" not in adopt("--dry-run", "--verified")[0]
    configure(REGISTRATION={"EXISTING_ACCOUNT": "conceal"})
    assert 'EXISTING_ACCOUNT is "conceal"' in adopt("--dry-run")[0]
    configure(REGISTRATION={"EXISTING_ACCOUNT": "reveal", "REQUIRE_VERIFICATION": False})
    assert "proven" not in adopt()[0]
    assert log_in("jane@example.com").status_code == 200


def test_nobody_hears_of_it(hear, django_capture_on_commit_callbacks):
    heard = [hear(customer_registered), hear(identity_registered)]
    user("jane@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        adopt()
    assert heard == [[], []]
    assert not OutboxMessage.objects.exists()
    assert not OtpVerification.objects.exists()


def test_a_second_run_finds_nothing_to_do():
    user("jane@example.com"), user("nonsense")
    adopt()
    before = list(Customer.objects.values())
    out, err = adopt()
    assert "0 adopted, 1 left out" in out
    assert "no @" in err
    assert list(Customer.objects.values()) == before
    assert AccountEvent.objects.count() == 1


def test_who_is_a_customer_is_left_alone(verified):
    person, _ = verified("jane@example.com")
    get_user_model().objects.update(email="other@example.com")
    out, _ = adopt("--verified")
    assert "0 adopted, 0 left out" in out
    assert person.row.email == "jane@example.com"


@only_with_numbers
def test_a_number_may_be_the_contact(configure):
    configure(REGISTRATION={"IDENTIFIER": "phone"}, USER_ADAPTER="customer_registration.users.DefaultUserAdapter")
    jane = user("nonsense", name="202-555-0123")
    user("kim@example.com", name="none")
    with_region = adopt("--email-field", "", "--phone-field", NUMBERS, "--verified")[1]
    assert "more than digits and their separators" in with_region
    assert customer_of(jane).phone == "+12025550123"
    assert customer_of(jane).email is None


@only_with_username
def test_contacts_may_be_in_any_field_and_the_default_is_the_models_own():
    jane = user("not@read.example.com", name="Jane@Example.com")
    out, _ = adopt("--email-field", "username")
    assert out.startswith("auth.User, e-mail address: username; phone number: not read.")
    assert customer_of(jane).email == "jane@example.com"
    assert adopt("--dry-run")[0].startswith("auth.User, e-mail address: email; phone number: not read.")


@pytest.mark.parametrize("option", ["--email-field", "--phone-field"])
@pytest.mark.parametrize(
    "name", ["mail", "password", "is_active", "groups__name", "wishlists__id", "email__x", "id", "__", "pk"]
)
def test_a_field_that_holds_no_text_is_refused_with_those_that_do(option, name):
    with pytest.raises(CommandError, match=rf"has no text field {name}\. It has .*email.*; a field of a related row"):
        adopt(option, name)
    with pytest.raises(CommandError, match="No field is left to read contacts from"):
        adopt("--email-field", "", "--phone-field", "")


def test_a_field_of_a_related_row_is_read(verified):
    person, _ = verified("jane@example.com")
    fields = Fields.chosen(email="registered_customer__email", phone="")
    [row] = people.Reader(fields, size=10)._rows()
    assert (row["pk"], row["_contact_email"]) == (person.row.user.pk, "jane@example.com")
    user("kim@example.com")
    assert "has no contact that logs in" in adopt("--email-field", "registered_customer__email")[1]


def test_a_model_whose_flags_are_properties_is_read_whole(monkeypatch):
    monkeypatch.setitem(people.FLAGS, "is_anonymous", False)  # a property of every model
    jane, boss = user("jane@example.com"), user("boss@example.com", is_staff=True)
    user("gone@example.com", is_active=False)
    out, _ = adopt("--batch-size", "2")
    assert "1 adopted, 2 left out" in out
    assert customer_of(jane).email == "jane@example.com"
    assert not Customer.objects.filter(user=boss).exists()


def test_a_dry_run_says_the_same_and_writes_nothing():
    for email in ("jane@example.com", "kim@example.com", "nonsense"):
        user(email)
    with CaptureQueriesContext(
        connection,
    ) as said:
        out, err = adopt("--dry-run")
    assert not [each["sql"] for each in said.captured_queries if not each["sql"].startswith("SELECT")]
    assert "2 would be adopted, 1 left out" in out
    assert "Nothing was changed." in out
    assert not Customer.objects.exists()
    assert adopt()[1] == err


@pytest.mark.parametrize(("users", "size", "batches"), [(3, 1000, 1), (6, 2, 3), (4, 1, 4)])
def test_a_batch_is_so_many_statements_however_many_users_it_has(users, size, batches):
    for number in range(users):
        user(f"shopper{number}@example.com")
    with CaptureQueriesContext(connection) as asked:
        adopt("--batch-size", str(size))
    verbs = [each["sql"].split()[0] for each in asked.captured_queries]
    last = 0 if users % size else 2  # the empty page that ends each pass
    writing = "DELETE" if connection.vendor == "sqlite" else None  # begins the transaction as a writer
    assert verbs.count("SELECT") == 1 + 2 * 2 * batches + batches + last
    assert verbs.count("INSERT") == 2 * batches
    assert verbs.count("DELETE") == (batches if writing else 0)
    assert set(verbs) <= {"SELECT", "INSERT", "DELETE", "SAVEPOINT", "RELEASE"}
    assert verbs.count("SAVEPOINT") <= 2 * batches


@pytest.mark.parametrize("option", ["--batch-size"])
@pytest.mark.parametrize("value", ["0", "-1", "x"])
def test_the_batch_has_a_size(option, value):
    with pytest.raises(CommandError, match="is not a whole number of at least 1"):
        adopt(f"{option}={value}")


def test_a_shop_whose_adoption_is_undone_is_as_before():
    jane = user("Jane@Example.com")
    before = get_user_model().objects.values().get(pk=jane.pk)
    adopt("--verified")
    Customer.objects.all().delete()
    assert get_user_model().objects.values().get(pk=jane.pk) == before
    assert jane.check_password(PASSWORD)
    assert "1 adopted" in adopt()[0]
