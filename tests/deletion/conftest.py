"""Customers on their way out: `ask_to_leave`, `leave` and `ask_to_stay` speak HTTP, `leaving` has confirmed it all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from customer_registration.models import AccountDeletionRequest
from tests.conftest import PASSWORD, Api, Person, last_code, new_user

EMAIL, PHONE = "jane@example.com", "+12025550123"
BASE = "/store/customers/account-deletion"
REQUEST, CONFIRM = f"{BASE}/request", f"{BASE}/confirm"
CANCEL_REQUEST, CANCEL_CONFIRM = f"{BASE}/cancel-request", f"{BASE}/cancel-confirm"


@dataclass
class Leaver(Person):
    """Somebody who confirmed that they leave; ``bearer`` is the login token that opened the request."""

    bearer: str

    @property
    def request(self) -> AccountDeletionRequest:
        """The newest deletion request as stored now."""
        return AccountDeletionRequest.objects.filter(customer_ref=self.id).latest("pk")


@pytest.fixture
def ask_to_leave(api: Api) -> Callable[..., str]:
    """Ask for the deletion of one's account and return the flow token; `last_code` reads the code."""

    def run(token: str, **body: Any) -> str:
        answer = api.post(REQUEST, body, token=token)
        assert answer.status_code == 200, answer.content
        return str(answer.json()["token"])

    return run


@pytest.fixture
def leave(api: Api, ask_to_leave: Callable[..., str]) -> Callable[..., dict[str, Any]]:
    """Ask for the deletion of one's account and confirm it by the code sent to ``to``; return the request as shown."""

    def run(token: str, to: str = EMAIL, **body: Any) -> dict[str, Any]:
        flow = ask_to_leave(token, **body)
        answer = api.post(CONFIRM, {"token": flow, "code": last_code(to)})
        assert answer.status_code == 200, answer.content
        return dict(answer.json()["request"])

    return run


@pytest.fixture
def sign_up_by_phone(api: Api, configure: Callable[..., None]) -> Callable[..., str]:
    """Sign up in mode ``phone``, with no address, prove the number, and return a login token."""

    def run(phone: str = PHONE) -> str:
        adapter = "tests.user_models.adapters.NamedByIdAdapter"
        configure(REGISTRATION={"IDENTIFIER": "phone"}, USER_ADAPTER=adapter)
        register = "/auth/customer/emailpass/register"
        token = api.post(register, {"phone": phone, "password": PASSWORD}).json()["token"]
        customer = api.post("/store/customers", {}, token=token).json()["customer"]
        asked = {"customer_id": customer["id"], "type": "phone_verification"}
        flow = api.post("/store/customers/otp/send", asked).json()["token"]
        answer = api.post("/store/customers/otp/verify", {"token": flow, "code": last_code(phone)})
        assert answer.status_code == 200, answer.content
        return str(answer.json()["token"])

    return run


@pytest.fixture
def leaving(verified: Callable[..., tuple[Person, str]], leave: Callable[..., dict[str, Any]]) -> Callable[..., Leaver]:
    """Sign up, prove the address, and confirm the deletion of the account; ``reason`` goes with the request."""

    def run(email: str = EMAIL, *, reason: str | None = None, **options: Any) -> Leaver:
        person, token = verified(email, **options)
        leave(token, email, **({} if reason is None else {"reason": reason}))
        return Leaver(person.email, person.password, person.token, person.id, token)

    return run


@pytest.fixture
def ask_to_stay(api: Api) -> Callable[..., str]:
    """Ask to cancel a deletion, ``email="…"`` or whichever contact, and return the flow token."""

    def run(**contact: str) -> str:
        answer = api.post(CANCEL_REQUEST, contact or {"email": EMAIL})
        assert answer.status_code == 200, answer.content
        return str(answer.json()["token"])

    return run


@pytest.fixture
def stay(api: Api, ask_to_stay: Callable[..., str]) -> Callable[..., dict[str, Any]]:
    """Cancel a deletion by the code sent to ``email="…"`` or whichever contact; return the request as shown."""

    def run(**contact: str) -> dict[str, Any]:
        [to] = contact.values() or [EMAIL]
        answer = api.post(CANCEL_CONFIRM, {"token": ask_to_stay(**contact), "code": last_code(to)})
        assert answer.status_code == 200, answer.content
        return dict(answer.json()["request"])

    return run


@pytest.fixture
def boss(db: None) -> Any:
    """A staff user."""
    return new_user("boss", "boss@example.com", is_staff=True)


@pytest.fixture
def staff(api: Api, boss: Any) -> str:
    """The token of a staff user, who logged in elsewhere."""
    answer = api.another().post("/auth/user/emailpass", {"email": boss.email, "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["token"])
