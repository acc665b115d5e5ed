"""The routes that take what was sent to somebody, and what bringing it there is worth: nothing anywhere else."""

from dataclasses import dataclass, field
from typing import Any

from tests.conftest import wrong
from tests.fuzz.people import Flow, Secret, Token, kind_of
from tests.fuzz.world import World

VERIFICATION = ("email_verification", "phone_verification")
# By name: the path, what it takes, and how it is named beside the code.
DOORS = {
    "verify": ("/store/customers/otp/verify", VERIFICATION, "flow"),
    "confirm": ("/auth/verification/confirm", VERIFICATION, "bearer"),
    "contact": ("/store/customers/me/contact/verify", ("email_change", "phone_change"), "flow"),
    "leave": ("/store/customers/account-deletion/confirm", ("account_deletion_request",), "flow"),
    "stay": ("/store/customers/account-deletion/cancel-confirm", ("account_deletion_cancel",), "flow"),
    "code login": ("/auth/customer/otp/verify", ("code_login",), "contact"),
    "code": ("/auth/customer/otp", ("code_login", "code_registration"), "contact"),
    "code register": ("/auth/customer/otp/register", ("code_registration",), "contact"),
    "two-step": ("/store/auth/otp", ("two_step_login",), "contact"),
    "link": ("/auth/verification/confirm", ("email_verification_link", "phone_verification_link"), "link"),
    "reset": ("/auth/customer/emailpass/update", ("password_reset",), "link"),
    "undo": ("/store/customers/contact/undo", ("contact_undo",), "link"),
}
OWN_DOOR = {purpose: name for name, (_, purposes, _) in reversed(DOORS.items()) for purpose in purposes}
OWN_DOOR["code_registration"] = "code register"


@dataclass
class Worth:
    """What a proof earns, and what has to end with it."""

    earned: set[tuple[Any, ...]] = field(default_factory=set)
    ends: str | None = None
    retires: list[tuple[str, str | None]] = field(default_factory=list)


