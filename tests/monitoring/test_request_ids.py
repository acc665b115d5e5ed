"""A request id: made or believed, on the answer, on every record of the request, and along with its task."""

import asyncio
import io
import json
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.http import HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from django.urls import path

from customer_registration import receivers, request_ids
from customer_registration.logs import ContextFilter, JsonFormatter
from customer_registration.middleware import RequestIdMiddleware
from customer_registration.models import OutboxMessage
from customer_registration.tasks import deliver_message

HEX = re.compile(r"[0-9a-f]{32}")
logger = logging.getLogger("customer_registration.tests")


def slow(request):
    """Answer with the id before and after others had their turn."""
    before = request_ids.current()
    turn = threading.Event()
    turn.wait(0.02)
    return HttpResponse(f"{before} {request_ids.current()}")


async def slow_async(request):
    """Do the same under ASGI, and in a thread that the view starts."""
    before = request_ids.current()
    await asyncio.sleep(0.02)
    in_a_thread = await sync_to_async(request_ids.current)()
    return HttpResponse(f"{before} {request_ids.current()} {in_a_thread}")


def broken(request):
    """Fail."""
    raise ZeroDivisionError


urlpatterns = [path("slow", slow), path("slow-async", slow_async), path("broken", broken)]


@pytest.fixture
def installed(settings):
    """Put the middleware first, as a project does."""
    settings.MIDDLEWARE = ["customer_registration.middleware.RequestIdMiddleware", *settings.MIDDLEWARE]


@pytest.fixture
def lines():
    """Collect what a handler with our filter and formatter writes, as JSON."""
    written = []

    class Collect(logging.Handler):
        def emit(self, record):
            written.append(json.loads(self.format(record)))

    handler = Collect(logging.DEBUG)
    handler.addFilter(ContextFilter())
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def id_of(header, **options):
    """Return the id that a request with this header is served under."""
    seen = []
    serve = RequestIdMiddleware(lambda request: seen.append(request_ids.current()) or HttpResponse())
    answer = serve(RequestFactory().get("/", headers={"x-request-id": header} if header is not None else {}))
    assert answer.headers["X-Request-ID"] == seen[0]
    assert request_ids.current() == ""
    return seen[0]


def test_one_is_made_and_no_two_are_alike():
    ids = {id_of(None) for _ in range(50)}
    assert len(ids) == 50
    assert all(HEX.fullmatch(each) for each in ids)


def test_nobody_is_believed_without_a_proxy_of_ours(configure):
    assert HEX.fullmatch(id_of("chosen-by-a-client"))
    configure(RATE_LIMITS={"TRUSTED_PROXIES": 1})
    assert id_of("0af7651916cd43dd8448eb211c80319c") == "0af7651916cd43dd8448eb211c80319c"
    assert id_of("Root=1-67891233-abcdef012345678912345678") == "Root=1-67891233-abcdef012345678912345678"


@pytest.mark.parametrize(
    "bad",
    [
        "", "short", "x" * 129, "-" * 20, "with space in", "line\nERROR forged", "line\rERROR forged", "tab\there----",
        "jane@example.com", '"}, "level": "ERROR', "<script>alert(1)</script>", "\x1b[31mred-----", "é" * 20,
        "%0a%0d%0a%0d", "０" * 16,
    ],
)  # fmt: skip
def test_what_could_break_a_log_is_replaced_even_from_a_proxy(configure, bad):
    configure(RATE_LIMITS={"TRUSTED_PROXIES": 1})
    assert HEX.fullmatch(id_of(bad))


@pytest.mark.urls("tests.monitoring.test_request_ids")
def test_threads_do_not_mix_ids(installed):
    def ask(_):
        answer = Client().get("/slow")
        return answer.headers["x-request-id"], answer.content.decode()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(40)))
    assert len({request_id for request_id, _ in answers}) == 40
    assert all(body == f"{request_id} {request_id}" for request_id, body in answers)


@pytest.mark.urls("tests.monitoring.test_request_ids")
def test_requests_that_take_turns_in_one_thread_do_not_mix_ids(settings):
    settings.MIDDLEWARE = ["customer_registration.middleware.RequestIdMiddleware"]

    async def ask():
        answer = await AsyncClient().get("/slow-async")
        return answer.headers["x-request-id"], answer.content.decode()

    async def all_at_once():
        return await asyncio.gather(*(ask() for _ in range(30)))

    answers = asyncio.run(all_at_once())
    assert len({request_id for request_id, _ in answers}) == 30
    assert all(body == f"{request_id} {request_id} {request_id}" for request_id, body in answers)


@pytest.mark.urls("tests.monitoring.test_request_ids")
def test_what_django_says_of_an_answer_has_the_id_too(installed, lines):
    missing = Client().get("/nowhere")
    failed = Client(raise_request_exception=False).get("/broken")
    told = {line["message"]: line for line in lines if line["logger"] == "django.request"}
    assert told["Not Found: /nowhere"]["request_id"] == missing.headers["x-request-id"]
    assert told["Internal Server Error: /broken"]["request_id"] == failed.headers["x-request-id"]
    assert "ZeroDivisionError" in told["Internal Server Error: /broken"]["exception"]


