"""The account life cycle in any order: two customers, and a stranger who knows every address and steals tokens."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.fuzz.doors import DOORS, OWN_DOOR, VERIFICATION, Attempt
from tests.fuzz.people import CONTACTS, EVERYWHERE, PASSWORDS, PEOPLE, Flow, Secret, Token, kind_of
from tests.fuzz.world import World

REGISTER, LOGIN = "/auth/customer/emailpass/register", "/auth/customer/emailpass"
CUSTOMERS, ME = "/store/customers", "/store/customers/me"
Thing = TypeVar("Thing")

whoever, contacts, some = st.sampled_from(PEOPLE), st.sampled_from(EVERYWHERE), st.integers(0, 7)
doors = st.sampled_from(sorted(DOORS))


def pick(things: Sequence[Thing], number: int) -> Thing | None:
    """Return one of the newest things."""
    return things[-1 - number % len(things)] if things else None


def step(often: int = 1, **arguments: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """Mark what people may do at any time, with what, and how often against the rest."""

    def mark(method: Any) -> Any:
        method.often, method.arguments = often, arguments
        return method

    return mark


def any_step(machine: type) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Return the steps of a machine as one strategy. (As rules of their own, most of them would be off in any run.)"""
    marked = {name: method for name, method in vars(machine).items() if hasattr(method, "arguments")}
    for base in machine.__bases__:
        marked |= {name: method for name, method in vars(base).items() if hasattr(method, "arguments")}
    return st.one_of(
        st.tuples(st.just(name), st.fixed_dictionaries(method.arguments))
        for name, method in marked.items()
        for _ in range(method.often)
    )


