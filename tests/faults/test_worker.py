"""A worker is killed in the middle of a send: the next one takes the row up, with the same code."""

import re

import pytest

from tests.faults.conftest import NEED_SERVERS
from tests.faults.servers import wait_for
from tests.faults.shop import kill
from tests.faults.test_providers import PHONE, order, provider  # noqa: F401  # fixture

pytestmark = NEED_SERVERS

SMS = {"CHANNELS": {"sms": ["tests.faults.providers.SMSBackend"]}}
ROWS = "SELECT state, tries FROM customer_registration_outboxmessage ORDER BY id"


@pytest.fixture(scope="module")
def shop(open_shop, broker, provider):  # noqa: F811
    return open_shop(options=SMS, CELERY_BROKER_URL=broker.url, PROVIDER_PORT=str(provider.server_port))


def test_f_worker_killed_mid_send_loses_no_code_and_sends_one_twice_at_most(shop, provider):  # noqa: F811
    provider.answer = "hang"
    with shop.web(workers=1):
        with shop.worker(beat=False) as worker:
            flow = order(shop, "phone", phone=PHONE)
            wait_for(lambda: provider.requests, shop.log("worker"))
            kill(worker)
        assert shop.database.sql(ROWS) == [("queued", 1)]
        provider.answer = 200
        shop.manage("deliver_messages")
        assert len(provider.requests) == 1, "the killed worker's lease still holds"
        shop.let_time_pass()
        with shop.worker():
            wait_for(lambda: shop.database.sql(ROWS) == [("sent", 2)], shop.log("worker"))
        (_, first), (_, second) = provider.requests
        assert first == second
        assert shop.verify(flow, re.search(r"\d{6}", second)[0]).status == 200
