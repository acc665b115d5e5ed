"""What people read on the way out, by mail and by text, and in which language."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from customer_registration import messaging
from customer_registration.flows.deletion import reminders
from customer_registration.flows.deletion.executor import Run
from customer_registration.messaging.backends.base import BaseBackend, DeliveryError
from customer_registration.messaging.segments import segments
from customer_registration.models import AccountDeletionRequest, Customer, OutboxMessage
from tests.conftest import last_code, messages_to
from tests.deletion.conftest import CANCEL_CONFIRM, CANCEL_REQUEST, CONFIRM, EMAIL, PHONE, REQUEST

START = datetime.fromisoformat("2027-05-03T12:00:00+00:00")
LAST_WORDS = "account_erased"
KINDS = [
    "account_deletion_request",
    "account_deletion_scheduled",
    "account_deletion_reminder",
    "account_deletion_cancel",
    "account_deletion_cancelled",
    LAST_WORDS,
]
SUBJECTS = {
    "account_deletion_request": "{code} is the code to delete your account",
    "account_deletion_scheduled": "Your account will be deleted",
    "account_deletion_reminder": "Your account will be deleted soon",
    "account_deletion_cancel": "{code} is the code to keep your account",
    "account_deletion_cancelled": "Your account will not be deleted",
    LAST_WORDS: "Your account was deleted",
}
LINES = {
    "account_deletion_request": ["Enter this code to delete your account:", "    {code}"],
    "account_deletion_scheduled": ["Your account will be deleted on May 10, 2027.", "Until then you cannot log in."],
    "account_deletion_reminder": ["Your account will be deleted on May 10, 2027."],
    "account_deletion_cancel": ["Enter this code to keep your account:", "    {code}"],
    "account_deletion_cancelled": ["Your account will not be deleted.", "You can log in again."],
    LAST_WORDS: [
        "Your account and the personal data in it were deleted.",
        "This is the last message that we send you.",
    ],
}
TEXTS = {
    "account_deletion_request": "{code} is the code to delete your account\n\n@shop.example.com #{code}",
    "account_deletion_scheduled": "Your account will be deleted on May 10, 2027. "
    "To keep your account, cancel the deletion in the shop before that day.",
    "account_deletion_reminder": "Your account will be deleted on May 10, 2027. "
    "To keep your account, cancel the deletion in the shop before that day.",
    "account_deletion_cancel": "{code} is the code to keep your account\n\n@shop.example.com #{code}",
    "account_deletion_cancelled": "Your account will not be deleted. You can log in again.",
    LAST_WORDS: "Your account and the personal data in it were deleted.",
}

pytestmark = pytest.mark.django_db


class Refusing(BaseBackend):
    """A provider that knows no such address."""

    def send(self, message):
        raise DeliveryError(f"550 no such user <{message.destination}>", permanent=True)


@pytest.fixture
def tell(api):
    """Go the way that ends with a message of a kind; return it as sent, and its code if it carries one."""

    def run(kind, token, to=EMAIL, **headers):
        contact = {"email" if "@" in to else "phone": to}

        def ask(path, body):
            flow = api.post(path, body, **(headers if path != REQUEST else {"token": token, **headers}))
            assert flow.status_code == 200, flow.content
            return {"token": flow.json()["token"], "code": last_code(to)}

        proof = ask(REQUEST, {})
        if kind != "account_deletion_request":
            assert api.post(CONFIRM, proof).status_code == 200
        if kind == "account_deletion_reminder":
            with time_machine.travel(START + timedelta(days=6, hours=1)):
                assert reminders.send_due()
                messaging.deliver_due()
        elif kind == LAST_WORDS:
            with time_machine.travel(START + timedelta(days=8)):
                assert Run().work().erased == 1
                messaging.deliver_due()
        elif kind.startswith("account_deletion_cancel"):
            proof = ask(CANCEL_REQUEST, contact)
            if kind == "account_deletion_cancelled":
                assert api.post(CANCEL_CONFIRM, proof).status_code == 200
        return mail.outbox[-1] if "@" in to else messages_to(to)[0], proof["code"]

    with time_machine.travel(START):
        yield run


@pytest.mark.parametrize("kind", KINDS)
def test_the_mail(verified, tell, kind):
    _, token = verified(first_name="Jane")
    message, code = tell(kind, token)
    assert message.to == [EMAIL]
    assert message.subject == SUBJECTS[kind].format(code=code)
    lines = message.body.splitlines()
    assert lines[0] == ("Hello," if kind == LAST_WORDS else "Hello Jane,")
    assert lines[-1] == "shop.example.com"
    for line in LINES[kind]:
        assert line.format(code=code) in lines
    [(html, mimetype)] = message.alternatives
    assert mimetype == "text/html"
    assert LINES[kind][-1].strip().format(code=code) in html
    assert bool(re.search(r"\b\d{6}\b", message.body)) == (code in message.body) == ("{code}" in SUBJECTS[kind])
    assert ("15 minutes" in message.body) == ("{code}" in SUBJECTS[kind])
    assert EMAIL not in message.body + html


def test_whoever_did_not_ask_to_leave_is_told_what_to_do(verified, tell):
    _, token = verified()
    message, _ = tell("account_deletion_request", token)
    assert "If you did not ask for this, somebody else is logged in to your account" in message.body


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_is_one_segment(sign_up_by_phone, tell, kind):
    text, code = tell(kind, sign_up_by_phone(), PHONE)
    assert text == TEXTS[kind].format(code=code)
    assert segments(text) == 1
    assert mail.outbox == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_the_longest_code_fits_one_segment_in_other_languages_and_a_notice_two(
    sign_up_by_phone, tell, configure, kind, language
):
    token = sign_up_by_phone()
    configure(OTP={"LENGTH": 16, "CHARSET": "alphanumeric"})
    text, code = tell(kind, token, PHONE, **{"accept-language": language})
    assert OutboxMessage.objects.filter(kind=kind).latest("pk").language == language
    assert len(code) == 16
    assert segments(text) <= (1 if code in text else 2)


def test_whoever_never_confirmed_is_not_told_that_they_can_log_in_again(verified, ask_to_leave, stay):
    _, token = verified()
    ask_to_leave(token)
    assert stay()["confirmed_at"] is None
    [(html, _)] = mail.outbox[-1].alternatives
    for text in (messages_to(EMAIL)[0], html):
        assert "Your account will not be deleted." in text
        assert "log in again" not in text


def test_nor_by_text(sign_up_by_phone, ask_to_leave, stay):
    ask_to_leave(sign_up_by_phone())
    stay(phone=PHONE)
    assert messages_to(PHONE)[0] == "Your account will not be deleted."


@pytest.fixture
def proven_twice(verified, prove):
    """Return the login token of Jane, both of whose contacts are proven."""
    person, token = verified(phone=PHONE)
    prove(person, "phone")
    return token


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != LAST_WORDS])
def test_notices_go_to_every_proven_contact_and_codes_to_one(tell, proven_twice, kind):
    tell(kind, proven_twice)
    told = set(OutboxMessage.objects.filter(kind=kind).values_list("channel", "destination"))
    is_code = "{code}" in SUBJECTS[kind]
    assert told == {("email", EMAIL)} | (set() if is_code else {("sms", PHONE)})


def test_what_was_never_proven_beside_a_proven_contact_is_not_told(verified, tell):
    _, token = verified(phone=PHONE)
    tell("account_deletion_cancelled", token)
    assert messages_to(PHONE) == []
    assert not OutboxMessage.objects.filter(destination=PHONE).exists()


def test_where_none_is_proven_the_contact_of_the_registration_is_told(leaving, stay):
    leaving(phone=PHONE)
    Customer.objects.update(email_verified_at=None)
    stay()
    told = OutboxMessage.objects.filter(kind="account_deletion_cancelled")
    assert list(told.values_list("destination", flat=True)) == [EMAIL]


def test_the_day_is_spelt_in_the_language_of_the_request(verified, tell):
    _, token = verified()
    message, _ = tell("account_deletion_scheduled", token, **{"accept-language": "de"})
    assert "10. Mai 2027" in message.body


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Auckland", "May 11, 2027"), ("America/Lima", "May 10, 2027")])
def test_the_day_is_that_of_the_projects_time_zone(verified, tell, settings, zone, day):
    settings.TIME_ZONE = zone
    _, token = verified()
    message, _ = tell("account_deletion_scheduled", token)
    assert f"deleted on {day}." in message.body


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "account_deletion_cancel"])
def test_the_language_of_the_request_goes_with_every_later_message(api, verified, tell, kind):
    _, token = verified()
    api.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    tell(kind, token, **{"accept-language": "de"})
    assert OutboxMessage.objects.filter(kind=kind).latest("pk").language == "de"


def test_the_code_to_stay_speaks_the_language_of_whoever_asks_for_it(api, leaving):
    leaving()
    AccountDeletionRequest.objects.update(language="de")
    api.post(CANCEL_REQUEST, {"email": EMAIL}, **{"accept-language": "fr"})
    assert OutboxMessage.objects.latest("pk").language == "fr"


# Texts of the project's own


@pytest.mark.parametrize("kind", ["account_deletion_request", "account_deletion_cancel"])
def test_a_projects_own_template_and_subject(verified, tell, configure, settings, tmp_path, kind):
    (tmp_path / "mine.html").write_text("<b>{{ customer_name }} {{ otp }} {{ expires_minutes }} {{ site_name }}</b>")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    configure(**{kind.upper(): {"TEMPLATE": "mine.html", "SUBJECT": "{{ customer_name }}: {{ otp }}\nInjected: x"}})
    _, token = verified(first_name="Jane")
    message, code = tell(kind, token)
    assert message.subject == f"Jane: {code} Injected: x"
    assert message.alternatives[0][0] == f"<b>Jane {code} 15 shop.example.com</b>"


@pytest.mark.parametrize(("kind", "other"), [("request", "cancel"), ("cancel", "request")])
def test_own_texts_are_for_their_own_code_alone(verified, tell, configure, kind, other):
    configure(**{f"ACCOUNT_DELETION_{other.upper()}": {"SUBJECT": "never read"}})
    _, token = verified()
    message, code = tell(f"account_deletion_{kind}", token)
    assert message.subject == SUBJECTS[f"account_deletion_{kind}"].format(code=code)


def test_notices_have_built_in_texts_alone(verified, tell, configure):
    configure(ACCOUNT_DELETION_REQUEST={"SUBJECT": "mine"}, ACCOUNT_DELETION_CANCEL={"SUBJECT": "mine"})
    _, token = verified()
    message, _ = tell("account_deletion_cancelled", token)
    assert message.subject == "Your account will not be deleted"


# What stays of them


def test_no_context_of_a_message_holds_a_contact_or_a_code(verified, tell):
    _, token = verified()
    _, code = tell("account_deletion_cancelled", token)
    contexts = str(list(OutboxMessage.objects.values_list("context", flat=True)))
    assert "2027-05-10" in contexts
    assert EMAIL not in contexts
    assert code not in contexts


def test_the_outbox_forgets_where_the_last_message_went(verified, tell):
    _, token = verified()
    tell(LAST_WORDS, token)
    row = OutboxMessage.objects.get()
    assert (row.kind, row.state, row.destination, row.context, row.customer) == (LAST_WORDS, "sent", "", {}, None)


@pytest.mark.parametrize("to", [EMAIL, PHONE])
def test_the_outbox_forgets_where_it_could_not_go(verified, sign_up_by_phone, leave, configure, to):
    token = verified()[1] if to == EMAIL else sign_up_by_phone()
    leave(token, to)
    refusing = [f"{__name__}.Refusing"]
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        Run().work()
        assert OutboxMessage.objects.get(kind=LAST_WORDS).destination == to
        configure(CHANNELS={"email": refusing, "sms": refusing})
        messaging.deliver_due()
    row = OutboxMessage.objects.get(kind=LAST_WORDS)
    assert (row.state, row.destination, row.context) == ("failed", "", {})
    assert "550" in row.last_error
    assert to not in row.last_error