def test_a_record_that_has_one_keeps_it(lines):
    with request_ids.bound("of-the-request"):
        logger.warning("one", extra={"request_id": "of-somebody"})
        logger.warning("two")
    logger.warning("three")
    assert [line.get("request_id") for line in lines] == ["of-somebody", "of-the-request", None]


def test_a_text_format_finds_every_field():
    record = logging.makeLogRecord({"msg": "hello", "levelname": "INFO", "name": "shop"})
    assert ContextFilter().filter(record)
    said = logging.Formatter("%(levelname)s [%(request_id)s] %(event)s %(customer_id)s %(message)s").format(record)
    assert said == "INFO []   hello"


def test_json_has_listed_fields_alone_on_one_line(lines):
    request = SimpleNamespace(path="/x?password=hunter2", request_id="of-the-request")
    logger.error("a\nb %s", "c", extra={"request": request, "event": "x", "password": "hunter2", "seconds": 1.5})
    [line] = lines
    assert {"time", "level", "logger", "message"} <= set(line)
    assert line["message"] == "a\nb c"
    assert (line["event"], line["seconds"], line["request_id"]) == ("x", 1.5, "of-the-request")
    assert "hunter2" not in json.dumps(line)


class Unspeakable:
    """A value of another library's, whose own text fails."""

    def __str__(self):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), {("a", 1): 2}, {"a": [object(), b"b"]}, {1, 2}, Unspeakable(), "\udcff\u2028\x9b31m"],
    ids=["nan", "infinity", "a key that is no text", "an object", "a set", "a text that fails", "an odd text"],
)
def test_no_value_of_others_costs_a_line_or_breaks_it(value, capfd):
    """A line that cannot be written is lost; one that no parser reads, or a terminal obeys, is worse."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormatter())
    handler.handle(logging.makeLogRecord({"msg": "%s", "args": ("\udcff\u2028\x9b31m",), "error": value}))
    out.seek(0)
    [line] = out.read().splitlines()
    assert line.isascii()
    assert json.loads(line, parse_constant=pytest.fail)["message"] == "\udcff\u2028\x9b31m"
    assert capfd.readouterr().err == ""


@pytest.fixture
def broker(monkeypatch):
    """A broker that notes what is published, and by which thread."""
    published = []
    monkeypatch.setattr(receivers, "_has_broker", lambda app: True)
    monkeypatch.setattr(receivers, "publisher", receivers.Publisher())
    monkeypatch.setattr(deliver_message, "apply_async", lambda arguments, **options: published.append(options))
    return published


def test_the_id_travels_with_the_task_though_another_thread_publishes_it(broker, sign_up, send_code, db):
    for request_id in ("of-the-first-request", "of-the-second-one"):
        with request_ids.bound(request_id):
            receivers.enqueue(message_id=1)
    receivers.enqueue(message_id=2)
    assert receivers.publisher.flush()
    ids = [options.get("headers", {}).get("X-Request-ID") for options in broker]
    assert ids == ["of-the-first-request", "of-the-second-one", None]


@pytest.fixture
def run():
    """Run a task as a worker does, with headers as its message has them."""

    def start(message_id, **headers):
        deliver_message.push_request(id="the-task-itself", **headers)
        try:
            return deliver_message(message_id)
        finally:
            deliver_message.pop_request()

    return start


@pytest.mark.parametrize(
    ("brought", "known_as"),
    [("of-the-request", "of-the-request"), (None, "the-task-itself"), ("bad\nid of it", "the-task-itself")],
)
def test_the_delivery_is_logged_under_the_id_of_the_request_that_queued_it(queued, run, lines, brought, known_as):
    run(queued.pk, **({"X-Request-ID": brought} if brought else {}))
    [line] = [line for line in lines if line.get("event") == "message_delivered"]
    assert line["request_id"] == known_as
    assert line["customer_id"] == queued.customer_id
    assert (line["kind"], line["channel"], line["backend"]) == ("email_verification", "email", "django")
    assert line["message_id"] == queued.pk
    assert line["outcome"] == "delivered"
    assert line["tries"] == 1
    assert line["seconds"] >= 0
    assert request_ids.current() == ""
    assert "jane" not in json.dumps(lines)


def test_without_a_broker_the_delivery_has_it_as_well(queued, lines):
    with request_ids.bound("of-the-request"):
        receivers.enqueue(message_id=queued.pk)
    assert [line["request_id"] for line in lines if line.get("event") == "message_delivered"] == ["of-the-request"]


def test_a_project_that_installs_nothing_sees_no_change(api, sign_up, send_code, caplog):
    answer = api.post("/auth/customer/emailpass/register", {"email": "jane@example.com", "password": "correct horse"})
    assert "x-request-id" not in answer.headers
    assert OutboxMessage.objects.count() == 0
    send_code(sign_up("other@example.com"))
    assert OutboxMessage.objects.get().state == "sent"
    assert "Message" not in "".join(record.getMessage() for record in caplog.records if record.levelno > logging.INFO)
