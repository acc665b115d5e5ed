"""Both clients against the app: leaving for good, and the way back."""

import pytest
from django.core.management import call_command

from customer_registration.client import (
    AccountDeletionPending,
    CodeRefused,
    StorefrontError,
    Throttled,
    Unauthorized,
)
from tests.conftest import PASSWORD, last_code, messages_to, wrong

JANE = "jane@example.com"


@pytest.fixture
def join(live):
    """Register, prove the address and log in."""

    def run(email=JANE):
        visitor = live()
        visitor.register(email=email, password=PASSWORD)
        challenge = visitor.send_code(visitor.create_customer().id, type="email_verification")
        visitor.verify_code(challenge.token, code=last_code(email))
        return visitor

    return run


def leave(visitor, **options):
    """Ask for the deletion and confirm it by the code in the mail."""
    challenge = visitor.request_account_deletion(**options)
    return visitor.confirm_account_deletion(challenge.token, code=last_code(JANE))


def test_leaving_ends_every_session_and_blocks_the_login(join, live):
    jane = join()
    before = jane.token
    request = leave(jane, reason="moving")
    assert (request.status, request.cancelled_at, request.completed_at) == ("confirmed", None, None)
    assert (request.scheduled_at - request.confirmed_at).days == 7
    assert jane.token is None
    with pytest.raises(Unauthorized):
        live(token=before).me()
    with pytest.raises(AccountDeletionPending) as caught:
        jane.login(email=JANE, password=PASSWORD)
    assert caught.value.scheduled_at == request.scheduled_at


@pytest.mark.parametrize("name", ["email", "email_or_phone"])
def test_whoever_cannot_log_in_keeps_the_account_by_a_code(join, live, name):
    jane = join()
    before, request = jane.token, leave(jane)
    visitor = live()
    challenge = visitor.request_deletion_cancellation(**{name: JANE})
    kept = visitor.confirm_deletion_cancellation(challenge.token, code=last_code(JANE))
    assert (kept.id, kept.status) == (request.id, "cancelled")
    assert kept.cancelled_at is not None
    assert visitor.token is None, "a login is next"
    with pytest.raises(Unauthorized):
        live(token=before).me()
    visitor.login(email=JANE, password=PASSWORD)
    assert visitor.me().id == kept.customer_id


def test_a_wrong_code_schedules_nothing(join):
    jane = join()
    challenge = jane.request_account_deletion()
    with pytest.raises(CodeRefused) as caught:
        jane.confirm_account_deletion(challenge.token, code=wrong(last_code(JANE)))
    assert caught.value.attempts_remaining == 4
    assert jane.me().email == JANE


def test_tokens_of_the_one_road_are_no_good_on_the_other(join, live):
    jane = join()
    asked = jane.request_account_deletion()
    with pytest.raises(Unauthorized, match="Invalid token"):
        jane.confirm_deletion_cancellation(asked.token, code=last_code(JANE))
    assert jane.confirm_account_deletion(asked.token, code=last_code(JANE)).status == "confirmed"


def test_a_visitor_who_is_not_logged_in_cannot_ask(live):
    with pytest.raises(Unauthorized):
        live().request_account_deletion()


def test_asking_twice_is_throttled(join):
    jane = join()
    jane.request_account_deletion()
    with pytest.raises(Throttled):
        jane.request_account_deletion()


def test_strangers_and_people_who_stay_are_answered_alike(join, live):
    join()
    before = messages_to(JANE)
    for email in (JANE, "nobody@example.com"):
        assert live().request_deletion_cancellation(email=email).token
        assert messages_to("nobody@example.com") == []
    assert messages_to(JANE) == before
    with pytest.raises(StorefrontError, match="Exactly one of"):
        live().request_deletion_cancellation()


def test_an_erased_customer_is_a_stranger_and_may_come_back(join, live, configure):
    configure(ACCOUNT_DELETION_REQUEST={"SCHEDULED_DAYS": 0})
    gone = leave(join())
    call_command("purge_accounts", customer=gone.customer_id, verbosity=0)
    visitor = live()
    with pytest.raises(Unauthorized, match="Invalid email or password"):
        visitor.login(email=JANE, password=PASSWORD)
    visitor.register(email=JANE, password=PASSWORD)
    assert visitor.create_customer().id != gone.customer_id
