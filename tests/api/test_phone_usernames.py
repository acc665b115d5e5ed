"""A shop whose customers register by phone, on each user model: the number is the username where the model says so."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import IntegrityError
from django.utils import timezone

from customer_registration.models import Customer
from customer_registration.tokens import LoginToken
from example_project.inbox.models import InboxMessage
from tests.conftest import PASSWORD, holds_no_contact, new_user
from tests.conftest import last_code as last_mailed_code

REGISTER, LOGIN = "/auth/customer/phonepass/register", "/auth/customer/phonepass"
CREATE, ME = "/store/customers", "/store/customers/me"
SEND, VERIFY, REFRESH = "/store/customers/otp/send", "/store/customers/otp/verify", "/auth/token/refresh"
PHONE, TYPED = "+14155552671", "(415) 555-2671"
BODY = {"phone": TYPED, "password": PASSWORD}
MODEL = get_user_model()
PHONE_IS_USERNAME = MODEL.USERNAME_FIELD == "phone"

pytestmark = pytest.mark.life_cycle


@pytest.fixture(autouse=True)
def by_phone(configure):
    """Nothing but the identifier is set."""
    configure(
        REGISTRATION={"IDENTIFIER": "phone"},
        USER_ADAPTER="customer_registration.users.DefaultUserAdapter",
    )


@pytest.fixture
def join(api):
    """Register and create; return the registration token and the customer."""

    def run(body=BODY, **profile):
        answer = api.post(REGISTER, body)
        assert answer.status_code == 200, answer.content
        token = answer.json()["token"]
        answer = api.post(CREATE, profile, token=token)
        assert answer.status_code == 200, answer.content
        return token, Customer.objects.select_related("user").get(pk=answer.json()["customer"]["id"])

    return run


@pytest.fixture
def prove(api):
    """Prove the number by the code that was texted to it; return the answer."""

    def run(customer):
        flow = api.post(SEND, {"customer_id": customer.pk, "type": "phone_verification"}).json()["token"]
        text = InboxMessage.objects.filter(to=PHONE, channel="sms").order_by("-pk")[0].text
        code = next(word for word in text.replace(".", " ").split() if word.isdigit() and len(word) == 6)
        return api.post(VERIFY, {"token": flow, "code": code})

    return run


def username_of(customer):
    customer.user.refresh_from_db()
    return customer.user.get_username()


def test_from_registration_to_a_renewed_login(api, join, prove):
    _, customer = join(first_name="Jane")
    assert (customer.phone, customer.email) == (PHONE, None)
    assert username_of(customer) == (PHONE if PHONE_IS_USERNAME else customer.pk)
    assert api.post(LOGIN, BODY).status_code == 403
    token = prove(customer).json()["token"]
    assert api.get(ME, token=token).json()["customer"]["phone_verified"] is True
    login = api.post(LOGIN, BODY).json()["token"]
    renewed = api.post(REFRESH, token=login).json()["token"]
    assert LoginToken.read(renewed).actor_id == customer.pk
    assert api.get(ME, token=renewed).json()["customer"]["phone"] == PHONE


def test_a_number_that_is_taken_is_401(api, join):
    join()
    answer = api.post(REGISTER, {"phone": PHONE, "password": "another one entirely"})
    assert (answer.status_code, answer.json()["message"]) == (401, "Identity with phone already exists")
    assert Customer.objects.count() == MODEL.objects.count() == 1


def test_a_lapsed_claim_gives_way_and_its_user_keeps_no_number(api, join):
    _, first = join()
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        _, second = join({"phone": PHONE, "password": "another one entirely"})
    first.user.refresh_from_db()
    assert holds_no_contact(first.user)
    assert not first.user.has_usable_password()
    assert username_of(second) == (PHONE if PHONE_IS_USERNAME else second.pk)
    assert api.post(LOGIN, BODY).status_code == 401


def test_a_proven_number_never_lapses(api, join, prove):
    _, customer = join()
    prove(customer)
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        answer = api.post(REGISTER, {"phone": PHONE, "password": "another one entirely"})
    assert answer.status_code == 401


def test_a_number_that_a_user_without_a_customer_has_as_username_is_taken(api):
    new_user(PHONE, "boss@example.com")
    assert api.post(REGISTER, BODY).status_code == (401 if PHONE_IS_USERNAME else 200)
    assert Customer.objects.count() == (0 if PHONE_IS_USERNAME else 1)


@pytest.fixture
def by_both(configure):
    """Both identifiers, the e-mail address first."""
    configure(REGISTRATION={"IDENTIFIER": "both"})


def test_in_mode_both_the_username_waits_for_the_number(api, by_both, register):
    token = register()
    customer = Customer.objects.select_related("user").get()
    names = {"username": customer.pk, "email": "jane@example.com", "phone": customer.pk}
    assert username_of(customer) == names[MODEL.USERNAME_FIELD]
    assert api.post(CREATE, {}, token=token).status_code == 400
    assert api.post(CREATE, {"phone": TYPED}, token=token).status_code == 200
    assert username_of(customer) == {**names, "phone": PHONE}[MODEL.USERNAME_FIELD]
    assert customer.user.email == "jane@example.com"


def test_in_mode_both_the_username_waits_for_the_address(api, by_both):
    token = api.post(REGISTER, BODY).json()["token"]
    customer = Customer.objects.select_related("user").get()
    names = {"username": customer.pk, "email": customer.pk, "phone": PHONE}
    assert username_of(customer) == names[MODEL.USERNAME_FIELD]
    assert api.post(CREATE, {"email": "jane@example.com"}, token=token).status_code == 200
    assert username_of(customer) == {**names, "email": "jane@example.com"}[MODEL.USERNAME_FIELD]
    assert customer.user.email == "jane@example.com"


def test_in_mode_both_a_username_that_somebody_has_is_422(api, by_both, register):
    new_user(PHONE, "boss@example.com")
    answer = api.post(CREATE, {"phone": PHONE}, token=register())
    assert answer.status_code == (422 if PHONE_IS_USERNAME else 200)
    if PHONE_IS_USERNAME:
        assert answer.json()["message"] == "Customer with this phone already has an account"
        assert Customer.objects.get().registered_at is None


def test_in_mode_both_a_lapsed_number_goes_to_the_newcomer_and_the_proven_address_stays(
    api, by_both, register, send_code
):
    from tests.conftest import Person

    assert api.post(CREATE, {"phone": PHONE}, token=register("first@example.com")).status_code == 200
    first = Customer.objects.select_related("user").get()
    person = Person("first@example.com", PASSWORD, "", first.pk)
    proof = {"token": send_code(person), "code": last_mailed_code(person.email)}
    assert api.post(VERIFY, proof).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert api.post(CREATE, {"phone": PHONE}, token=register()).status_code == 200
    first = person.row
    assert (first.email, first.phone, first.user.email) == ("first@example.com", None, "first@example.com")
    second = Customer.objects.select_related("user").get(phone=PHONE)
    if PHONE_IS_USERNAME:
        assert username_of(first).startswith("closed-")
        assert username_of(second) == PHONE
    assert first.user.check_password(PASSWORD)


def test_the_model_has_the_last_word_in_a_race(api, monkeypatch):
    def late(self, customer, *, password):
        raise IntegrityError("somebody was faster")

    monkeypatch.setattr("customer_registration.users.DefaultUserAdapter.create", late)
    answer = api.post(REGISTER, BODY)
    assert (answer.status_code, answer.json()["message"]) == (401, "Identity with phone already exists")
