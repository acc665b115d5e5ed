"""Guesses, proofs and sends at the same moment count exactly; and the tests would see it if they did not."""

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import OperationalError
from django.utils import timezone

from customer_registration.models import AccountEvent, OtpVerification, OutboxMessage, SendSlot
from customer_registration.models.integrity import atomically
from customer_registration.models.otp_verification import OtpVerificationQuerySet
from customer_registration.models.send_slot import Claim, SendSlotQuerySet
from tests.conftest import last_code, wrong
from tests.races.at_once import at_once, post, statuses

pytestmark = [pytest.mark.postgres, pytest.mark.life_cycle, pytest.mark.django_db(transaction=True)]

VERIFY = "/store/customers/otp/verify"
SEND = "/store/customers/otp/send"
# Above read committed a database may refuse a write that another one overtook; then nothing was compared.
REFUSED = {400, 503}


@pytest.fixture
def flow(sign_up, send_code):
    """Return the token and the code of a flow, and forget the mail."""
    person = sign_up()
    token, code = send_code(person), last_code(person.email)
    mail.outbox.clear()
    return token, code


def guess_at_once(token, code, times=20):
    return at_once(*(post(VERIFY, {"token": token, "code": code}) for _ in range(times)))


@pytest.mark.parametrize("limits", [True, False], ids=["limits on", "limits off"])
def test_c3_twenty_wrong_guesses_at_once_are_five_compares_at_most(configure, flow, compares, limits):
    configure(RATE_LIMITS={"ENABLED": limits})
    token, code = flow
    answers = guess_at_once(token, wrong(code))
    assert set(statuses(answers)) <= REFUSED
    assert 1 <= len(compares) <= 5
    assert OtpVerification.objects.get().attempts == len(compares)
    for _ in range(5 - len(compares)):
        assert post(VERIFY, {"token": token, "code": wrong(code)})().json()["code"] == "otp_invalid"
    refused = post(VERIFY, {"token": token, "code": code})()
    assert (refused.status_code, refused.json()["code"]) == (400, "otp_attempts_exceeded")
    assert len(compares) == OtpVerification.objects.get().attempts == 5


def test_twenty_right_guesses_at_once_are_one_success(unlimited, flow):
    answers = guess_at_once(*flow)
    assert statuses(answers).count(200) == 1
    assert set(statuses(answers)) <= {200, *REFUSED}
    assert OtpVerification.objects.get().consumed_at is not None
    assert AccountEvent.objects.filter(kind="contact_verified").count() == 1


def test_a_link_opened_twenty_times_at_once_confirms_once(unlimited, sign_up, api):
    person = sign_up()
    asked = {"entity_id": person.email, "entity_type": "email"}
    assert api.post("/auth/verification/request", asked, token=person.token).status_code == 201
    link = OtpVerification.objects.get().link_value()
    answers = at_once(*(post("/auth/verification/confirm", {"code": link}) for _ in range(20)))
    assert statuses(answers) == [200] + [400] * 19
    assert AccountEvent.objects.filter(kind="contact_verified").count() == 1


def send_at_once(person, times=20):
    return at_once(*(post(SEND, {"customer_id": person, "type": "email_verification"}) for _ in range(times)))


@pytest.mark.parametrize("limits", [True, False], ids=["limits on", "limits off"])
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_twenty_sends_at_once_are_one_message(configure, sign_up, limits, known):
    configure(RATE_LIMITS={"ENABLED": limits})
    answers = send_at_once(sign_up().id if known else "cus_nobody")
    assert statuses(answers) == [200] + [429] * 19
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers if answer.status_code == 429)
    assert OutboxMessage.objects.count() == OtpVerification.objects.count() == SendSlot.objects.count() == 1
    assert len(mail.outbox) == (1 if known else 0)


def test_resends_at_once_leave_one_live_code_with_the_older_ones_guesses(unlimited, sign_up, send_code):
    person = sign_up()
    token = send_code(person)
    post(VERIFY, {"token": token, "code": wrong(last_code(person.email))})()
    with time_machine.travel(timezone.now() + timedelta(seconds=91), tick=True):
        assert statuses(send_at_once(person.id)) == [200] + [429] * 19
        live = OtpVerification.objects.live(timezone.now())
        assert [row.attempts for row in live] == [1]


def test_sends_that_were_refused_do_not_use_up_the_hour(sign_up):
    person = sign_up()
    send_at_once(person.id)
    with time_machine.travel(timezone.now() + timedelta(seconds=91), tick=True):
        assert statuses(send_at_once(person.id, times=1)) == [200]  # the second of five


def test_guesses_and_a_new_code_at_once_forget_no_guess(unlimited, sign_up, send_code, compares):
    person = sign_up()
    token = send_code(person)
    bad = {"token": token, "code": wrong(last_code(person.email))}
    with time_machine.travel(timezone.now() + timedelta(seconds=91), tick=True):
        again = post(SEND, {"customer_id": person.id, "type": "email_verification"})
        *guesses, sent = at_once(*(post(VERIFY, bad) for _ in range(10)), again)
        assert set(statuses(guesses)) <= REFUSED
        assert sent.status_code in (200, 503)
        newest = OtpVerification.objects.order_by("-pk")[0]
        assert newest.attempts == len(compares)


# The same races against code that reads, then writes: the tests above must be able to fail.


def test_guesses_that_are_read_then_written_get_past_the_limit(unlimited, flow, compares, meeting, monkeypatch):
    def spend_attempt(self, row_id, *, now):
        row = self.live(now).filter(pk=row_id).first()
        if row is None or row.attempts >= row.max_attempts:
            return False
        meeting()
        row.attempts += 1
        with suppress(OperationalError):
            row.save(update_fields=["attempts"])
        return True

    monkeypatch.setattr(OtpVerificationQuerySet, "spend_attempt", spend_attempt)
    token, code = flow
    guess_at_once(token, wrong(code))
    assert len(compares) > 5


def test_proofs_that_are_read_then_written_succeed_twice(unlimited, read_committed, flow, meeting, monkeypatch):
    def consume(self, row_id, *, now):
        unused = self.live(now).filter(pk=row_id).exists()
        meeting()
        return unused

    monkeypatch.setattr(OtpVerificationQuerySet, "consume", consume)
    assert statuses(guess_at_once(*flow)).count(200) > 1


def test_slots_that_are_read_then_written_send_twice(unlimited, sign_up, meeting, monkeypatch):
    def holding(self, key, work, **options):
        free = not self.filter(key=key).exists()
        meeting()
        assert free
        return atomically(lambda: work(Claim(first=True)))

    monkeypatch.setattr(SendSlotQuerySet, "holding", holding)
    assert statuses(send_at_once(sign_up().id)).count(200) > 1
