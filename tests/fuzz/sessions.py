"""The rest of the life cycle: passwords, sessions, second factors, thieves, staff, time."""

from dataclasses import replace
from functools import partial
from typing import Any

import pyotp
from django.contrib.auth import get_user_model
from django.test import TestCase
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from customer_registration.flows import housekeeping
from customer_registration.flows.deletion.executor import Run
from tests.fuzz.life import LOGIN, ME, LifeCycle, any_step, contacts, pick, some, step, whoever
from tests.fuzz.people import JANE, JOE, PASSWORDS, STRANGER, Token, kind_of

REFRESH, FACTORS = "/auth/token/refresh", "/auth/mfa/factors"
WAITS = ({"seconds": 1}, {"minutes": 2}, {"minutes": 6}, {"minutes": 16}, {"hours": 25}, {"days": 8})
RECENTLY = 600
ROADS = {
    "change": ("email_change", "phone_change"),
    "code login": ("code_login",),
    "code registration": ("code_registration",),
    "leave": ("account_deletion_request",),
    "link": ("email_verification_link", "phone_verification_link"),
    "reset": ("password_reset",),
    "stay": ("account_deletion_cancel",),
    "two-step login": ("two_step_login",),
    "undo": ("contact_undo",),
}
DAY = 86400


class Steps(LifeCycle):
    """Everything that people, thieves, staff and time do."""

    @initialize(customers=st.sampled_from([(), (JANE,), (JANE, JOE)]))
    def begin(self, customers: tuple[str, ...]) -> None:
        """Begin in an empty shop, or with accounts."""
        for who in customers:
            self.sign_up(who)

    @step(often=8, who=whoever, road=st.sampled_from(sorted(ROADS)), number=some)
    def go_all_the_way(self, who: str, road: str, number: int) -> None:
        """Ask for a code or a link to one's own contact, and bring what has come."""
        contact = self.own(who, number, held=road not in ("change", "code registration"))
        asked = {
            "change": partial(self.ask_for_a_change, who, 0, contact),
            "code login": partial(self.ask_for_a_code, who, contact, "generate"),
            "code registration": partial(self.ask_for_a_code, who, contact, "pre-register"),
            "leave": partial(self.ask_to_leave, who, 0),
            "link": partial(self.request_verification, who, 0, contact, "token"),
            "reset": partial(self.ask_for_a_reset, who, contact),
            "stay": partial(self.ask_to_stay, who, contact),
            "two-step login": partial(self.log_in, who, contact, number % 2, first_step=True),
            "undo": lambda: None,
        }
        asked[road]()
        came = [each for each in self.readable(who) if each.purpose in ROADS[road] and each.is_alive(self.world.now)]
        if came:
            self._bring(who, came[-1])

    @step(often=4, who=whoever, number=some)
    def log_in_as_oneself(self, who: str, number: int) -> None:
        """Log in with a contact and a password of one's own."""
        self.log_in(who, self.own(who, number // 2, held=True), number, first_step=False)

    @step(who=whoever, contact=contacts, number=some, first_step=st.booleans())
    def log_in(self, who: str, contact: str, number: int, first_step: bool) -> None:
        """Log in with a password: for a token, or up to the code of the two-step login."""
        world, password = self.world, PASSWORDS[who][number % 2]
        holder, earned, tainted = world.holder_of(contact), set(), False
        if holder and holder.logs_in_with(password):
            earned = {("session", holder.id), ("identity", holder.id)}
            tainted = (holder.id, password) in world.tainted_passwords
        if first_step:
            earned.discard(("session", holder.id if holder else ""))
        path, name = ("/store/auth", "first step") if first_step else (LOGIN, "log in")
        body = {kind_of(contact): contact, "password": password}
        shown = world.post(name, path, body, by=who, earned=earned, tainted=tainted, came_by=contact)
        assert shown is None or earned, "a login takes the right password"

    @step(often=2, who=whoever, number=some)
    def refresh(self, who: str, number: int) -> None:
        """Renew a token: a dead one renews nothing, and no login grows younger."""
        token = self.token_of(who, number)
        if token is None:
            return
        earned = {(name, token.customer) for name in ("session", "identity")} if self.world.lives(token) else set()
        if self.world.post("refresh", REFRESH, {}, by=who, earned=earned, bearer=token):
            assert self.world.tokens[-1].claims["auth_time"] == token.claims["auth_time"]

    @step(who=whoever, number=some, old=some)
    def change_password(self, who: str, number: int, old: int) -> None:
        """Change the password with the old one, or set the first one soon after a login."""
        world, token = self.world, self.token_of(who, number)
        if token is None:
            return
        typed, new = PASSWORDS[who][old % 2], PASSWORDS[who][1 - old % 2]
        row, earned = world.rows.get(token.customer), set()
        recent = world.now - token.claims["auth_time"] < RECENTLY
        proven = row and (row.logs_in_with(typed) if row.has_password else recent)
        if row and proven and world.lives(token) and token.has_actor:
            earned = {("password", row.id, new), ("end", row.id), ("session", row.id)}
            if token.tainted:
                world.tainted_passwords.add((row.id, new))
        body, customer = {"old_password": typed, "password": new}, token.customer
        retires = [(customer, None)]
        done = world.post(
            "change password",
            f"{ME}/password",
            body,
            by=who,
            earned=earned,
            bearer=token,
            ends=customer,
            retires=retires,
        )
        assert done is None or earned, "a password takes the old one, or a fresh login"

    @step(who=whoever, number=some)
    def log_out_everywhere(self, who: str, number: int) -> None:
        """End every session."""
        token = self.token_of(who, number)
        if token is None:
            return
        alive = self.world.lives(token) and token.has_actor
        earned = {("end", token.customer)} if alive else set()
        path, customer = f"{ME}/logout-all", token.customer
        done = self.world.post("log out", path, {}, by=who, earned=earned, bearer=token, ends=customer)
        assert done is None or alive, "a dead token ends nothing"

    # Second factors

    @step(who=whoever, number=some)
    def enrol(self, who: str, number: int) -> None:
        """Put an authenticator app in force."""
        world, token = self.world, self.token_of(who, number)
        if token is None:
            return
        fresh = world.now - max(token.claims["auth_time"], token.claims["mfa_at"] or 0) < RECENTLY
        may = fresh and world.lives(token) and token.has_actor
        made = world.post("enrol", FACTORS, {"provider": "totp"}, by=who, bearer=token)
        if made is None:
            return
        assert may, "a factor takes a fresh login"
        seed, factor = made["secret"], made["mfa_factor"]["id"]
        code = pyotp.TOTP(seed).at(timezone.now(), counter_offset=-1)
        earned = {("factor", token.customer)}
        if world.post("enable", f"{FACTORS}/{factor}/verify", {"code": code}, by=who, earned=earned, bearer=token):
            world.seeds[token.customer] = (seed, who, factor)

    @step(often=2, who=whoever, number=some, right=st.booleans())
    def answer(self, who: str, number: int, right: bool) -> None:
        """Answer the challenge of a login, with the app or without."""
        world = self.world
        waiting = [each for each in world.tokens if each.holder == who and "mfa_challenge" in each.claims]
        token = pick(waiting, number)
        if token is None:
            return
        knows, code = self._code(who, token, right)
        earned = {("session", token.customer)} if knows and world.lives(token) else set()
        if earned:
            world.shown.add((token.customer, int(world.now)))
        path = f"/auth/mfa/challenges/authmfachal_{token.claims['mfa_challenge']}/verify"
        body = {"method": "totp", "code": code}
        done = world.post("answer", path, body, by=who, earned=earned, bearer=token)
        assert done is None or earned, "a challenge takes the app's code"

    @step(who=whoever, number=some, right=st.booleans())
    def take_the_factor_away(self, who: str, number: int, right: bool) -> None:
        """Take the app out of force, with its code or a fresh second step."""
        world, token = self.world, self.token_of(who, number)
        if token is None or token.customer not in world.seeds:
            return
        knows, code = self._code(who, token, right)
        shown = world.now - (token.claims["mfa_at"] or 0) < RECENTLY
        may = (knows or shown) and world.lives(token) and token.has_actor
        earned, path = {("factor", token.customer)} if may else set(), f"{FACTORS}/{world.seeds[token.customer][2]}"
        body = {"method": "totp", "code": code}
        world.post("remove factor", path, body, by=who, method="delete", earned=earned, bearer=token)

    def _code(self, who: str, token: Token, right: bool) -> tuple[bool, str]:
        seed, holder, _ = self.world.seeds.get(token.customer, ("", "", ""))
        knows = right and holder == who
        return knows, pyotp.TOTP(seed).at(timezone.now()) if knows else "000000"

    # Thieves, staff and time

    @step(number=some, other=some)
    def steal(self, number: int, other: int) -> None:
        """Get hold of somebody's tokens: a bearer, and a flow token."""
        world = self.world
        if token := pick([each for each in world.tokens if each.holder != STRANGER], number):
            world.tokens.append(replace(token, holder=STRANGER, tainted=True))
        if flow := pick([each for each in world.flows if each.holder != STRANGER], other):
            world.flows.append(replace(flow, holder=STRANGER))

    @step(number=some)
    def turn_staffs_key(self, number: int) -> None:
        """Deactivate somebody, or activate them again."""
        customer = pick(list(self.world.rows), number)
        row = self.world.rows.get(customer or "")
        if row is None or not row.contacts:
            return
        get_user_model().objects.filter(registered_customer=customer).update(is_active=not row.active)
        self.world.settle({("staff", customer)})
        self.world.check()

    @step(often=2)
    def purge(self) -> None:
        """Erase whose time has come, and clear away what has served."""
        world, earned = self.world, set()
        for row in world.rows.values():
            due = row.leaving and world.due[row.id] <= world.now
            stale = not (row.email_verified or row.phone_verified or row.leaving) and row.lapses is not None
            if due or (stale and row.lapses + 7 * DAY < world.now):  # type: ignore[operator]
                earned.add(("purge", row.id))
        with TestCase.captureOnCommitCallbacks(execute=True):
            Run().work()
            housekeeping.purge()
        self.succeeded["purge"] += any(("purge", each) in earned for each in world.rows)
        world.settle(earned)
        world.check()
        for name, customer in earned:
            row = world.rows.get(customer)
            assert row is None or not row.contacts, f"{name}: whose time has come is gone"

    @step(often=3, time=st.sampled_from(WAITS))
    def wait(self, time: dict[str, float]) -> None:
        """Let time pass."""
        self.world.wait(**time)
        self.world.check()


class WholeLife(Steps):
    """The machine."""

    @rule(step=any_step(Steps))
    def live(self, step: tuple[str, dict[str, Any]]) -> None:
        """Do something."""
        name, arguments = step
        getattr(self, name)(**arguments)
