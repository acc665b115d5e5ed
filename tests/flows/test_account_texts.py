"""Mails and texts about contacts and passwords: who is told what, and who gets a link."""

import re

import pytest
from django.core import mail

from customer_registration.messaging.backends import locmem
from customer_registration.messaging.segments import segments
from customer_registration.models import Customer, OtpVerification, OutboxMessage
from example_project.inbox.models import InboxMessage
from tests.conftest import PASSWORD, last_code, link_token, messages_to

RESET, CONTACT = "/auth/customer/emailpass/reset-password", "/store/customers/me/contact"
EMAIL, PHONE = "jane@example.com", "+12025550123"
NEW = {"email": "new@example.com", "phone": "+14155552671"}
MASKED = {"email": "n***@example.com", "phone": "+14*****2671"}
UNDO_LINK = re.compile(r"https://shop\.example\.com/contact-change/undo\?token=[0-9A-Z]{26}\.[\w-]+")
RESET_LINK = re.compile(r"https://shop\.example\.com/reset-password\?token=[\w-]+\.[\w-]+\.[\w-]+")
NEW_PASSWORD = "a new password entirely"

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane(verified, prove):
    """Both contacts are proven; return a token."""
    person, token = verified(EMAIL, phone=PHONE, first_name="Jane")
    prove(person, "phone")
    return token


@pytest.fixture
def told(change_contact):
    """Change a contact and return what each address and number was told by that."""

    def run(token, **contact):
        seen = {to: len(messages_to(to)) for to in (EMAIL, PHONE, *NEW.values())}
        change_contact(token, **contact)
        return {to: messages_to(to)[: len(messages_to(to)) - count] for to, count in seen.items()}

    return run


def newest():
    return mail.outbox[-1]


def template(settings, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]


# The code of a change


def test_the_code_for_a_new_address(api, jane):
    api.post(CONTACT, {"email": NEW["email"]}, token=jane)
    message, code = newest(), last_code(NEW["email"])
    assert message.to == [NEW["email"]]
    assert code in message.subject
    assert "Hello Jane," in message.body
    assert "15 minutes" in message.body
    [(html, mimetype)] = message.alternatives
    assert (mimetype, code in html) == ("text/html", True)


def test_the_code_for_a_new_number(api, jane):
    api.post(CONTACT, {"phone": NEW["phone"]}, token=jane)
    [text] = messages_to(NEW["phone"])
    code = last_code(NEW["phone"])
    assert text.splitlines() == [f"{code} is the code for your new phone number", "", f"@shop.example.com #{code}"]
    assert segments(text) == 1


def test_a_projects_own_template_and_subject_for_the_code(api, jane, configure, settings, tmp_path):
    template(settings, tmp_path, "mine.html", "<b>{{ customer_name }} {{ otp }} {{ expires_minutes }}</b>")
    configure(CONTACT_CHANGE={"TEMPLATE": "mine.html", "SUBJECT": "{{ customer_name }}: {{ otp }}"})
    api.post(CONTACT, {"email": NEW["email"]}, token=jane)
    code = last_code(NEW["email"])
    assert newest().subject == f"Jane: {code}"
    assert newest().alternatives[0][0] == f"<b>Jane {code} 15</b>"


# A contact was changed


def test_e14_both_addresses_are_told_and_the_old_one_can_undo(jane, told):
    texts = told(jane, email=NEW["email"])
    [old], [_, new] = texts[EMAIL], reversed(texts[NEW["email"]])
    assert UNDO_LINK.search(old)
    assert "7 days" in old
    assert MASKED["email"] in old
    assert NEW["email"] not in old
    assert "e-mail address of your account is now" in new
    assert "token=" not in new
    assert EMAIL not in new
    assert texts[PHONE] == []
    [html] = [each.alternatives[0][0] for each in mail.outbox if each.to == [EMAIL] and "undo" in each.body]
    assert UNDO_LINK.search(html)


def test_an_old_number_beside_a_proven_address_is_not_told_but_the_address(jane, told):
    """A number that was given up may be somebody else's tomorrow."""
    texts = told(jane, phone=NEW["phone"])
    assert texts[PHONE] == []
    [mailed], [_, new] = texts[EMAIL], reversed(texts[NEW["phone"]])
    assert UNDO_LINK.search(mailed)
    assert MASKED["phone"] in mailed
    assert NEW["phone"] not in mailed
    assert "token=" not in new


