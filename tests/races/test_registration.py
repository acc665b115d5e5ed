"""Whoever comes at the same moment: one address, one customer."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import AccountEvent, Customer, OtpVerification
from tests.conftest import holds_no_contact, last_code
from tests.races.at_once import at_once, post, statuses

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.life_cycle,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("unlimited"),
]

REGISTER = "/auth/customer/emailpass/register"
TAKEN = "Identity with email already exists"


def claim(number, email="jane@example.com"):
    """Return an act that registers an address with a password of its own."""
    return post(REGISTER, {"email": email, "password": f"correct horse battery {number}"})


def lapse(customer_id):
    """Let a claim's time be over."""
    Customer.objects.filter(pk=customer_id).update(claim_expires_at=timezone.now() - timedelta(seconds=1))


def messages(answers, status):
    return [answer.json()["message"] for answer in answers if answer.status_code == status]


def test_twenty_four_registrations_of_one_address_make_one_customer():
    answers = at_once(*(claim(number) for number in range(24)))
    assert statuses(answers) == [200] + [401] * 23
    assert messages(answers, 401) == [TAKEN] * 23
    assert Customer.objects.count() == get_user_model().objects.count() == 1
    assert AccountEvent.objects.filter(kind="identity_registered").count() == 1
    winner = next(number for number, answer in enumerate(answers) if answer.status_code == 200)
    assert get_user_model().objects.get().check_password(f"correct horse battery {winner}")


def test_twenty_four_spellings_of_one_address_make_one_customer():
    spellings = ["jane@example.com", "JANE@example.com", " Jane@Example.COM ", "ｊane@example.com"]
    answers = at_once(*(claim(number, spellings[number % 4]) for number in range(24)))
    assert statuses(answers) == [200] + [401] * 23
    assert Customer.objects.count() == get_user_model().objects.count() == 1


def test_the_same_person_pressing_the_button_ten_times_is_one_identity():
    answers = at_once(*(claim(0) for _ in range(10)))
    assert set(statuses(answers)) <= {200, 401}
    assert 200 in statuses(answers)
    assert Customer.objects.count() == get_user_model().objects.count() == 1


def test_a_registration_token_used_ten_times_at_once_makes_one_customer(register):
    token = register()
    answers = at_once(*(post("/store/customers", {"first_name": str(n)}, token=token) for n in range(10)))
    assert statuses(answers) == [200] + [400] * 9
    assert messages(answers, 400) == ["Request already authenticated as a customer."] * 9
    created = next(answer.json()["customer"] for answer in answers if answer.status_code == 200)
    customer = Customer.objects.get()
    assert (customer.pk, customer.first_name) == (created["id"], created["first_name"])
    assert AccountEvent.objects.filter(kind="customer_created").count() == 1


def test_a_second_identifier_wanted_by_ten_goes_to_one(configure, register):
    configure(REGISTRATION={"IDENTIFIER": "both"})
    tokens = [register(f"jane{number}@example.com") for number in range(10)]
    answers = at_once(*(post("/store/customers", {"phone": "+447400123456"}, token=token) for token in tokens))
    assert statuses(answers) == [200] + [422] * 9
    assert messages(answers, 422) == ["Customer with this phone already has an account"] * 9
    assert Customer.objects.filter(phone="+447400123456", registered_at__isnull=False).count() == 1
    assert Customer.objects.filter(registered_at=None, phone=None).count() == 9


def test_a_lapsed_claim_wanted_by_ten_goes_to_one(sign_up, send_code):
    old = sign_up()
    send_code(old)
    lapse(old.id)
    answers = at_once(*(claim(number) for number in range(10)))
    assert statuses(answers) == [200] + [401] * 9
    assert messages(answers, 401) == [TAKEN] * 9
    assert Customer.objects.filter(email="jane@example.com").count() == 1
    assert Customer.objects.count() == get_user_model().objects.count() == 2
    assert is_closed(old)
    assert AccountEvent.objects.filter(kind="claim_lapsed").count() == 1


def is_closed(person):
    """Whether nothing of a claim is left but its id."""
    row = person.row
    return (
        (row.email, row.phone, row.email_verified_at, row.phone_verified_at) == (None, None, None, None)
        and not row.user.has_usable_password()
        and holds_no_contact(row.user)
        and not OtpVerification.objects.filter(customer=row, consumed_at=None).exists()
    )


@pytest.mark.parametrize("round_", range(6))
def test_proof_and_a_new_claim_at_once_leave_one_holder_and_no_half_state(sign_up, send_code, round_):
    person = sign_up()
    proof = {"token": send_code(person), "code": last_code(person.email)}
    lapse(person.id)
    proven, claimed = at_once(post("/store/customers/otp/verify", proof), claim(0))
    holder = Customer.objects.select_related("user").get(email=person.email)
    if proven.status_code == 200:
        assert (claimed.status_code, claimed.json()["message"]) == (401, TAKEN)
        assert (holder.pk, Customer.objects.count()) == (person.id, 1)
        assert holder.email_verified_at is not None
        assert holder.user.check_password(person.password)
    else:
        assert (proven.status_code, claimed.status_code) in ((400, 200), (503, 200))
        assert (holder.pk != person.id, Customer.objects.count()) == (True, 2)
        assert holder.email_verified_at is None
        assert is_closed(person)
        assert not AccountEvent.objects.filter(kind="contact_verified").exists()


def test_twenty_four_concealed_registrations_are_one_claim_and_shadows(configure):
    configure(REGISTRATION={"EXISTING_ACCOUNT": "conceal"})
    answers = at_once(*(claim(number) for number in range(24)))
    assert statuses(answers) == [200] * 24
    assert Customer.objects.filter(email="jane@example.com", shadow_email=None).count() == 1
    assert Customer.objects.filter(email=None, shadow_email="jane@example.com").count() == 23


def test_twelve_concealed_sign_ups_with_one_number_are_one_claim_and_shadows(configure, register):
    configure(REGISTRATION={"EXISTING_ACCOUNT": "conceal"})
    tokens = [register(f"jane{number}@example.com") for number in range(12)]
    answers = at_once(*(post("/store/customers", {"phone": "+12025550123"}, token=token) for token in tokens))
    assert statuses(answers) == [200] * 12
    assert Customer.objects.filter(phone="+12025550123").count() == 1
    assert Customer.objects.filter(phone=None, shadow_phone="+12025550123").count() == 11


def test_a_lapsed_claim_that_many_take_at_once_under_concealment_goes_to_one(configure, sign_up):
    configure(REGISTRATION={"EXISTING_ACCOUNT": "conceal"})
    lapse(sign_up("jane@example.com").id)
    answers = at_once(*(claim(number) for number in range(12)))
    assert statuses(answers) == [200] * 12
    assert Customer.objects.filter(email="jane@example.com").count() == 1
