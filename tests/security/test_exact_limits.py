"""On Redis the numbers are exact: of 24 threads in four processes as many pass as may, over HTTP."""

import random
import uuid
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from django.db import connection

from customer_registration.models import OtpVerification
from tests.conftest import wrong
from tests.security.crowd import OPTIONS, PROCESSES, REDIS_URL, THREADS, open_shop, rush

TIMES = 3
ATTEMPTS = THREADS * TIMES
LOGIN, GENERATE, VERIFY = "/auth/customer/emailpass", "/auth/customer/otp/generate", "/auth/customer/otp/verify"

pytestmark = [
    pytest.mark.redis,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not REDIS_URL, reason="TEST_REDIS_URL names no Redis server"),
]


@pytest.fixture(scope="module")
def pool(django_db_setup):
    """Start the processes once."""
    if connection.vendor == "sqlite":
        pytest.skip("processes cannot share SQLite's :memory:; set TEST_DATABASE_URL to a PostgreSQL or MariaDB")
    context = get_context("spawn")
    prepared = (connection.settings_dict["NAME"], context.Barrier(THREADS))
    with ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=open_shop, initargs=prepared) as processes:
        yield processes


@pytest.fixture
def crowd(pool):
    """Post from everywhere at once, from an address that nobody else has; count the answers."""
    address = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"

    def run(path, body, *, broken=False):
        turns = [pool.submit(rush, path, body, address, TIMES, broken) for _ in range(PROCESSES)]
        return sum((turn.result() for turn in turns), Counter())

    return run


@pytest.fixture
def somebody():
    """Return an address that no other run has counted."""
    return f"{uuid.uuid4()}@example.com"


@pytest.fixture
def a_guess(api, configure, somebody):
    """Return a wrong code for somebody, to be brought to the flow that was begun for it."""
    configure(**OPTIONS)
    flow = api.post(GENERATE, {"identifier": somebody}).json()["token"]
    return {"identifier": somebody, "otp": wrong(OtpVerification.objects.get().code()), "token": flow}


def test_five_wrong_passwords(crowd, somebody):
    answers = crowd(LOGIN, {"email": somebody, "password": "wrong password"})
    assert answers == {"401": 5, "429 throttled": ATTEMPTS - 5}


def test_five_codes_an_hour(crowd, somebody):
    answers = crowd(GENERATE, {"identifier": somebody})
    assert answers == {"200": 5, "429 throttled": ATTEMPTS - 5}
    assert OtpVerification.objects.count() == 5


def test_ten_wrong_codes_a_day(crowd, a_guess):
    answers = crowd(VERIFY, a_guess)
    guessed = OtpVerification.objects.get().attempts
    assert (answers["400 otp_invalid"], guessed) == (10, 10)
    assert answers["400 otp_attempts_exceeded"] + answers["429 throttled"] == ATTEMPTS - 10


def test_a_counter_that_reads_and_then_writes_would_let_more_through(crowd, somebody):
    answers = crowd(LOGIN, {"email": somebody, "password": "wrong password"}, broken=True)
    assert answers["401"] > 5
