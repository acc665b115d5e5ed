"""How often one may ask to leave and to stay, and how often one may guess."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration.models import AccountDeletionRequest, OtpVerification
from tests.conftest import PASSWORD, last_code, messages_to, wrong
from tests.deletion.conftest import CANCEL_CONFIRM, CANCEL_REQUEST, CONFIRM, EMAIL, PHONE, REQUEST

NOBODY = "nobody@example.com"
THROTTLED = {"type": "too_many_requests", "message": "Too many requests", "code": "throttled"}
UNHURRIED = {"RESEND_THROTTLE_SECONDS": 0}

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def rule(configure):
    """Replace one rule of the limiter; the others and every throttle are out of the way."""

    def change(name, text):
        rules = {"account_deletion": "", "code_send": "", name: text}
        configure(EMAIL_VERIFICATION=UNHURRIED, PHONE_VERIFICATION=UNHURRIED, RATE_LIMITS={"RULES": rules})

    return change


def is_throttled(answer, seconds):
    return (answer.status_code, answer.json()) == (429, THROTTLED) and (
        seconds - 2 <= int(answer.headers["Retry-After"]) <= seconds
    )


# The throttle of the channel


def test_a_second_request_inside_the_throttle_is_429_and_renews_nothing(api, verified, ask_to_leave):
    _, token = verified()
    ask_to_leave(token, reason="one")
    before, start = AccountDeletionRequest.objects.values().get(), timezone.now()
    assert is_throttled(api.post(REQUEST, {"reason": "two"}, token=token), 90)
    assert AccountDeletionRequest.objects.values().get() == before
    assert sum("delete your account" in text for text in messages_to(EMAIL)) == 1
    with time_machine.travel(start + timedelta(seconds=91)):
        assert api.post(REQUEST, {}, token=token).status_code == 200


def test_a_text_has_the_throttle_of_texts(api, sign_up_by_phone):
    token = sign_up_by_phone()
    assert api.post(REQUEST, {}, token=token).status_code == 200
    assert is_throttled(api.post(REQUEST, {}, token=token), 60)


def test_the_throttles_are_settings_of_their_channels(api, configure, verified, ask_to_stay, ask_to_leave):
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 200}, PHONE_VERIFICATION={"RESEND_THROTTLE_SECONDS": 300})
    _, token = verified()
    ask_to_leave(token)
    assert is_throttled(api.post(REQUEST, {}, token=token), 200)
    for contact, seconds in (({"email": EMAIL}, 200), ({"phone": PHONE}, 300)):
        ask_to_stay(**contact)
        assert is_throttled(api.post(CANCEL_REQUEST, contact), seconds)


def test_a_throttle_of_nothing_is_none(api, configure, verified, ask_to_leave, ask_to_stay):
    configure(EMAIL_VERIFICATION=UNHURRIED)
    _, token = verified()
    for _ in range(2):
        ask_to_leave(token)
        ask_to_stay()


def test_each_purpose_has_a_throttle_of_its_own(api, verified, ask_to_leave, ask_to_stay, reset_link):
    """All of it within the 90 seconds of one."""
    _, token = verified()
    assert api.post("/store/customers/me/contact", {"email": "new@example.com"}, token=token).status_code == 200
    reset_link()
    ask_to_leave(token)
    ask_to_stay()


def test_whoever_is_leaving_and_whoever_is_not_are_throttled_alike(api, leaving):
    leaving()
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        answers = {who: [api.post(CANCEL_REQUEST, {"email": who}) for _ in range(3)] for who in (EMAIL, NOBODY)}
    for first, *others in answers.values():
        assert first.status_code == 200
        assert all(is_throttled(answer, 90) for answer in others)
    assert [answer.headers for answer in answers[EMAIL][1:]] == [answer.headers for answer in answers[NOBODY][1:]]
    with time_machine.travel(start + timedelta(seconds=91)):
        assert {api.post(CANCEL_REQUEST, {"email": who}).status_code for who in (EMAIL, NOBODY)} == {200}


@pytest.mark.parametrize("who", [EMAIL, NOBODY])
def test_a3_another_spelling_is_no_way_around_the_throttle(api, leaving, who):
    leaving()
    assert api.post(CANCEL_REQUEST, {"email": who}).status_code == 200
    for contact in ({"email": who.upper()}, {"email": f" {who} "}, {"email_or_phone": who}):
        assert api.post(CANCEL_REQUEST, contact).status_code == 429


def test_two_people_do_not_wait_for_each_other(api, leaving, ask_to_stay):
    leaving()
    leaving("joe@example.com")
    ask_to_stay()
    ask_to_stay(email="joe@example.com")


# The rules


def test_the_rule_account_deletion_counts_a_customers_requests(api, rule, verified, ask_to_leave):
    rule("account_deletion", "2/h/key")
    _, token = verified()
    _, joe = verified("joe@example.com")
    start = timezone.now()
    ask_to_leave(token)
    ask_to_leave(token)
    limited = api.post(REQUEST, {}, token=token)
    assert (limited.status_code, limited.json()) == (429, THROTTLED)
    assert 1 <= int(limited.headers["Retry-After"]) <= 3600
    ask_to_leave(joe)
    with time_machine.travel(start + timedelta(hours=1, seconds=1)):
        ask_to_leave(token)


@pytest.mark.parametrize("who", [EMAIL, NOBODY])
def test_the_rule_account_deletion_counts_the_codes_to_cancel_known_or_not(api, rule, leaving, ask_to_stay, who):
    leaving()
    rule("account_deletion", "2/h/key")
    ask_to_stay(email=who)
    ask_to_stay(email=who)
    limited = api.post(CANCEL_REQUEST, {"email": who})
    assert (limited.status_code, limited.json()) == (429, THROTTLED)
    ask_to_stay(email="another@example.com")


def test_the_rule_code_send_counts_the_codes_to_leave_and_not_those_to_cancel(
    api, rule, verified, ask_to_leave, ask_to_stay
):
    """Anybody may ask for the latter, and would use up what the owner has for other codes."""
    rule("code_send", "3/h/key")
    _, token = verified()
    for _ in range(4):
        ask_to_stay()
    ask_to_leave(token)
    ask_to_leave(token)
    assert api.post(REQUEST, {}, token=token).status_code == 429
    ask_to_stay()


def test_the_rule_account_deletion_counts_an_address_on_the_net(api, rule, leaving):
    leaving()
    rule("account_deletion", "2/h/ip")
    here, elsewhere = api.another(REMOTE_ADDR="192.0.2.1"), api.another(REMOTE_ADDR="192.0.2.2")
    contacts = [{"email": f"person{number}@example.com"} for number in range(3)]
    assert [here.post(CANCEL_REQUEST, contact).status_code for contact in contacts] == [200, 200, 429]
    assert elsewhere.post(CANCEL_REQUEST, contacts[2]).status_code == 200


def test_what_the_throttle_refused_is_not_counted(api, configure, verified, ask_to_leave):
    configure(RATE_LIMITS={"RULES": {"account_deletion": "2/h/key", "code_send": ""}})
    _, token = verified()
    start = timezone.now()
    ask_to_leave(token)
    assert {api.post(REQUEST, {}, token=token).status_code for _ in range(4)} == {429}
    with time_machine.travel(start + timedelta(seconds=91)):
        ask_to_leave(token)


def test_by_default_an_address_gets_five_an_hour(api, leaving, configure):
    leaving()
    configure(EMAIL_VERIFICATION=UNHURRIED, RATE_LIMITS={"RULES": {"code_send": ""}})
    statuses = [api.post(CANCEL_REQUEST, {"email": NOBODY}).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


# Wrong codes


@pytest.fixture
def three_guesses(configure):
    """Three wrong codes a day for a person and a family."""
    rules = {"code_failed": "3/d/key", "code_send": "", "account_deletion": ""}
    configure(EMAIL_VERIFICATION=UNHURRIED, RATE_LIMITS={"RULES": rules})


def guess(api, path, proof, times):
    return [api.post(path, {**proof, "code": wrong(proof["code"])}).json()["code"] for _ in range(times)]


def test_asking_and_cancelling_share_one_budget_of_wrong_codes(api, three_guesses, verified, ask_to_leave, ask_to_stay):
    _, token = verified()
    leave = {"token": ask_to_leave(token), "code": last_code(EMAIL)}
    stay = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    assert guess(api, CONFIRM, leave, 2) == ["otp_invalid"] * 2
    assert guess(api, CANCEL_CONFIRM, stay, 2) == ["otp_invalid", "otp_attempts_exceeded"]
    for path, proof in ((CONFIRM, leave), (CANCEL_CONFIRM, stay)):
        answer = api.post(path, proof)
        assert (answer.status_code, answer.json()["code"]) == (400, "otp_attempts_exceeded")
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        stay = {"token": ask_to_stay(), "code": last_code(EMAIL)}
        assert api.post(CANCEL_CONFIRM, stay).status_code == 200


def test_other_families_have_budgets_of_their_own(api, three_guesses, verified, ask_to_leave, send_code):
    person, token = verified(phone=PHONE)
    contact = api.post("/store/customers/me/contact", {"email": "new@example.com"}, token=token).json()["token"]
    contact_code = last_code("new@example.com")
    leave = {"token": ask_to_leave(token), "code": last_code(EMAIL)}
    assert guess(api, CONFIRM, leave, 4) == ["otp_invalid"] * 3 + ["otp_attempts_exceeded"]
    proof = {"token": send_code(person, "phone"), "code": last_code(PHONE)}
    assert api.post("/store/customers/otp/verify", proof).status_code == 200
    change = {"token": contact, "code": contact_code}
    assert api.post("/store/customers/me/contact/verify", change, token=token).status_code == 200


def test_a_new_code_brings_no_new_budget(api, three_guesses, leaving, ask_to_stay):
    leaving()
    assert guess(api, CANCEL_CONFIRM, {"token": ask_to_stay(), "code": last_code(EMAIL)}, 3) == ["otp_invalid"] * 3
    proof = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    assert api.post(CANCEL_CONFIRM, proof).json()["code"] == "otp_attempts_exceeded"


def test_a_right_code_clears_the_budget(api, three_guesses, verified, ask_to_leave, ask_to_stay):
    _, token = verified()
    leave = {"token": ask_to_leave(token), "code": last_code(EMAIL)}
    assert guess(api, CONFIRM, leave, 2) == ["otp_invalid"] * 2
    assert api.post(CONFIRM, leave).status_code == 200
    stay = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    assert guess(api, CANCEL_CONFIRM, stay, 2) == ["otp_invalid"] * 2
    assert api.post(CANCEL_CONFIRM, stay).status_code == 200


def test_people_who_do_not_exist_have_a_budget_too(api, three_guesses, ask_to_stay):
    flow = ask_to_stay(email=NOBODY)
    code = OtpVerification.objects.get().code()
    answers = [api.post(CANCEL_CONFIRM, {"token": flow, "code": code}).json()["code"] for _ in range(4)]
    assert answers == ["otp_invalid"] * 3 + ["otp_attempts_exceeded"]


def test_c14_whoever_burned_the_budget_did_not_lock_the_owner_out(api, three_guesses, verified, ask_to_stay):
    verified()
    flow = ask_to_stay()
    assert guess(api, CANCEL_CONFIRM, {"token": flow, "code": "000000"}, 4)[-1] == "otp_attempts_exceeded"
    answer = api.post("/auth/customer/emailpass", {"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 200
