"""Text messages by Apprise, against a provider over HTTP, and the fallback chain."""

import json
import re
import threading
import time
import warnings
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from customer_registration import messaging, receivers
from customer_registration.messaging.backends import apprise, locmem
from customer_registration.messaging.backends.base import DeliveryError, Message
from customer_registration.models import OutboxMessage
from tests.flows.provider import Provider

pytestmark = pytest.mark.django_db
BACKENDS = "customer_registration.messaging.backends"
PHONE, DIGITS = "+12025550123", "12025550123"
MESSAGE = Message("sms", PHONE, "Your code is 482913")
LONGEST_HOST = ".".join(["a" * 61] * 4) + ".test"


class Backup(apprise.SMSBackend):
    """A second provider, as the docs have it."""

    setting = "APPRISE_BACKUP_URL"


@pytest.fixture
def make_provider():
    """Start providers."""
    started = []

    def make():
        provider = Provider()
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        started.append((provider, thread))
        return provider

    yield make
    for provider, thread in started:
        provider.closing.set()
        provider.shutdown()
        thread.join()
        provider.server_close()
    for thread in threading.enumerate():
        if isinstance(thread, apprise._Handover):
            thread.join(5)


@pytest.fixture
def provider(make_provider, settings):
    """The provider of ``APPRISE_URL``."""
    provider = make_provider()
    settings.APPRISE_URL = provider.url()
    return provider


@pytest.fixture(scope="module", autouse=True)
def load_apprise():
    """Load the plugins once; one of them looks for the deprecated ``imghdr``, and warnings are errors here."""
    from apprise import Apprise

    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        Apprise.instantiate("json://localhost")


@pytest.fixture(autouse=True)
def clear():
    locmem.outbox.clear()


def try_now(message):
    """Deliver, whatever the back-off says, and return the seconds until the next try."""
    began = timezone.now()
    OutboxMessage.objects.update(next_attempt_at=began)
    messaging.deliver(message.pk)
    message.refresh_from_db()
    return round((message.next_attempt_at - began).total_seconds())


def test_apprise_delivers_the_text_to_the_digits(queued_text, through, provider):
    through("apprise")
    assert messaging.deliver(queued_text.pk) is True
    [(path, _)] = provider.requests
    assert path.split("?")[0] == f"/sms/{DIGITS}"
    assert provider.texts == [
        f"{queued_text.otp.code()} is your verification code\n\n@shop.example.com #{queued_text.otp.code()}"
    ]


def test_a_destination_cannot_leave_its_place_in_the_url(provider):
    apprise.SMSBackend().send(Message("sms", "+1/../?to=@evil", "x"))
    assert provider.requests[0][0].split("?")[0].startswith("/sms/1")


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_refusal_is_tried_again_with_back_off(queued_text, through, provider, status):
    through("apprise")
    provider.answer = status
    assert [try_now(queued_text) for _ in range(3)] == [5, 30, 120]
    assert (queued_text.state, queued_text.last_error) == (
        "queued",
        f"DeliveryError: Apprise could not deliver: status {status}",
    )
    provider.answer = 200
    try_now(queued_text)
    assert (queued_text.state, queued_text.tries, queued_text.last_error) == ("sent", 4, "")
    assert len(provider.requests) == 4
    assert len(set(provider.texts)) == 1, "the same code each time"


@pytest.mark.parametrize("answer", [429, 500, "hang"])
def test_the_next_provider_gets_what_the_first_gives_up(
    queued_text, through, provider, make_provider, settings, answer
):
    through("apprise", f"{__name__}.Backup")
    backup = make_provider()
    settings.APPRISE_BACKUP_URL = backup.url()
    provider.answer = answer
    for _ in range(4):
        assert backup.requests == []
        try_now(queued_text)
    assert (queued_text.state, queued_text.tries) == ("sent", 4)
    assert (len(provider.requests), len(backup.requests)) == (3, 1)


def test_a_provider_that_hangs_is_given_up_on(queued_text, through, provider):
    through("apprise")
    provider.answer = "hang"
    began = time.perf_counter()
    assert try_now(queued_text) == 5
    assert time.perf_counter() - began < 10
    assert queued_text.last_error == "DeliveryError: Apprise could not deliver: no answer"


def test_a_provider_that_drips_is_given_up_on(queued_text, through, provider, monkeypatch):
    monkeypatch.setattr(apprise, "PATIENCE_SECONDS", 0.6)
    through("apprise")
    provider.answer = "drip"  # each byte comes in time, the last one never
    began = time.perf_counter()
    try_now(queued_text)
    assert time.perf_counter() - began < 10
    assert queued_text.last_error == "DeliveryError: Apprise was not done after 0.6 s"


def test_patience_ends_within_what_the_base_class_allows_and_before_the_lease():
    assert apprise.PATIENCE_SECONDS <= 30 < messaging.delivery.LEASE.total_seconds()


