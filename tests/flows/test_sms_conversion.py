"""The brake: a prefix whose codes nobody brings back gets a trickle, until some are."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration import messaging
from customer_registration.exceptions import LimiterUnavailable
from customer_registration.flows import proving
from customer_registration.messaging import sms_guard
from customer_registration.messaging.backends import locmem
from customer_registration.models import Customer, OtpVerification, OutboxMessage
from tests.texting import CAUGHT, LOCMEM, NUMBER, code_to, codes_to, notice_to, numbers, texted

pytestmark = pytest.mark.django_db
SAMPLE, ELSEWHERE = sms_guard.SAMPLE, "+1415555"


@pytest.fixture(autouse=True)
def clock(configure):
    """Judge prefixes by a quarter, and stand still where windows begin."""
    configure(SMS_GUARD={"MIN_CONVERSION": 0.25}, CHANNELS={"sms": [LOCMEM]})
    locmem.outbox.clear()
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def settle(clock):
    """Let the time pass that codes have to come back in."""
    return lambda: clock.shift(2 * sms_guard.SETTLING)


@pytest.fixture
def prove(django_capture_on_commit_callbacks):
    """Use up the oldest so many live codes."""

    def run(count):
        for row in OtpVerification.objects.live(timezone.now()).order_by("pk")[:count]:
            with django_capture_on_commit_callbacks(execute=True):
                proving.consume(row, lambda row: None, now=timezone.now())

    return run


def test_a_prefix_whose_codes_nobody_proves_gets_one_an_hour(settle, clock):
    assert codes_to(numbers(SAMPLE)) == SAMPLE
    settle()
    assert codes_to(numbers(5)) == 1
    late = OutboxMessage.objects.last()
    assert (late.state, late.last_error) == ("suppressed", f"{CAUGHT}too few codes to +12025 are proven")
    assert codes_to(numbers(5, ELSEWHERE)) == 5
    clock.shift(3600)
    assert codes_to(numbers(5)) == 1


def test_fewer_than_a_sample_are_not_judged(settle):
    assert codes_to(numbers(SAMPLE - 1)) == SAMPLE - 1
    settle()
    assert codes_to(numbers(3)) == 3


def test_codes_that_may_still_be_typed_in_are_not_held_against_a_prefix():
    assert codes_to(numbers(5 * SAMPLE)) == 5 * SAMPLE


@pytest.mark.parametrize(("proven", "passing"), [(1, 1), (2, 5)])
def test_enough_proofs_keep_a_prefix_open(settle, prove, proven, passing):
    codes_to(numbers(SAMPLE))
    prove(proven)
    settle()
    assert codes_to(numbers(5)) == passing


def test_each_proof_opens_the_way_for_one_more_until_the_prefix_is_open_again(settle, prove):
    codes_to(numbers(2 * SAMPLE))
    settle()
    OtpVerification.objects.all().delete()
    for _ in range(4):  # of 14 that are judged then
        assert codes_to(numbers(2)) == 1
        prove(1)
        settle()
    assert codes_to(numbers(5)) == 5


def test_what_was_sent_half_a_day_ago_is_forgotten(clock):
    codes_to(numbers(SAMPLE))
    clock.shift(2 * sms_guard.WINDOW - timedelta(seconds=1))
    assert codes_to(numbers(5)) == 1
    clock.shift(1)
    assert codes_to(numbers(5)) == 5


def test_proofs_and_sends_are_forgotten_together(clock, prove):
    """Proofs whose window ended first would leave the sends without them."""
    for _ in range(6):
        codes_to(numbers(SAMPLE))
        prove(SAMPLE // 2)
        clock.shift(sms_guard.WINDOW / 2)
        assert codes_to(numbers(2)) == 2


def test_messages_that_nobody_brings_back_are_no_sends(settle):
    undo = [code_to(number, purpose="contact_undo") for number in numbers(SAMPLE)]
    assert all(texted(*undo, *[notice_to(number) for number in numbers(SAMPLE)]))
    settle()
    assert codes_to(numbers(5)) == 5


def test_what_tells_of_a_change_waits_for_the_trickle(settle, clock):
    codes_to(numbers(SAMPLE))
    settle()
    codes_to(numbers(1))
    assert texted(notice_to(NUMBER)) == [False]
    clock.shift(3600)
    assert messaging.deliver_due() == 1


def test_whoever_has_proven_a_number_still_gets_codes_and_hears_of_changes(settle, sign_up):
    """Else a few codes that nobody asked for would shut them out, and a thief could keep them from hearing."""
    codes_to(numbers(SAMPLE))
    settle()
    assert codes_to(numbers(2)) == 1
    person = sign_up(phone=NUMBER)

    def owners():
        messages = code_to(NUMBER, purpose="code_login"), notice_to(NUMBER)
        OutboxMessage.objects.filter(pk__in=[each.pk for each in messages]).update(customer=person.id)
        return texted(*messages)

    assert owners() == [False, False]
    Customer.objects.update(phone_verified_at=timezone.now())
    assert owners() == [True, True]
    assert texted(code_to(NUMBER, purpose="contact_undo")) == [True]
    assert texted(code_to(NUMBER), notice_to(NUMBER)) == [False, False]


def test_codes_that_no_provider_took_are_not_held_against_a_prefix(settle, configure, clock):
    configure(CHANNELS={"sms": ["tests.flows.test_outbox.Failing"]})
    assert codes_to(numbers(5 * SAMPLE)) == 0
    settle()
    configure(CHANNELS={"sms": [LOCMEM]})
    assert codes_to(numbers(5)) == 5
    clock.shift(60)
    messaging.deliver_due()
    settle()
    assert codes_to(numbers(2)) == 1  # those that a later try delivered


def test_a_budget_that_refuses_gives_the_trickle_back(settle, configure):
    codes_to(numbers(SAMPLE))
    settle()
    configure(SMS_GUARD={"HOURLY_BUDGET": 1})
    assert codes_to(numbers(1, ELSEWHERE)) == 1
    assert codes_to(numbers(1)) == 0
    configure(SMS_GUARD={"HOURLY_BUDGET": None})
    assert codes_to(numbers(2)) == 1


def test_no_brake_without_the_setting(settle, configure):
    configure(SMS_GUARD={"MIN_CONVERSION": None})
    codes_to(numbers(SAMPLE))
    settle()
    assert codes_to(numbers(5)) == 5


def proofs(number=NUMBER):
    """How many proofs are counted of a number's prefix."""
    return sms_guard._tally("sms_proven", sms_guard.phone_prefix(number), timezone.now()).count()


def test_a_proof_counts_once_and_one_that_is_rolled_back_does_not(django_capture_on_commit_callbacks):
    code_to(NUMBER)
    row = OtpVerification.objects.get()

    def fail(row):
        raise RuntimeError

    def use(effect):
        with django_capture_on_commit_callbacks(execute=True):
            proving.consume(row, effect, now=timezone.now())

    with pytest.raises(RuntimeError):
        use(fail)
    assert proofs() == 0
    use(lambda row: None)
    with pytest.raises(Exception, match="Invalid code"):
        use(lambda row: None)
    assert proofs() == 1


def test_a_proof_stands_where_the_counters_are_down(prove, monkeypatch):
    def fail(self):
        raise LimiterUnavailable

    code_to(NUMBER)
    monkeypatch.setattr("customer_registration.ratelimits.engine.Counter.hit", fail)
    prove(1)
    assert OtpVerification.objects.exclude(consumed_at=None).count() == 1


def test_a_proof_of_a_mailed_code_is_none_of_the_guards(prove):
    code_to("jane@example.com", purpose="email_verification", channel="email")
    prove(1)
    assert OtpVerification.objects.exclude(consumed_at=None).exists()
