"""Both clients against the app: in by a code alone, and by a password and then a code."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration.client import CodeRefused, StorefrontError, Throttled, Unauthorized, VerificationRequired
from tests.conftest import PASSWORD, last_code, messages_to, new_user, wrong

JANE, PHONE = "jane@example.com", "+12025550123"


@pytest.fixture
def join(live):
    """Register by a code alone and create the customer."""

    def run(identifier=JANE):
        visitor = live()
        sent = visitor.send_registration_code(identifier)
        visitor.register_with_code(identifier, code=last_code(identifier), token=sent.token)
        visitor.create_customer()
        return visitor

    return run


@pytest.fixture
def member(live):
    """Register with a password and prove the address; return a visitor who is not logged in."""
    visitor = live()
    visitor.register(email=JANE, password=PASSWORD)
    challenge = visitor.send_code(visitor.create_customer().id, type="email_verification")
    visitor.verify_code(challenge.token, code=last_code(JANE))
    return live()


def test_the_story_without_a_password(live):
    visitor = live()
    sent = visitor.send_registration_code(JANE)
    assert sent.message == "Please validate the OTP to continue with the registration process."
    code = last_code(JANE)
    assert visitor.register_with_code(JANE, code=code, token=sent.token) == visitor.token
    customer = visitor.create_customer(first_name="Jane")
    assert (customer.email, customer.email_verified) == (JANE, True)
    assert visitor.login_with_registration_code(JANE, code=code).token == visitor.token
    assert visitor.me().id == customer.id
    with pytest.raises(CodeRefused):
        visitor.login_with_registration_code(JANE, code=code)
    returning = live()
    sent = returning.send_login_code(JANE)
    assert sent.message == "If an account exists with this identifier, an OTP will be sent."
    returning.login_with_code(JANE, code=last_code(JANE), token=sent.token)
    assert returning.me().id == customer.id


def test_a_phone_alone_is_enough(join, live, configure):
    configure(REGISTRATION={"IDENTIFIER": "phone"})
    joined = join(PHONE)
    joined.refresh()
    assert joined.me().phone == PHONE
    visitor = live()
    visitor.send_login_code("(202) 555-0123")
    visitor.login_with_code("202-555-0123", code=last_code(PHONE))
    assert (visitor.me().phone, visitor.me().phone_verified) == (PHONE, True)


def test_a_registration_code_logs_in_for_a_minute(live):
    visitor = live()
    visitor.send_registration_code(JANE)
    code = last_code(JANE)
    visitor.register_with_code(JANE, code=code)
    visitor.create_customer()
    with time_machine.travel(timezone.now() + timedelta(seconds=61)), pytest.raises(CodeRefused, match="Invalid OTP"):
        visitor.login_with_registration_code(JANE, code=code)


def test_a_login_code_is_as_good_there(join, live):
    join()
    visitor = live()
    visitor.send_login_code(JANE)
    assert visitor.login_with_registration_code(JANE, code=last_code(JANE)).token == visitor.token


def test_a_wrong_code_is_refused_as_one_that_was_never_sent(join, live):
    join()
    visitor = live()
    sent = visitor.send_login_code(JANE)
    code = wrong(last_code(JANE))
    for identifier, token in ((JANE, None), (JANE, sent.token), ("nobody@example.com", None), (JANE, "junk")):
        with pytest.raises(CodeRefused) as caught:
            visitor.login_with_code(identifier, code=code, token=token)
        assert (caught.value.message, caught.value.status, caught.value.code) == ("Invalid OTP", 400, "otp_invalid")
        assert caught.value.attempts_remaining is None


def test_a_second_code_has_to_wait_for_strangers_too(live):
    visitor = live()
    for name in ("send_login_code", "send_registration_code"):
        getattr(visitor, name)(JANE)
        with pytest.raises(Throttled) as caught:
            getattr(visitor, name)(JANE)
        assert 60 < caught.value.retry_after <= 90


def test_strangers_are_answered_alike_and_sent_nothing(join, live, configure):
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    join()
    assert live().send_login_code("nobody@example.com").message == live().send_login_code(JANE).message
    assert messages_to("nobody@example.com") == []
    before = messages_to(JANE)
    assert live().send_registration_code(JANE).token, "she has an account"
    assert messages_to(JANE) == before


def test_where_the_shop_tells_a_stranger_is_an_error(join, live, configure):
    join()
    configure(PASSWORDLESS={"CONCEAL": False})
    for name, identifier, status in (
        ("send_login_code", "nobody@example.com", 404),
        ("send_registration_code", JANE, 422),
    ):
        with pytest.raises(StorefrontError) as caught:
            getattr(live(), name)(identifier)
        assert caught.value.status == status


def test_a_visitor_who_registered_with_a_password_keeps_it(live):
    visitor = live()
    visitor.register(email=JANE, password=PASSWORD)
    visitor.create_customer()
    visitor.send_login_code(JANE)
    visitor.login_with_code(JANE, code=last_code(JANE))
    assert visitor.me().email_verified
    assert live().login(email=JANE, password=PASSWORD).token


def test_a_strangers_password_is_gone_after_the_first_proof(live):
    stranger, owner = live(), live()
    stranger.register(email=JANE, password=PASSWORD)
    stranger.create_customer()
    owner.send_login_code(JANE)
    owner.login_with_code(JANE, code=last_code(JANE))
    assert owner.me().email_verified
    with pytest.raises(Unauthorized):
        live().login(email=JANE, password=PASSWORD)


def test_staff_come_in_by_a_code_and_never_register(live):
    user = new_user("staff", "staff@example.com", is_staff=True)
    visitor = live()
    visitor.send_login_code("staff@example.com", actor="user")
    visitor.login_with_code("staff@example.com", code=last_code("staff@example.com"), actor="user")
    assert visitor.open_session()["actor_id"] == str(user.pk)
    visitor.send_registration_code("new@example.com", actor="user")
    assert messages_to("new@example.com") == []


def test_an_unknown_actor_type_is_refused(live):
    with pytest.raises(StorefrontError, match="The actor type courier is not allowed to use the auth provider otp"):
        live().send_login_code(JANE, actor="courier")


# By a password, then a code


def test_the_story_of_two_steps(member):
    step = member.start_two_step_login(email=JANE, password=PASSWORD)
    assert (step.customer.email, step.mfa_required, step.token) == (JANE, False, None)
    with pytest.raises(Unauthorized):
        member.session_customer()
    assert member.finish_two_step_login(email=JANE, code=last_code(JANE)) == step
    assert member.token is None
    assert member.session_customer() == member.me() == step.customer
    assert member.end_two_step_login() is None
    with pytest.raises(Unauthorized):
        member.session_customer()


def test_the_older_token_gives_way_to_the_cookie(member, join):
    somebody = join("kim@example.com")
    somebody.start_two_step_login(email=JANE, password=PASSWORD)
    somebody.finish_two_step_login(email=JANE, code=last_code(JANE))
    assert somebody.me().email == JANE


@pytest.mark.parametrize("email", [JANE, "nobody@example.com"])
def test_a_wrong_second_step_is_one_answer_for_all(member, email):
    member.start_two_step_login(email=JANE, password=PASSWORD)
    with pytest.raises(CodeRefused) as caught:
        member.finish_two_step_login(email=email, code=wrong(last_code(JANE)))
    assert (caught.value.message, caught.value.status) == ("OTP is invalid", 400)
    assert (caught.value.type, caught.value.code) == (None, None)


def test_a_wrong_first_step_sends_nothing(member):
    before = messages_to(JANE)
    with pytest.raises(Unauthorized, match="Invalid email or password"):
        member.start_two_step_login(email=JANE, password="wrong " + PASSWORD)
    assert messages_to(JANE) == before


def test_an_unproven_address_takes_no_step(live):
    visitor = live()
    visitor.register(email=JANE, password=PASSWORD)
    customer = visitor.create_customer()
    with pytest.raises(VerificationRequired) as caught:
        visitor.start_two_step_login(email=JANE, password=PASSWORD)
    assert caught.value.customer_id == customer.id


def test_without_a_session_there_is_no_customer_and_nothing_to_end(live):
    for name in ("session_customer", "end_two_step_login"):
        with pytest.raises(Unauthorized):
            getattr(live(), name)()
