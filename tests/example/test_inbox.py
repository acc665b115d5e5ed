"""The inbox: what was sent, as JSON and as a page. Everything in it was typed by somebody."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from customer_registration.messaging.backends.base import Message
from example_project.inbox.backends import EmailBackend, SMSBackend
from example_project.inbox.models import InboxMessage
from tests.conftest import Person, last_code

pytestmark = pytest.mark.django_db

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;"


class Page(HTMLParser):
    """A page as a browser takes it apart: its elements with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def developing(settings: Any) -> None:
    """Turn on what only a developer sees."""
    settings.DEBUG = True


@pytest.fixture
def open_page(client: Client, developing: None) -> Callable[..., Page]:
    """Open the inbox page."""

    def run(query: str = "") -> Page:
        answer = client.get(f"/inbox{query}")
        assert answer.status_code == 200
        return Page(answer.content.decode())

    return run


def send_mail(to: str = "jane@example.com", subject: str = "Hello", text: str = "Hi", html: str = "") -> None:
    message = EmailMultiAlternatives(subject, text, "shop@example.com", [to])
    if html:
        message.attach_alternative(html, "text/html")
    EmailBackend().send_messages([message])


def send_text(to: str = "+14155550123", text: str = "Your code is 482913") -> None:
    SMSBackend().send(Message("sms", to, text=text))


