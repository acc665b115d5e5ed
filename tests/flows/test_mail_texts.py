"""What mails say: templates, languages, and names that strangers chose."""

import pytest
from django.core import mail
from django.utils import translation

from customer_registration import messaging
from customer_registration.models import OutboxMessage

pytestmark = pytest.mark.life_cycle


def test_the_language_of_the_request_goes_with_the_row(api, sign_up, monkeypatch):
    person = sign_up()
    api.post(
        "/store/customers/otp/send",
        {"customer_id": person.id, "type": "email_verification"},
        **{"accept-language": "de"},
    )
    assert OutboxMessage.objects.get().language == "de"


def test_it_is_rendered_in_the_rows_language(queued, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "customer_registration.messaging.delivery.render", lambda message: seen.append(translation.get_language())
    )
    OutboxMessage.objects.update(language="fr")
    messaging.deliver(queued.pk)
    assert seen == ["fr"]


def test_a_projects_own_template_and_subject(queued, configure, settings, tmp_path):
    (tmp_path / "mine.html").write_text("<b>{{ customer_name }} {{ otp }} {{ expires_minutes }} {{ site_name }}</b>")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    configure(EMAIL_VERIFICATION={"TEMPLATE": "mine.html", "SUBJECT": "{{ customer_name }}: {{ otp }}\nInjected: x"})
    messaging.deliver(queued.pk)
    [message] = mail.outbox
    code = queued.otp.code()
    assert message.subject == f"Jané: {code} Injected: x"
    assert message.alternatives[0][0] == f"<b>Jané {code} 15 shop.example.com</b>"


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Jane\n\nYour account is locked.\n", "Hello Jane Your account is locked.,"),
        ("Unlock at http://evil.example/x", "Hello,"),
        ("see evil.example", "Hello,"),
        ("write to me@evil", "Hello,"),
        ("x" * 41, "Hello,"),
        ("Anne-Marie O'Neil", "Hello Anne-Marie O'Neil,"),
    ],
)
def test_a_strangers_name_carries_no_paragraph_and_no_link(sign_up, send_code, name, greeting):
    send_code(sign_up(first_name=name))
    assert mail.outbox[0].body.splitlines()[0] == greeting


def test_a_projects_code_template_is_not_used_for_links(api, configure, register):
    configure(EMAIL_VERIFICATION={"SUBJECT": "{{ otp }} is your code", "TEMPLATE": "absent.html"})
    body = {"entity_id": "jane@example.com", "entity_type": "email"}
    api.post("/auth/verification/request", body, token=register())
    assert mail.outbox[0].subject == "Confirm your e-mail address"


def test_a_name_is_escaped_in_html_alone(sign_up, send_code):
    send_code(sign_up(first_name="<b>O'Neil"))
    [message] = mail.outbox
    assert "Hello <b>O'Neil," in message.body
    assert "&lt;b&gt;O&#x27;Neil," in message.alternatives[0][0]


def test_a_broken_template_loses_nothing(queued, configure):
    configure(EMAIL_VERIFICATION={"TEMPLATE": "absent.html"})
    messaging.deliver(queued.pk)
    queued.refresh_from_db()
    assert queued.state == "queued"
    assert "TemplateDoesNotExist" in queued.last_error
