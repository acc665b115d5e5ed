"""The codes of a contact change: guesses, throttles, foreign tokens, and contacts that are somebody else's."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.models import Customer, OtpVerification, OutboxMessage
from example_project.inbox.models import InboxMessage
from tests.conftest import last_code, messages_to, wrong

URL, VERIFY, ME = "/store/customers/me/contact", "/store/customers/me/contact/verify", "/store/customers/me"
NEW = {"email": "new@example.com", "phone": "+14155552671"}
KINDS = ["email", "phone"]
THROTTLE = {"email": 90, "phone": 60}
SETTING = {"email": "EMAIL_VERIFICATION", "phone": "PHONE_VERIFICATION"}
INVALID_TOKEN = {"type": "unauthorized", "message": "Invalid token"}

pytestmark = pytest.mark.life_cycle


@pytest.fixture(params=KINDS)
def change(request, api, verified):
    """Ask for, and confirm, a change of Jane's address or number."""
    person, token = verified()

    class Change:
        kind, new = request.param, NEW[request.param]
        jane, bearer = person, token

        def ask(self, contact=None, bearer=None):
            return api.post(URL, {self.kind: contact or self.new}, token=bearer or self.bearer)

        def flow(self, contact=None, bearer=None):
            answer = self.ask(contact, bearer)
            assert answer.status_code == 200, answer.content
            return answer.json()["token"]

        def verify(self, flow, code, bearer=None):
            return api.post(VERIFY, {"token": flow, "code": code}, token=bearer or self.bearer)

        def held(self):
            return getattr(person.row, self.kind)

        def unhurried(self, configure):
            configure(**{SETTING[self.kind]: {"RESEND_THROTTLE_SECONDS": 0}})

    return Change()


def test_wrong_codes_are_counted_and_then_the_right_one_is_refused(change):
    flow = change.flow()
    code = last_code(change.new)
    answers = [change.verify(flow, wrong(code)) for _ in range(5)]
    for left, answer in zip([4, 3, 2, 1, 0], answers, strict=True):
        assert answer.status_code == 400
        assert answer.json() == {
            "type": "invalid_data", "code": "otp_invalid", "message": "Invalid code", "attempts_remaining": left
        }  # fmt: skip
    answer = change.verify(flow, code)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert answer.json()["code"] == "otp_attempts_exceeded"
    assert change.held() != change.new


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 400), (1, 400)])
def test_a_code_is_good_for_fifteen_minutes(change, seconds, status):
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        flow = change.flow()
        traveller.shift(timedelta(minutes=15, seconds=seconds))
        answer = change.verify(flow, last_code(change.new))
    assert answer.status_code == status
    if status == 400:
        assert (answer.json()["type"], answer.json()["code"]) == ("invalid_data", "otp_expired")


def test_a_code_works_once(change):
    flow, code = change.flow(), last_code(change.new)
    fresh = change.verify(flow, code).json()["token"]
    answer = change.verify(flow, code, bearer=fresh)
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")


def test_a_new_code_replaces_the_older_one_and_starts_with_its_guesses(change, configure):
    change.unhurried(configure)
    old_flow, old_code = change.flow(), last_code(change.new)
    for _ in range(3):
        change.verify(old_flow, wrong(old_code))
    flow, code = change.flow(), last_code(change.new)
    assert change.verify(old_flow, old_code).json()["code"] == "otp_invalid"
    assert change.verify(flow, wrong(code)).json()["attempts_remaining"] == 1
    assert change.verify(flow, code).status_code == 200


def test_a_code_for_another_contact_replaces_the_older_one_too(change, configure):
    change.unhurried(configure)
    other = {"email": "other@example.com", "phone": "+12025550199"}[change.kind]
    old_flow, old_code = change.flow(), last_code(change.new)
    flow = change.flow(other)
    assert change.verify(old_flow, old_code).json()["code"] == "otp_invalid"
    assert change.verify(flow, last_code(other)).json()["customer"][change.kind] == other


