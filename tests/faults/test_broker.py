"""The broker is stopped and started under load: nobody notices, and every code arrives."""

import os
import sys
import time

from tests.faults.conftest import NEED_SERVERS
from tests.faults.servers import wait_for
from tests.faults.shop import crowd

pytestmark = NEED_SERVERS

SECONDS = float(os.environ.get("FAULT_SECONDS", "4"))  # the row of the table says 30


def test_f_broker_down_under_load_fails_no_request_and_loses_no_code(broker, limiter, open_shop):
    shop = open_shop(CELERY_BROKER_URL=broker.url, REDIS_URL=limiter.url)
    flows = {}

    def order(name):
        email = f"{name}@example.com"
        flows[email] = shop.send_code(shop.sign_up(email)).body["token"]

    with shop.open():
        with crowd(order):
            wait_for(lambda: len(flows) > 6, "nobody came before the fault")
            before = len(flows)
            broker.stop()
            time.sleep(SECONDS)
            during = len(flows) - before
            broker.start()
            wait_for(lambda: len(flows) > before + during + 6, "nobody came after the fault")
        assert during > 6, "nobody came during the fault"
        assert set(shop.statuses()) == {200}
        wait_for(lambda: set(shop.delivered()) == set(flows), shop.log("worker"))
        codes = shop.delivered()
        assert {len(each) for each in codes.values()} == {1}
        assert {shop.verify(flow, codes[email][0]).status for email, flow in flows.items()} == {200}
    queued = "SELECT count(*) FROM customer_registration_outboxmessage WHERE state <> 'sent'"
    assert shop.database.value(queued) == 0
    slowest = max(answer.seconds for answer in shop.answers)
    asked = f"{before} before, {during} in {SECONDS:g} s without a broker, {len(flows)} in all"
    sys.stdout.write(f"codes asked for: {asked}; delivered {len(codes)}, each once; slowest request {slowest:.1f} s\n")