@pytest.mark.parametrize("email", [EMAIL, None])
def test_an_old_number_with_no_proven_address_beside_it_gets_the_link(jane, told, configure, email):
    configure(REGISTRATION={"IDENTIFIER": "both"})
    Customer.objects.update(email=email, email_verified_at=None)
    texts = told(jane, phone=NEW["phone"])
    [text] = texts[PHONE]
    assert UNDO_LINK.search(text)
    assert MASKED["phone"] in text
    assert NEW["phone"] not in text
    assert not [each for each in texts[EMAIL] if "token=" in each]


@pytest.mark.parametrize(("kind", "old"), [("email", EMAIL), ("phone", PHONE)])
def test_an_unproven_old_contact_gets_no_link(jane, told, configure, kind, old):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    Customer.objects.update(**{f"{kind}_verified_at": None})
    texts = told(jane, **{kind: NEW[kind]})
    assert "token=" not in "".join(texts[EMAIL] + texts[PHONE])
    assert all(row.is_decoy for row in OtpVerification.objects.filter(purpose="contact_undo"))


@pytest.mark.parametrize(("added", "other"), [("phone", EMAIL), ("email", PHONE)])
def test_from_nothing_the_other_proven_contact_is_told(jane, told, configure, added, other):
    configure(LOGIN={"IDENTIFIER": "both"})
    Customer.objects.update(**{added: None, f"{added}_verified_at": None})
    texts = told(jane, **{added: NEW[added]})
    [text] = texts[other]
    assert MASKED[added] in text
    assert NEW[added] not in text
    assert "token=" not in text
    assert len(texts[NEW[added]]) == 2  # the code, then that it is theirs now


def test_days_follow_the_setting(jane, told, configure):
    configure(CONTACT_CHANGE={"UNDO_DAYS": 1})
    [old] = told(jane, email=NEW["email"])[EMAIL]
    assert "1 day." in old


def test_without_a_storefront_the_bare_values_go_out(api, jane, told, configure):
    configure(STOREFRONT_URL=None)
    [old] = told(jane, email=NEW["email"])[EMAIL]
    row = OtpVerification.objects.get(purpose="contact_undo")
    assert row.link_value() in old.split()
    assert "http" not in old
    assert api.post("/store/customers/contact/undo", {"token": row.link_value()}).status_code == 200


@pytest.mark.parametrize(("kind", "before"), [("email", EMAIL), ("phone", PHONE)])
def test_the_undo_tells_the_contact_that_goes(api, jane, change_contact, kind, before):
    change_contact(jane, **{kind: NEW[kind]})
    link, count = link_token(EMAIL), len(messages_to(NEW[kind]))
    api.post("/store/customers/contact/undo", {"token": link})
    [text] = messages_to(NEW[kind])[:-count]
    assert before not in text
    assert "token=" not in text


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_the_owner_of_a_taken_contact_is_told_in_general_words(api, jane, verified, prove, kind):
    owner, _ = verified(NEW["email"], phone=NEW["phone"], first_name="Olga")
    prove(owner, "phone")
    api.post(CONTACT, {kind: NEW[kind]}, token=jane)
    text = messages_to(NEW[kind])[0]
    assert "for another account" in text
    assert "Jane" not in text
    assert EMAIL not in text
    assert not re.search(r"\b\d{6}\b", text)


def test_no_context_of_a_notice_holds_a_contact(jane, told):
    told(jane, email=NEW["email"])
    told_context = str(list(OutboxMessage.objects.values_list("context", flat=True)))
    assert MASKED["email"] in told_context
    assert NEW["email"] not in told_context
    assert EMAIL not in told_context


# Passwords


