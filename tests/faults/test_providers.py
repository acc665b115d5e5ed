"""Mail servers and SMS providers that hang, refuse and fail: the request never waits, and the next backend sends it."""

import threading

import pytest

from tests.faults.conftest import NEED_SERVERS
from tests.faults.providers import SilentMailServer
from tests.faults.servers import wait_for
from tests.flows.provider import Provider

pytestmark = NEED_SERVERS

NEXT = "example_project.inbox.backends.SMSBackend"  # writes down what it is given, e-mails too
CHANNELS = {"email": ["django", NEXT], "sms": ["tests.faults.providers.SMSBackend", NEXT]}
PHONE = "+12025550123"
PATIENCE_SECONDS = 4  # with the machine under load; a provider that hangs holds its caller for longer


@pytest.fixture(scope="module")
def mail_server():
    server = SilentMailServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def provider():
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def shop(open_shop, broker, mail_server, provider):
    """A shop with a worker and two backends on each channel, the first of which is about to fail."""
    shop = open_shop(
        options={"CHANNELS": CHANNELS},
        CELERY_BROKER_URL=broker.url,
        EMAIL_URL=f"smtp://127.0.0.1:{mail_server.port}",
        EMAIL_TIMEOUT="2",  # well under the first pause, which counts from the beginning of a try
        PROVIDER_PORT=str(provider.server_port),
    )
    with shop.open(web_workers=1):
        yield shop


def row_of(shop, tries):
    """Return state, last error and pause in seconds of the newest message, once it was tried so often."""
    found = wait_for(
        lambda: shop.database.sql(
            "SELECT state, last_error, extract(epoch FROM next_attempt_at - now())"
            " FROM customer_registration_outboxmessage WHERE tries >= %s AND (last_error <> '' OR state = 'sent')"
            " AND id = (SELECT max(id) FROM customer_registration_outboxmessage)",
            tries,
        ),
        shop.log("worker"),
    )
    [(state, error, pause)] = found
    return state, error, round(pause)


def order(shop, kind, name="jane", **contact):
    """Let somebody ask for a code, and return its flow token."""
    token = shop.register(f"{name}@example.com")
    customer = shop.post("/store/customers", contact, token).body["customer"]
    answer = shop.send_code(customer["id"], kind)
    assert answer.status == 200, answer
    assert answer.seconds < PATIENCE_SECONDS
    return answer.body["token"]


def tried_again(shop, tries):
    """Let the pause be over, and return the row of the next try."""
    shop.let_time_pass()
    return row_of(shop, tries)


def test_f_provider_mail_server_that_hangs_then_refuses_gives_way_to_the_next_backend(shop, mail_server):
    flow = order(shop, "email")
    state, error, pause = row_of(shop, 1)
    assert (state, len(mail_server.callers)) == ("queued", 1)
    assert "timed out" in error
    assert pause <= 5
    mail_server.close()
    state, error, pause = tried_again(shop, 2)
    assert (state, error) == ("queued", "ConnectionRefusedError: [Errno 111] Connection refused")
    assert 5 < pause <= 30
    assert tried_again(shop, 3)[0] == "queued"
    assert tried_again(shop, 4)[0] == "sent"
    [code] = shop.delivered()["jane@example.com"]
    assert shop.verify(flow, code).status == 200


def test_f_provider_that_answers_500_and_429_gives_way_to_the_next_backend(shop, provider):
    provider.answer = 500
    flow = order(shop, "phone", "joe", phone=PHONE)
    assert row_of(shop, 1)[:2] == ("queued", "DeliveryError: the provider answered 500")
    provider.answer = 429
    state, error, pause = tried_again(shop, 2)
    assert (state, error) == ("queued", "DeliveryError: the provider answered 429")
    assert 5 < pause <= 30
    provider.headers = {"Retry-After": "3600"}  # longer than a code lives: the next backend does not wait for it
    tried_again(shop, 3)
    wait_for(lambda: row_of(shop, 4)[0] == "sent", shop.log("worker"))
    assert len(provider.requests) == 3
    [code] = shop.delivered()[PHONE]
    assert all(code in body for _, body in provider.requests)
    assert shop.verify(flow, code).status == 200
