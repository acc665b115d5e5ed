"""POST /auth/customer/otp/generate, /otp/verify and /otp: log in with a code alone."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core import mail
from django.utils import timezone

from customer_registration.models import OtpVerification, OutboxMessage
from customer_registration.tokens import LoginToken
from tests import by_code
from tests.by_code import JANE, ME, PHONE, STEPS, UNHURRIED, ask, bring, refused, url
from tests.conftest import PASSWORD, last_code, messages_to, wrong

pytestmark = pytest.mark.django_db


def code_row():
    return OtpVerification.objects.get(purpose="code_login")


def test_a_code_is_mailed_and_logs_in(api, verified):
    person, _ = verified()
    mail.outbox.clear()
    answer = api.post(url("generate"), {"identifier": " Jane@Example.com "})
    assert answer.status_code == 200
    assert list(answer.json()) == ["message", "token"]
    assert answer.json()["message"] == by_code.SENT
    [message] = mail.outbox
    assert message.to == [JANE]
    code = last_code(JANE)
    assert re.fullmatch("[0-9]{6}", code)
    assert code in message.alternatives[0][0]
    assert "5 minutes" in message.body
    proven = bring(api, code, answer.json()["token"])
    assert proven.status_code == 200
    assert list(proven.json()) == ["token"]
    token = LoginToken.read(proven.json()["token"])
    assert (token.actor_type, token.actor_id, token.auth_provider) == ("customer", person.id, "otp")
    assert token.app_metadata == {"customer_id": person.id}
    assert token.mfa_at is None
    assert api.get(ME, token=proven.json()["token"]).json()["customer"]["id"] == person.id


@pytest.mark.parametrize("step", ["verify", ""])
@pytest.mark.parametrize("with_token", [True, False])
def test_both_routes_take_the_code_with_the_flow_token_and_without(api, verified, step, with_token):
    person, _ = verified()
    flow = ask(api)
    answer = bring(api, last_code(JANE), flow if with_token else None, step=step)
    assert answer.status_code == 200, answer.content
    assert LoginToken.read(answer.json()["token"]).actor_id == person.id


@pytest.mark.parametrize("mode", ["phone", "both"])
def test_somebody_with_nothing_but_a_phone_comes_back(api, configure, mode):
    configure(REGISTRATION={"IDENTIFIER": "phone"}, LOGIN={"IDENTIFIER": mode})
    person = by_code.sign_up(api, PHONE)
    sent = len(messages_to(PHONE))
    token = by_code.log_in(api, PHONE)
    assert len(messages_to(PHONE)) == sent + 1
    assert LoginToken.read(token).auth_provider == "otp"
    assert api.get(ME, token=token).json()["customer"]["id"] == person


FULL_WIDTH, ARABIC = "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩"  # digits of other scripts
TYPED = {
    "spaces around": lambda code: f"  {code} ",
    "spaces inside": lambda code: f"{code[:3]} {code[3:]}",
    "hyphens": "-".join,
    "full-width": lambda code: code.translate(str.maketrans("0123456789", FULL_WIDTH)),
    "Arabic": lambda code: code.translate(str.maketrans("0123456789", ARABIC)),
}


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_c7_a_code_has_one_form_however_it_is_typed(api, verified, typed):
    verified()
    flow, code = ask(api), last_code(JANE)
    assert bring(api, typed(code), flow).status_code == 200
    for again in (code, *(other(code) for other in TYPED.values())):
        assert refused(bring(api, again, flow))
        assert refused(bring(api, again))


def test_nobody_is_answered_alike_and_nothing_is_sent(api, verified):
    verified()
    known = api.post(url("generate"), {"identifier": JANE})
    sent = len(mail.outbox)
    unknown = api.post(url("generate"), {"identifier": "nobody@example.com"})
    assert (unknown.status_code, unknown.json()["message"]) == (known.status_code, known.json()["message"])
    assert len(unknown.json()["token"]) == len(known.json()["token"])
    assert len(mail.outbox) == sent
    decoy = OtpVerification.objects.get(purpose="code_login", customer=None)
    assert decoy.destination == ""
    assert OutboxMessage.objects.get(otp=decoy).state == "suppressed"
    for flow in (unknown.json()["token"], None):
        assert refused(bring(api, decoy.code(), flow, identifier="nobody@example.com"))


@pytest.mark.parametrize("step", ["verify", ""])
def test_wrong_used_unknown_and_foreign_are_one_answer(api, verified, step):
    verified()
    flow, code = ask(api), last_code(JANE)
    assert refused(bring(api, wrong(code), flow, step=step))
    assert refused(bring(api, wrong(code), step=step))
    assert refused(bring(api, code, "a.b.c", step=step))
    assert refused(bring(api, code, flow, identifier="nobody@example.com", step=step))
    assert refused(bring(api, code, identifier="nobody@example.com", step=step))
    assert bring(api, code, flow, step=step).status_code == 200
    assert refused(bring(api, code, flow, step=step))


@pytest.mark.parametrize("with_token", [True, False])
@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 400), (1, 400)])
def test_a_code_is_good_until_its_last_second(api, configure, verified, seconds, status, with_token):
    configure(PASSWORDLESS={"TTL_SECONDS": 200})
    verified()
    with time_machine.travel(timezone.now(), tick=False):
        flow, row = ask(api), code_row()
    assert row.expires_at - row.created_at == timedelta(seconds=200)
    with time_machine.travel(row.expires_at + timedelta(seconds=seconds), tick=False):
        answer = bring(api, last_code(JANE), flow if with_token else None)
    assert answer.status_code == status
    assert status == 200 or refused(answer)


def test_a_code_has_as_many_digits_as_the_settings_say(api, configure, verified):
    verified()
    configure(PASSWORDLESS={"DIGITS": 8}, OTP={"CHARSET": "alphanumeric", "LENGTH": 10})
    flow = ask(api)
    assert re.fullmatch("[0-9]{8}", last_code(JANE))
    assert bring(api, last_code(JANE), flow).status_code == 200


def test_flows_live_side_by_side_and_without_a_token_the_newest_counts(api, configure, verified):
    verified()
    configure(**UNHURRIED)
    flows = [(ask(api), last_code(JANE)) for _ in range(3)]
    (first, first_code), (second, second_code), (_, third_code) = flows
    assert refused(bring(api, second_code, first))
    assert refused(bring(api, second_code))
    assert bring(api, first_code, first).status_code == 200
    assert bring(api, third_code).status_code == 200
    assert bring(api, second_code, second).status_code == 200


BAD_BODIES = [
    ("generate", {}, "Field 'identifier' is required"),
    ("generate", {"identifier": None}, "Expected type: 'string' for field 'identifier', got: 'null'"),
    ("generate", {"identifier": 5}, "Expected type: 'string' for field 'identifier', got: '5'"),
    ("generate", {"identifier": [JANE]}, f"Expected type: 'string' for field 'identifier', got: '{JANE}'"),
    ("generate", {"identifier": JANE, "email": JANE}, "Unrecognized fields: 'email'"),
    ("generate", {"identifier": "jane@"}, "Invalid email address"),
    ("generate", {"identifier": "jäne@example.com"}, "Invalid email address"),
    ("generate", {"identifier": "nothing"}, "Invalid phone number"),
    ("generate", {"identifier": "+19005550123"}, "Invalid phone number"),
    ("verify", {}, "Field 'identifier' is required; Field 'otp' is required"),
    ("verify", {"identifier": "jane@", "otp": "123456"}, "Invalid email address"),
    ("verify", {"identifier": JANE, "otp": ""}, "Value for field 'otp' too small, expected at least: '1'"),
    ("verify", {"identifier": JANE, "otp": " - "}, "Value for field 'otp' too small, expected at least: '1'"),
    ("verify", {"identifier": JANE, "otp": "1" * 17}, "Value for field 'otp' too big, expected at most: '16'"),
    ("verify", {"identifier": JANE, "otp": None}, "Expected type: 'string' for field 'otp', got: 'null'"),
    ("verify", {"identifier": JANE, "otp": 123456}, "Expected type: 'string' for field 'otp', got: '123456'"),
    ("verify", {"identifier": JANE, "otp": ["1", "2"]}, "Expected type: 'string' for field 'otp', got: '1,2'"),
    ("verify", {"identifier": JANE, "otp": "1", "code": "1"}, "Unrecognized fields: 'code'"),
    (
        "verify",
        {"identifier": JANE, "otp": "1", "token": "x" * 4097},
        "Value for field 'token' too big, expected at most: '4096'",
    ),
]
ALSO = {"generate": ("generate", "pre-register"), "verify": ("verify", "register", "")}


@pytest.mark.parametrize(("step", "body", "message"), BAD_BODIES)
def test_a_bad_body_says_why_and_costs_nothing(api, counted, step, body, message):
    for each in ALSO[step]:
        with counted() as queries:
            answer = api.post(url(each), body)
        assert answer.status_code == 400
        assert answer.json() == {"type": "invalid_data", "message": f"Invalid request: {message}"}
        assert queries.statements == []


@pytest.mark.parametrize("blank", ["", "  "])
@pytest.mark.parametrize("step", STEPS)
def test_a_blank_identifier_names_nobody(api, step, blank):
    answer = api.post(url(step), {"identifier": blank} | ({} if "ge" in step or "pre" in step else {"otp": "123456"}))
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert answer.json()["message"].startswith("Invalid request: ")


def test_a_kind_that_does_not_log_in_is_answered_as_unknown(api, verified, prove):
    person, _ = verified(phone=PHONE)
    prove(person, "phone")
    sent = len(messages_to(PHONE))
    answers = [api.post(url("generate"), {"identifier": number}) for number in (PHONE, "+12025550199")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert {answer.json()["message"] for answer in answers} == {by_code.SENT}
    assert len(messages_to(PHONE)) == sent
    row = OtpVerification.objects.filter(purpose="code_login").earliest("pk")
    assert refused(bring(api, row.code(), answers[0].json()["token"], identifier=PHONE))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("actor", ["customer", "ghost"])
def test_a_provider_that_is_switched_off_and_an_unknown_actor_are_not_allowed(api, configure, step, actor):
    configure(PROVIDERS={"customer": ["emailpass", "phonepass"]})
    answer = api.post(url(step, actor), {"identifier": JANE, "otp": "123456"})
    assert answer.status_code == 400
    message = f"The actor type {actor} is not allowed to use the auth provider otp"
    assert answer.json() == {"type": "not_allowed", "message": message}


def test_the_providers_of_an_actor_say_whether_codes_log_in(api, configure):
    offered = api.get("/auth/customer/providers").json()["providers"]
    assert [each["id"] for each in offered] == ["emailpass", "otp"]
    assert set(offered[1]) == {"id", "identifier", "display_name", "flow"}
    configure(PROVIDERS={"customer": ["emailpass"]})
    assert [each["id"] for each in api.get("/auth/customer/providers").json()["providers"]] == ["emailpass"]


def test_a_code_has_no_password_to_reset(api):
    answer = api.post("/auth/customer/otp/reset-password", {"identifier": JANE})
    assert (answer.status_code, answer.json()["type"]) == (400, "not_allowed")


@pytest.mark.parametrize("step", ["generate", "verify", ""])
@pytest.mark.parametrize("bearer", ["junk", "a.b.c"])
def test_a_stale_bearer_is_not_looked_at(api, verified, step, bearer):
    verified()
    if step == "generate":
        assert api.post(url(step), {"identifier": JANE}, token=bearer).status_code == 200
        return
    flow = ask(api)
    assert bring(api, last_code(JANE), flow, step=step, bearer=bearer).status_code == 200


@pytest.mark.parametrize("step", ["verify", ""])
def test_f4_djangos_login_signals_are_sent(api, verified, hear, step):
    person, _ = verified()
    get_user_model().objects.update(last_login=None)
    came_in, failed = hear(user_logged_in), hear(user_login_failed)
    flow, code = ask(api), last_code(JANE)
    bring(api, wrong(code), flow, step=step)
    assert (len(came_in), len(failed)) == (0, 1)
    assert code not in str(failed)
    bring(api, code, flow, step=step)
    assert (len(came_in), len(failed)) == (1, 1)
    assert came_in[0]["user"] == person.row.user
    assert person.row.user.last_login is not None


def test_f4_the_right_code_of_somebody_shut_out_is_a_failed_login(api, verified, hear):
    verified()
    came_in, failed = hear(user_logged_in), hear(user_login_failed)
    flow, code = ask(api), last_code(JANE)
    get_user_model().objects.update(is_active=False)
    assert refused(bring(api, code, flow))
    assert (len(came_in), len(failed)) == (0, 1)


def test_where_nothing_is_concealed_an_unknown_person_is_not_found(api, configure, verified):
    configure(PASSWORDLESS={"CONCEAL": False})
    verified()
    assert api.post(url("generate"), {"identifier": JANE}).status_code == 200
    answer = api.post(url("generate"), {"identifier": "nobody@example.com"})
    assert (answer.status_code, answer.json()["type"]) == (404, "not_found")
    assert refused(bring(api, "123456", identifier="nobody@example.com"))


def test_a_code_does_not_outlive_a_password_change(api, verified):
    _, token = verified()
    flow, code = ask(api), last_code(JANE)
    body = {"old_password": PASSWORD, "password": "a new password entirely"}
    assert api.post(f"{ME}/password", body, token=token).status_code == 200
    assert refused(bring(api, code, flow))
    assert refused(bring(api, code))
