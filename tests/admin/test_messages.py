"""Messages in the admin: what became of them, and previews of what every kind of them says."""

import pytest
from django.urls import reverse
from django.utils import timezone

from customer_registration.admin import previews
from customer_registration.enums import Channel
from customer_registration.messaging import samples
from customer_registration.messaging.segments import measure
from customer_registration.models import Customer, OutboxMessage

LIST = "admin:customer_registration_outboxmessage_changelist"
PAGE = "admin:customer_registration_outboxmessage_change"
PREVIEWS = "admin:customer_registration_outboxmessage_previews"
EMAIL, PHONE = "jane@example.com", "+12025550123"
EVERY = [(kind, channel) for channel in Channel for kind in samples.kinds(channel)]

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    """Three messages to Jane, the newest first."""
    jane = Customer.objects.create(email=EMAIL, phone=PHONE)
    return [
        OutboxMessage.objects.create(kind=kind, channel=channel, destination=to, customer=jane, language="de", **fields)
        for kind, channel, to, fields in (
            ("code_login", "sms", PHONE, {"state": "sent", "tries": 1, "sent_at": timezone.now()}),
            ("password_changed", "email", EMAIL, {"state": "failed", "tries": 3, "last_error": "550 no such user"}),
            ("a_kind_of_their_own", "whatsapp", PHONE, {"state": "queued"}),
        )
    ][::-1]


@pytest.fixture
def clerk(staff):
    """Somebody who may look at messages."""
    return staff("view_outboxmessage").client


def test_the_list_says_what_became_of_each_and_masks_the_contact(clerk, rows, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        page = clerk.get(reverse(LIST)).content.decode()
    for text in ("Log in with a code", "Your password was changed", "a_kind_of_their_own", "550 no such user"):
        assert text in page
    for text in ("Sent", "Failed", "Waiting", "j***@example.com", "+12*****0123"):
        assert text in page
    assert EMAIL not in page
    assert PHONE not in page
    assert reverse(PREVIEWS) in page


def test_who_may_see_contacts_sees_them(staff, rows):
    client = staff("view_outboxmessage", "view_contacts_customer").client
    assert EMAIL in client.get(reverse(LIST)).content.decode()
    assert PHONE in client.get(reverse(PAGE, args=[rows[0].pk])).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=failed", ["password_changed"]),
        ("channel=sms", ["code_login"]),
        ("kind=code_login", ["code_login"]),
        ("q=jane@EXAMPLE.com", ["a_kind_of_their_own", "password_changed", "code_login"]),
        ("q=kim@example.com", []),
    ],
)
def test_messages_are_found_by_state_channel_kind_and_customer(clerk, rows, query, found):
    listed = clerk.get(f"{reverse(LIST)}?{query}").context["cl"].result_list
    assert [row.kind for row in listed] == found


def test_a_page_shows_the_rest_and_can_change_nothing(clerk, rows):
    answer = clerk.get(reverse(PAGE, args=[rows[1].pk]))
    page = answer.content.decode()
    assert "German" in page
    assert "j***@example.com" in page
    assert EMAIL not in page
    assert 'name="_save"' not in page
    assert clerk.post(reverse(PAGE, args=[rows[1].pk]), {"state": "sent"}).status_code == 403


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_kind_has_a_preview_on_each_of_its_channels(language):
    for kind, channel in EVERY:
        shown = previews.preview(previews.Choice(kind, channel, language, "dark"))
        assert shown.error == "", kind
        assert shown.text, kind
        if channel == Channel.EMAIL:
            assert f'<html lang="{language}"' in shown.html, kind
            assert "prefers-color-scheme" not in shown.html, kind
            assert "" != shown.snippet != shown.subject != "", kind
        else:
            assert shown.size == measure(shown.text), kind


def test_a_mail_is_shown_in_a_frame_where_nothing_runs(clerk, rows):
    answer = clerk.get(reverse(PREVIEWS), {"kind": "password_reset", "language": "ar", "scheme": "dark"})
    page = answer.content.decode()
    assert '<iframe class="cr-dark" sandbox="" title="' in page
    assert "default-src &#x27;none&#x27;" in page
    assert "&lt;html lang=&quot;ar&quot; dir=&quot;rtl&quot;&gt;" in page
    assert "<h1 class=" not in page
    assert EMAIL not in page
    assert page.count("SAMPLE-SAMPLE") > 1
    assert "Choose a new password" in page


def test_a_text_message_is_shown_with_its_size(clerk):
    page = clerk.get(reverse(PREVIEWS), {"kind": "code_login", "channel": "sms"}).content.decode()
    assert "123456 is your login code\n\n@shop.example.com #123456" in page
    assert "GSM-7" in page
    assert "<iframe" not in page


@pytest.mark.parametrize("asked", [{}, {"kind": "phone_change"}, {"language": "xx", "scheme": "<b>", "channel": "fax"}])
def test_what_there_is_not_is_left_to_the_first(clerk, asked):
    answer = clerk.get(reverse(PREVIEWS), asked)
    assert answer.context["choice"] == previews.Choice(samples.kinds(Channel.EMAIL)[0], Channel.EMAIL, "en", "light")


def test_a_projects_own_template_is_previewed_and_its_mistakes_are_told(clerk, configure, settings, tmp_path):
    (tmp_path / "mine.html").write_text("<b>{{ otp }}</b><script>x</script>")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    configure(EMAIL_VERIFICATION={"TEMPLATE": "mine.html", "SUBJECT": "Hi {{ customer_name }}"})
    asked = {"kind": "email_verification"}
    shown = clerk.get(reverse(PREVIEWS), asked).context["preview"]
    assert (shown.subject, shown.snippet) == ("Hi Ada", "123456")
    assert shown.html == f"{previews.GUARD}<b>123456</b><script>x</script>"
    configure(EMAIL_VERIFICATION={"TEMPLATE": "absent.html"})
    page = clerk.get(reverse(PREVIEWS), asked).content.decode()
    assert "TemplateDoesNotExist: absent.html" in page
    assert "<iframe" not in page


def test_previews_are_for_those_who_may_look_at_messages(staff):
    assert staff("view").client.get(reverse(PREVIEWS)).status_code == 403


def test_a_scheme_is_shown_whatever_the_readers_own_is():
    mail = "@media (prefers-color-scheme: dark) {} @media (prefers-color-scheme:light) {}"
    assert previews.framed(mail, "dark").endswith("@media (min-width: 0) {} @media (max-width: 0) {}")
    assert previews.framed(mail, "light").endswith("@media (max-width: 0) {} @media (min-width: 0) {}")
