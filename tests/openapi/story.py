"""The life whose requests and answers are the examples of the docs."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.urls import resolve

from customer_registration.api.schema import Operation
from tests.conftest import PASSWORD, Api, last_code
from tests.openapi.spoken import Shown
from tests.plans.life import FACTORS, LEAVING, LOGIN, ME, OTP, Walk

Example = dict[str, Any]


def operation_at(method: str, path: str) -> Operation:
    """Return the operation behind a path."""
    view: Any = resolve(path.partition("?")[0]).func
    operation: Operation = getattr(view.cls, view.actions[method]).operation
    return operation


def name_of(status: int, answer: Any) -> str:
    """Return what an example is called: its error's code or type, or what a login waits for."""
    if not isinstance(answer, dict):
        return "done"
    if status >= 400:
        return str(answer.get("code") or answer.get("type") or ("refused" if "error" in answer else "guard"))
    return next((mark for mark in ("mfa_required", "verification_required") if mark in answer), "done")


class Told(Walk):
    """Walks through every route, keeping the first of each kind of answer."""

    def __init__(self, api: Api, configure: Callable[..., None]) -> None:
        super().__init__(api, lambda *_: nullcontext())
        self.configure, self.shown = configure, Shown()
        self.examples: dict[str, list[Example]] = {}

    def ask(self, path: str, body: Any = None, *, method: str = "post", token: str | None = None, ok: int = 200) -> Any:
        """Send a request, keep what was said, and return the body of the answer."""
        answer = self.api.request(method, path, body, token=token)
        assert answer.status_code == ok, (path, answer.content)
        is_json = answer["content-type"].startswith("application/json")
        told = answer.json() if is_json else answer.content.decode()
        operation = operation_at(method, path)
        kept = self.examples.setdefault(operation.id_for(method.upper()), [])
        name = name_of(ok, told)
        if all((each["name"], each["status"]) != (name, ok) for each in kept):
            sent = {"body": self.shown.value(body)} if operation.request and body is not None and ok < 300 else {}
            kept.append({"name": name, **sent, "status": ok, "answer": self.shown.value(told)})
        return told if is_json else None

    def all_of_it(self) -> None:
        """Walk the whole way, and meet the refusals that storefronts are written around."""
        super().all_of_it()
        self.be_refused()
        self.be_asked_to_verify()

    def be_refused(self) -> None:
        """Come without a token, with a contact that is taken, a wrong password, a second factor that is not there."""
        self.log_in()
        self.ask(ME, method="get", ok=401)
        self.ask(ME, {"email": "joe@example.com"}, token=self.token, ok=400)
        self.ask(f"{ME}/password", {"old_password": "wrong", "password": PASSWORD}, token=self.token, ok=403)
        self.ask(f"{ME}/contact", {}, token=self.token, ok=400)
        self.ask(f"{LOGIN}/register", {"email": "joe@example.com", "password": "short"}, ok=400)
        joe = self.ask(f"{LOGIN}/register", {"email": "joe@example.com", "password": PASSWORD})["token"]
        self.ask("/store/customers", {"phone": "+12025550123"}, token=joe, ok=422)
        self.ask("/auth/mfa/recovery-codes", {}, token=self.token, ok=400)
        self.ask("/store/auth/otp", {"email": "jane@example.com", "otp": "000000"}, ok=400)
        self.ask(f"{FACTORS}/authmfa_01KF0000000000000000000000", {}, method="delete", token=self.token, ok=404)
        self.configure(RATE_LIMITS={"RULES": {"login": "1/m/ip"}})
        self.log_in()
        self.ask(LOGIN, {"email": "jane@example.com", "password": PASSWORD}, ok=429)
        self.configure(RATE_LIMITS={"RULES": {"login": ""}}, EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 90})

    def be_asked_to_verify(self) -> None:
        """Log in before the address is proven, in both ways to say so, and while the account is being deleted."""
        ann = {"email": "kay@example.com", "password": PASSWORD}
        token = self.ask(f"{LOGIN}/register", ann)["token"]
        customer = self.ask("/store/customers", {}, token=token)["customer"]["id"]
        send = {"customer_id": customer, "type": "email_verification"}
        self.ask(LOGIN, ann, ok=403)
        flow = self.ask(f"{OTP}/send", send)
        self.ask(f"{OTP}/send", send, ok=429)
        self.configure(LOGIN={"UNVERIFIED_RESPONSE": "challenge"})
        self.ask(LOGIN, ann)
        self.ask("/auth/token/refresh", token=token)
        self.ask(f"{OTP}/verify", {"token": flow["token"], "code": last_code("kay@example.com")})
        self.ask(f"{OTP}/send", send, ok=400)
        login = self.ask(LOGIN, ann)["token"]
        flow = self.ask(f"{LEAVING}/request", {"reason": "Moving abroad"}, token=login)
        self.ask(f"{LEAVING}/confirm", {"token": flow["token"], "code": last_code("kay@example.com")})
        self.ask(LOGIN, ann, ok=403)
