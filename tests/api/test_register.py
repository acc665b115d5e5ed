"""POST /auth/customer/{provider}/register."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import AccountEvent, Customer
from customer_registration.tokens import LoginToken
from tests.conftest import PASSWORD, holds_no_contact, last_code

URL = "/auth/customer/emailpass/register"
pytestmark = [pytest.mark.life_cycle, pytest.mark.usefixtures("over_http")]


def test_a_registration_token_has_no_actor_yet(api):
    answer = api.post(URL, {"email": " Jane@Example.COM ", "password": PASSWORD})
    assert answer.status_code == 200
    assert list(answer.json()) == ["token"]
    token = LoginToken.read(answer.json()["token"])
    customer = Customer.objects.get()
    assert customer.email == "jane@example.com"
    assert customer.registered_at is None
    assert token.actor_id == ""
    assert token.actor_type == "customer"
    assert token.auth_provider == "emailpass"
    assert token.auth_identity_id == f"authid_{customer.pk[4:]}"
    assert token.app_metadata == {}


def test_the_user_is_named_by_the_customer_id_or_the_address_and_keeps_the_address(api, register):
    register()
    user = get_user_model().objects.get()
    customer = Customer.objects.get()
    names = {"username": customer.pk, "email": "jane@example.com", "phone": customer.pk}
    assert user.get_username() == names[user.USERNAME_FIELD]
    assert user.email == "jane@example.com"
    assert user.check_password(PASSWORD)
    assert not user.is_staff


@pytest.mark.parametrize(
    "body", [{}, {"email": "a@example.com"}, {"password": ""}, {"password": 5}, {"password": None}]
)
def test_the_password_is_looked_at_first(api, body):
    answer = api.post(URL, body)
    assert answer.status_code == 401
    assert answer.json() == {"type": "unauthorized", "message": "Password should be a string"}


@pytest.mark.parametrize("email", [None, "", 5, ["a@example.com"], {"a": 1}, True])
def test_a_missing_email_is_401(api, email):
    answer = api.post(URL, {"email": email, "password": PASSWORD})
    assert answer.status_code == 401
    assert answer.json() == {"type": "unauthorized", "message": "Email should be a string"}


@pytest.mark.parametrize("email", ["hello", "a@b", "a b@example.com", "jäne@example.com", "x" * 65 + "@example.com"])
def test_malformed_text_is_400(api, email):
    answer = api.post(URL, {"email": email, "password": PASSWORD})
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": "Invalid request: Invalid email address"}
    assert not Customer.objects.exists()


def test_extra_keys_are_ignored_and_never_stored(api):
    extra = {"is_staff": True, "is_active": False, "id": "cus_x", "email_verified": True, "groups": [1]}
    answer = api.post(URL, {"email": "a@example.com", "password": PASSWORD, **extra})
    assert answer.status_code == 200
    customer = Customer.objects.select_related("user").get()
    assert customer.pk != "cus_x"
    assert customer.email_verified_at is None
    assert not customer.user.is_staff
    assert customer.user.is_active


@pytest.mark.parametrize("password", ["short", "password", "12345678901"])
def test_the_projects_password_validators_apply_in_english(api, settings, password):
    settings.LANGUAGE_CODE = "de"
    answer = api.post(URL, {"email": "a@example.com", "password": password}, **{"accept-language": "de"})
    assert answer.status_code == 400
    assert answer.json()["type"] == "invalid_data"
    assert answer.json()["code"] == "password_rejected"
    assert answer.json()["message"].startswith("Invalid request: This password is too")
    assert not Customer.objects.exists()


def test_a_password_like_the_address_is_refused(api):
    answer = api.post(URL, {"email": "janejanejane@example.com", "password": "janejanejane"})
    assert "too similar to the email" in answer.json()["message"]


def test_an_overlong_password_is_refused_not_cut(api):
    answer = api.post(URL, {"email": "a@example.com", "password": "x" * 4097})
    assert answer.status_code == 400
    assert answer.json()["message"] == ("Invalid request: Value for field 'password' too big, expected at most: '4096'")


def test_the_same_password_resumes_a_sign_up_that_broke_off(api, register):
    first, again = LoginToken.read(register()), LoginToken.read(register())
    assert again.auth_identity_id == first.auth_identity_id
    assert Customer.objects.count() == 1


def test_resuming_never_moves_the_claims_end(api, register):
    register()
    ends = Customer.objects.get().claim_expires_at
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        register()
    assert Customer.objects.get().claim_expires_at == ends


def test_another_password_does_not_take_a_fresh_claim(api, register):
    register()
    answer = api.post(URL, {"email": "JANE@example.com", "password": "another one entirely"})
    assert answer.status_code == 401
    assert answer.json() == {"type": "unauthorized", "message": "Identity with email already exists"}
    assert answer.reason_phrase == "Unauthorized"


def test_a_customer_cannot_be_registered_again_even_with_their_password(api, sign_up):
    sign_up()
    answer = api.post(URL, {"email": "jane@example.com", "password": PASSWORD})
    assert answer.status_code == 401
    assert answer.json()["message"] == "Identity with email already exists"


def test_resuming_is_no_second_road_for_guessing_passwords(api, register):
    register()
    answers = [api.post(URL, {"email": "jane@example.com", "password": f"guess number {n}"}) for n in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    login = api.post("/auth/customer/emailpass", {"email": "jane@example.com", "password": PASSWORD})
    assert login.status_code == 429


def test_without_verification_a_claim_never_lapses(api, configure, register):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    register()
    assert Customer.objects.get().claim_expires_at is None
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        assert register()
        other = api.post(URL, {"email": "jane@example.com", "password": "another one entirely"})
    assert other.status_code == 401


def test_b1_a_lapsed_claim_gives_way_and_nothing_of_it_survives(api, sign_up, send_code):
    attacker = sign_up(password="attackers password")
    flow_token, code = send_code(attacker), last_code("jane@example.com")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        answer = api.post(URL, {"email": "jane@example.com", "password": PASSWORD})
        assert answer.status_code == 200
        old = attacker.row
        assert old.email is None
        assert not old.user.has_usable_password()
        assert holds_no_contact(old.user)
        assert Customer.objects.get(email="jane@example.com").pk != attacker.id
        assert api.post("/auth/token/refresh", token=attacker.token).status_code == 401
        verify = api.post("/store/customers/otp/verify", {"token": flow_token, "code": code})
        assert verify.json()["code"] == "otp_invalid"
        login = {"email": "jane@example.com", "password": "attackers password"}
        assert api.post("/auth/customer/emailpass", login).status_code == 401
        assert api.post("/auth/customer/emailpass", {**login, "password": PASSWORD}).status_code == 200
    kinds = set(AccountEvent.objects.filter(customer_ref=attacker.id).values_list("kind", flat=True))
    assert kinds == {"identity_registered", "customer_created", "claim_lapsed"}


def test_b2_a_second_lapsed_claim_dies_too(api, register):
    tokens = []
    for turn in range(3):
        with time_machine.travel(timezone.now() + timedelta(minutes=16 * turn)):
            tokens.append(register(password=f"password of turn {turn}"))
            assert [api.post("/auth/token/refresh", token=old).status_code for old in tokens[:-1]] == [401] * turn
    assert Customer.objects.exclude(email=None).count() == 1


def test_a_lapsed_claim_that_nobody_took_can_still_be_proven(api, configure, sign_up, send_code):
    configure(OTP={"EXPIRY_MINUTES": 60})
    person = sign_up()
    token, code = send_code(person), last_code(person.email)
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        assert api.post("/store/customers/otp/verify", {"token": token, "code": code}).status_code == 200
        answer = api.post(URL, {"email": person.email, "password": "another one entirely"})
    assert answer.json()["message"] == "Identity with email already exists"


def test_while_verification_is_off_no_claim_gives_way(api, configure, sign_up):
    person = sign_up()
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        answer = api.post(URL, {"email": person.email, "password": "another one entirely"})
        assert answer.json()["message"] == "Identity with email already exists"
        login = {"email": person.email, "password": PASSWORD}
        assert api.post("/auth/customer/emailpass", login).status_code == 200


def test_a_transaction_that_lost_says_nothing_of_an_address_that_nobody_holds(api, monkeypatch):
    from django.db import OperationalError

    def locked(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr("customer_registration.users.DefaultUserAdapter.create", locked)
    answer = api.post(URL, {"email": "a@example.com", "password": PASSWORD})
    assert (answer.status_code, answer.json()["type"]) == (503, "unavailable")


def test_a_proven_address_never_lapses(api, verified):
    verified()
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        answer = api.post(URL, {"email": "jane@example.com", "password": "another one entirely"})
    assert answer.status_code == 401


@pytest.mark.parametrize("provider", ["phonepass", "google", "EMAILPASS", "__class__"])
def test_a_provider_that_does_not_register_here_is_refused(api, provider):
    answer = api.post(f"/auth/customer/{provider}/register", {"email": "a@example.com", "password": PASSWORD})
    assert answer.status_code == 400
    assert answer.json() == {
        "type": "not_allowed",
        "message": f"The actor type customer is not allowed to use the auth provider {provider}",
    }


@pytest.mark.parametrize("actor", ["user", "vendor"])
def test_only_customers_register(api, actor):
    answer = api.post(f"/auth/{actor}/emailpass/register", {"email": "a@example.com", "password": PASSWORD})
    assert answer.status_code == 400
    assert answer.json()["type"] == "not_allowed"


def test_providers_can_be_switched_off(api, configure):
    configure(PROVIDERS={"customer": ["otp"]})
    answer = api.post(URL, {"email": "a@example.com", "password": PASSWORD})
    assert answer.json()["type"] == "not_allowed"


def test_twenty_registrations_an_hour_from_one_address(api, register):
    for number in range(20):
        register(f"p{number}@example.com")
    answer = api.post(URL, {"email": "late@example.com", "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.json() == {"type": "too_many_requests", "message": "Too many requests", "code": "throttled"}
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600


@pytest.mark.parametrize("existing", ["reveal", "conceal"])
def test_a_lapsed_claim_whose_user_the_project_has_deleted_gives_way_too(api, sign_up, register, configure, existing):
    configure(REGISTRATION={"EXISTING_ACCOUNT": existing})
    gone = sign_up("jane@example.com")
    user = gone.row.user
    Customer.objects.filter(pk=gone.id).update(user=None)
    user.delete()
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        register("jane@example.com")
    assert Customer.objects.get(email="jane@example.com").pk != gone.id