class LifeCycle(RuleBasedStateMachine):
    """Rules are what people do; `World` asserts after each step that the accounts are legal and nothing is unearned."""

    mode: ClassVar[str] = "email"
    verifying: ClassVar[bool] = True
    succeeded: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.world = World(verifying=self.verifying, succeeded=self.succeeded)

    def teardown(self) -> None:
        """End the example."""
        self.world.close()

    # What people have in hand

    def token_of(self, who: str, number: int) -> Token | None:
        """Return one of somebody's tokens."""
        return pick([each for each in self.world.tokens if each.holder == who], number)

    def flow_of(self, who: str, number: int) -> Flow | None:
        """Return one of somebody's flow tokens."""
        return pick([each for each in self.world.flows if each.holder == who], number)

    def readable(self, who: str) -> list[Secret]:
        """Return what was sent to somebody; nobody follows a link to verify that they did not ask for."""
        mine = (each for each in self.world.secrets.values() if each.reader == who)
        return [each for each in mine if not each.purpose.endswith("verification_link") or each.asker == who]

    def own(self, who: str, number: int, *, held: bool) -> str:
        """Return a contact of somebody's own, that an account holds or that is free, if there is one."""
        fitting = [each for each in CONTACTS[who] if bool(self.world.holder_of(each)) == held]
        return (fitting or CONTACTS[who])[number % len(fitting or CONTACTS[who])]

    def registers(self, contact: str) -> bool:
        """Whether the project registers by contacts of the kind."""
        return kind_of(contact) == ("phone" if self.mode == "phone" else "email")

    # Registering

    @step(who=whoever, contact=contacts, number=some)
    def register(self, who: str, contact: str, number: int) -> None:
        """Claim a contact, one's own or somebody else's."""
        if self.registers(contact):
            self._register(who, contact, number)

    def _register(self, who: str, contact: str, number: int = 0) -> Any:
        world, password, earned = self.world, PASSWORDS[who][number % 2], set()
        holder = world.holder_of(contact)
        if world.gives_way(contact):
            earned = {("new", contact), ("take", contact)}
        elif holder and not holder.registered and holder.logs_in_with(password):
            earned = {("identity", holder.id)}
        body = {kind_of(contact): contact, "password": password}
        return world.post("register", REGISTER, body, by=who, earned=earned)

    @step(who=whoever, number=some, second=st.none() | contacts)
    def create(self, who: str, number: int, second: str | None) -> None:
        """Turn a registration into a customer, with a second contact perhaps."""
        if token := self.token_of(who, number):
            self._create(who, token, second)

    def _create(self, who: str, token: Token, second: str | None) -> Any:
        world, earned = self.world, set()
        row = world.rows.get(token.customer)
        body = {} if second is None else {kind_of(second): second}
        if world.lives(token) and row:
            earned = {("create", row.id)}
            if second and row[kind_of(second)] is None and world.gives_way(second):
                earned |= {("add", row.id, second), ("take", second)}
        return world.post("create", CUSTOMERS, body, by=who, earned=earned, bearer=token)

    @step(often=2, who=whoever)
    def sign_up(self, who: str) -> None:
        """Register one's own contact, create the customer, and prove the contact: always works if it is free."""
        email, _, phone, _ = CONTACTS[who]
        contact, second = (phone, email) if self.mode == "phone" else (email, phone)
        if not (self.world.gives_way(contact) and (self.mode != "both" or self.world.gives_way(second))):
            return
        assert self._register(who, contact), "a free contact can be registered"
        assert self._create(who, self.world.tokens[-1], second if self.mode == "both" else None), (
            "and the customer made"
        )
        row = self.world.holder_of(contact)
        assert row
        self._send(who, row.id, kind_of(contact))
        self._bring(who, self.readable(who)[-1])
        assert self.world.rows[row.id].proven(kind_of(contact)), "and the contact proven"

    # Asking for codes

    @step(who=whoever, number=some, kind=st.sampled_from(["email", "phone"]))
    def send(self, who: str, number: int, kind: str) -> None:
        """Ask for a code to verify somebody's contact."""
        if customer := pick(list(self.world.rows), number):
            self._send(who, customer, kind)

    def _send(self, who: str, customer: str, kind: str) -> None:
        body = {"customer_id": customer, "type": f"{kind}_verification"}
        self.world.post("send", f"{CUSTOMERS}/otp/send", body, by=who)

    @step(who=whoever, number=some, contact=contacts, way=st.sampled_from(["token", "otp"]))
    def request_verification(self, who: str, number: int, contact: str, way: str) -> None:
        """Ask for a link, or a code, with a token."""
        body = {"entity_id": contact, "entity_type": kind_of(contact), "code_provider": way}
        if token := self.token_of(who, number):
            self.world.post("request", "/auth/verification/request", body, by=who, bearer=token)

    @step(who=whoever, contact=contacts, step=st.sampled_from(["generate", "pre-register"]))
    def ask_for_a_code(self, who: str, contact: str, step: str) -> None:
        """Ask for a code by an identifier."""
        self.world.post(step, f"/auth/customer/otp/{step}", {"identifier": contact}, by=who)

    @step(who=whoever, contact=contacts)
    def ask_for_a_reset(self, who: str, contact: str) -> None:
        """Ask for a link to a new password."""
        self.world.post("ask reset", f"{LOGIN}/reset-password", {"identifier": contact}, by=who)

    @step(who=whoever, number=some, contact=contacts)
    def ask_for_a_change(self, who: str, number: int, contact: str) -> None:
        """Ask to change a contact, with one's session or a stolen one."""
        body = {kind_of(contact): contact}
        if token := self.token_of(who, number):
            self.world.post("ask change", f"{ME}/contact", body, by=who, bearer=token)

    @step(who=whoever, number=some)
    def ask_to_leave(self, who: str, number: int) -> None:
        """Ask for the deletion of the account."""
        if token := self.token_of(who, number):
            self.world.post("ask to leave", f"{CUSTOMERS}/account-deletion/request", {}, by=who, bearer=token)

    @step(who=whoever, contact=contacts)
    def ask_to_stay(self, who: str, contact: str) -> None:
        """Ask to cancel it."""
        path = f"{CUSTOMERS}/account-deletion/cancel-request"
        self.world.post("ask to stay", path, {kind_of(contact): contact}, by=who)

    # Bringing them

    @step(often=3, who=whoever, number=some, other=some, with_flow=st.booleans())
    def bring(self, who: str, number: int, other: int, with_flow: bool) -> None:
        """Bring a secret that is still good to its own door."""
        good = [each for each in self.readable(who) if each.is_alive(self.world.now)]
        if secret := pick(good, number):
            self._bring(who, secret, token=other, with_flow=with_flow)

    @step(often=3, who=whoever, number=some, other=some)
    def bring_again(self, who: str, number: int, other: int) -> None:
        """Bring what was used, was replaced or has died to its own door."""
        over = [each for each in self.readable(who) if not each.is_alive(self.world.now)]
        if secret := pick(over, number):
            self._bring(who, secret, token=other)

    @step(who=whoever, number=some)
    def use_a_grant(self, who: str, number: int) -> None:
        """Log in with the code that has just registered somebody, or did so once."""
        spent = [each for each in self.readable(who) if each.purpose == "code_registration" and each.used]
        if secret := pick(spent, number):
            self._bring(who, secret, door="code")

    def _bring(
        self, who: str, secret: Secret, *, token: int = 0, with_flow: bool = True, door: str | None = None
    ) -> bool:
        door = door or OWN_DOOR[secret.purpose]
        flows = [each for each in self.world.flows if each.holder == who and each.row_id == secret.row_id]
        flow = pick(flows, 0) if with_flow or DOORS[door][2] == "flow" else None
        mine = [each for each in self.world.tokens if each.holder == who and each.customer == secret.customer]
        bearer = pick(mine, token) if DOORS[door][2] == "bearer" or door == "contact" or token % 2 else None
        password = PASSWORDS[who][token % 2]
        return Attempt(self.world, who, door, secret, flow, bearer, secret.contact, password).run()

    @step(
        often=3, who=whoever, secret=some, flow=some, token=some, contact=contacts, door=st.sampled_from(sorted(DOORS))
    )
    def mix_up(self, who: str, secret: int, flow: int, token: int, contact: str, door: str) -> None:
        """Bring any secret, fresh or spent, to any door with any tokens in hand: only what fits is taken."""
        brought = pick(self.readable(who), secret)
        if brought is None:
            return
        named = brought.contact if token % 2 else contact
        own = [each for each in self.world.flows if each.holder == who and each.row_id == brought.row_id]
        flow_token, bearer = pick(own, 0) or self.flow_of(who, flow), self.token_of(who, token)
        Attempt(self.world, who, door, brought, flow_token, bearer, named, PASSWORDS[who][0]).run()

    @step(who=whoever, number=some, times=st.sampled_from([1, 5, 6]))
    def guess(self, who: str, number: int, times: int) -> None:
        """Guess at a code with its flow token: after five wrong ones the right one is refused too."""
        flow = self.flow_of(who, number)
        secret = self.world.secrets.get(flow.row_id) if flow else None
        if secret is None or (secret.purpose in VERIFICATION and self.world.rows.get(str(secret.customer)) is None):
            return
        door = OWN_DOOR[secret.purpose]
        mine = [each for each in self.world.tokens if each.holder == who and each.customer == secret.customer]
        for _ in range(times):
            counts = secret.is_alive(self.world.now) and (door != "contact" or self.world.lives(pick(mine, 0)))
            Attempt(self.world, who, door, secret, flow, pick(mine, 0), secret.contact).run(mistyped=True)
            secret.guesses += counts
