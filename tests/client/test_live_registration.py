"""Both clients against the app: from registration to a renewed login."""

from datetime import UTC, datetime, timedelta

import pytest

from customer_registration.client import CodeRefused, StorefrontError, Throttled, Unauthorized, VerificationRequired
from tests.client.conftest import mailed_token
from tests.conftest import PASSWORD, last_code, new_user, wrong

JANE = "jane@example.com"


@pytest.fixture
def sign_up(live):
    """Register and create a customer; return the visitor and the customer."""

    def run(**options):
        visitor = live(**options)
        visitor.register(email=JANE, password=PASSWORD)
        return visitor, visitor.create_customer(first_name="Jane", metadata={"size": 5})

    return run


def test_the_story(sign_up):
    visitor, customer = sign_up()
    assert (customer.email, customer.first_name, customer.metadata) == (JANE, "Jane", {"size": 5})
    assert datetime.now(UTC) - customer.created_at < timedelta(minutes=5)
    challenge = visitor.send_code(customer.id, type="email_verification")
    assert challenge.expires_at > datetime.now(UTC)
    verified = visitor.verify_code(challenge.token, code=last_code(JANE))
    assert (verified.email_verified, verified.needs_login) == (True, False)
    assert verified.customer.id == customer.id
    assert visitor.token == verified.token
    assert visitor.me() == verified.customer
    assert visitor.refresh().token == visitor.token
    assert visitor.me().id == customer.id


def test_an_unproven_address_cannot_log_in(sign_up):
    visitor, customer = sign_up()
    with pytest.raises(VerificationRequired) as caught:
        visitor.login(email=JANE, password=PASSWORD)
    assert (caught.value.customer_id, caught.value.verification_type) == (customer.id, "email_verification")
    challenge = visitor.send_code(caught.value.customer_id, type=caught.value.verification_type)
    visitor.verify_code(challenge.token, code=last_code(JANE))
    assert visitor.login(email_or_phone=JANE, password=PASSWORD).token == visitor.token


def test_in_challenge_mode_a_login_says_what_to_verify(sign_up, configure):
    configure(LOGIN={"UNVERIFIED_RESPONSE": "challenge"})
    visitor, customer = sign_up()
    assert visitor.login(email=JANE, password=PASSWORD).verification is None
    asked = visitor.request_verification(JANE, entity_type="email")
    result = visitor.login(email=JANE, password=PASSWORD)
    assert result.verification_required
    assert result.verification.id == asked.id
    confirmed = visitor.confirm_verification(mailed_token(JANE, "/verify"))
    assert (confirmed.entity_id, confirmed.code_provider) == (JANE, "token")
    assert not visitor.refresh().verification_required
    assert visitor.me().id == customer.id


def test_the_sdks_code_needs_the_visitors_own_login(sign_up, live):
    visitor, _ = sign_up()
    visitor.request_verification(JANE, entity_type="email", code_provider="otp", metadata={"a": 1})
    code = last_code(JANE)
    with pytest.raises(Unauthorized):
        live().confirm_verification(code)
    assert visitor.confirm_verification(code, code_provider="otp").code_provider == "otp"


def test_a_wrong_code_is_counted(sign_up):
    visitor, customer = sign_up()
    challenge = visitor.send_code(customer.id, type="email_verification")
    with pytest.raises(CodeRefused) as caught:
        visitor.verify_code(challenge.token, code=wrong(last_code(JANE)))
    assert (caught.value.code, caught.value.attempts_remaining) == ("otp_invalid", 4)
    with pytest.raises(Unauthorized, match="Invalid token"):
        visitor.verify_code("junk", code=last_code(JANE))


def test_a_second_code_has_to_wait(sign_up):
    visitor, customer = sign_up()
    visitor.send_code(customer.id, type="email_verification")
    with pytest.raises(Throttled) as caught:
        visitor.send_code(customer.id, type="email_verification")
    assert 60 < caught.value.retry_after <= 90


def test_wrong_credentials_and_taken_addresses_are_refused(sign_up):
    visitor, _ = sign_up()
    with pytest.raises(Unauthorized, match="Invalid email or password"):
        visitor.login(email=JANE, password="wrong " + PASSWORD)
    with pytest.raises(Unauthorized, match="Identity with email already exists"):
        visitor.register(email=JANE, password="another " + PASSWORD)
    with pytest.raises(StorefrontError, match="Request already authenticated as a customer"):
        visitor.create_customer()


def test_an_integer_code_is_refused_without_being_shown(sign_up):
    visitor, customer = sign_up()
    challenge = visitor.send_code(customer.id, type="email_verification")
    with pytest.raises(StorefrontError) as caught:
        visitor.verify_code(challenge.token, code=493817)
    assert caught.value.message == "Invalid request: Expected type: 'string' for field 'code', got: '…'"


def test_without_a_token_one_is_nobody(live):
    with pytest.raises(Unauthorized) as caught:
        live().me()
    assert (caught.value.message, caught.value.type) == ("Unauthorized", None)


def test_the_shops_key_is_sent(sign_up, configure):
    configure(PUBLISHABLE_API_KEYS=["pk_1"])
    assert sign_up(publishable_api_key="pk_1")[1].email == JANE


def test_a_missing_key_is_an_error(sign_up, configure):
    configure(PUBLISHABLE_API_KEYS=["pk_1"])
    with pytest.raises(StorefrontError, match="Publishable API key required"):
        sign_up()


def test_staff_log_in_and_providers_are_listed(live):
    new_user("staff", "staff@example.com", is_staff=True)
    visitor = live()
    assert visitor.login(email="staff@example.com", password=PASSWORD, actor="user").token == visitor.token
    for providers in (visitor.list_providers(), visitor.list_providers("user")):
        offered = [(provider.id, provider.flow) for provider in providers]
        assert offered == [("emailpass", "credentials"), ("otp", "credentials")]
