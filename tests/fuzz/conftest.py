"""Callers of the fuzzed API, and the savepoint that each example runs in."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction

from customer_registration import ratelimits
from customer_registration.ratelimits.rules import DEFAULT_RULES
from tests.conftest import PASSWORD, Api, Person, new_user
from tests.fuzz.sessions import WholeLife

NO_THROTTLE = {"RESEND_THROTTLE_SECONDS": 0}
OPTIONS = ("EMAIL_VERIFICATION", "PHONE_VERIFICATION", "PASSWORD_RESET", "TWO_STEP_LOGIN")
RULES = dict.fromkeys(DEFAULT_RULES, "") | {"code_failed": "9999/d/key,9999/15m/key,9999/30d/key"}
EMAIL, PHONE = "jane@example.com", "+12025550123"


@dataclass
class Caller:
    """Somebody with a token or without, and the values of theirs that may stand in for generated ones."""

    name: str
    token: str | None = field(default=None, repr=False)
    values: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The headers that they send."""
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def callers(
    api: Api,
    sign_up: Callable[..., Person],
    prove: Callable[..., dict[str, Any]],
    register: Callable[..., str],
) -> list[Caller]:
    """Nobody, a customer, somebody in the middle of registering, and staff."""
    jane = sign_up(EMAIL, phone=PHONE)
    bearer = prove(jane, "email")["token"]
    new_user("boss", "boss@example.com", is_staff=True)
    staff = {"email": "boss@example.com", "password": PASSWORD}
    theirs = {"email": EMAIL, "identifier": EMAIL, "password": PASSWORD, "customer_id": jane.id, "entity_id": PHONE}
    return [
        Caller("nobody"),
        Caller("customer", bearer, {**theirs, "old_password": PASSWORD, "entity_type": "phone"}),
        Caller("registrant", register("joe@example.com"), {"email": "joe@example.com", "password": PASSWORD}),
        Caller("staff", api.post("/auth/user/emailpass", staff).json()["token"], staff),
    ]


@pytest.fixture
def rolled_back(api: Api) -> Callable[[], AbstractContextManager[None]]:
    """Run one example with fresh limits, do what it leaves for the commit, and take all of it back."""

    @contextmanager
    def example() -> Iterator[None]:
        ratelimits.reset()
        with transaction.atomic():
            with api.commit(execute=True):
                yield
            transaction.set_rollback(True)

    return example


@pytest.fixture
def machine(db: None, configure: Callable[..., None]) -> Callable[..., type[WholeLife]]:
    """Return the machine of a mode, in a shop where nobody waits for the next code: codes have their own limits."""

    def made(mode: str, *, verifying: bool) -> type[WholeLife]:
        # auth.User has no field for a phone; a model that has one asks for it where people register by e-mail.
        adapter = {"USER_ADAPTER": "tests.user_models.adapters.NamedByIdAdapter"} if mode == "phone" else {}
        configure(
            REGISTRATION={"IDENTIFIER": mode, "REQUIRE_VERIFICATION": verifying},
            RATE_LIMITS={"RULES": RULES},
            **dict.fromkeys(OPTIONS, NO_THROTTLE),
            **adapter,
        )
        names: dict[str, Any] = {"mode": mode, "verifying": verifying, "succeeded": Counter()}
        return type(f"By{mode.title()}", (WholeLife,), names)

    return made
