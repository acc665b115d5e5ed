"""A worker is killed in the middle of a send or of a batch: the next one takes the rows up, with the same codes."""

import re
from collections import Counter

import pytest

from tests.faults.conftest import NEED_SERVERS
from tests.faults.servers import wait_for
from tests.faults.shop import kill
from tests.faults.test_providers import PHONE, order, provider  # noqa: F401  # fixture

pytestmark = NEED_SERVERS

SMS = {"CHANNELS": {"sms": ["tests.faults.providers.SMSBackend"]}}
BACKLOG, KILLED_AFTER = 60, 20
HALF_A_SECOND = 6  # texts at most, where each takes a tenth of one: the last may begin at its very end
CODES = """INSERT INTO customer_registration_otpverification (id, purpose, subject, channel, destination, nonce,
    attempts, attempts_open, max_attempts, expires_at, payload, created_at)
SELECT lpad(n::text, 26, '0'), 'phone_verification', '', 'sms', '+' || 12022000000 + n, decode(md5(n::text), 'hex'),
    0, 0, 5, now() + interval '15 minutes', '{}', now() FROM generate_series(1, %s::int) AS n"""
MESSAGES = """INSERT INTO customer_registration_outboxmessage (kind, channel, destination, otp_id, context, language,
    state, tries, next_attempt_at, last_error, created_at)
SELECT purpose, channel, destination, id, '{}', 'en', 'queued', 0, now(), '', now()
FROM customer_registration_otpverification WHERE id < '001'"""
CLOSED = "SELECT count(*) FROM customer_registration_outboxmessage WHERE state = 'sent' AND otp_id < '001'"
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


def test_f_worker_killed_within_a_batch_sends_half_a_second_of_it_twice_at_most(shop, provider):  # noqa: F811
    provider.answer, provider.pause = 200, 0.1
    provider.requests.clear()
    shop.database.sql(CODES, BACKLOG)
    shop.database.sql(MESSAGES)
    with shop.sweep() as process:
        wait_for(lambda: len(provider.requests) >= KILLED_AFTER, shop.log("sweep"))
        kill(process)
    assert len(provider.requests) - HALF_A_SECOND <= shop.database.value(CLOSED) < BACKLOG
    provider.pause = 0.0
    shop.let_time_pass()
    shop.manage("deliver_messages")
    assert shop.database.value(CLOSED) == BACKLOG
    texts = Counter(provider.requests)
    assert len({number for number, _ in texts}) == len(texts) == BACKLOG, "each has the code that it had before"
    assert max(texts.values()) <= 2
    assert texts.total() <= BACKLOG + HALF_A_SECOND
