"""POST /auth/customer/{provider}/reset-password: who gets a link, and what strangers can tell."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone

from customer_registration.models import Customer, OtpVerification, OutboxMessage
from customer_registration.signals import message_queued
from example_project.inbox.models import InboxMessage
from tests.conftest import PASSWORD, link_token, messages_to

LOGIN = "/auth/customer/emailpass"
URL, UPDATE = f"{LOGIN}/reset-password", f"{LOGIN}/update"
BY_PHONE = "/auth/customer/phonepass/reset-password"
EMAIL, PHONE, TYPED = "jane@example.com", "+12025550123", "(202) 555-0123"
NEW_PASSWORD = "a new password entirely"
NOBODY = {"email": "nobody@example.com", "phone": "+12025550199"}

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def mode(configure):
    """Choose which identifiers log in."""
    return lambda login: configure(LOGIN={"IDENTIFIER": login})


@pytest.fixture
def jane(verified, prove):
    """Both contacts are proven."""
    person, _ = verified(EMAIL, phone=PHONE)
    prove(person, "phone")
    return person


def links_to(to):
    return [text for text in messages_to(to) if "reset-password?token=" in text]


def everything_sent():
    return len(mail.outbox) + InboxMessage.objects.count()


def reset(api, path=URL, **body):
    answer = api.post(path, body)
    assert (answer.status_code, answer.content) == (201, b"Created"), answer.content
    return answer


@pytest.mark.parametrize("accept", [None, "text/plain", "application/json", "text/html", "image/png", "nonsense"])
@pytest.mark.parametrize("path", [URL, f"{URL}?format=json"])
@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_the_answer_is_text_whatever_accept_says(api, jane, accept, path, email):
    answer = api.post(path, {"identifier": email}, **({"accept": accept} if accept else {}))
    assert (answer.status_code, answer.content) == (201, b"Created")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("login", ["email", "phone", "both"])
@pytest.mark.parametrize("key", ["identifier", "email", "phone", "email_or_phone"])
@pytest.mark.parametrize(("typed", "to"), [(" JANE@example.com ", EMAIL), (TYPED, PHONE)])
def test_each_login_mode_takes_its_own_identifiers(api, mode, jane, login, key, typed, to):
    mode(login)
    kind = "email" if to == EMAIL else "phone"
    sent, answer = everything_sent(), api.post(URL, {key: typed})
    if key in ("email", "phone") and login not in (key, "both"):
        assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
        assert answer.json()["message"].endswith(f"Unrecognized fields: '{key}'")
        assert everything_sent() == sent
        return
    assert (answer.status_code, answer.content) == (201, b"Created")
    logs_in = login in (kind, "both") and key in (kind, "identifier", "email_or_phone")
    assert len(links_to(to)) == int(logs_in)
    assert everything_sent() == sent + int(logs_in)


@pytest.mark.parametrize(
    ("login", "body", "message"),
    [
        ("email", {}, "Field 'identifier' is required"),
        ("phone", {}, "Field 'identifier' is required"),
        ("both", {"metadata": {}}, "Field 'identifier' is required"),
        ("phone", {"email": EMAIL}, "Field 'identifier' is required; Unrecognized fields: 'email'"),
        ("email", {"phone": PHONE}, "Field 'identifier' is required; Unrecognized fields: 'phone'"),
        ("email", {"identifier": EMAIL, "b": 1, "a": 1}, "Unrecognized fields: 'b, a'"),
        ("email", {"identifier": EMAIL, "password": "x"}, "Unrecognized fields: 'password'"),
        ("email", {"identifier": 5}, "Expected type: 'string' for field 'identifier', got: '5'"),
        ("both", {"email": []}, "Expected type: 'string' for field 'email', got: ''"),
    ],
)
def test_a_bad_request_says_why(api, mode, login, body, message):
    mode(login)
    answer = api.post(URL, body)
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": f"Invalid request: {message}"}


@pytest.mark.parametrize(
    "body",
    [
        {"identifier": EMAIL, "email": EMAIL},
        {"email": EMAIL, "phone": PHONE},
        {"email_or_phone": EMAIL, "phone": PHONE},
        {"identifier": EMAIL, "metadata": "x"},
        {"identifier": "x" * 255},
    ],
)
def test_other_bad_requests(api, mode, jane, body):
    mode("both")
    sent, answer = everything_sent(), api.post(URL, body)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert everything_sent() == sent


@pytest.mark.parametrize("metadata", [{}, {"source": "checkout"}])
def test_metadata_is_accepted(api, jane, metadata):
    reset(api, identifier=EMAIL, metadata=metadata)
    assert len(links_to(EMAIL)) == 1


@pytest.mark.parametrize("text", ["", " ", "nobody", "@", "+1", "ж@example.com", "jane@example.com\u0301"])
def test_text_that_names_nobody_is_a_stranger(api, jane, text):
    sent = everything_sent()
    reset(api, identifier=text)
    assert everything_sent() == sent


# Providers


def test_phonepass_takes_phones_alone(api, mode, jane):
    mode("both")
    reset(api, BY_PHONE, phone=TYPED)
    assert len(links_to(PHONE)) == 1
    assert api.post(BY_PHONE, {"email": EMAIL}).status_code == 400
    reset(api, BY_PHONE, identifier=EMAIL)
    assert links_to(EMAIL) == []


@pytest.mark.parametrize(
    ("login", "actor", "provider"),
    [
        ("email", "customer", "phonepass"),
        ("both", "customer", "otp"),
        ("both", "customer", "google"),
        ("both", "user", "emailpass"),
        ("both", "user", "otp"),
        ("both", "robot", "emailpass"),
    ],
)
def test_other_providers_and_actors_are_not_allowed(api, mode, jane, login, actor, provider):
    mode(login)
    sent = everything_sent()
    answer = api.post(f"/auth/{actor}/{provider}/reset-password", {"identifier": EMAIL})
    message = f"The actor type {actor} is not allowed to use the auth provider {provider}"
    assert (answer.status_code, answer.json()) == (400, {"type": "not_allowed", "message": message})
    assert everything_sent() == sent


def test_a_provider_that_the_project_does_not_allow(api, configure, jane):
    configure(PROVIDERS={"customer": ["phonepass"]})
    assert api.post(URL, {"identifier": EMAIL}).json()["type"] == "not_allowed"


# Who gets a link


@pytest.mark.parametrize("flags", [{"is_staff": True}, {"is_superuser": True}, {"is_active": False}])
def test_decision_10_staff_and_the_deactivated_are_as_unknown(api, jane, flags):
    get_user_model().objects.update(**flags)
    sent = everything_sent()
    reset(api, identifier=EMAIL)
    assert everything_sent() == sent
    assert OutboxMessage.objects.latest("pk").state == "suppressed"


@pytest.mark.parametrize(("unproven", "to"), [("email", EMAIL), ("phone", PHONE)])
def test_decision_9_an_unproven_contact_beside_a_proven_one_is_no_way_in(api, mode, jane, unproven, to):
    mode("both")
    Customer.objects.update(**{f"{unproven}_verified_at": None})
    sent = everything_sent()
    reset(api, identifier=to)
    assert everything_sent() == sent
    (other,) = {EMAIL, PHONE} - {to}
    reset(api, identifier=other)
    assert len(links_to(other)) == 1


@pytest.mark.parametrize("to", [EMAIL, PHONE])
def test_an_unproven_contact_with_no_proven_one_beside_it_gets_a_link(api, mode, jane, to):
    mode("both")
    Customer.objects.update(email_verified_at=None, phone_verified_at=None)
    reset(api, identifier=to)
    assert len(links_to(to)) == 1


@pytest.mark.parametrize("password", ["", "!"])
def test_people_without_a_password_get_one(api, jane, password):
    get_user_model().objects.update(password=password)
    reset(api, identifier=EMAIL)
    assert api.post(UPDATE, {"password": NEW_PASSWORD}, token=link_token(EMAIL)).json() == {"success": True}
    assert api.post(LOGIN, {"email": EMAIL, "password": NEW_PASSWORD}).status_code == 200


def test_an_identity_that_is_no_customer_yet_gets_a_link(api, register):
    register()
    reset(api, identifier=EMAIL)
    assert api.post(UPDATE, {"password": NEW_PASSWORD}, token=link_token(EMAIL)).status_code == 200
    assert api.post(LOGIN, {"email": EMAIL, "password": NEW_PASSWORD}).status_code == 200


def test_nothing_changes_until_the_link_is_used(api, jane):
    before = Customer.objects.values().get()
    reset(api, identifier=EMAIL)
    assert Customer.objects.values().get() == before
    assert api.post(LOGIN, {"email": EMAIL, "password": PASSWORD}).status_code == 200


# What strangers can tell


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_known_and_unknown_are_answered_alike(api, mode, jane, counted, monkeypatch, kind, hear):
    mode("both")
    monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)
    queued, seen = hear(message_queued), []
    for identifier in ({"email": EMAIL, "phone": PHONE}[kind], NOBODY[kind]):
        with time_machine.travel(timezone.now(), tick=False) as traveller:
            for seconds in (0, 1, 121, 121):  # the second is inside the throttle
                traveller.shift(timedelta(seconds=seconds))
                heard = len(queued)
                with counted() as queries:
                    answer = reset(api, identifier=identifier)
                seen.append((dict(answer.headers), len(queries.statements), len(queued) - heard))
    assert seen[:4] == seen[4:]
    assert [each[2] for each in seen] == [1, 0, 1, 1] * 2


def test_a_stranger_leaves_a_decoy(api):
    reset(api, identifier="nobody@example.com")
    decoy = OtpVerification.objects.get()
    assert (decoy.purpose, decoy.customer_id, decoy.destination) == ("password_reset", None, "")
    assert (OutboxMessage.objects.get().state, OutboxMessage.objects.get().destination) == ("suppressed", "")
    assert everything_sent() == 0


@pytest.mark.parametrize(("setting", "seconds"), [({}, 120), ({"RESEND_THROTTLE_SECONDS": 30}, 30)])
def test_inside_the_throttle_it_is_still_201_and_nothing_is_sent(api, configure, jane, setting, seconds):
    configure(PASSWORD_RESET=setting)
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        reset(api, identifier=EMAIL)
        link = link_token(EMAIL)
        traveller.shift(timedelta(seconds=seconds - 1))
        answer = reset(api, email=" JANE@example.com")
        assert "Retry-After" not in answer.headers
        assert len(links_to(EMAIL)) == 1
        traveller.shift(timedelta(seconds=1))
        reset(api, identifier=EMAIL)
        assert len(links_to(EMAIL)) == 2
        assert api.post(UPDATE, {"password": NEW_PASSWORD}, token=link).status_code == 401


def test_a_request_inside_the_throttle_leaves_the_link_alive(api, jane):
    reset(api, identifier=EMAIL)
    reset(api, identifier=EMAIL)
    assert api.post(UPDATE, {"password": NEW_PASSWORD}, token=link_token(EMAIL)).status_code == 200


@pytest.mark.parametrize("identifier", [EMAIL, "nobody@example.com"])
def test_past_the_limit_of_a_person_it_is_201_and_past_that_of_an_address_429(api, configure, jane, identifier):
    configure(
        PASSWORD_RESET={"RESEND_THROTTLE_SECONDS": 0},
        RATE_LIMITS={"RULES": {"password_reset": "2/h/key,4/h/ip", "code_send": "100/h/key"}},
    )
    for _ in range(3):
        reset(api, identifier=identifier)
    assert len(links_to(EMAIL)) == (2 if identifier == EMAIL else 0)
    for number in range(2):
        reset(api, identifier=f"somebody{number}@example.com")
    reset(api.another(REMOTE_ADDR="192.0.2.1"), identifier="elsewhere@example.com")
    fifth = api.post(URL, {"identifier": "somebody2@example.com"})
    assert (fifth.status_code, fifth.json()["type"]) == (429, "too_many_requests")
    assert int(fifth.headers["Retry-After"]) > 0


def test_e5_the_link_has_the_configured_base_whatever_the_host_header_says(api, jane):
    api.post(URL, {"identifier": EMAIL}, host="evil.example", **{"x-forwarded-host": "evil.example"})
    assert "https://shop.example.com/reset-password?token=" in messages_to(EMAIL)[0]
    assert "evil.example" not in messages_to(EMAIL)[0]