def test_the_family_of_codes_has_a_budget_of_its_own(api, change, configure, send_code):
    change.unhurried(configure)
    configure(RATE_LIMITS={"RULES": {"code_failed": "3/d/key"}})
    flow, code = change.flow(), last_code(change.new)
    left = [change.verify(flow, wrong(code)).json()["attempts_remaining"] for _ in range(3)]
    assert left == [4, 3, 2]
    for typed in (code, wrong(code)):
        assert change.verify(flow, typed).json()["code"] == "otp_attempts_exceeded"
    Customer.objects.filter(pk=change.jane.id).update(**{change.kind: change.new, f"{change.kind}_verified_at": None})
    proof = {"token": send_code(change.jane, change.kind), "code": last_code(change.new)}
    assert api.post("/store/customers/otp/verify", proof).status_code == 200


def test_e6_a_token_is_good_for_the_customer_who_asked_alone(change, verified):
    flow, code = change.flow(), last_code(change.new)
    eve, eves = verified("eve@example.com")
    answer = change.verify(flow, code, bearer=eves)
    assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)
    assert getattr(eve.row, change.kind) != change.new
    assert OtpVerification.objects.get(purpose=f"{change.kind}_change").attempts == 0
    assert change.verify(flow, code).status_code == 200


def test_other_tokens_are_invalid(api, change, send_code, sign_up, reset_link):
    verification = send_code(sign_up("other@example.com"))
    change.flow()
    for bad in ("", "junk", "a.b.c", change.bearer, change.jane.token, verification, reset_link(change.jane.email)):
        answer = change.verify(bad, "123456")
        assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Field 'token' is required; Field 'code' is required"),
        ({"token": None, "code": "1"}, "Expected type: 'string' for field 'token', got: 'null'"),
        ({"token": "x", "code": ""}, "Value for field 'code' too small, expected at least: '1'"),
        ({"token": "x", "code": "1", "email": "new@example.com"}, "Unrecognized fields: 'email'"),
    ],
)
def test_a_bad_verify_says_why(api, verified, body, message):
    answer = api.post(VERIFY, body, token=verified()[1])
    assert (answer.status_code, answer.json()) == (
        400,
        {"type": "invalid_data", "message": f"Invalid request: {message}"},
    )


