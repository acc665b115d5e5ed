"""Codes by identifier at the same moment: one winner, no guess too many, no half state; and the tests would see it."""

from contextlib import suppress

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import OperationalError
from django.utils import timezone

from customer_registration.flows.passwordless import open_codes
from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage, SendSlot
from customer_registration.models.otp_verification import OtpVerificationQuerySet
from customer_registration.one_time_passwords import OneTimePasswordService
from customer_registration.tokens import LoginToken
from tests import by_code
from tests.by_code import JANE, ME, UNHURRIED, ask, url
from tests.conftest import PASSWORD, last_code, wrong
from tests.races.at_once import THREADS, at_once, post, statuses

pytestmark = [pytest.mark.postgres, pytest.mark.life_cycle, pytest.mark.django_db(transaction=True)]

# Above read committed a database may refuse a write that another one overtook; then nothing was compared.
REFUSED = {400, 503}


def bring(code, flow=None, step="verify", **options):
    """Return an act that brings a code."""
    return post(url(step), {"identifier": JANE, "otp": code} | ({"token": flow} if flow else {}), **options)


def asked(api, step="generate"):
    """Ask for a code; return the flow token and the code."""
    return ask(api, step=step), last_code(JANE)


def winners(answers):
    return [answer for answer in answers if answer.status_code == 200]


@pytest.mark.parametrize("step", ["verify", ""])
@pytest.mark.parametrize("with_token", [True, False], ids=["with the flow token", "without it"])
def test_the_right_code_brought_twenty_four_times_at_once_wins_once(
    unlimited, configure, verified, api, step, with_token
):
    configure(OTP={"MAX_ATTEMPTS": 10})
    verified()
    flow, code = asked(api)
    answers = at_once(*(bring(code, flow if with_token else None, step) for _ in range(THREADS)))
    assert statuses(answers).count(200) == 1
    assert set(statuses(answers)) <= {200, *REFUSED}
    assert api.get(ME, token=winners(answers)[0].json()["token"]).status_code == 200


@pytest.mark.parametrize("with_token", [True, False], ids=["with the flow token", "without it"])
def test_a_registration_twenty_four_times_at_once_makes_one_identity(unlimited, configure, api, with_token):
    configure(OTP={"MAX_ATTEMPTS": 10})
    flow, code = asked(api, "pre-register")
    answers = at_once(*(bring(code, flow if with_token else None, "register") for _ in range(THREADS)))
    assert statuses(answers).count(200) == 1
    assert set(statuses(answers)) <= {200, *REFUSED}
    assert Customer.objects.count() == get_user_model().objects.count() == 1
    assert AccountEvent.objects.filter(kind="identity_registered").count() == 1


def test_the_grant_taken_twenty_four_times_at_once_logs_in_once(unlimited, configure, api):
    configure(OTP={"MAX_ATTEMPTS": 10})
    flow, code = asked(api, "pre-register")
    assert bring(code, flow, "register")().status_code == 200
    answers = at_once(*(bring(code, flow, "") for _ in range(THREADS)))
    assert statuses(answers).count(200) == 1
    assert set(statuses(answers)) <= {200, *REFUSED}


