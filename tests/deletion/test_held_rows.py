"""Somebody who stays while another transaction holds their request: told to try again, and nothing is used up."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
from django.db import connection, connections, transaction

from customer_registration.models import AccountDeletionRequest, AccountEvent, OtpVerification
from customer_registration.models.integrity import locked
from tests.conftest import last_code, link_token, messages_to
from tests.deletion.conftest import CANCEL_CONFIRM, CANCEL_REQUEST, EMAIL

UNDO = "/store/customers/contact/undo"

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def shared_database():
    """Skip where a thread would have an empty database of its own."""
    if connection.vendor == "sqlite":
        pytest.skip("threads cannot share SQLite's :memory:; set TEST_DATABASE_URL to a PostgreSQL or MariaDB")


@contextmanager
def held():
    """Hold every request, as a reminder or an erasure does."""
    holds, over = Event(), Event()

    def hold():
        try:
            with transaction.atomic():
                assert list(locked(AccountDeletionRequest.objects.all()))
                holds.set()
                assert over.wait(timeout=30)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert holds.wait(timeout=30)
        try:
            yield
        finally:
            over.set()
            holding.result()


def is_to_try_again(answer):
    return (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, "throttled", "1")


def test_e16_the_code_stays_good(api, leaving, ask_to_stay):
    jane = leaving()
    proof = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    with held():
        assert is_to_try_again(api.post(CANCEL_CONFIRM, proof))
        assert jane.request.status == "confirmed"
    assert api.post(CANCEL_CONFIRM, proof).status_code == 200
    assert AccountEvent.objects.filter(kind="deletion_cancelled").count() == 1


def test_a_right_code_that_comes_again_and_again_meanwhile_is_no_guess(api, leaving, ask_to_stay):
    leaving()
    proof = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    with held():
        assert [api.post(CANCEL_CONFIRM, proof).status_code for _ in range(12)] == [429] * 12
    assert api.post(CANCEL_CONFIRM, proof).status_code == 200


def test_e16_the_link_of_an_undo_stays_good(api, verified, change_contact, leave):
    person, stolen = verified()
    leave(change_contact(stolen, email="thief@example.net"), "thief@example.net")
    link = {"token": link_token(EMAIL)}
    with held():
        assert is_to_try_again(api.post(UNDO, link))
        assert person.row.email == "thief@example.net"
    assert api.post(UNDO, link).status_code == 200
    assert (person.row.email, person.row.deletion_scheduled_at) == (EMAIL, None)


def test_a_code_that_is_asked_for_meanwhile_goes_to_nobody_and_is_answered_alike(api, leaving):
    """Or the erasure would leave it behind, with the address."""
    leaving()
    sent = len(messages_to(EMAIL))
    with held():
        answer = api.post(CANCEL_REQUEST, {"email": EMAIL})
    assert len(messages_to(EMAIL)) == sent
    row = OtpVerification.objects.get(purpose="account_deletion_cancel")
    assert (row.customer, row.destination) == (None, "")
    unknown = api.post(CANCEL_REQUEST, {"email": "nobody@example.com"})
    assert (answer.status_code, unknown.status_code) == (200, 200)
    assert list(answer.json()) == list(unknown.json())
    proof = {"token": answer.json()["token"], "code": "000000"}
    assert api.post(CANCEL_CONFIRM, proof).json()["attempts_remaining"] == 4
