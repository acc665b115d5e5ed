"""Rules 3 and 4 on the way back from a deletion, by counting: nobody learns who is there, or who is leaving."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.models import Customer, OtpVerification, OutboxMessage
from customer_registration.ratelimits.engine import build_storage
from customer_registration.signals import message_queued
from tests.conftest import wrong
from tests.security.kinds import DELETION

pytestmark = pytest.mark.life_cycle

CANCEL, CONFIRM = f"{DELETION}/cancel-request", f"{DELETION}/cancel-confirm"
PHONES = {"proven": "+12025550101", "unproven": "+12025550102", "unknown": "+12025550103"}
EMAILS = ("leaving", "pending", "staying", "staff", "inactive", "unknown")
WHO = {name: {"email": f"{name}@example.com"} for name in EMAILS}
WHO |= {f"{name} number": {"phone": number} for name, number in PHONES.items()}


@pytest.fixture
def people(configure, leaving, verified, leave, ask_to_leave, prove):
    """Save people who are leaving, staying, half way, and of other standing; their codes are long sent."""
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        configure(RATE_LIMITS={"ENABLED": False})
        leaving("leaving@example.com")
        jane, bearer = verified("jane@example.com", phone=PHONES["proven"])
        prove(jane, "phone")
        leave(bearer, "jane@example.com")
        ask_to_leave(verified("pending@example.com")[1])
        verified("staying@example.com")
        leaving("zoe@example.com", phone=PHONES["unproven"])
        for name, flag in (("staff", {"is_staff": True}), ("inactive", {"is_active": False})):
            user = Customer.objects.get(pk=leaving(f"{name}@example.com").id).user
            get_user_model().objects.filter(pk=user.pk).update(**flag)
        configure(RATE_LIMITS={"ENABLED": True})


@pytest.fixture
def observe(api, counted, hear, monkeypatch):
    """Send a request; return all that somebody could tell its answers, its costs and its traces by."""
    monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)
    tasks = hear(message_queued)

    def run(path, body):
        before, rows = len(tasks), OutboxMessage.objects.count() + OtpVerification.objects.count()
        with counted() as queries:
            answer = api.post(path, body)
        said = answer.json()
        shown = {name: len(text) if name == "token" else text for name, text in said.items()}
        return said.get("token"), {
            "status": answer.status_code,
            "body": shown,
            "headers": dict(answer.headers),
            "statements": len(queries.statements),
            "tasks": len(tasks) - before,
            "rows": OutboxMessage.objects.count() + OtpVerification.objects.count() - rows,
            "limiter": counters(),
        }

    return run


def counters():
    """Return what the limiter has counted, people's keyed hashes left out."""
    counted = build_storage("memory://").storage.items()
    return sorted((re.sub(r"[0-9a-f]{64}", "#", key), number) for key, number in counted)


def differences(seen):
    """Return in which points somebody is told apart from the one who is unknown, each kind of contact by itself."""
    return [
        f"{who}: {point}: {found[point]} and not {expected}"
        for who, found in seen.items()
        for point, expected in seen["unknown number" if who.endswith("number") else "unknown"].items()
        if found[point] != expected
    ]


def test_a_first_request_tells_nothing(people, observe):
    seen = {}
    with time_machine.travel(timezone.now(), tick=False):
        for who, contact in WHO.items():
            ratelimits.reset()
            _, seen[who] = observe(CANCEL, contact)
    assert seen["unknown"]["status"] == 200
    assert (seen["unknown"]["tasks"], seen["unknown"]["rows"]) == (1, 2)
    assert {key.split("/")[1] for key, _ in seen["unknown"]["limiter"]} == {"account_deletion"}
    assert len(seen["unknown"]["limiter"]) == 3
    assert not differences(seen)


def test_a_request_inside_the_throttle_tells_nothing(people, observe):
    seen = {}
    with time_machine.travel(timezone.now(), tick=False):
        for who, contact in WHO.items():
            ratelimits.reset()
            observe(CANCEL, contact)
            _, seen[who] = observe(CANCEL, contact)
    assert seen["unknown"]["status"] == 429
    assert int(seen["unknown"]["headers"]["Retry-After"]) > 60
    assert not differences(seen)


def numbered(observations):
    """Return several observations as one."""
    return {f"{number}. {point}": value for number, seen in observations for point, value in seen.items()}


@pytest.fixture
def unhurried(configure):
    """Let nobody wait for the next code."""
    throttle = {"RESEND_THROTTLE_SECONDS": 0}
    configure(EMAIL_VERIFICATION=throttle, PHONE_VERIFICATION=throttle)