@pytest.mark.parametrize(
    ("unproven", "told_at"), [((), EMAIL), (("email",), PHONE), (("phone",), EMAIL), (("email", "phone"), EMAIL)]
)
def test_a_new_password_is_told_to_a_proven_contact(api, jane, unproven, told_at):
    Customer.objects.update(**{f"{kind}_verified_at": None for kind in unproven})
    seen = {to: len(messages_to(to)) for to in (EMAIL, PHONE)}
    body = {"old_password": PASSWORD, "password": NEW_PASSWORD}
    assert api.post("/store/customers/me/password", body, token=jane).status_code == 200
    assert {to for to, count in seen.items() if len(messages_to(to)) > count} == {told_at}
    assert "password of your account was changed" in messages_to(told_at)[0]
    assert NEW_PASSWORD not in messages_to(told_at)[0]


def test_the_reset_mail(api, jane):
    api.post(RESET, {"identifier": EMAIL})
    message = newest()
    assert message.to == [EMAIL]
    assert message.subject == "Choose a new password"
    assert "Hello Jane," in message.body
    assert "15 minutes" in message.body
    [link] = RESET_LINK.findall(message.body)
    assert link in message.alternatives[0][0]


def test_the_reset_mail_without_a_storefront_carries_the_bare_token(api, jane, configure):
    configure(STOREFRONT_URL=None)
    api.post(RESET, {"identifier": EMAIL})
    [token] = re.findall(r"^(\S+\.\S+\.\S+)$", newest().body, re.MULTILINE)
    assert "http" not in newest().body
    assert api.post("/auth/customer/emailpass/update", {"password": NEW_PASSWORD}, token=token).status_code == 200


def test_a_projects_own_template_and_subject_for_the_reset(api, jane, configure, settings, tmp_path):
    template(settings, tmp_path, "reset.html", "<a href='{{ link }}'>{{ customer_name }} {{ expires_minutes }}</a>")
    configure(PASSWORD_RESET={"TEMPLATE": "reset.html", "SUBJECT": "{{ customer_name }}, your link"})
    api.post(RESET, {"identifier": EMAIL})
    assert newest().subject == "Jane, your link"
    html = newest().alternatives[0][0]
    assert html.endswith("'>Jane 15</a>")
    assert RESET_LINK.search(html)


@pytest.mark.parametrize("url", ["https://shop.example.com", "https://a-rather-long-name.shop.example.com/de", None])
def test_the_reset_text_is_three_segments_at_most(api, jane, configure, url):
    configure(STOREFRONT_URL=url, LOGIN={"IDENTIFIER": "both"})
    api.post(RESET, {"phone": PHONE})
    text = messages_to(PHONE)[0]
    assert segments(text) <= 3
    token = text.partition("token=")[2] if url else text
    assert (f"{url}/reset-password?token=" in text) is bool(url)
    assert api.post("/auth/customer/emailpass/update", {"password": NEW_PASSWORD}, token=token).status_code == 200


def test_a_projects_own_sms_body(api, jane, configure):
    Customer.objects.update(first_name="O'Neil")
    body = "{{phone}}|{{ token }}|{{reset_url}}|it's <yours> & {{ customer_name }}"
    configure(LOGIN={"IDENTIFIER": "both"}, PASSWORD_RESET={"SMS_BODY": body})
    api.post(RESET, {"phone": PHONE})
    phone, token, url, rest = messages_to(PHONE)[0].split("|")
    assert (phone, url) == (PHONE, f"https://shop.example.com/reset-password?token={token}")
    assert rest == "it's <yours> & O'Neil"
    assert api.post("/auth/customer/emailpass/update", {"password": NEW_PASSWORD}, token=token).status_code == 200


def test_the_sms_body_is_for_texts_alone(api, jane, configure):
    configure(PASSWORD_RESET={"SMS_BODY": "never mailed"})
    api.post(RESET, {"identifier": EMAIL})
    assert "never mailed" not in newest().body
    assert not InboxMessage.objects.filter(text="never mailed").exists()


def test_a_message_sent_again_carries_the_same_link(api, jane, through, configure):
    from customer_registration import messaging

    through("locmem")
    configure(LOGIN={"IDENTIFIER": "both"})
    api.post(RESET, {"phone": PHONE})
    row = OutboxMessage.objects.latest("pk")
    OutboxMessage.objects.filter(pk=row.pk).update(state="queued", sent_at=None, next_attempt_at=row.created_at)
    messaging.deliver(row.pk)
    first, second = locmem.outbox
    assert first.text == second.text