def test_messages_have_the_keys_of_the_contract(client: Client, developing: None) -> None:
    send_mail(html="<p>Hi</p>")
    (message,) = client.get("/inbox/messages").json()["messages"]
    row = InboxMessage.objects.get()
    sent_at = row.sent_at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{row.sent_at.microsecond // 1000:03}Z"
    assert message == {
        "id": row.pk,
        "to": "jane@example.com",
        "channel": "email",
        "subject": "Hello",
        "text": "Hi",
        "html": "<p>Hi</p>",
        "sent_at": sent_at,
    }


def test_text_messages_have_no_subject_and_no_html(client: Client, developing: None) -> None:
    send_text()
    (message,) = client.get("/inbox/messages").json()["messages"]
    assert (message["channel"], message["to"], message["text"]) == ("sms", "+14155550123", "Your code is 482913")
    assert (message["subject"], message["html"]) == ("", "")


def test_messages_are_newest_first(client: Client, developing: None) -> None:
    for subject in ("first", "second", "third"):
        send_mail(subject=subject)
    subjects = [message["subject"] for message in client.get("/inbox/messages").json()["messages"]]
    assert subjects == ["third", "second", "first"]


@pytest.mark.parametrize(
    ("to", "found"),
    [
        ("jane@example.com", ["to jane"]),
        ("+14155550123", ["to a phone"]),
        ("jane", []),
        ("nobody@example.com", []),
        ("\0", []),
    ],
)
def test_messages_to_one_address_alone(client: Client, developing: None, to: str, found: list[str]) -> None:
    send_mail("jane@example.com", text="to jane")
    send_mail("kim@example.com", text="to kim")
    send_text(text="to a phone")
    messages = client.get("/inbox/messages", {"to": to}).json()["messages"]
    assert [message["text"] for message in messages] == (found if to != "\0" else [])


def test_a_mail_to_two_people_is_in_both_inboxes(client: Client, developing: None) -> None:
    message = EmailMultiAlternatives("Hello", "Hi", "shop@example.com", ["jane@example.com"], bcc=["kim@example.com"])
    assert EmailBackend().send_messages([message]) == 1
    for to in ("jane@example.com", "kim@example.com"):
        assert len(client.get("/inbox/messages", {"to": to}).json()["messages"]) == 1


def test_without_debug_there_is_no_page(client: Client) -> None:
    assert client.get("/inbox").status_code == 404


def test_without_debug_there_are_no_messages_but_a_json_404(client: Client) -> None:
    answer = client.get("/inbox/messages")
    assert answer.status_code == 404
    assert answer.json()["type"] == "not_found"


def test_the_inbox_is_read_only(client: Client, developing: None) -> None:
    for path in ("/inbox", "/inbox/messages"):
        assert client.post(path).status_code == 405


@pytest.mark.parametrize(("after", "found"), [(0, 3), (1, 2), (3, 0), ("x", 3), ("", 3), ("9" * 5000, 3)])
def test_messages_after_one(client: Client, developing: None, after: Any, found: int) -> None:
    for _ in range(3):
        send_text()
    first = InboxMessage.objects.last()
    assert first is not None
    query = {"after": after + first.pk - 1 if isinstance(after, int) else after, "to": "+14155550123"}
    assert len(client.get("/inbox/messages", query).json()["messages"]) == found


def test_an_empty_inbox_says_so(open_page: Callable[..., Page]) -> None:
    page = open_page()
    assert "No text messages yet" in page.text
    assert "No e-mails yet" in page.text
    assert page.all("iframe") == page.all("time") == []


def test_the_phone_has_the_newest_text_last_under_its_number(open_page: Callable[..., Page]) -> None:
    for number, text in (("+14155550101", "alpha"), ("+14155550101", "beta"), ("+14155550102", "gamma")):
        send_text(number, text)
    page = open_page()
    assert [page.text.count(number) for number in ("+14155550101", "+14155550102")] == [1, 1]
    words = re.findall(r"\+\d{11}|alpha|beta|gamma", page.text)
    assert words == ["+14155550101", "alpha", "beta", "+14155550102", "gamma"]


def test_the_newest_mail_is_open_unless_another_one_is_chosen(open_page: Callable[..., Page]) -> None:
    send_mail(subject="Older", html="<p>Hi</p>")
    send_mail(subject="Newer", text="Plain text alone")
    page = open_page()
    assert page.text.index("Newer") < page.text.index("Older")
    assert "Plain text alone" in page.text
    assert page.all("iframe") == []
    older = InboxMessage.objects.get(subject="Older")
    for query in ("?mail=x", "?mail=0", f"?mail={older.pk}&to=kim@example.com"):
        assert open_page(query).all("iframe") == []
    (frame,) = open_page(f"?mail={older.pk}").all("iframe")
    assert frame["title"] == "E-mail: Older"
    assert open_page(f"?mail={older.pk}&plain=1").all("iframe") == []


def test_the_page_of_one_address_keeps_to_it(open_page: Callable[..., Page]) -> None:
    send_mail("jane@example.com", subject="To Jane")
    send_mail("kim@example.com", subject="To Kim")
    send_text(text="To a phone")
    page = open_page("?to=jane@example.com")
    assert "To Jane" in page.text
    assert "To Kim" not in page.text
    assert "To a phone" not in page.text
    links = [link["href"] or "" for link in page.all("a") if "mail=" in (link["href"] or "")]
    assert links
    assert all("to=jane%40example.com" in link for link in links), "and so does whatever is opened from there"


def test_what_has_arrived_is_counted_for_those_who_listen(open_page: Callable[..., Page]) -> None:
    send_mail()
    send_text()
    newest = InboxMessage.objects.latest("pk").pk
    for after, said in ((newest - 2, "2 new messages"), (newest - 1, "1 new message"), (newest, "")):
        page = open_page(f"?after={after}")
        assert said in page.text
        assert ("new message" in page.text) == bool(said)


@pytest.mark.parametrize(
    ("channel", "text", "code"),
    [
        ("sms", "Your code is 049422\n\n@localhost #049422", "049422"),
        ("sms", "Ihr Code lautet 49422107", "49422107"),
        ("sms", "コードは049422です", "049422"),
        ("sms", "Your code is 7CDFGH.", "7CDFGH"),
        ("sms", "Your account will be deleted on Dec. 2, 2026.", ""),
        ("sms", "The phone number of your account is now +16*****0156.", ""),
        ("sms", "Call +14155550123", ""),
        ("sms", "New password: https://shop.example.com/reset-password?token=123456", ""),
        ("email", "Your verification code is:\n\n    468890\n\nIt is valid for 15 minutes.", "468890"),
        ("email", "Your order 468890 has left us.", ""),
    ],
)
def test_a_code_can_be_copied(channel: str, text: str, code: str) -> None:
    assert InboxMessage(channel=channel, text=text).code == code


def test_the_page_escapes_whatever_was_typed(open_page: Callable[..., Page]) -> None:
    send_mail(f"{HOSTILE}@example.com", subject=HOSTILE, text=HOSTILE, html=f"<p>{HOSTILE}</p>")
    send_mail(f"{HOSTILE}@example.com", subject=HOSTILE, text=HOSTILE)
    send_text(HOSTILE, text=HOSTILE)
    page = open_page()
    assert page.all("img") == []
    assert {script.get("type") for script in page.all("script")} == {"module", "application/json"}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert page.text.count(HOSTILE) >= 7


def test_html_mails_are_shown_where_no_script_runs(open_page: Callable[..., Page]) -> None:
    html = f'<p title="a &amp; b">{HOSTILE}</p>'
    send_mail(html=html)
    (frame,) = open_page().all("iframe")
    srcdoc, sandbox = frame["srcdoc"] or "", (frame["sandbox"] or "").split()
    assert srcdoc.endswith(html), "the mail arrives in the frame as it was sent"
    assert "allow-scripts" not in sandbox
    assert "allow-forms" not in sandbox
    policy = Page(srcdoc).all("meta")[0]
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert (policy["content"] or "").startswith("default-src 'none'")


def test_a_hostile_name_gets_no_element_into_a_real_mail(
    open_page: Callable[..., Page], sign_up: Callable[..., Person], send_code: Callable[..., str]
) -> None:
    name = "<img>O'Neil"  # a name that looks like a link is not printed at all
    send_code(sign_up(first_name=name))
    EmailBackend().send_messages(mail.outbox)
    (frame,) = open_page().all("iframe")
    inside = Page(frame["srcdoc"] or "")
    assert name in inside.text
    assert inside.all("img") == []
    assert inside.all("script") == []


def test_the_codes_of_real_messages_can_be_copied(
    api: Any, developing: None, configure: Callable[..., None], sign_up: Callable[..., Person]
) -> None:
    configure(REGISTRATION={"IDENTIFIER": "both"})
    person = sign_up(phone="+14155550123")
    for kind in ("email", "phone"):
        body = {"customer_id": person.id, "type": f"{kind}_verification"}
        assert api.post("/store/customers/otp/send", body).status_code == 200
    EmailBackend().send_messages(mail.outbox)
    for message in InboxMessage.objects.all():
        assert message.code == last_code(message.to)


def test_javascript_links_in_a_text_stay_text(open_page: Callable[..., Page]) -> None:
    send_text(text="javascript:alert(1) https://shop.example.com/verify?a=1&b=2")
    links = [link["href"] for link in open_page().all("a")]
    assert "https://shop.example.com/verify?a=1&b=2" in links
    assert not any((link or "").startswith("javascript") for link in links)


def test_the_page_loads_nothing_from_elsewhere_and_has_no_inline_script(open_page: Callable[..., Page]) -> None:
    page = open_page()
    scripts = [script["src"] or "" for script in page.all("script") if script.get("type") != "application/json"]
    loaded = scripts + [link["href"] or "" for link in page.all("link")]
    assert {"/static/inbox/inbox.js", "/static/inbox/inbox.css"} < set(loaded)
    for url in loaded:
        assert url.startswith("/static/")
        assert finders.find(url.removeprefix("/static/"))
