"""Rules 3 and 4 on codes by identifier, by counting: nobody learns who is there, whatever they ask or guess."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.models import Customer, OtpVerification, OutboxMessage, SendSlot
from customer_registration.signals import message_queued
from tests import by_code
from tests.by_code import url
from tests.conftest import messages_to, new_user, wrong
from tests.security.test_deletion_enumeration import counters, differences, numbered

pytestmark = pytest.mark.life_cycle

EMAILS = (
    *("customer", "leaving", "inactive", "staff", "identity", "claimed", "lapsed", "by code", "code identity"),
    "unknown",
)
PHONES = {"proven": "+12025550101", "unproven": "+12025550102", "unknown": "+12025550103"}
WHO = {name: f"{name.replace(' ', '-')}@example.com" for name in EMAILS}
WHO |= {f"{name} number": number for name, number in PHONES.items()}
UNHURRIED = {"RESEND_THROTTLE_SECONDS": 0}


@pytest.fixture
def people(api, configure, verified, sign_up, register, prove):
    """Save people of every standing; their codes are long sent. Everything logs in and registers."""
    configure(LOGIN={"IDENTIFIER": "both"}, RATE_LIMITS={"ENABLED": False})
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        jane, _ = verified(WHO["customer"], phone=PHONES["proven"])
        prove(jane, "phone")
        verified("two@example.com", phone=PHONES["unproven"])
        flags = {"inactive": {"is_active": False}, "staff": {"is_staff": True}}
        for name, flag in flags.items():
            user = verified(WHO[name])[0].row.user
            get_user_model().objects.filter(pk=user.pk).update(**flag)
        leaving, _ = verified(WHO["leaving"])
        Customer.objects.filter(pk=leaving.id).update(deletion_scheduled_at=timezone.now() + timedelta(days=7))
        sign_up(WHO["lapsed"])
        by_code.sign_up(api, WHO["by code"])
        by_code.register(api, WHO["code identity"])
    with time_machine.travel(timezone.now() - timedelta(minutes=2)):
        register(WHO["identity"])
        sign_up(WHO["claimed"])
    SendSlot.objects.all().delete()  # as housekeeping does
    configure(RATE_LIMITS={"ENABLED": True}, REGISTRATION={"IDENTIFIER": "both"})


@pytest.fixture
def observe(api, counted, hear, monkeypatch):
    """Send a request; return all that somebody could tell its answers, its costs and its traces by."""
    monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)
    tasks, hashed = hear(message_queued), []
    for name in ("make_password", "check_password"):
        monkeypatch.setattr(f"django.contrib.auth.hashers.{name}", noting(hashed, name))

    def run(path, body):
        before, rows = len(tasks), OutboxMessage.objects.count() + OtpVerification.objects.count()
        hashed.clear()
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
            "hashes": len(hashed),
            "limiter": counters(),
        }

    return run


def noting(hashed, name):
    from django.contrib.auth import hashers

    step = getattr(hashers, name)

    def run(*args, **options):
        hashed.append(name)
        return step(*args, **options)

    return run


def everybody(visit):
    """Visit everybody at one moment, each with fresh limits; return what was seen."""
    seen = {}
    with time_machine.travel(timezone.now(), tick=False):
        for who, name in WHO.items():
            ratelimits.reset()
            seen[who] = visit(name)
    return seen


@pytest.fixture
def unhurried(configure):
    """Let nobody wait for the next code."""
    configure(EMAIL_VERIFICATION=UNHURRIED, PHONE_VERIFICATION=UNHURRIED)


ASKING = ["generate", "pre-register"]
PROOFS = [("generate", "verify"), ("generate", ""), ("pre-register", "register")]


@pytest.mark.parametrize("step", ASKING)
def test_a_first_request_tells_nothing(people, observe, step):
    seen = everybody(lambda name: observe(url(step), {"identifier": name})[1])
    assert seen["unknown"]["status"] == 200
    assert (seen["unknown"]["tasks"], seen["unknown"]["rows"], seen["unknown"]["hashes"]) == (1, 2, 0)
    assert seen["unknown"]["statements"] <= 5
    assert {key.split("/")[1] for key, _ in seen["unknown"]["limiter"]} == {"code_send"}
    assert not differences(seen)


@pytest.mark.parametrize("step", ASKING)
def test_a_request_inside_the_throttle_tells_nothing(people, observe, step):
    seen = everybody(lambda name: [observe(url(step), {"identifier": name}) for _ in range(2)][1][1])
    assert seen["unknown"]["status"] == 429
    assert int(seen["unknown"]["headers"]["Retry-After"]) >= 60
    assert not differences(seen)


@pytest.mark.parametrize("step", ASKING)
def test_the_requests_up_to_the_limit_and_the_one_past_it_tell_nothing(people, observe, unhurried, step):
    seen = everybody(
        lambda name: numbered((number, observe(url(step), {"identifier": name})[1]) for number in range(1, 8))
    )
    assert [seen["unknown"][f"{number}. status"] for number in range(1, 8)] == [200] * 5 + [429] * 2
    assert not differences(seen)


@pytest.mark.parametrize(("step", "proof"), PROOFS)
@pytest.mark.parametrize("with_token", [True, False], ids=["with the flow token", "without it"])
def test_a9_wrong_codes_up_to_the_limit_and_past_it_tell_nothing(people, observe, step, proof, with_token):
    def visit(name):
        flow, _ = observe(url(step), {"identifier": name})
        code = wrong(OtpVerification.objects.latest("pk").code())
        body = {"identifier": name, "otp": code} | ({"token": flow} if with_token else {})
        return numbered((number, observe(url(proof), body)[1]) for number in range(1, 8))

    seen = everybody(visit)
    assert [seen["unknown"][f"{number}. body"] for number in range(1, 8)] == [by_code.INVALID] * 7
    assert not differences(seen)


@pytest.mark.parametrize(("step", "proof"), PROOFS)
def test_guesses_past_the_days_ten_tell_nothing(people, observe, unhurried, step, proof):
    def visit(name):
        said = []
        for _ in range(3):
            flow, _ = observe(url(step), {"identifier": name})
            body = {"identifier": name, "otp": wrong(OtpVerification.objects.latest("pk").code()), "token": flow}
            said += [observe(url(proof), body)[1] for _ in range(4)]
        return numbered(enumerate(said, start=1))

    seen = everybody(visit)
    codes = [seen["unknown"][f"{number}. body"]["code"] for number in range(1, 13)]
    assert codes == ["otp_invalid"] * 10 + [by_code.EXCEEDED] * 2
    assert not differences(seen)


@pytest.mark.parametrize("proof", ["verify", "register", ""])
def test_guesses_where_no_code_was_asked_for_tell_nothing(people, observe, proof):
    seen = everybody(
        lambda name: numbered(
            (number, observe(url(proof), {"identifier": name, "otp": "123456"})[1]) for number in range(1, 13)
        )
    )
    assert {seen["unknown"][f"{number}. status"] for number in range(1, 13)} == {400}
    assert not differences(seen)


@pytest.mark.parametrize(("step", "proof"), PROOFS)
def test_the_tokens_of_older_flows_tell_nothing(people, observe, unhurried, step, proof):
    def visit(name):
        flows = [observe(url(step), {"identifier": name})[0] for _ in range(3)]
        bodies = [{"identifier": name, "otp": "x", "token": flow} for flow in flows]
        return numbered((number, observe(url(proof), body)[1]) for number, body in enumerate(bodies, start=1))

    assert not differences(everybody(visit))


@pytest.mark.parametrize(("step", "proof"), PROOFS)
def test_the_code_of_a_decoy_proves_nothing(api, people, observe, step, proof):
    holders = {"customer", "leaving", "identity", "claimed", "lapsed", "by code", "code identity", "proven number"}
    free = {"lapsed", "code identity", "unknown", "unknown number", "unproven number"}  # the last has lapsed too
    sent_to = {"generate": holders, "pre-register": free}
    reached = set()
    for who, name in WHO.items():
        ratelimits.reset()
        flow, _ = observe(url(step), {"identifier": name})
        row = OtpVerification.objects.latest("pk")
        if row.destination:
            reached.add(who)
            assert row.destination == name
        else:
            for brought in (flow, None):
                assert by_code.refused(by_code.bring(api, row.code(), brought, identifier=name, step=proof)), who
    assert reached == sent_to[step]


@pytest.mark.parametrize("step", ASKING)
def test_two_contacts_do_not_tell_that_they_are_one_persons(people, observe, unhurried, step):
    pairs = {"hers": (WHO["customer"], PHONES["proven"]), "nobodys": (WHO["unknown"], PHONES["unknown"])}
    seen = {}
    for whose, pair in pairs.items():
        ratelimits.reset()
        with time_machine.travel(timezone.now(), tick=False):
            seen[whose] = [observe(url(step), {"identifier": name})[1] for name in pair * 4]
    assert seen["hers"] == seen["nobodys"]


def test_staff_are_not_told_apart_either(api, people, observe):
    new_user("boss", "boss@example.com", is_staff=True)
    new_user("gone", "gone@example.com", is_staff=True, is_active=False)
    names = ("nobody@example.com", "boss@example.com", "gone@example.com", WHO["customer"])
    for step, proof in PROOFS:
        seen = []
        with time_machine.travel(timezone.now(), tick=False):
            for name in names:
                ratelimits.reset()
                flow, asked = observe(url(step, "user"), {"identifier": name})
                again = observe(url(step, "user"), {"identifier": name})[1]
                code = wrong(OtpVerification.objects.latest("pk").code())
                bodies = ({"identifier": name, "otp": code}, {"identifier": name, "otp": code, "token": flow})
                guesses = [observe(url(proof, "user"), body)[1] for body in bodies for _ in range(6)]
                seen.append([asked, again, *guesses])
        assert all(each == seen[0] for each in seen[1:])
        OtpVerification.objects.all().delete()
        SendSlot.objects.all().delete()
    assert messages_to("gone@example.com") == []


def test_text_that_names_nobody_is_refused_before_anybody_is_looked_for(people, observe):
    for step in by_code.STEPS:
        for name in ("nothing", "12", "a@b", ""):
            body = {"identifier": name} | ({} if step in ASKING else {"otp": "123456"})
            _, seen = observe(url(step), body)
            assert (seen["status"], seen["statements"], seen["tasks"], seen["limiter"]) == (400, 0, 0, [])