def test_the_throttle_is_that_of_verification_but_apart_from_it(change):
    """Jane's own address was verified a moment ago: that is another purpose."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        assert change.ask().status_code == 200
        answer = change.ask()
        assert (answer.status_code, answer.json()["type"]) == (429, "too_many_requests")
        assert answer.json()["code"] == "throttled"
        assert answer.headers["Retry-After"] == str(THROTTLE[change.kind])
        traveller.shift(timedelta(seconds=THROTTLE[change.kind] - 1))
        assert change.ask().status_code == 429
        traveller.shift(timedelta(seconds=1))
        assert change.ask().status_code == 200


def test_the_throttle_holds_for_another_contact_too(change):
    assert change.ask().status_code == 200
    other = {"email": "other@example.com", "phone": "+12025550199"}[change.kind]
    assert change.ask(other).status_code == 429
    assert messages_to(other) == []


def test_sends_are_limited(change, configure):
    change.unhurried(configure)
    assert [change.ask().status_code for _ in range(6)] == [200] * 5 + [429]


# Contacts that are somebody else's


@pytest.fixture
def owner(verified, change):
    """Somebody who holds the new contact, proven."""
    person, _ = verified("owner@example.com")
    Customer.objects.filter(pk=person.id).update(
        **{change.kind: change.new, f"{change.kind}_verified_at": timezone.now()}
    )
    return person


def test_a6_a_taken_contact_answers_like_a_free_one(change, owner, configure, counted, monkeypatch):
    monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)
    change.unhurried(configure)
    free = {"email": "free@example.com", "phone": "+12025550199"}[change.kind]
    seen = {}
    for contact in (free, change.new):
        ratelimits.reset()
        seen[contact] = []
        for _ in range(6):  # the last is past the limit
            with counted() as queries:
                answer = change.ask(contact)
            body = {name: len(value) for name, value in answer.json().items()}
            headers = {name: value for name, value in answer.headers.items() if name != "Retry-After"}
            seen[contact].append((answer.status_code, body, headers, len(queries.statements)))
        assert answer.status_code == 429
    # The first of all has no older code to replace.
    assert seen[free][1:] == seen[change.new][1:]
    assert seen[free][0][:3] == seen[change.new][0][:3]


def test_a6_the_first_request_costs_the_same_statements(change, owner, verified, counted, monkeypatch):
    _, twin = verified("twin@example.com")
    monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)
    free = {"email": "free@example.com", "phone": "+12025550199"}[change.kind]
    costs = []
    for contact, bearer in ((change.new, change.bearer), (free, twin)):
        with counted() as queries:
            change.flow(contact, bearer)
        costs.append(len(queries.statements))
    assert costs[0] == costs[1]


def test_a6_its_code_never_verifies_and_the_answers_are_those_of_a_free_one(change, owner):
    flow = change.flow()
    decoy = OtpVerification.objects.latest("pk")
    assert decoy.destination == ""
    answers = [change.verify(flow, decoy.code()).json() for _ in range(6)]
    assert [answer.get("attempts_remaining") for answer in answers] == [4, 3, 2, 1, 0, None]
    assert [answer["code"] for answer in answers] == ["otp_invalid"] * 5 + ["otp_attempts_exceeded"]
    assert getattr(owner.row, change.kind) == change.new


@pytest.mark.parametrize("asked", [["taken", "taken"], ["taken", "free"], ["free", "taken"]])
def test_a6_guesses_go_over_to_the_next_code_taken_or_free(change, owner, configure, asked):
    change.unhurried(configure)
    contacts = {"taken": change.new, "free": {"email": "free@example.com", "phone": "+12025550199"}[change.kind]}
    left = []
    for contact in asked:
        flow = change.flow(contacts[contact])
        code = OtpVerification.objects.latest("pk").code()
        left += [change.verify(flow, wrong(code)).json()["attempts_remaining"] for _ in range(2)]
    assert left == [4, 3, 2, 1]


def test_a14_its_owner_is_told_without_a_code(change, owner):
    before = len(messages_to(change.new))
    change.flow()
    text = messages_to(change.new)[0]
    assert len(messages_to(change.new)) == before + 1
    assert "tried to use this" in text
    assert OtpVerification.objects.latest("pk").code() not in text
    assert change.jane.email not in text
    assert OutboxMessage.objects.latest("pk").kind == "contact_taken"


def test_a_fresh_claim_of_another_counts_as_taken_and_tells_nobody(change, sign_up):
    eve = sign_up("eve@example.com")
    Customer.objects.filter(pk=eve.id).update(**{change.kind: change.new})
    sent = len(mail.outbox) + InboxMessage.objects.count()
    flow = change.flow()
    assert len(mail.outbox) + InboxMessage.objects.count() == sent
    assert change.verify(flow, OtpVerification.objects.latest("pk").code()).json()["code"] == "otp_invalid"
    assert getattr(eve.row, change.kind) == change.new
    assert change.held() != change.new


def test_the_loser_of_a_race_is_422_and_keeps_what_they_had(api, change, verified):
    flow, code = change.flow(), last_code(change.new)
    rival, _ = verified("rival@example.com")
    Customer.objects.filter(pk=rival.id).update(
        **{change.kind: change.new, f"{change.kind}_verified_at": timezone.now()}
    )
    answer = change.verify(flow, code)
    assert (answer.status_code, answer.json()["type"]) == (422, "duplicate_error")
    assert answer.json()["message"] == f"Customer with this {change.kind} already has an account"
    assert change.held() != change.new
    assert api.get(ME, token=change.bearer).status_code == 200


@pytest.mark.parametrize("path", [URL, "/store/customers/otp/send"])
def test_where_no_channel_reaches_phones_none_is_asked_for(api, configure, verified, path):
    person, token = verified(phone="+12025550123")
    configure(CHANNELS={"sms": []})
    body = {"phone": NEW["phone"]} if path == URL else {"customer_id": person.id, "type": "phone_verification"}
    answer = api.post(path, body, token=token)
    assert (answer.status_code, answer.json()["type"]) == (400, "not_allowed")
    assert answer.json()["code"] == "channel_unavailable"