def test_the_requests_up_to_the_limit_and_the_one_past_it_tell_nothing(people, observe, unhurried):
    seen = {}
    with time_machine.travel(timezone.now(), tick=False):
        for who, contact in WHO.items():
            ratelimits.reset()
            seen[who] = numbered((number, observe(CANCEL, contact)[1]) for number in range(1, 7))
    assert [seen["unknown"][f"{number}. status"] for number in range(1, 7)] == [200] * 5 + [429]
    assert not differences(seen)


def test_a9_wrong_codes_up_to_the_limit_and_past_it_tell_nothing(people, observe):
    seen = {}
    with time_machine.travel(timezone.now(), tick=False):
        for who, contact in WHO.items():
            ratelimits.reset()
            token, _ = observe(CANCEL, contact)
            code = wrong(OtpVerification.objects.latest("pk").code())
            guesses = [observe(CONFIRM, {"token": token, "code": code})[1] for _ in range(7)]
            seen[who] = numbered(enumerate(guesses, start=1))
    said = [seen["unknown"][f"{number}. body"]["code"] for number in range(1, 8)]
    assert said == ["otp_invalid"] * 5 + ["otp_attempts_exceeded"] * 2
    assert not differences(seen)


def test_guesses_at_code_after_code_tell_nothing(people, observe, unhurried):
    """The cap over all codes of a contact counts for people who do not exist too."""
    seen = {}
    for who, contact in WHO.items():
        ratelimits.reset()
        said = []
        for step in range(3):
            with time_machine.travel(timezone.now() + timedelta(minutes=20 * step), tick=False):
                token, _ = observe(CANCEL, contact)
                code = wrong(OtpVerification.objects.latest("pk").code())
                said += [observe(CONFIRM, {"token": token, "code": code})[1] for _ in range(5)]
        seen[who] = numbered((number, {"body": each["body"]}) for number, each in enumerate(said, start=1))
    refused = [seen["unknown"][f"{number}. body"]["code"] for number in range(1, 16)].count("otp_attempts_exceeded")
    assert refused == 4  # ten guesses, and one more for the quarter of an hour
    assert not differences(seen)


def test_c5_the_guesses_that_a_newer_code_starts_with_tell_nothing(people, observe, unhurried):
    """A code that inherits the guesses of the one before says that there was one; nobody's codes have none."""
    seen = {}
    with time_machine.travel(timezone.now(), tick=False):
        for who, contact in WHO.items():
            ratelimits.reset()
            said = []
            for _ in range(3):
                token, _ = observe(CANCEL, contact)
                code = wrong(OtpVerification.objects.latest("pk").code())
                said += [observe(CONFIRM, {"token": token, "code": code})[1] for _ in range(2)]
            seen[who] = numbered(enumerate(said, start=1))
    assert not differences(seen)


def test_the_tokens_of_older_codes_tell_nothing(people, observe, unhurried):
    """A code that a newer one has ended says that there was somebody to send it to."""
    seen = {}
    with time_machine.travel(timezone.now(), tick=False):
        for who, contact in WHO.items():
            ratelimits.reset()
            tokens = [observe(CANCEL, contact)[0] for _ in range(3)]
            seen[who] = numbered(
                (number, observe(CONFIRM, {"token": token, "code": "x"})[1])
                for number, token in enumerate(tokens, start=1)
            )
    assert not differences(seen)


def test_two_contacts_do_not_tell_that_they_are_one_persons(people, observe, unhurried):
    ours = [{"email": "jane@example.com"}, WHO["proven number"]]
    nobodys = [WHO["unknown"], WHO["unknown number"]]
    seen = []
    for contacts in (nobodys, ours):
        ratelimits.reset()
        with time_machine.travel(timezone.now(), tick=False):
            tokens = [observe(CANCEL, contact)[0] for contact in contacts * 2]
            said = [observe(CONFIRM, {"token": token, "code": "x"})[1]["body"] for token in tokens]
            tokens = [observe(CANCEL, contact)[0] for contact in contacts]
            said += [observe(CONFIRM, {"token": token, "code": "x"})[1]["body"] for token in tokens]
        seen.append(said)
    assert seen[0] == seen[1]


def test_text_that_names_nobody_is_refused_before_anybody_is_looked_for(people, observe):
    for body in ({}, {"email": "nothing"}, {"phone": "12"}, {**WHO["leaving"], **WHO["proven number"]}):
        _, seen = observe(CANCEL, body)
        assert (seen["status"], seen["statements"], seen["tasks"], seen["limiter"]) == (400, 0, 0, [])
