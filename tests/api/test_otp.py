"""POST /store/customers/otp/send and /otp/verify."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.signals import user_logged_in
from django.core import mail
from django.utils import timezone

from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage
from customer_registration.signals import contact_verified, message_queued
from customer_registration.tokens import LoginToken
from tests.conftest import last_code

SEND, VERIFY = "/store/customers/otp/send", "/store/customers/otp/verify"
NOBODY = "cus_01ARZ3NDEKTSV4RRFFQ69G5FAV"
pytestmark = [pytest.mark.life_cycle, pytest.mark.usefixtures("over_http")]


def ask(api, customer_id, kind="email_verification"):
    return api.post(SEND, {"customer_id": customer_id, "type": kind})


def test_a_code_is_mailed_and_proves_the_address(api, sign_up, send_code):
    person = sign_up(first_name="Jane")
    token = send_code(person)
    [message] = mail.outbox
    assert message.to == ["jane@example.com"]
    code = last_code("jane@example.com")
    assert len(code) == 6
    assert code.isdecimal()
    assert message.subject == f"{code} is your verification code"
    assert "Hello Jane," in message.body
    assert "15 minutes" in message.body
    [(html, mimetype)] = message.alternatives
    assert code in html
    assert mimetype == "text/html"
    answer = api.post(VERIFY, {"token": token, "code": code})
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["verified", "email_verified", "phone_verified", "customer", "token", "needs_login"]
    assert (body["verified"], body["email_verified"], body["phone_verified"]) == (True, True, False)
    assert body["customer"]["id"] == person.id
    assert body["needs_login"] is False
    assert LoginToken.read(body["token"]).actor_id == person.id


def test_the_answer_says_when_the_code_expires(api, sign_up):
    answer = ask(api, sign_up().id)
    assert list(answer.json()) == ["token", "expires_at"]
    expires = datetime.fromisoformat(answer.json()["expires_at"])
    assert timedelta(minutes=14) < expires - timezone.now() <= timedelta(minutes=15)


@pytest.mark.parametrize("typed", [" {} ", "{0[0]} {0[1]}-{0[2]}{0[3]}{0[4]}{0[5]}"])
def test_c7_spaces_and_hyphens_are_ignored(api, sign_up, send_code, typed):
    token = send_code(sign_up())
    code = typed.format(last_code("jane@example.com"))
    assert api.post(VERIFY, {"token": token, "code": code}).status_code == 200
    assert api.post(VERIFY, {"token": token, "code": code.strip()}).json()["code"] == "otp_invalid"


def test_the_flow_token_does_not_tell_the_contact(api, sign_up, send_code):
    import jwt

    claims = jwt.decode(send_code(sign_up()), options={"verify_signature": False})
    assert "jane" not in str(claims)
    assert "cus_" not in str(claims)


def test_d1_a_deactivated_customer_proves_nothing(api, sign_up, send_code):
    person = sign_up()
    token, code = send_code(person), last_code(person.email)
    person.row.user.__class__.objects.update(is_active=False)
    answer = api.post(VERIFY, {"token": token, "code": code})
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert person.row.email_verified_at is None


def test_alphanumeric_codes_ignore_case(api, configure, sign_up, send_code):
    configure(OTP={"CHARSET": "alphanumeric", "LENGTH": 10})
    token = send_code(sign_up())
    code = last_code("jane@example.com")
    assert len(code) == 10
    assert api.post(VERIFY, {"token": token, "code": code.lower()}).status_code == 200


def test_an_unknown_customer_is_answered_alike_and_never_verifies(api, sign_up, send_code, counted):
    known = ask(api, sign_up().id)
    unknown = ask(api, NOBODY)
    assert known.status_code == unknown.status_code == 200
    assert list(known.json()) == list(unknown.json())
    assert len(known.json()["token"]) == len(unknown.json()["token"])
    assert len(mail.outbox) == 1
    decoy = OtpVerification.objects.get(customer=None)
    assert decoy.destination == ""
    assert OutboxMessage.objects.get(otp=decoy).state == "suppressed"
    token = unknown.json()["token"]
    remaining = [api.post(VERIFY, {"token": token, "code": decoy.code()}).json() for _ in range(6)]
    assert [answer.get("attempts_remaining") for answer in remaining] == [4, 3, 2, 1, 0, None]
    assert remaining[-1]["code"] == "otp_attempts_exceeded"


@pytest.mark.parametrize("who", ["inactive", "no phone"])
def test_a_person_who_cannot_be_sent_to_is_answered_as_unknown(api, sign_up, who):
    person = sign_up()
    if who == "inactive":
        person.row.user.__class__.objects.update(is_active=False)
    answer = ask(api, person.id, "email_verification" if who == "inactive" else "phone_verification")
    assert answer.status_code == 200
    assert mail.outbox == []


def test_a2_another_spelling_of_an_id_is_nobodys_and_no_way_around_the_throttle(api, sign_up):
    person = sign_up()
    assert ask(api, person.id).status_code == 200
    assert ask(api, person.id.lower()).status_code == 200
    assert len(mail.outbox) == 1


def test_known_and_unknown_queue_the_same_task(api, sign_up):
    queued = []

    def note(sender, message_id, **kwargs):
        queued.append(message_id)

    message_queued.connect(note)
    try:
        ask(api, sign_up().id)
        ask(api, NOBODY)
    finally:
        message_queued.disconnect(note)
    assert queued == list(OutboxMessage.objects.order_by("pk").values_list("pk", flat=True))
    assert len(queued) == 2


def test_a_verified_address_has_nothing_to_verify(api, verified):
    person, _ = verified()
    answer = ask(api, person.id)
    assert answer.status_code == 400
    assert answer.json() == {
        "type": "not_allowed",
        "code": "already_verified",
        "message": "The contact is already verified",
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Field 'customer_id' is required; Field 'type' is required"),
        (
            {"customer_id": None, "type": "email_verification"},
            "Expected type: 'string' for field 'customer_id', got: 'null'",
        ),
        (
            {"customer_id": "", "type": "email_verification"},
            "Value for field 'customer_id' too small, expected at least: '1'",
        ),
        (
            {"customer_id": "x" * 65, "type": "email_verification", "a": 1},
            "Value for field 'customer_id' too big, expected at most: '64'; Unrecognized fields: 'a'",
        ),
        (
            {"customer_id": "x", "type": "fax"},
            "Expected: 'email_verification' | 'phone_verification' for field 'type', but got: 'fax'",
        ),
    ],
)
def test_a_bad_send_says_why(api, body, message):
    answer = api.post(SEND, body)
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": f"Invalid request: {message}"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"code": "123456"}, "Field 'token' is required"),
        ({"token": "x", "code": ""}, "Value for field 'code' too small, expected at least: '1'"),
        ({"token": "x", "code": "- -"}, "Value for field 'code' too small, expected at least: '1'"),
        ({"token": "x", "code": "1" * 17}, "Value for field 'code' too big, expected at most: '16'"),
        ({"token": "x", "code": 123456}, "Expected type: 'string' for field 'code', got: '123456'"),
        ({"token": "x" * 4097, "code": "1"}, "Value for field 'token' too big, expected at most: '4096'"),
    ],
)
def test_a_bad_verify_says_why(api, body, message):
    answer = api.post(VERIFY, body)
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": f"Invalid request: {message}"}


def test_a_forged_foreign_or_wrong_purpose_token_is_401(api, verified, sign_up, send_code):
    person, login = verified()
    token = send_code(sign_up("other@example.com"))
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    for bad in ("", "junk", login, person.token, forged, "é", "a.b.c"):
        answer = api.post(VERIFY, {"token": bad, "code": "123456"})
        assert (answer.status_code, answer.json()) == (401, {"type": "unauthorized", "message": "Invalid token"})


def test_a_code_of_an_address_the_customer_no_longer_has_is_dead(api, sign_up, send_code):
    person = sign_up()
    token, code = send_code(person), last_code(person.email)
    Customer.objects.update(email="new@example.com")
    answer = api.post(VERIFY, {"token": token, "code": code})
    assert answer.json()["code"] == "otp_invalid"
    assert person.row.email_verified_at is None
    assert OtpVerification.objects.get().consumed_at is None


def test_verified_where_login_is_by_another_identifier_needs_a_login(api, sign_up, send_code, configure):
    person = sign_up()
    token, code = send_code(person), last_code(person.email)
    configure(LOGIN={"IDENTIFIER": "phone"})
    body = api.post(VERIFY, {"token": token, "code": code}).json()
    assert (body["verified"], body["token"], body["needs_login"]) == (True, None, True)


@pytest.mark.parametrize("gate", [{"deletion_scheduled_at": timezone.now()}, {"has_second_factor": True}])
def test_a_closed_gate_verifies_but_gives_no_token(api, sign_up, send_code, gate):
    person = sign_up()
    token, code = send_code(person), last_code(person.email)
    Customer.objects.update(**gate)
    body = api.post(VERIFY, {"token": token, "code": code}).json()
    assert (body["verified"], body["token"], body["needs_login"]) == (True, None, True)


def test_before_the_customer_exists_a_code_verifies_without_logging_in(api, register):
    register()
    pk = Customer.objects.get().pk
    token = ask(api, pk).json()["token"]
    body = api.post(VERIFY, {"token": token, "code": last_code("jane@example.com")}).json()
    assert (body["customer"], body["token"], body["needs_login"]) == (None, None, True)
    assert Customer.objects.get().email_verified_at is not None


def test_f4_verifying_is_a_login_road(api, sign_up, send_code):
    heard = []

    def note(sender, user, **kwargs):
        heard.append(user.pk)

    user_logged_in.connect(note)
    try:
        person = sign_up()
        api.post(VERIFY, {"token": send_code(person), "code": last_code(person.email)})
    finally:
        user_logged_in.disconnect(note)
    assert heard == [person.row.user.pk]


def test_the_proof_is_audited_masked_and_signalled(api, sign_up, send_code):
    heard = []

    def note(sender, customer, kind, **kwargs):
        heard.append((customer.pk, kind))

    contact_verified.connect(note)
    try:
        person = sign_up()
        api.post(VERIFY, {"token": send_code(person), "code": last_code(person.email)})
    finally:
        contact_verified.disconnect(note)
    assert heard == [(person.id, "email")]
    event = AccountEvent.objects.get(kind="contact_verified")
    assert event.contact == "j***@example.com"
    assert event.customer_ref == person.id


def test_c12_no_table_holds_the_code(api, sign_up, send_code):
    import hashlib

    from django.apps import apps

    send_code(sign_up())
    code = last_code("jane@example.com")
    digests = {hashlib.new(name, code.encode()).hexdigest() for name in ("md5", "sha1", "sha256")}
    rows = [
        str(row)
        for model in apps.get_app_config("customer_registration").get_models()
        for row in model.objects.values()
    ]
    assert rows
    assert not [row for row in rows if f"'{code}'" in row or any(digest in row for digest in digests)]
