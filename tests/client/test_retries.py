"""Which requests are sent again, and when."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import anyio
import httpx
import pytest
import time_machine

from customer_registration.client import AsyncStorefrontClient, Call, StorefrontClient, StorefrontError
from tests.client import answers as a

OK = {"status_code": 200, "json": {}}
NOTHING_SENT = [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("busy")]
ANSWER_LOST = [
    httpx.ReadTimeout("slow"),
    httpx.ReadError("cut"),
    httpx.WriteError("cut"),
    httpx.RemoteProtocolError("hung up"),
]


def busy(retry_after=None, status=429):
    """Return the answer of a server that wants to be asked again, after seconds or at a date."""
    headers = [] if retry_after is None else [(b"retry-after", str(retry_after).encode())]
    return {"status_code": status, "json": {"type": "too_many_requests", "message": "Later"}, "headers": headers}


def call(method="POST"):
    return Call(method=method, path="/store/x", read=dict)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_short_wait_is_waited(visit, shop, method, status):
    shop.will(busy(3, status), busy(5, status), OK)
    assert visit().run(call(method)) == {}
    assert shop.slept == [3, 5]
    assert [request.method for request in shop.requests] == [method] * 3


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "retry_after", [6, "9" * 5000, "-1", "1.5", "soon", "", None, "Mon, 99 Nov 2026 25:00:00 GMT", "\u0663"]
)
def test_a_long_wait_and_nonsense_are_not(visit, shop, status, retry_after):
    shop.will(busy(retry_after, status), OK)
    with pytest.raises(StorefrontError) as caught:
        visit().run(call())
    assert len(shop.requests) == 1
    assert shop.slept == []
    assert caught.value.retry_after == (6 if retry_after == 6 else None)


@pytest.mark.parametrize(("seconds", "pause"), [(4, 4), (0, 0), (-100, 0)])
def test_the_wait_may_be_a_date(visit, shop, seconds, pause):
    now = datetime(2026, 11, 21, 23, 13, 10, tzinfo=UTC)
    shop.will(busy(format_datetime(now + timedelta(seconds=seconds), usegmt=True)), OK)
    with time_machine.travel(now, tick=False):
        visit().run(call())
    assert shop.slept == [pause]


def test_part_of_a_second_is_a_second_and_minus_zero_is_utc(visit, shop):
    with time_machine.travel(a.AT, tick=False):  # …10.821
        shop.will(busy("Sat, 21 Nov 2026 23:13:12 -0000"), OK)
        visit().run(call())
    assert shop.slept == [2]


def test_a_date_far_away_is_told(visit, shop):
    with time_machine.travel(a.AT, tick=False):
        shop.will(busy("Sat, 21 Nov 2026 23:14:11 GMT"))
        with pytest.raises(StorefrontError) as caught:
            visit().run(call())
    assert caught.value.retry_after == 61
    assert shop.slept == []


@pytest.mark.parametrize(("retries", "requests"), [(0, 1), (1, 2), (2, 3)])
@pytest.mark.parametrize("trouble", [busy(1), httpx.ConnectError("refused")], ids=["busy", "unreachable"])
def test_there_is_an_end_to_it(visit, shop, trouble, retries, requests):
    shop.will(trouble)
    with pytest.raises(StorefrontError):
        visit(max_retries=retries).run(call())
    assert len(shop.requests) == requests
    assert len(shop.slept) == retries


def test_two_retries_are_the_default(visit, shop):
    shop.will(busy(1))
    with pytest.raises(StorefrontError):
        visit().run(call())
    assert len(shop.requests) == 3


def test_patience_is_an_option(visit, shop):
    shop.will(busy(60), OK)
    visit(max_wait=60).run(call())
    assert shop.slept == [60]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("failure", NOTHING_SENT, ids=repr)
def test_what_was_never_sent_is_sent_again(visit, shop, method, failure):
    shop.will(failure, failure, OK)
    assert visit().run(call(method)) == {}
    assert shop.slept == [0.5, 1.0]


def test_pauses_of_ones_own_are_no_longer_than_the_patience(visit, shop):
    shop.will(*[httpx.ConnectError("refused")] * 4, OK)
    visit(max_retries=4, max_wait=1.5).run(call())
    assert shop.slept == [0.5, 1.0, 1.5, 1.5]


@pytest.mark.parametrize("failure", ANSWER_LOST, ids=repr)
def test_a_lost_answer_is_asked_for_again_by_get_alone(visit, shop, failure):
    shop.will(failure, OK)
    assert visit().run(call("GET")) == {}
    shop.will(failure, OK)
    for method in ("POST", "DELETE"):
        shop.will(failure, OK)
        before = len(shop.requests)
        with pytest.raises(StorefrontError):
            visit().run(call(method))
        assert len(shop.requests) == before + 1


@pytest.mark.parametrize("status", [400, 401, 408, 500, 502, 504])
def test_no_other_answer_is_tried_again(visit, shop, status):
    shop.will(busy(1, status), OK)
    with pytest.raises(StorefrontError):
        visit().run(call())
    assert len(shop.requests) == 1


def test_retries_count_for_one_call_each(visit, shop):
    visitor = visit(max_retries=1)
    for _ in range(3):
        shop.will(busy(1), OK)
        visitor.run(call())
    assert shop.slept == [1, 1, 1]


def test_a_token_that_changes_meanwhile_is_the_one_sent(visit, shop):
    class Pauses(list):
        def append(self, seconds):
            visitor.client.token = "renewed"

    shop.slept = Pauses()
    visitor = visit(token="old")
    shop.will(busy(0), OK)
    visitor.run(call())
    assert [request.headers["authorization"] for request in shop.requests] == ["Bearer old", "Bearer renewed"]


def test_the_async_client_waits_in_its_event_loop(shop):
    async def run():
        async with AsyncStorefrontClient("https://shop.example.com", transport=httpx.MockTransport(shop)) as client:
            return await client.run(call())

    shop.will(busy(0), OK)
    assert asyncio.run(run()) == {}
    assert len(shop.requests) == 2


def test_each_client_sleeps_in_its_own_way(shop):
    transport = httpx.MockTransport(shop)
    assert StorefrontClient("https://shop.example.com", transport=transport)._sleep is time.sleep
    assert AsyncStorefrontClient("https://shop.example.com", transport=transport)._sleep is anyio.sleep
