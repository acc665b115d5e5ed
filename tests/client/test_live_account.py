"""Both clients against the app: profile, contact change, password, sessions."""

import pytest

from customer_registration.client import CodeRefused, StorefrontError, Unauthorized
from tests.client.conftest import mailed_token
from tests.conftest import PASSWORD, last_code, wrong

JANE, NEW = "jane@example.com", "jane@example.org"
ANOTHER = "another " + PASSWORD


@pytest.fixture
def jane(live):
    """A customer who is logged in."""
    visitor = live()
    visitor.register(email=JANE, password=PASSWORD)
    customer = visitor.create_customer(first_name="Jane", metadata={"size": 5, "shoes": 40})
    challenge = visitor.send_code(customer.id, type="email_verification")
    visitor.verify_code(challenge.token, code=last_code(JANE))
    return visitor


def move(visitor, to):
    """Change the visitor's e-mail."""
    challenge = visitor.change_contact(email=to)
    return visitor.verify_contact(challenge.token, code=last_code(to))


def test_a_profile_is_updated(jane):
    changed = jane.update_me(first_name=None, last_name="Doe", metadata={"size": 6, "shoes": ""})
    assert (changed.first_name, changed.last_name, changed.metadata) == (None, "Doe", {"size": 6})
    assert jane.me() == changed
    assert jane.update_me(metadata=None).metadata == {}


def test_a_phone_is_no_profile_field(jane):
    with pytest.raises(StorefrontError, match="Phone changes require OTP verification"):
        jane.update_me(phone="+12025550123")


def test_an_address_is_changed(jane, live):
    before = jane.token
    changed = move(jane, NEW)
    assert (changed.customer.email, changed.customer.email_verified) == (NEW, True)
    assert jane.token == changed.token
    assert jane.me().email == NEW
    with pytest.raises(Unauthorized):
        live(token=before).me()
    assert live().login(email=NEW, password=PASSWORD).token


def test_a_wrong_code_changes_nothing(jane):
    challenge = jane.change_contact(email=NEW)
    with pytest.raises(CodeRefused) as caught:
        jane.verify_contact(challenge.token, code=wrong(last_code(NEW)))
    assert caught.value.attempts_remaining == 4
    assert jane.me().email == JANE


def test_the_old_address_takes_the_change_back(jane, live):
    move(jane, NEW)
    owner = live()
    assert owner.undo_contact_change(mailed_token(JANE, "/contact-change/undo")) is None
    with pytest.raises(Unauthorized):
        jane.me()
    assert owner.login(email=JANE, password=PASSWORD)
    assert owner.me().email == JANE
    with pytest.raises(Unauthorized):
        owner.undo_contact_change("junk")


def test_a_password_is_changed(jane, live):
    before = jane.token
    assert jane.change_password(ANOTHER, old_password=PASSWORD) == jane.token != before
    assert jane.me().email == JANE
    with pytest.raises(Unauthorized):
        live(token=before).me()
    assert live().login(email=JANE, password=ANOTHER)


def test_the_old_password_must_be_right(jane):
    with pytest.raises(StorefrontError) as caught:
        jane.change_password(ANOTHER, old_password="wrong " + PASSWORD)
    assert (caught.value.status, caught.value.code) == (403, "wrong_password")


def test_a_forgotten_password_is_reset(jane, live):
    visitor = live()
    assert visitor.request_password_reset(email=JANE) is None
    token = mailed_token(JANE, "/reset-password")
    with pytest.raises(StorefrontError) as caught:
        visitor.complete_password_reset(password="short", token=token)
    assert caught.value.code == "password_rejected"
    assert visitor.complete_password_reset(password=ANOTHER, token=token, email=JANE) is None
    with pytest.raises(Unauthorized, match="Invalid token"):
        visitor.complete_password_reset(password=ANOTHER, token=token)
    with pytest.raises(Unauthorized):
        jane.me()
    assert visitor.login(email=JANE, password=ANOTHER)


def test_a_stranger_is_answered_alike(live):
    assert live().request_password_reset(email="nobody@example.com") is None


@pytest.mark.parametrize("token", ["junk", "a\r\nb: c", "tökén"])
def test_a_junk_reset_token_is_refused_by_the_app(live, token):
    with pytest.raises(Unauthorized, match="Invalid token"):
        live().complete_password_reset(password=ANOTHER, token=token)


def test_a_cookie_serves_without_the_token(jane):
    claims = jane.open_session()
    assert claims["actor_id"] == jane.me().id
    jane.client.token = None
    assert jane.me().email == JANE
    assert jane.refresh().token
    jane.end_session()
    jane.client.token = None
    with pytest.raises(Unauthorized):
        jane.me()


def test_without_a_session_there_is_none_to_end(live):
    with pytest.raises(Unauthorized):
        live().end_session()


def test_logging_out_everywhere(jane, live):
    before = jane.token
    jane.log_out_everywhere()
    assert jane.token is None
    with pytest.raises(Unauthorized):
        live(token=before).me()
