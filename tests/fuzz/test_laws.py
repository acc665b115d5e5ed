"""Each law of the machine can fail: the product is broken, and the step that brings it to light is taken."""

import threading
from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

import pytest
from django.db.models import F

from customer_registration.enums import Purpose
from customer_registration.flows import claims, gates, identities, password_change, sessions
from customer_registration.flows.deletion.executor import Run
from customer_registration.flows.passwordless import login
from customer_registration.models import AccountDeletionRequest, Customer, prepared
from customer_registration.models.customer import CustomerQuerySet
from customer_registration.models.otp_verification import OtpVerificationQuerySet
from customer_registration.tokens import CodeToken
from tests.fuzz.people import CONTACTS, JANE, JOE, STRANGER, Secret
from tests.fuzz.sessions import WholeLife

EMAIL = CONTACTS[JANE][0]


@pytest.fixture
def life(machine: Callable[..., type[WholeLife]]) -> Iterator[WholeLife]:
    """A shop with Jane in it."""
    life = machine("email", verifying=True)()
    life.sign_up(JANE)
    yield life
    life.teardown()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replace a function of the product by one that is given it first; no SQL stays that was put together before."""
    monkeypatch.setattr(prepared, "_of_this_thread", threading.local())

    def replace(where: Any, name: str, how: Callable[..., Any]) -> None:
        original = getattr(where, name)
        monkeypatch.setattr(where, name, lambda *args, **options: how(original, *args, **options))

    return replace


def newest(life: WholeLife, who: str, purpose: str) -> Secret:
    """Return the last secret of a purpose that somebody was sent."""
    return [each for each in life.readable(who) if each.purpose == purpose][-1]


def seen(law: str) -> Any:
    """Expect that a law is seen to be broken."""
    return pytest.raises(AssertionError, match=law)


def test_a_code_is_used_once(life: WholeLife, broken: Callable[..., None]) -> None:
    for rows_that_may_prove in ("live", "usable"):  # the guess is counted on the one, the code used up on the other
        broken(OtpVerificationQuerySet, rows_that_may_prove, lambda _, rows, now: rows.filter(expires_at__gt=now))
    with seen("a session was earned"):
        life._bring(JANE, newest(life, JANE, "email_verification"))


def test_guesses_are_counted(life: WholeLife, broken: Callable[..., None]) -> None:
    life.ask_for_a_change(JANE, 0, CONTACTS[JANE][1])
    broken(OtpVerificationQuerySet, "spend_attempt", lambda *_, **__: True)
    life.guess(JANE, 0, 5)
    with seen("email was set"):
        life._bring(JANE, newest(life, JANE, "email_change"))


def test_no_code_has_more_guesses_than_it_may(life: WholeLife, broken: Callable[..., None]) -> None:
    def count(_: Any, rows: Any, row_id: str, **options: Any) -> bool:
        return bool(rows.filter(pk=row_id).update(attempts_open=F("max_attempts") + 1))

    broken(OtpVerificationQuerySet, "spend_attempt", count)
    life.ask_for_a_change(JANE, 0, CONTACTS[JANE][1])
    with seen("more guesses than it may"):
        life.guess(JANE, 0, 1)


def test_a_grant_is_used_once(life: WholeLife, broken: Callable[..., None]) -> None:
    life.go_all_the_way(JOE, "code registration", 0)
    broken(OtpVerificationQuerySet, "use_grant", lambda *_, **__: True)
    life.use_a_grant(JOE, 0)
    with seen("a token without an actor was earned"):
        life.use_a_grant(JOE, 0)


def test_codes_die_with_the_password(life: WholeLife, broken: Callable[..., None]) -> None:
    life.ask_for_a_change(JANE, 0, CONTACTS[JANE][1])
    broken(OtpVerificationQuerySet, "retire_codes", lambda *_, **__: 0)
    life.change_password(JANE, 0, 0)
    with seen("email was set"):
        life._bring(JANE, newest(life, JANE, "email_change"))


def test_e4_a_step_takes_no_other_steps_token(life: WholeLife, broken: Callable[..., None]) -> None:
    life.ask_to_leave(JANE, 0)
    life.ask_for_a_change(JANE, 0, CONTACTS[JANE][1])
    broken(CodeToken, "read", lambda read, text, *_: read(text, *Purpose))
    with seen("sessions were ended"):
        life._bring(JANE, newest(life, JANE, "email_change"), door="leave")


def test_e3_a_contact_is_proven_by_its_code(life: WholeLife, broken: Callable[..., None]) -> None:
    def proven(claimant: Any, identifier: Any, *, now: Any, **others: Any) -> Customer:
        customer: Customer = claimant(identifier, now=now, **others)
        customer.email_verified_at = now
        return customer

    broken(identities, "claimant", proven)
    with seen("an account was made"):
        life.register(STRANGER, CONTACTS[JOE][0], 0)


def test_a_password_takes_the_old_one(life: WholeLife, broken: Callable[..., None]) -> None:
    broken(password_change, "check_password", lambda *_: True)
    life.steal(0, 0)
    with seen("a password was set"):
        life.change_password(STRANGER, 0, 0)


def test_fresh_claims_hold(life: WholeLife, broken: Callable[..., None]) -> None:
    life.register(JOE, CONTACTS[JOE][0], 0)
    broken(claims, "lapsed", lambda *_, **__: True)
    broken(CustomerQuerySet, "release_claim", lambda run, *args, now, fresh=False: run(*args, now=now, fresh=True))
    with seen("email was lost|an account was made"):
        life.register(STRANGER, CONTACTS[JOE][0], 0)


def test_a_first_proof_leaves_no_password(life: WholeLife, broken: Callable[..., None]) -> None:
    life.register(STRANGER, CONTACTS[JOE][0], 0)

    def gently(_: Any, before: Customer, contact: Any, *, now: Any) -> Customer:
        Customer.objects.verify_contact(before.pk, contact, now=now)
        return Customer.objects.select_related("user").get(pk=before.pk)

    broken(login, "_take_over", gently)
    with seen("decision 9|a session is open"):
        life.go_all_the_way(JOE, "code login", 0)


def test_a_session_dies_with_the_contact(life: WholeLife, broken: Callable[..., None]) -> None:
    def keep(end: Any, rows: Any, customer: Customer, **options: Any) -> Any:
        written = end(rows, customer, **options)
        rows.model.objects.filter(pk=customer.pk).update(token_epoch=customer.token_epoch)
        written.token_epoch = customer.token_epoch
        return written

    broken(CustomerQuerySet, "end_sessions", keep)
    with seen("a session is open"):
        life.go_all_the_way(JANE, "change", 0)


def test_sessions_live_until_something_ends_them(life: WholeLife, broken: Callable[..., None]) -> None:
    def ending(refresh: Any, session: Any, **options: Any) -> Any:
        grant = refresh(session, **options)
        Customer.objects.raise_epoch(session.customer.pk, now=session.customer.updated_at)
        return grant

    broken(sessions, "refresh", ending)
    with seen("sessions were ended"):
        life.refresh(JANE, 0)


def test_nobody_who_is_leaving_logs_in(life: WholeLife, broken: Callable[..., None]) -> None:
    def blind(admit: Any, customer: Customer, **options: Any) -> Any:
        there = copy(customer)
        there.deletion_scheduled_at = None
        return admit(there, **options)

    life.go_all_the_way(JANE, "leave", 0)
    broken(gates, "admit", blind)
    with seen("may have one"):
        life.log_in_as_oneself(JANE, 0)


def test_nobody_unverified_logs_in(life: WholeLife, broken: Callable[..., None]) -> None:
    life.register(JOE, CONTACTS[JOE][0], 0)
    life.create(JOE, 0, None)
    broken(gates, "unverified", lambda *_: None)
    with seen("came by is proven"):
        life.log_in_as_oneself(JOE, 0)


def test_a_second_factor_is_shown(life: WholeLife, broken: Callable[..., None]) -> None:
    life.enrol(JANE, 0)
    broken(gates, "needs_second_factor", lambda *_: False)
    with seen("a second factor was shown"):
        life.log_in_as_oneself(JANE, 0)


def test_nobody_is_erased_before_their_time(life: WholeLife, broken: Callable[..., None]) -> None:
    life.go_all_the_way(JANE, "leave", 0)
    broken(Run, "due", lambda *_: AccountDeletionRequest.objects.exclude(due_at=None))
    with seen("was lost"):
        life.purge()


def test_a_customer_has_one_open_request(life: WholeLife, broken: Callable[..., None]) -> None:
    def forget(close: Any, rows: Any, status: Any, **values: Any) -> None:
        rows.update(status=status, **values)

    life.go_all_the_way(JANE, "leave", 0)
    requests = type(AccountDeletionRequest.objects.all())
    broken(requests, "close", forget)
    with seen("open until it is closed"):
        life.go_all_the_way(JANE, "stay", 0)
