"""What a step may change: nothing that the proofs shown in it do not earn."""

from collections.abc import Set
from typing import Any

from tests.fuzz.snapshot import KINDS, Row

# ("new", contact) · ("new proven", contact) · ("take", contact): an unproven claim on it gives way if it has lapsed
# ("create" | "session" | "identity" | "end" | "leave" | "stay" | "undo" | "first proof" | "factor", customer)
# ("verify" | "set" | "add", customer, contact) · ("password", customer, password) · ("staff" | "purge", customer)
Earned = Set[tuple[Any, ...]]


class Unearned(AssertionError):
    """A step changed what its proofs do not earn."""


def check(
    before: dict[str, Row], after: dict[str, Row], earned: Earned, *, now: float, verifying: bool, proofs: Any
) -> None:
    """Assert that every change between two states was earned."""
    for customer in before.keys() | after.keys():
        old, new = before.get(customer), after.get(customer)
        if old == new:
            continue
        if old is None and new is not None:
            _check_new(new, earned)
        elif new is None and old is not None:
            _require(("purge", customer) in earned, "an account was deleted")
        elif old is not None and new is not None:
            _Change(old, new, earned, now, verifying, proofs.get(customer, set())).check()


def _check_new(row: Row, earned: Earned) -> None:
    [(kind, contact)] = row.contacts.items()
    allowed = ("new proven", contact) if row.proven(kind) else ("new", contact)
    _require(allowed in earned, "an account was made")
    _require(not (row.registered or row.leaving or row.second_factor), "a new account has more than an identity")


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise Unearned(what)


class _Change:
    """One account, before and after."""

    def __init__(self, old: Row, new: Row, earned: Earned, now: float, verifying: bool, proofs: Set[str]) -> None:
        self.old, self.new, self.earned, self.proofs = old, new, earned, proofs
        self.purged, self.undone = self.has("purge"), self.has("undo")
        lapsed = verifying and old.lapses is not None and old.lapses < now
        fresh = any(name == "undo" for name, *_ in earned)
        # A claim gives way where what it holds unproven is taken by somebody with a better right.
        self.gives_way = (lapsed or fresh) and any(
            ("take", contact) in earned and not old.proven(kind) for kind, contact in old.contacts.items()
        )

    def has(self, name: str, *values: Any) -> bool:
        """Whether the step has earned this."""
        return (name, self.old.id, *values) in self.earned

    def check(self) -> None:
        """Assert that all of it was earned."""
        for kind in KINDS:
            self._contact(kind)
            self._proof(kind)
        self._password()
        old, new = self.old, self.new
        emptied = self.undone or self.purged
        closed = self.gives_way and not new.contacts
        _require(old.registered == new.registered or self.has("create"), "a customer was created")
        _require(new.epoch >= old.epoch, "an epoch went back")
        ended = self.has("end") or emptied or closed
        _require(new.epoch == old.epoch or ended, "sessions were ended")
        _require(old.active == new.active or self.has("staff") or self.purged, "somebody was (de)activated")
        _require(old.leaving or not new.leaving or self.has("leave"), "an erasure was scheduled")
        _require(new.leaving or not old.leaving or self.has("stay") or emptied, "an erasure was cancelled")
        factor = self.has("factor") or self.purged
        _require(old.second_factor == new.second_factor or factor, "a second factor came or went")

    def _contact(self, kind: str) -> None:
        was, now = self.old[kind], self.new[kind]
        if was == now:
            return
        if now is not None:
            restored = self.undone and now in self.proofs
            _require(self.has("set", now) or self.has("add", now) or restored, f"{kind} was set")
            return
        unproven = not self.old.proven(kind)
        dropped = unproven and (self.gives_way or self.has("first proof"))
        _require(dropped or self.undone or self.purged, f"{kind} was lost")

    def _proof(self, kind: str) -> None:
        was, now = self.old.proven(kind), self.new.proven(kind)
        if self.old[kind] == self.new[kind] and was and not now:
            raise Unearned(f"{kind} is proven no more")
        if now and not (was and self.old[kind] == self.new[kind]):
            contact = self.new[kind]
            restored = self.undone and contact in self.proofs
            _require(self.has("verify", contact) or self.has("set", contact) or restored, f"{kind} was proven")

    def _password(self) -> None:
        if self.old.password == self.new.password:
            return
        if self.new.has_password:
            wanted = [values[1] for name, *values in self.earned if name == "password" and values[0] == self.old.id]
            _require(any(map(self.new.logs_in_with, wanted)), "a password was set")
            return
        closed = self.gives_way and not self.new.contacts
        _require(self.has("first proof") or self.undone or self.purged or closed, "a password was taken away")
