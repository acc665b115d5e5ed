"""The fuzzed shop: it sends requests, reads what was sent to whom, and asserts that nothing unearned came of them."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import jwt
import time_machine
from django.core import mail
from django.db import transaction
from django.test import Client, TestCase
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.flows.sessions import open_session
from customer_registration.models import OtpVerification
from tests.conftest import link_token
from tests.fuzz import changes, snapshot
from tests.fuzz.people import OWNER, Flow, Secret, Token, kind_of
from tests.fuzz.snapshot import Row

LINKS = ("email_verification_link", "phone_verification_link", "contact_undo", "password_reset")
# Where a newer one takes the older one's place, and inherits its guesses.
REPLACED = (
    *("email_verification", "phone_verification", "email_verification_link", "phone_verification_link"),
    *("email_change", "phone_change", "account_deletion_request", "password_reset"),
)


class World:
    """People, what they have in hand, and the accounts as the last step left them."""

    def __init__(self, *, verifying: bool, succeeded: Counter[str]) -> None:
        self.verifying, self.succeeded = verifying, succeeded
        self.hear: Callable[[str, str, Any], None] = lambda method, path, answer: None
        self.tokens: list[Token] = []
        self.flows: list[Flow] = []
        self.secrets: dict[str, Secret] = {}
        self.seen: set[str] = set()
        self.proofs: dict[str, set[str]] = {}  # by customer: contacts that were proven for them
        self.tainted_passwords: set[tuple[str, str]] = set()  # set by means of a stolen session
        self.seeds: dict[str, tuple[str, str]] = {}  # by customer: of the app in force, and who holds it
        self.due: dict[str, float] = {}  # by customer: when an erasure is due
        self.shown: set[tuple[str, int]] = set()  # when a second factor was shown
        self.rows: dict[str, Row] = {}
        self.travel = time_machine.travel(timezone.now().replace(microsecond=0), tick=False)
        self.clock = self.travel.start()
        mail.outbox.clear()
        self.example = transaction.atomic()
        self.example.__enter__()
        ratelimits.reset()

    def close(self) -> None:
        """Take everything back."""
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)
        self.travel.stop()

    @property
    def now(self) -> float:
        """The time."""
        return timezone.now().timestamp()

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.clock.shift(timedelta(**time))

    def lives(self, token: Token | None) -> bool:
        """Whether a token has to open something now."""
        row = self.rows.get(token.customer) if token else None
        if token is None or token.dead or row is None or not row.active or row.leaving:
            return False
        return bool(self.now < token.claims["exp"])

    def gives_way(self, contact: str) -> bool:
        """Whether a contact is free, or held by a claim that has lapsed."""
        row = self.holder_of(contact)
        if row is None:
            return True
        return self.verifying and not row.proven(kind_of(contact)) and row.lapses is not None and row.lapses < self.now

    def holder_of(self, contact: str) -> Row | None:
        """Return the account that holds a contact."""
        return next((row for row in self.rows.values() if contact in row.contacts.values()), None)

    def post(
        self,
        name: str,
        path: str,
        body: dict[str, Any],
        *,
        by: str,
        method: str = "post",
        earned: changes.Earned = frozenset(),
        bearer: Token | None = None,
        tainted: bool = False,
        ends: str | None = None,
        retires: Iterable[tuple[str, str | None]] = (),
        came_by: str | None = None,
    ) -> Any:
        """Send a request, and assert that what comes of it was earned; return the body of a success, else ``None``.

        Args:
            name: of the step, to be counted when it succeeds.
            path, body, method: of the request.
            by: who sends it.
            earned: what the proofs in it are worth, as `changes` names it. Nothing: it has to be refused, or be void.
            bearer: the token sent with it.
            tainted: whether something stolen is among the proofs.
            ends: the customer whose sessions have to be over with a success.
            retires: customers whose codes have to be dead with it, all or those that went to one contact.
            came_by: the contact that a login came by.
        """
        headers = {"authorization": f"Bearer {bearer.value}"} if bearer else {}
        with TestCase.captureOnCommitCallbacks(execute=True):
            answer = getattr(Client(), method)(path, body, content_type="application/json", headers=headers)
        assert answer.status_code < 500, answer.content
        self.hear(method, path, answer)
        success = answer.status_code < 300
        shown = answer.json() if success and answer["content-type"] == "application/json" else {}
        if success:
            self.succeeded[name] += 1
            self.end_sessions(ends)
            for customer, contact in retires:
                self.retire_codes(customer, contact)
        self.settle(earned, by=by)
        self._read_messages(by)
        if isinstance(token := shown.get("token"), str):
            tainted = tainted or bool(bearer and bearer.tainted)
            self._receive(token, by=by, earned=earned, tainted=tainted, came_by=came_by)
        self.check()
        return shown if success else None

    def settle(self, earned: changes.Earned, *, by: str = "") -> None:
        """Take a new picture of the accounts, and assert that the changes since the last one were earned."""
        before, stored = self.rows, snapshot.read_rows()
        self.rows = {name: stored[name] for name in (*before, *stored) if name in stored}  # as they came, at any run
        changes.check(before, self.rows, earned, now=self.now, verifying=self.verifying, proofs=self.proofs)
        for name, *values in earned:
            if name in ("verify", "set"):
                customer, contact = values
                row = self.rows.get(customer)
                if row and contact in row.contacts.values():
                    self.proofs.setdefault(customer, set()).add(contact)
            elif name == "new proven" and (row := self.holder_of(values[0])):
                self.proofs.setdefault(row.id, set()).add(values[0])
        for customer, old in before.items():
            row = self.rows.get(customer)
            if old.contacts and (row is None or not row.contacts):
                self.end_sessions(customer)
                self.retire_codes(customer, None, links=True)

    def end_sessions(self, customer: str | None) -> None:
        """Note that every token of a customer has to be dead from now on."""
        for token in self.tokens:
            token.dead = token.dead or token.customer == customer

    def retire_codes(self, customer: str, contact: str | None, *, links: bool = False) -> None:
        """Note that a customer's codes, or those to one contact, have to be dead; with ``links``, undo links too."""
        for secret in self.secrets.values():
            to_be_retired = secret.customer == customer and contact in (None, secret.contact)
            if to_be_retired and (links or secret.purpose != "contact_undo"):
                secret.dead, secret.grant_until = True, 0

    def check(self) -> None:
        """Assert the laws of every state, and that tokens open what they should and nothing else."""
        snapshot.check_legal(self.rows, self.proofs, verifying=self.verifying)
        for token in self.tokens:
            opened = open_session(token.value) is not None
            assert opened == self.lives(token), f"a session is {'open' if opened else 'over'}"

    def _read_messages(self, by: str) -> None:
        """Deal the codes and links that were sent since the last step."""
        rows = OtpVerification.objects.exclude(pk__in=self.seen).order_by("pk")
        for row in rows:
            self.seen.add(row.pk)
            if not row.destination or row.purpose == "second_factor_challenge":
                continue
            guesses = 0
            for older in self.secrets.values():
                same = (older.purpose, older.customer) == (row.purpose, row.customer_id)
                if same and row.purpose in REPLACED and older.is_alive(self.now - 1):
                    older.dead, guesses = True, max(guesses, older.guesses)
            self.secrets[row.pk] = Secret(
                row_id=row.pk,
                purpose=row.purpose,
                contact=row.destination,
                customer=row.customer_id,
                asker=by,
                code=row.code(),
                link=_link(row),
                expires=row.expires_at.timestamp(),
                guesses=guesses,
            )

    def _receive(self, value: str, *, by: str, earned: changes.Earned, tainted: bool, came_by: str | None) -> None:
        claims = jwt.decode(value, options={"verify_signature": False})
        if "actor_id" not in claims:
            purpose = claims["purpose"].removeprefix("otp.")
            self.flows.append(Flow(value, by, claims["jti"], purpose))
            return
        token = Token(value, by, tainted=tainted)
        row = self.rows[token.customer]
        self.tokens.append(token)
        if not token.has_actor:
            new = any((name, contact) in earned for name in ("new", "new proven") for contact in row.contacts.values())
            assert new or ("identity", row.id) in earned, "a token without an actor was earned"
            return
        assert ("session", row.id) in earned, "a session was earned"
        assert (row.registered, row.active, row.leaving) == (True, True, False), "who has a session may have one"
        if row.second_factor:
            assert (row.id, token.claims["mfa_at"]) in self.shown, "a second factor was shown"
        if not self.verifying:
            return
        if came_by:
            assert row.proven(kind_of(came_by)), "the contact that a login came by is proven"
        assert any(map(row.proven, snapshot.KINDS)), "who has a session has proven a contact"
        owners = {OWNER[contact] for contact in self.proofs[row.id]}
        assert tainted or by in owners, "who has a session by fair means has proven a contact of the account"


def _link(row: OtpVerification) -> str:
    if row.purpose == "password_reset":
        return link_token(row.destination)
    return row.link_value() if row.purpose in LINKS else ""
