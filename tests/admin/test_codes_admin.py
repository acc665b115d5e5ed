"""One-time codes in the admin: what became of each and of its message, in words; never what would let one be used."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customer_registration.enums import OutboxState
from customer_registration.models import OtpVerification, OutboxMessage
from tests.admin.support import EMAIL, Support, customer

HOUR = timedelta(hours=1)


@pytest.fixture
def clerk(api):
    """Hire somebody who may look at codes, contacts masked."""
    return Support(api.commit, "view_otpverification")


@pytest.fixture
def made(db):
    """Store a code in a state; return it."""

    def make(*, left=HOUR, used=None, proven=None, message=None, **fields):
        now = timezone.now()
        values = {"purpose": "email_verification", "channel": "email", "destination": EMAIL, "max_attempts": 5}
        row = OtpVerification.objects.create(
            **{**values, "expires_at": now + left, "consumed_at": used, "proven_at": proven, **fields}
        )
        if message is not None:
            OutboxMessage.objects.create(kind=row.purpose, channel="email", destination=EMAIL, otp=row, **message)
        return row

    return make


def test_states_and_why_in_words(clerk, made):
    now = timezone.now()
    sent = {"state": OutboxState.SENT, "tries": 1, "sent_at": now}
    failed = {"state": OutboxState.FAILED, "tries": 9, "last_error": "SMTPException: j***@example.com is full"}
    cases = {
        "live": (made(message=sent), "Live", "It can be entered now.", "Handed over"),
        "used": (made(used=now, proven=now, message=sent), "Used", "It was entered in time.", "Handed over"),
        "withdrawn": (made(used=now), "Replaced or withdrawn", "A newer one took its place", "No message is kept"),
        "used_up": (made(attempts=5, message=sent), "Guesses used up", "5 wrong guesses were made.", "Handed over"),
        "expired": (made(left=-HOUR, message=failed), "Expired", "It could not be delivered before", "Failed"),
    }
    for state, (row, label, why, delivery) in cases.items():
        assert clerk.found(model="otpverification", state=state) == [row.pk]
        html = clerk.page(row).content.decode()
        assert f">{label}</span>" in html
        assert why in html
        assert delivery in html
    assert "SMTPException: j***@example.com is full" in clerk.page(cases["expired"][0]).content.decode()
    listed = clerk.listing("otpverification").content.decode()
    assert all(label in listed and delivery in listed for _, label, _, delivery in cases.values())


@pytest.mark.parametrize(
    ("message", "delivery"),
    [
        ({"state": OutboxState.QUEUED}, "Waiting"),
        ({"state": OutboxState.QUEUED, "tries": 2}, "Waiting, tried 2 times"),
        ({"state": OutboxState.SUPPRESSED, "last_error": "Held back: too many"}, "Held back"),
        ({"state": OutboxState.SUPPRESSED}, "Nothing sent"),
    ],
)
def test_what_became_of_the_message(clerk, made, message, delivery):
    assert f">{delivery}<" in clerk.listing("otpverification").content.decode() or made(message=message)
    assert f">{delivery}<" in clerk.listing("otpverification").content.decode()


def test_the_right_guess_is_not_shown_as_a_wrong_one(clerk, made):
    now = timezone.now()
    cases = [({"attempts": 1}, 0), ({"attempts": 3}, 2), ({}, 0), ({"attempts": 2, "attempts_open": 1}, 2)]
    for counted, wrong in cases:
        html = clerk.page(made(used=now, proven=now, **counted)).content.decode()
        assert f">{wrong} of 5<" in html, counted
    assert ">1 of 5<" in clerk.page(made(attempts=1)).content.decode(), "a code that nobody has used yet"


def test_a_decoy_says_that_nothing_was_sent(clerk, made):
    html = clerk.page(made(destination="", left=-HOUR)).content.decode()
    assert "Nothing was sent: nobody could be reached" in html
    assert (
        "Nobody entered it before it expired."
        in clerk.page(made(left=-HOUR, message={"state": "sent"})).content.decode()
    )


def test_codes_are_found_by_their_customer_and_their_id(clerk, made):
    row, other = made(customer=customer(email=EMAIL)), made()
    for text in (EMAIL, "jane@bücher.example", row.customer_id, row.pk):
        assert clerk.found(text, model="otpverification") == [row.pk], text
    assert set(clerk.found(model="otpverification", purpose="email_verification")) == {row.pk, other.pk}
    assert clerk.found(model="otpverification", purpose="code_login", channel="email") == []
    for lookup in ("nonce__gt", "payload__email", "destination__startswith", "customer__email__startswith"):
        assert clerk.listing("otpverification", **{lookup: "a"}).status_code == 400