def test_a_provider_that_hangs_holds_up_no_request(sign_up, send_code, through, provider, settings, monkeypatch):
    from customer_registration.tasks import deliver_message

    published = []
    monkeypatch.setattr(receivers, "_has_broker", lambda app: True)
    monkeypatch.setattr(receivers, "publisher", receivers.Publisher())
    monkeypatch.setattr(deliver_message, "apply_async", lambda arguments, **options: published.append(arguments))
    through("apprise")
    provider.answer = "hang"
    settings.APPRISE_URL = provider.url("rto=20")
    person = sign_up(phone=PHONE)
    began = time.perf_counter()
    send_code(person, "phone")
    assert time.perf_counter() - began < 5
    assert receivers.publisher.flush()
    assert published == [(OutboxMessage.objects.get().pk,)]
    assert provider.requests == []


def test_a_provider_that_is_gone_is_tried_again(queued_text, through, settings):
    through("apprise")
    settings.APPRISE_URL = "json://127.0.0.1:9/{to}"
    assert try_now(queued_text) == 5
    assert queued_text.state == "queued"


@pytest.mark.parametrize("url", [None, "", "json://127.0.0.1/sms"])
def test_a_url_without_a_place_for_the_number_sends_nothing(settings, url):
    settings.APPRISE_URL = url
    with pytest.raises(ImproperlyConfigured, match=re.escape("APPRISE_URL must be an Apprise URL with {to}")):
        apprise.SMSBackend().send(MESSAGE)


def test_a_url_that_apprise_does_not_know_is_not_repeated(settings):
    settings.APPRISE_URL = "nosuch://s3cret@host/{to}"
    with pytest.raises(DeliveryError) as caught:
        apprise.SMSBackend().send(MESSAGE)
    assert str(caught.value) == "Apprise could not deliver: it knows no such URL"


def test_what_a_plugin_raises_is_not_repeated(settings, monkeypatch):
    from apprise import Apprise

    def fail(url):
        raise ValueError(url)

    monkeypatch.setattr(Apprise, "instantiate", fail)
    settings.APPRISE_URL = "json://s3cret@host/{to}"
    with pytest.raises(DeliveryError) as caught:
        apprise.SMSBackend().send(MESSAGE)
    assert str(caught.value) == "Apprise could not deliver: ValueError"


@pytest.mark.parametrize("answer", [200, 500, "hang", "gone"])
def test_neither_log_nor_row_holds_number_code_or_password(queued_text, through, provider, settings, caplog, answer):
    through("apprise")
    provider.answer = answer
    if answer == "gone":
        settings.APPRISE_URL = "json://shop:pass-w0rd@127.0.0.1:9/{to}"
    with caplog.at_level(1), caplog.at_level(1, logger="apprise"), caplog.at_level(1, logger="urllib3"):
        try_now(queued_text)
    kept = caplog.text + queued_text.last_error
    assert kept or answer == 200
    for secret in (DIGITS, queued_text.otp.code(), "pass-w0rd"):
        assert secret not in kept


def test_a_projects_own_use_of_apprise_is_logged_as_ever(provider, caplog):
    from apprise import Apprise

    apprise.SMSBackend().send(MESSAGE)
    with caplog.at_level("INFO", logger="apprise"):
        assert Apprise.instantiate(f"json://{provider.host}").notify(body="stock is low")
    assert "Sent JSON POST notification." in caplog.text


# A backend of the project's own.


def test_the_backend_in_the_docs_is_the_one_tested_here():
    docs = (Path(__file__).parents[2] / "docs" / "messages.md").read_text()
    example = next(block for block in re.findall(r"```python\n(.*?)```", docs, re.DOTALL) if "AcmeBackend(" in block)
    assert example.removeprefix("# shop/acme.py\n") == Path(__file__).with_name("acme.py").read_text()


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "voice"])
def test_a_channel_is_only_another_entry(sign_up, send_code, configure, settings, provider, channel):
    settings.ACME_URL = f"http://{provider.host}/"
    configure(CHANNELS={channel: ["tests.flows.acme.AcmeBackend"]}, PHONE_VERIFICATION={"CHANNEL": channel})
    send_code(sign_up(phone=PHONE), "phone")
    message = OutboxMessage.objects.get()
    assert (message.state, message.last_error) == ("sent", "")
    sent = json.loads(provider.requests[0][1])
    assert (sent["to"], sent["channel"]) == (PHONE, channel)
    assert sent["text"].startswith(f"{message.otp.code()} is your verification code")
    assert ("@shop.example.com #" in sent["text"]) == (channel == "sms"), "WebOTP is a matter of SMS"


@pytest.mark.parametrize(("status", "fallen_back"), [(403, True), (503, False)])
def test_the_docs_backend_fails_for_good_or_for_now(queued_text, through, settings, provider, status, fallen_back):
    settings.ACME_URL = f"http://{provider.host}/"
    through("tests.flows.acme.AcmeBackend", "locmem")
    provider.answer = status
    messaging.deliver(queued_text.pk)
    queued_text.refresh_from_db()
    assert queued_text.last_error == f"DeliveryError: Acme answered {status}"
    assert messaging.deliver(queued_text.pk) is fallen_back
