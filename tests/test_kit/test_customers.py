"""Customers as a host project's tests make them: like those who signed up, in every mode, on every user model."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password, identify_hasher
from django.db import IntegrityError

from customer_registration.exceptions import FactorUnavailable
from customer_registration.flows.second_factor import authenticator
from customer_registration.models import AccountEvent, Customer, OutboxMessage, SecondFactor
from customer_registration.testing import DEFAULT_PASSWORD
from tests.conftest import new_user

pytestmark = pytest.mark.django_db
LOGIN = "/auth/customer/emailpass"
JANE, NUMBER = "jane@example.com", "+12025550123"
OF_THE_MOMENT = {
    "id", "user_id", "registered_at", "claim_expires_at", "email_verified_at", "created_at", "updated_at", "token_epoch"
}  # fmt: skip


def values(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_they_are_as_if_they_had_signed_up(customer_factory, verified, over_http):
    """By the real road, field by field; but for ids, times and the language, which no request has told."""
    made = Customer.objects.get(pk=customer_factory(email="made@example.com", first_name="Jane").pk)
    person, _ = verified("real@example.com", first_name="Jane")
    real = person.row
    assert {name for name, value in values(made).items() if value is None} == {
        name for name, value in values(real).items() if value is None
    }
    different = {name for name in values(real) if values(made)[name] != values(real)[name]}
    assert different <= OF_THE_MOMENT | {"email", "language"}
    of_user = {name for name in values(real.user) if values(made.user)[name] != values(real.user)[name]}
    named_by = get_user_model().USERNAME_FIELD
    assert of_user <= {"id", named_by, "username", "email", "password", "date_joined", "last_login"}


def test_they_log_in(api, customer_factory):
    customer = customer_factory()
    answer = api.post(LOGIN, {"email": customer.email, "password": DEFAULT_PASSWORD})
    assert answer.status_code == 200, answer.content


def test_every_one_is_another(customer_factory):
    people = [customer_factory(phone=None) for _ in range(3)]
    assert len({person.email for person in people}) == 3
    assert all(person.pk.startswith("cus_") for person in people)


@pytest.mark.parametrize(("mode", "has_email", "has_phone"), [("email", 1, 0), ("phone", 0, 1), ("both", 1, 1)])
def test_contacts_are_made_up_as_the_shop_wants_them(customer_factory, configure, mode, has_email, has_phone):
    configure(REGISTRATION={"IDENTIFIER": mode}, USER_ADAPTER="tests.user_models.adapters.NamedByIdAdapter")
    one, other = customer_factory(), customer_factory()
    assert (bool(one.email), bool(one.phone)) == (bool(has_email), bool(has_phone))
    assert (bool(one.email_verified_at), bool(one.phone_verified_at)) == (bool(has_email), bool(has_phone))
    assert (one.email, one.phone) != (other.email, other.phone)
    assert not one.phone or one.phone[5:9] == "5550"


def test_made_up_numbers_can_be_texted(api, configure, customer_factory, last_code):
    configure(REGISTRATION={"IDENTIFIER": "phone"}, USER_ADAPTER="tests.user_models.adapters.NamedByIdAdapter")
    customer = customer_factory()
    api.post("/auth/customer/otp/generate", {"identifier": customer.phone})
    answer = api.post("/auth/customer/otp", {"identifier": customer.phone, "otp": last_code(customer.phone)})
    assert answer.status_code == 200, answer.content


def test_contacts_are_written_as_they_are_stored(customer_factory, settings):
    settings.PHONENUMBER_DEFAULT_REGION = "US"
    customer = customer_factory(email="Jane@Example.COM", phone="(202) 555-0123")
    assert (customer.email, customer.phone) == (JANE, NUMBER)
    customer.refresh_from_db()
    assert (customer.email, customer.phone) == (JANE, NUMBER)
    assert getattr(customer.user, get_user_model().get_email_field_name()) == JANE


@pytest.mark.parametrize(
    ("verified", "email", "phone"),
    [(True, True, True), (False, False, False), ("email", True, False), ("phone", False, True)],
)
def test_what_is_proven(customer_factory, verified, email, phone):
    customer = Customer.objects.get(pk=customer_factory(phone=NUMBER, verified=verified).pk)
    assert (customer.email_verified_at is not None, customer.phone_verified_at is not None) == (email, phone)
    assert customer.claim_expires_at is not None


def test_a_contact_that_there_is_not_is_not_proven(customer_factory):
    assert customer_factory(phone=None).phone_verified_at is None
    with pytest.raises(ValueError, match="fax"):
        customer_factory(verified="fax")


def test_whoever_has_proven_nothing_has_to(api, customer_factory):
    customer = customer_factory(verified=False)
    answer = api.post(LOGIN, {"email": customer.email, "password": DEFAULT_PASSWORD})
    assert answer.json()["code"] == "verification_required"


def test_any_field_of_theirs(customer_factory):
    customer = customer_factory(last_name="Doe", metadata={"tier": "gold"}, language="de", company_name="Acme")
    customer.refresh_from_db()
    assert (customer.last_name, customer.company_name, customer.language) == ("Doe", "Acme", "de")
    assert customer.metadata == {"tier": "gold"}
    with pytest.raises(TypeError, match="shoe_size"):
        customer_factory(shoe_size=42)


def test_an_identity_that_is_no_customer_yet(customer_factory):
    assert not customer_factory(registered_at=None).is_registered


def test_passwords(customer_factory):
    own, none, same = customer_factory(password="own password"), customer_factory(password=None), customer_factory()
    assert check_password("own password", own.user.password)
    assert not none.user.has_usable_password()
    assert same.user.check_password(DEFAULT_PASSWORD)


def test_a_password_is_hashed_once(customer_factory, settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    first, second = customer_factory(), customer_factory()
    assert first.user.password == second.user.password
    assert identify_hasher(first.user.password).algorithm == "pbkdf2_sha256"


def test_staff(customer_factory, api):
    customer = customer_factory(staff=True)
    assert get_user_model().objects.get(pk=customer.user_id).is_staff
    assert customer.is_staff
    assert not customer_factory().is_staff


def test_a_user_who_is_there_already(customer_factory):
    user = new_user("joe", JANE, "own password")
    customer = customer_factory(email=JANE, user=user, staff=True)
    assert Customer.objects.get(user=user) == customer
    user.refresh_from_db()
    assert user.check_password("own password")
    assert user.is_staff


def test_nothing_is_sent_and_nothing_said(customer_factory, otp_outbox, hear):
    from customer_registration import signals

    heard = [hear(signal) for signal in (signals.customer_registered, signals.identity_registered)]
    customer_factory()
    assert not OutboxMessage.objects.exists()
    assert not AccountEvent.objects.exists()
    assert heard == [[], []]


def test_nobody_is_made_twice(customer_factory):
    customer_factory(email=JANE)
    with pytest.raises(IntegrityError):
        customer_factory(email="Jane@example.com")


def test_nobody_is_half_made(customer_factory, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(Customer, "save", fail)
    with pytest.raises(RuntimeError):
        customer_factory()
    assert not get_user_model().objects.exists()


def test_two_inserts_and_no_more(customer_factory, django_assert_num_queries):
    customer_factory()
    with django_assert_num_queries(4):  # with the savepoint
        customer_factory()


def test_a_second_factor(api, customer_factory, authenticator_code):
    pytest.importorskip("pyotp", reason="install the mfa extra")
    customer = customer_factory(email=JANE, second_factor=True)
    pending = api.post(LOGIN, {"email": JANE, "password": DEFAULT_PASSWORD}).json()
    path = f"/auth/mfa/challenges/{pending['mfa_challenge']['id']}/verify"
    answer = api.post(path, {"method": "totp", "code": authenticator_code(customer)}, token=pending["token"])
    assert answer.status_code == 200, answer.content
    assert answer.json()["token"]


def test_its_code_is_another_one_each_time_until_there_is_none(customer_factory, authenticator_code, clock):
    customer = customer_factory(second_factor=True)
    first = authenticator_code(customer)
    assert authenticator_code(customer) == first  # nobody has used it
    for _ in range(2):
        step = authenticator.step_of(SecondFactor.objects.get(), authenticator_code(customer), now=clock_now())
        SecondFactor.objects.update(last_step=step)
    with pytest.raises(AssertionError, match="move the clock on"):
        authenticator_code(customer)
    clock.shift(60)
    assert len(authenticator_code(customer)) == 6


def clock_now():
    from django.utils import timezone

    return timezone.now()


def test_without_the_extra_it_says_so(customer_factory, monkeypatch):
    monkeypatch.setattr(authenticator, "find_spec", lambda name: None)
    with pytest.raises(FactorUnavailable) as refusal:
        customer_factory(second_factor=True)
    assert "django-customer-registration[mfa]" in "".join(refusal.value.__notes__)
    assert not Customer.objects.exists()