def test_a_registration_and_its_grant_at_once_are_one_of_each_at_most(unlimited, configure, api):
    configure(OTP={"MAX_ATTEMPTS": 10})
    flow, code = asked(api, "pre-register")
    acts = [bring(code, flow, "register"), bring(code, flow, "")] * (THREADS // 2)
    answers = at_once(*acts)
    assert statuses(answers[::2]).count(200) == 1
    assert statuses(answers[1::2]).count(200) <= 1
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("limits", [True, False], ids=["limits on", "limits off"])
@pytest.mark.parametrize("with_token", [True, False], ids=["with the flow token", "without it"])
def test_c3_wrong_guesses_at_once_are_five_compares_at_most(configure, verified, api, compares, limits, with_token):
    configure(RATE_LIMITS={"ENABLED": limits})
    verified()
    flow, code = asked(api)
    compares.clear()
    answers = at_once(*(bring(wrong(code), flow if with_token else None) for _ in range(THREADS)))
    assert set(statuses(answers)) <= REFUSED
    row = OtpVerification.objects.get(purpose="code_login")
    assert 1 <= len(compares) == (row.attempts if with_token else row.attempts_open) <= 5
    assert (row.attempts_open if with_token else row.attempts) == 0


def test_c4_guesses_in_many_flows_at_once_are_ten_compares(configure, verified, api, compares):
    """Ten a day, and the one that the quarter of an hour after them has may come at once."""
    configure(**UNHURRIED)
    verified()
    flows = [asked(api) for _ in range(THREADS)]
    compares.clear()
    at_once(*(bring(wrong(code), flow) for flow, code in flows))
    assert 1 <= len(compares) <= 11
    refused = at_once(*(bring(wrong(code), flow) for flow, code in flows))
    assert len(compares) <= 11
    assert statuses(refused) == [400] * THREADS


@pytest.mark.parametrize("step", ["generate", "pre-register"])
@pytest.mark.parametrize("limits", [True, False], ids=["limits on", "limits off"])
def test_twenty_requests_for_a_code_at_once_are_one_message(configure, api, step, limits):
    configure(RATE_LIMITS={"ENABLED": limits})
    if step == "generate":
        by_code.sign_up(api)
    mail.outbox.clear()
    OutboxMessage.objects.all().delete()
    OtpVerification.objects.all().delete()
    SendSlot.objects.all().delete()
    answers = at_once(*(post(url(step), {"identifier": JANE}) for _ in range(20)))
    assert statuses(answers) == [200] + [429] * 19
    assert len(mail.outbox) == OutboxMessage.objects.count() == OtpVerification.objects.count() == 1


@pytest.mark.usefixtures("unlimited")
def test_codes_of_two_flows_at_once_register_one_identity(configure, api):
    configure(**UNHURRIED)
    first, second = asked(api, "pre-register"), asked(api, "pre-register")
    answers = at_once(*(bring(code, flow, "register") for flow, code in (first, second)))
    assert 200 in statuses(answers)
    assert set(statuses(answers)) <= {200, 400, 422, 503}
    assert Customer.objects.count() == get_user_model().objects.count() == 1
    identities = {LoginToken.read(answer.json()["token"]).auth_identity_id for answer in winners(answers)}
    assert identities == {Customer.objects.get().auth_identity_id}


@pytest.mark.usefixtures("unlimited")
def test_a_contact_that_is_replaced_while_its_code_is_used_opens_nothing(api, verified, between):
    person, _ = verified()
    flow, code = asked(api)
    others = between(open_codes, "use", replace_address(person.id))
    answer = bring(code, flow)()
    assert others
    assert answer.status_code in REFUSED
    assert person.row.email == "next@example.com"


def replace_address(customer_id):
    """Return an act that does what a contact change does to codes and to the row."""

    def act():
        now = timezone.now()
        OtpVerification.objects.retire_codes(customer_id, now=now, sent_to=JANE)
        Customer.objects.filter(pk=customer_id).update(email="next@example.com", token_epoch=9)

    return act


@pytest.mark.usefixtures("unlimited")
def test_two_step_codes_at_once_open_one_session(configure, verified, api):
    configure(OTP={"MAX_ATTEMPTS": 10})
    verified()
    assert api.post("/store/auth", {"email": JANE, "password": PASSWORD}).status_code == 200
    proof = {"email": JANE, "otp": last_code(JANE)}
    answers = at_once(*(post("/store/auth/otp", proof) for _ in range(THREADS)))
    assert statuses(answers).count(200) == 1
    assert set(statuses(answers)) <= {200, *REFUSED}
    assert [bool(answer.cookies) for answer in answers].count(True) == 1


@pytest.mark.usefixtures("unlimited")
def test_a_one_time_password_verified_at_once_is_right_once(configure):
    configure(OTP={"MAX_ATTEMPTS": 10})
    service = OneTimePasswordService()
    code = service.generate("locker")
    assert at_once(*[lambda: service.verify("locker", code)] * 10).count(True) == 1


@pytest.mark.usefixtures("unlimited")
def test_one_time_passwords_generated_at_once_leave_one_good_one_with_every_guess(compares):
    service = OneTimePasswordService(ttl=600)
    bad = wrong(service.generate("locker"))
    assert not service.verify("locker", bad)  # a guess that every newer code must start with, whoever is quicker below

    def generate():
        with suppress(OperationalError):  # above read committed a database may give up; then nothing has changed
            return service.generate("locker")

    made = at_once(*[generate] * 4, *[lambda: service.verify("locker", bad)] * 8)[:4]
    live = OtpVerification.objects.live(timezone.now()).filter(purpose="service")
    assert [row.attempts for row in live] == [len(compares)]
    assert len(compares) >= 1
    live.update(attempts=0)
    assert [service.verify("locker", code) for code in dict.fromkeys(made) if code].count(True) <= 1


# The same races against code that reads, then writes: the tests above must be able to fail.


def test_codes_that_are_read_then_written_log_in_twice(
    unlimited, read_committed, configure, verified, api, meeting, monkeypatch
):
    def consume(self, row_id, *, now, **values):
        unused = self.live(now).filter(pk=row_id).exists()
        meeting()
        return unused

    monkeypatch.setattr(OtpVerificationQuerySet, "consume", consume)
    configure(OTP={"MAX_ATTEMPTS": 10})
    verified()
    flow, code = asked(api)
    assert statuses(at_once(*(bring(code, flow) for _ in range(THREADS)))).count(200) > 1


def test_grants_that_are_read_then_written_log_in_twice(unlimited, configure, api, meeting, monkeypatch):
    def use_grant(self, row_id, *, now):
        unused = self.filter(pk=row_id, grant_until__gt=now, grant_used_at=None).exists()
        meeting()
        return unused

    monkeypatch.setattr(OtpVerificationQuerySet, "use_grant", use_grant)
    configure(OTP={"MAX_ATTEMPTS": 10})
    flow, code = asked(api, "pre-register")
    assert bring(code, flow, "register")().status_code == 200
    assert statuses(at_once(*(bring(code, flow, "") for _ in range(THREADS)))).count(200) > 1


@pytest.mark.parametrize("counter", ["attempts", "attempts_open"])
def test_guesses_that_are_read_then_written_get_past_the_limit(
    unlimited, verified, api, compares, meeting, monkeypatch, counter
):
    def spend_attempt(self, row_id, *, now, counter="attempts"):
        row = self.usable(now).filter(pk=row_id).first()
        if row is None or getattr(row, counter) >= row.max_attempts:
            return False
        meeting()
        self.filter(pk=row_id).update(**{counter: min(getattr(row, counter) + 1, row.max_attempts)})
        return True

    monkeypatch.setattr(OtpVerificationQuerySet, "spend_attempt", spend_attempt)
    verified()
    flow, code = asked(api)
    compares.clear()
    with time_machine.travel(timezone.now(), tick=True):
        at_once(*(bring(wrong(code), flow if counter == "attempts" else None) for _ in range(THREADS)))
    assert len(compares) > 5