@dataclass
class Attempt:
    """Somebody brings a secret to a door, with whatever else they have in hand."""

    world: World
    who: str
    door: str
    secret: Secret
    flow: Flow | None = None
    bearer: Token | None = None
    contact: str = ""
    password: str = ""

    def run(self, *, mistyped: bool = False) -> bool:
        """Send it, and assert that nothing came of it that it was not worth; return whether it was taken."""
        world, secret = self.world, self.secret
        path, _, _ = DOORS[self.door]
        worth = Worth() if mistyped else self.worth()
        took_over = ("first proof", secret.customer) in worth.earned and self.door.startswith("code")
        shown = world.post(
            self.door,
            path,
            self.body(mistyped=mistyped),
            by=self.who,
            earned=worth.earned,
            bearer=self.bearer,
            tainted=bool(self.bearer and self.bearer.tainted and self.door == "contact"),
            ends=worth.ends,
            retires=worth.retires,
            came_by=secret.contact if self.door.startswith("code") else None,
        )
        if shown is None:
            return False
        assert worth.earned, f"{self.door}: taken, and it was no proof"
        self._used()
        if took_over and secret.customer:
            row = world.rows[secret.customer]
            assert not row.has_password, "a first proof by code leaves no password behind (decision 9)"
            assert row.contacts == {kind_of(secret.contact): secret.contact}, "and no other contact"
        return True

    def body(self, *, mistyped: bool) -> dict[str, Any]:
        """Return what is sent."""
        code = wrong(self.secret.code) if mistyped else self.secret.code
        named = DOORS[self.door][2]
        if named == "link":
            value = self.secret.link or (self.flow.value if self.flow else self.secret.code)
            key = {"link": "code", "reset": "token", "undo": "token"}[self.door]
            return {key: value} | ({"password": self.password} if self.door == "reset" else {})
        if named == "bearer":
            return {"code": code, "code_provider": "otp"}
        flow = {"token": self.flow.value} if self.flow else {}
        if named == "contact":
            if self.door == "two-step":
                return {kind_of(self.contact): self.contact, "otp": code}
            return {"identifier": self.contact, "otp": code, **flow}
        return {"code": code, "token": "none", **flow}

    def worth(self) -> Worth:
        """Return what it is worth by the contract: nothing, unless it is whole, fresh and at its own door."""
        secret, now = self.secret, self.world.now
        _, purposes, named = DOORS[self.door]
        granted = self.door == "code" and secret.purpose == "code_registration"
        alive = now < secret.grant_until if granted else secret.is_alive(now)
        if not alive or secret.purpose not in purposes:
            return Worth()
        own_flow = self.flow is not None and self.flow.row_id == secret.row_id
        if named == "flow" and not own_flow:
            return Worth()
        if named == "contact" and (self.contact != secret.contact or not (own_flow or self.flow is None)):
            return Worth()
        return getattr(self, "_" + self.door.replace(" ", "_").replace("-", "_"))()  # type: ignore[no-any-return]

    def _mine(self) -> bool:
        bearer = self.bearer
        return bearer is not None and self.world.lives(bearer) and bearer.customer == self.secret.customer

    def _verify(self) -> Worth:
        customer = self.secret.customer
        return Worth({("verify", customer, self.secret.contact), ("session", customer)})

    def _confirm(self) -> Worth:
        return self._link() if self._mine() else Worth()

    def _link(self) -> Worth:
        return Worth({("verify", self.secret.customer, self.secret.contact)})

    def _contact(self) -> Worth:
        customer, new = str(self.secret.customer), self.secret.contact
        if not self._mine() or not (self.bearer and self.bearer.has_actor):
            return Worth()
        old = self.world.rows[customer][kind_of(new)]
        earned = {("set", customer, new), ("take", new), ("end", customer), ("session", customer)}
        return Worth(earned, customer, [(customer, old)] if old else [])

    def _leave(self) -> Worth:
        customer = str(self.secret.customer)
        return Worth({("leave", customer), ("end", customer)}, customer, [(customer, None)])

    def _stay(self) -> Worth:
        return Worth({("stay", self.secret.customer)})

    def _code_login(self) -> Worth:
        row = self.world.holder_of(self.secret.contact)
        if row is None or row.id != self.secret.customer:
            return Worth()
        worth = Worth({("session", row.id), ("identity", row.id), ("verify", row.id, self.secret.contact)})
        proven = row.proven(kind_of(self.secret.contact))
        granted = self.world.now < self.secret.grant_until
        if (proven and (row.registered or granted)) or self._mine():
            return worth
        worth.earned.add(("end", row.id))
        worth.ends = row.id
        if not proven:
            worth.earned.add(("first proof", row.id))
            worth.retires = [(row.id, None)]
        return worth

    _code = _code_login

    def _code_register(self) -> Worth:
        contact = self.secret.contact
        if self.world.gives_way(contact):
            return Worth({("new proven", contact), ("take", contact)})
        row = self.world.holder_of(contact)
        if row is None or row.registered or row.has_password or not row.proven(kind_of(contact)):
            return Worth()
        return Worth({("identity", row.id), ("end", row.id)}, row.id)

    def _two_step(self) -> Worth:
        return Worth({("identity", self.secret.customer)})

    def _reset(self) -> Worth:
        customer, contact = str(self.secret.customer), self.secret.contact
        earned = {("password", customer, self.password), ("verify", customer, contact), ("end", customer)}
        row = self.world.rows.get(customer)
        if row and self.world.verifying and not row.proven(kind_of(contact)):
            earned.add(("first proof", customer))
        return Worth(earned, customer, [(customer, None)])

    def _undo(self) -> Worth:
        customer = str(self.secret.customer)
        takes = {("take", contact) for contact in self.world.proofs.get(customer, ())}
        return Worth({("undo", customer), *takes}, customer, [(customer, None)])

    def _used(self) -> None:
        world, secret = self.world, self.secret
        if self.door == "code register":
            holder = world.holder_of(secret.contact)
            secret.used, secret.grant_until = True, world.now + 60
            secret.customer = holder.id if holder else None
        elif secret.grant_until:
            secret.grant_until = 0
        else:
            secret.used = True
        customer = str(secret.customer)
        if self.door == "undo":
            row = world.rows[customer]
            world.proofs[customer] = {contact for kind, contact in row.contacts.items() if row.proven(kind)}
        elif self.door == "reset":
            world.tainted_passwords.discard((customer, self.password))
        elif self.door == "leave":
            world.due[customer] = world.now + 7 * 86400
