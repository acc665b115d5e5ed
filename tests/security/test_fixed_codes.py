"""C17, static codes: `TEST_IDENTIFIERS` let reviewers verify, register and log in, for a time, and each use is told."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail

from customer_registration import ratelimits
from customer_registration.codes import derivation
from customer_registration.enums import EventKind
from customer_registration.flows import reviewers
from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage
from customer_registration.signals import message_queued, otp_generated, pre_register_otp_generated
from example_project.inbox.models import InboxMessage
from tests import by_code
from tests.by_code import EXCEEDED, ask, bring, refused, url
from tests.conftest import PASSWORD, last_code, wrong
from tests.security.fixed import CODE, PHONE, REVIEWER, TWO_STEPS, VERIFY, entries, in_days

pytestmark = pytest.mark.django_db
UNHURRIED = {**by_code.UNHURRIED, "TWO_STEP_LOGIN": {"RESEND_THROTTLE_SECONDS": 0}}
CREDENTIALS = {"email": REVIEWER, "password": PASSWORD}
# How to ask for a code and how to bring one: each purpose that a fixed code opens, once somebody is there to have it.
SENDS = {
    "verification": lambda api, person: api.post(
        "/store/customers/otp/send", {"customer_id": person.id, "type": "email_verification"}
    ),
    "registration": lambda api, person: api.post(url("pre-register"), {"identifier": "new@example.com"}),
    "login": lambda api, person: api.post(url("generate"), {"identifier": REVIEWER}),
    "two steps": lambda api, person: api.post(TWO_STEPS, CREDENTIALS),
}
BRINGS = {
    "verification": lambda api, code, flow: api.post(VERIFY, {"token": flow, "code": code}),
    "registration": lambda api, code, flow: bring(api, code, flow, identifier="new@example.com", step="register"),
    "login": lambda api, code, flow: bring(api, code, flow, identifier=REVIEWER),
    "two steps": lambda api, code, flow: api.post(f"{TWO_STEPS}/otp", {"email": REVIEWER, "otp": code}),
}
ROADS = list(SENDS)


@pytest.fixture
def reviewer(configure, sign_up, verified):
    """Sign a reviewer up by mail, proven unless that is what is tested; from then on the code is fixed."""

    def run(road="login", **changes):
        configure(**UNHURRIED)
        person = sign_up(REVIEWER) if road == "verification" else verified(REVIEWER)[0]
        mail.outbox.clear()
        configure(TEST_IDENTIFIERS=entries(REVIEWER, PHONE, "new@example.com", **changes))
        return person

    return run


@pytest.fixture
def sent(api, reviewer):
    """Ask for a code on a road; return what brings one there."""

    def run(road, **changes):
        answer = SENDS[road](api, reviewer(road, **changes))
        assert answer.status_code == 200, answer.content
        return lambda code: BRINGS[road](api, code, answer.json().get("token"))

    return run


def uses():
    return list(AccountEvent.objects.filter(kind=EventKind.TEST_CODE_USED).order_by("pk"))


@pytest.mark.parametrize("road", ROADS)
def test_c17_a_fixed_code_verifies_registers_and_logs_in(sent, road):
    brought = sent(road)
    assert brought(wrong(CODE)).status_code == 400
    assert brought(CODE).status_code == 200
    assert brought(CODE).status_code == 400  # used up, as any code


def test_c17_a_number_is_verified_by_it_and_the_sdks_road_takes_it_too(api, configure, verified, send_code):
    person, bearer = verified(phone=PHONE)
    configure(TEST_IDENTIFIERS=entries())
    send_code(person, "phone")
    answer = api.post("/auth/verification/confirm", {"code_provider": "otp", "code": CODE}, token=bearer)
    assert answer.status_code == 200, answer.content
    assert person.row.phone_verified_at


def test_c17_the_code_that_registered_a_reviewer_logs_them_in_once_as_well(api, configure):
    configure(TEST_IDENTIFIERS=entries())
    assert bring(api, CODE, ask(api, REVIEWER, "pre-register"), identifier=REVIEWER, step="register").status_code == 200
    assert bring(api, CODE, identifier=REVIEWER, step="").status_code == 200
    assert refused(bring(api, CODE, identifier=REVIEWER, step=""))
    assert len(uses()) == 2


@pytest.mark.parametrize("road", ROADS)
def test_c17_nothing_is_sent_and_the_derived_code_opens_nothing(sent, hear, road):
    announced = hear(otp_generated), hear(pre_register_otp_generated)
    brought = sent(road)
    assert (mail.outbox, InboxMessage.objects.count(), announced) == ([], 0, ([], []))
    message = OutboxMessage.objects.latest("pk")
    assert (message.state, message.destination, message.tries) == ("suppressed", "", 0)
    assert brought(OtpVerification.objects.latest("pk").code()).status_code == 400


@pytest.mark.parametrize("road", ROADS)
def test_c17_asking_costs_the_statements_and_the_tasks_of_any_code(
    api, configure, counted, reviewer, hear, monkeypatch, road
):
    person, tasks, costs = reviewer(road), hear(message_queued), []
    monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)  # as with a broker
    SENDS[road](api, person)  # the first of a person makes their throttle
    for until in (in_days(1), in_days(-1)):
        configure(TEST_IDENTIFIERS=entries(REVIEWER, "new@example.com", until=until))
        tasks.clear()
        with counted() as queries:
            SENDS[road](api, person)
        costs.append((len(queries.statements), len(tasks), OutboxMessage.objects.latest("pk").state))
    assert costs == [(costs[0][0], 1, "suppressed"), (costs[0][0], 1, "queued")]


@pytest.mark.parametrize("step", ["generate", "pre-register"])
def test_c17_known_and_unknown_test_identifiers_are_alike(api, counted, reviewer, hear, step):
    reviewer()
    tasks = hear(message_queued)
    answers = {}
    for name in (REVIEWER, "new@example.com"):
        with counted() as queries:
            answer = api.post(url(step), {"identifier": name})
        body = {**answer.json(), "token": len(answer.json()["token"])}
        answers[name] = (answer.status_code, body, sorted(answer.headers), len(queries.statements))
    assert answers[REVIEWER] == answers["new@example.com"]
    assert (len(tasks), mail.outbox) == (2, [])


@pytest.mark.parametrize("road", ROADS)
def test_c17_attempts_count_and_past_the_last_the_fixed_code_is_refused(sent, road):
    brought = sent(road)
    for _ in range(5):
        assert brought(wrong(CODE)).status_code == 400
    assert brought(CODE).status_code == 400
    assert uses() == []


def test_c17_the_cap_over_single_codes_and_the_sending_limits_hold(api, configure, reviewer):
    reviewer()
    for _ in range(2):
        flow = ask(api, REVIEWER)
        for _ in range(5):
            bring(api, wrong(CODE), flow, identifier=REVIEWER)
    assert bring(api, CODE, ask(api, REVIEWER), identifier=REVIEWER).json()["code"] == EXCEEDED
    ratelimits.reset()
    configure(RATE_LIMITS={"RULES": {"code_send": "1/h/key"}})
    ask(api, REVIEWER)
    assert api.post(url("generate"), {"identifier": REVIEWER}).status_code == 429


def test_c17_it_is_compared_in_constant_time_once_after_the_attempt_is_spent(sent, monkeypatch):
    compared = []

    def spy(one, other):
        compared.append((one, other, OtpVerification.objects.latest("pk").attempts))
        return one == other

    monkeypatch.setattr(derivation, "constant_time_compare", spy)
    sent("login")(" 424-242 ")
    assert compared[-1:] == [(CODE, CODE, 1)]
    assert len([typed for _, typed, _ in compared if typed == CODE]) == 1


@pytest.mark.parametrize("until", [date(2026, 12, 31), "2026-12-31"])
def test_c17_it_works_to_the_end_of_its_last_day_in_utc(api, sent, until):
    last_second = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    with time_machine.travel(last_second - timedelta(seconds=9), tick=False) as clock:
        brought = sent("login", until=until)
        clock.move_to(last_second)
        assert brought(CODE).status_code == 200
        again = ask(api, REVIEWER)
        clock.shift(1)
        assert refused(bring(api, CODE, again, identifier=REVIEWER))
        flow = ask(api, REVIEWER)  # mailed: the entry is nothing now
        assert refused(bring(api, CODE, flow, identifier=REVIEWER))
        assert bring(api, last_code(REVIEWER), flow, identifier=REVIEWER).status_code == 200
        assert len(uses()) == 1


def test_c17_an_entry_that_is_taken_out_opens_nothing_from_then_on(sent, settings):
    brought = sent("login")
    settings.CUSTOMER_REGISTRATION = {**settings.CUSTOMER_REGISTRATION, "TEST_IDENTIFIERS": {}}
    assert refused(brought(CODE))


@pytest.mark.parametrize(
    "entry",
    [
        None,
        CODE,
        {"code": CODE},
        {"until": "2099-01-01"},
        {"code": CODE, "until": "2099"},
        {"code": "42424", "until": "2099-01-01"},
        {"code": CODE, "until": "2099-01-01", "for": "Apple"},
    ],
)
def test_c17_a_malformed_entry_opens_nothing(api, configure, verified, entry):
    verified(REVIEWER)
    configure(TEST_IDENTIFIERS={REVIEWER: entry})
    flow = ask(api, REVIEWER)
    code = last_code(REVIEWER)
    assert refused(bring(api, CODE, flow, identifier=REVIEWER))
    assert bring(api, code, flow, identifier=REVIEWER).status_code == 200


@pytest.mark.parametrize("road", ROADS)
def test_c17_each_use_is_audited_with_the_customer_and_the_masked_contact(sent, road):
    sent(road)(CODE)
    [event] = uses()
    email = "new@example.com" if road == "registration" else REVIEWER
    assert event.customer == Customer.objects.get(email=email)
    assert event.contact == f"{email[0]}***@example.com"
    assert event.detail == {"purpose": OtpVerification.objects.latest("pk").purpose}
    assert CODE not in str(vars(event))


@pytest.mark.parametrize("road", ROADS)
def test_c17_without_its_audit_a_use_has_no_effect(sent, monkeypatch, caplog, road):
    brought = sent(road)
    before = Customer.objects.filter(email_verified_at=None).count(), Customer.objects.count()

    def fails(*args, **kwargs):
        raise RuntimeError("no room for events")

    monkeypatch.setattr(reviewers, "kind_of", fails)
    with pytest.raises(RuntimeError):
        brought(CODE)
    assert (Customer.objects.filter(email_verified_at=None).count(), Customer.objects.count()) == before
    assert OtpVerification.objects.latest("pk").consumed_at is None
    assert "TEST_IDENTIFIERS" not in caplog.text


@pytest.mark.parametrize("road", ROADS)
def test_c17_each_use_is_logged_as_a_warning_without_the_contact(sent, caplog, road):
    brought = sent(road)
    with caplog.at_level(logging.DEBUG, "customer_registration"):
        brought(wrong(CODE))
        brought(CODE)
    [record] = [each for each in caplog.records if each.name.startswith("customer_registration")]
    [event] = uses()
    assert record.levelno == logging.WARNING
    assert event.customer_ref in record.getMessage()
    assert not [text for text in (CODE, REVIEWER, "new@example.com", "***") if text in record.getMessage()]
