"""Every kind of secret that the API takes, and how a person comes by it. A new kind must be added here."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import jwt
from django.conf import settings
from django.utils import timezone

from customer_registration.actors import ActorType
from customer_registration.flows.second_factor import authenticator
from customer_registration.models import Customer, OtpVerification, SecondFactor
from tests.conftest import PASSWORD, link_token, new_user

PHONES = {name: f"+44740012345{number}" for number, name in enumerate(("jane", "joe", "zoe", "new"), start=5)}
CONTACT = "/store/customers/me/contact"
DELETION = "/store/customers/account-deletion"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Vendor(ActorType):
    """An actor type of a project's own: any Django user."""

    model = settings.AUTH_USER_MODEL

    def user(self, entity: Any) -> Any:
        """Return the user, whose password ends the vendor's tokens."""
        return entity


@dataclass
class Secret:
    """A live secret: its value and what its person needs beside it."""

    kind: str
    value: str = field(repr=False)
    name: str
    bearer: str = field(default="", repr=False)  # the person's own login; a bystander's where they have none
    code: str = field(default="000000", repr=False)
    row: OtpVerification | None = field(default=None, repr=False)
    path: dict[str, str] = field(default_factory=dict)  # what its own route's path says

    @property
    def email(self) -> str:
        """The address that the person registered."""
        return f"{self.name}@example.com"

    @property
    def expires_at(self) -> float:
        """When it dies by itself, in seconds since the epoch."""
        if self.row:
            return (self.row.grant_until or self.row.expires_at).timestamp()
        token = self.bearer if self.kind == "session cookie" else self.value
        return float(jwt.decode(token, options={"verify_signature": False})["exp"])

    def with_value(self, value: Any) -> "Secret":
        """Return the same with another value."""
        return replace(self, value=value)


@dataclass
class Wallet:
    """Makes secrets of any kind for people called jane, joe and zoe."""

    api: Any
    sign_up: Callable[..., Any]
    register: Callable[..., str]
    bearers: dict[str, str] = field(default_factory=dict)

    def bearer(self, name: str) -> str:
        """Return a login of a customer with a proven e-mail and an unproven phone."""
        if name not in self.bearers:
            person = self.sign_up(f"{name}@example.com", phone=PHONES[name])
            flow = self.api.post("/store/customers/otp/send", {"customer_id": person.id, "type": "email_verification"})
            row = OtpVerification.objects.filter(customer=person.id).latest("pk")
            proof = {"token": flow.json()["token"], "code": row.code()}
            self.bearers[name] = self.api.post("/store/customers/otp/verify", proof).json()["token"]
        return self.bearers[name]

    def log_in(self, name: str, password: str = PASSWORD) -> str:
        """Log a person in anew, by whichever address they have now."""
        row = Customer.objects.get(phone=PHONES[name])
        answer = self.api.post("/auth/customer/emailpass", {"email": row.email, "password": password})
        assert answer.status_code == 200, answer.content
        self.bearers[name] = answer.json()["token"]
        return self.bearers[name]

    def change(self, name: str, **contact: str) -> str:
        """Change a person's contact; return the new bearer."""
        proof = self.ask_change(name, **contact)
        body = {"token": proof.value, "code": proof.code}
        answer = self.api.post(f"{CONTACT}/verify", body, token=self.bearers[name])
        assert answer.status_code == 200, answer.content
        self.bearers[name] = answer.json()["token"]
        return self.bearers[name]

    def ask_change(self, name: str, **contact: str) -> Secret:
        """Ask for a contact change; return the flow token with the code."""
        bearer = self.bearer(name)
        answer = self.api.post(CONTACT, contact, token=bearer)
        assert answer.status_code == 200, answer.content
        [kind] = contact
        row = OtpVerification.objects.filter(purpose=f"{kind}_change").latest("pk")
        label = {"email": "e-mail change", "phone": "phone change"}[kind]
        return Secret(label, answer.json()["token"], name, bearer, row.code(), row)

    def ask_code(self, name: str, step: str) -> tuple[str, OtpVerification]:
        """Ask for a code by identifier; return the flow token and the code's row."""
        answer = self.api.post(f"/auth/customer/otp/{step}", {"identifier": f"{name}@example.com"})
        assert answer.status_code == 200, answer.content
        return answer.json()["token"], OtpVerification.objects.latest("pk")

    def enrol(self, name: str) -> None:
        """Put an authenticator app in force for a customer."""
        person = Customer.objects.get(phone=PHONES[name])
        key = {"enabled_key": f"{person.pk}:totp"}
        enabled = {"secret": authenticator.seal(SEED), "status": "enabled", "enabled_at": timezone.now()}
        SecondFactor.objects.get_or_create(customer=person, provider="totp", **key, defaults=enabled)
        Customer.objects.filter(pk=person.pk).update(has_second_factor=True)

    def make(self, kind: str, name: str = "jane") -> Secret:
        """Make a secret of a kind for a person."""
        return MAKERS[kind](self, name)


def _login(wallet: Wallet, name: str) -> Secret:
    bearer = wallet.bearer(name)
    return Secret("login", bearer, name, bearer)


def _registration(wallet: Wallet, name: str) -> Secret:
    bystander = wallet.bearer("zoe")
    return Secret("registration", wallet.register(f"{name}@example.com"), name, bystander)


def _staff(wallet: Wallet, name: str) -> Secret:
    bystander = wallet.bearer("zoe")
    new_user(f"staff-{name}", f"{name}@example.com", is_staff=True)
    credentials = {"email": f"{name}@example.com", "password": PASSWORD}
    return Secret("staff", wallet.api.post("/auth/user/emailpass", credentials).json()["token"], name, bystander)


def _verification_code(wallet: Wallet, name: str) -> Secret:
    bearer = wallet.bearer(name)
    person = Customer.objects.get(email=f"{name}@example.com")
    body = {"customer_id": person.pk, "type": "phone_verification"}
    token = wallet.api.post("/store/customers/otp/send", body).json()["token"]
    row = OtpVerification.objects.filter(purpose="phone_verification", customer=person).latest("pk")
    return Secret("verification code", token, name, bearer, row.code(), row)


def _verification_link(wallet: Wallet, name: str) -> Secret:
    bearer, body = wallet.bearer(name), {"entity_id": PHONES[name], "entity_type": "phone"}
    assert wallet.api.post("/auth/verification/request", body, token=bearer).status_code == 201
    row = OtpVerification.objects.filter(purpose="phone_verification_link").latest("pk")
    return Secret("verification link", link_token(PHONES[name]), name, bearer, row=row)


def _reset(wallet: Wallet, name: str) -> Secret:
    bearer, email = wallet.bearer(name), f"{name}@example.com"
    assert wallet.api.post("/auth/customer/emailpass/reset-password", {"identifier": email}).status_code == 201
    row = OtpVerification.objects.filter(purpose="password_reset").latest("pk")
    return Secret("reset link", link_token(email), name, bearer, row=row)


def _undo(wallet: Wallet, name: str) -> Secret:
    bearer = wallet.change(name, email=f"{name}.new@example.com")
    row = OtpVerification.objects.filter(purpose="contact_undo").latest("pk")
    return Secret("undo link", link_token(f"{name}@example.com"), name, bearer, row=row)


def _deletion(wallet: Wallet, name: str) -> Secret:
    bearer = wallet.bearer(name)
    answer = wallet.api.post(f"{DELETION}/request", {"reason": "bye"}, token=bearer)
    assert answer.status_code == 200, answer.content
    row = OtpVerification.objects.filter(purpose="account_deletion_request").latest("pk")
    return Secret("deletion code", answer.json()["token"], name, bearer, row.code(), row)


def _cancel(wallet: Wallet, name: str) -> Secret:
    bystander, asked = wallet.bearer("zoe"), _deletion(wallet, name)
    confirmed = wallet.api.post(f"{DELETION}/confirm", {"token": asked.value, "code": asked.code})
    assert confirmed.status_code == 200, confirmed.content
    answer = wallet.api.post(f"{DELETION}/cancel-request", {"email": f"{name}@example.com"})
    row = OtpVerification.objects.filter(purpose="account_deletion_cancel").latest("pk")
    return Secret("cancel code", answer.json()["token"], name, bystander, row.code(), row)


def _cookie(wallet: Wallet, name: str) -> Secret:
    bearer = wallet.bearer(name)
    answer = wallet.api.post("/auth/session", token=bearer)
    wallet.api.client.cookies.clear()
    return Secret("session cookie", answer.cookies["sessionid"].value, name, bearer)


def _vendor(wallet: Wallet, name: str) -> Secret:
    bystander, email = wallet.bearer("zoe"), f"{name}@example.com"
    new_user(f"vendor-{name}", email)
    flow = wallet.api.post("/auth/vendor/otp/generate", {"identifier": email}).json()["token"]
    proof = {"identifier": email, "otp": OtpVerification.objects.latest("pk").code(), "token": flow}
    return Secret("vendor", wallet.api.post("/auth/vendor/otp", proof).json()["token"], name, bystander)


def _login_code(wallet: Wallet, name: str) -> Secret:
    bearer = wallet.bearer(name)
    flow, row = wallet.ask_code(name, "generate")
    return Secret("login code", flow, name, bearer, row.code(), row)


def _registration_code(wallet: Wallet, name: str) -> Secret:
    bystander = wallet.bearer("zoe")
    flow, row = wallet.ask_code(name, "pre-register")
    return Secret("registration code", flow, name, bystander, row.code(), row)


def _grant(wallet: Wallet, name: str) -> Secret:
    asked = _registration_code(wallet, name)
    proof = {"identifier": asked.email, "otp": asked.code, "token": asked.value}
    assert wallet.api.post("/auth/customer/otp/register", proof).status_code == 200
    row = OtpVerification.objects.get(pk=asked.row.pk) if asked.row else None
    return Secret("grant", asked.value, name, asked.bearer, asked.code, row)


def _challenge(wallet: Wallet, name: str) -> Secret:
    bearer = wallet.bearer(name)
    wallet.enrol(name)
    answer = wallet.api.post("/auth/customer/emailpass", {"email": f"{name}@example.com", "password": PASSWORD}).json()
    row = OtpVerification.objects.filter(purpose="second_factor_challenge").latest("pk")
    named = {"challenge_id": answer["mfa_challenge"]["id"]}
    return Secret("challenge", answer["token"], name, bearer, row=row, path=named)


MAKERS: dict[str, Callable[[Wallet, str], Secret]] = {
    "login": _login,
    "registration": _registration,
    "staff": _staff,
    "verification code": _verification_code,
    "verification link": _verification_link,
    "e-mail change": lambda wallet, name: wallet.ask_change(name, email=f"{name}.next@example.com"),
    "phone change": lambda wallet, name: wallet.ask_change(name, phone="+447400123999"),
    "reset link": _reset,
    "undo link": _undo,
    "deletion code": _deletion,
    "cancel code": _cancel,
    "session cookie": _cookie,
    "vendor": _vendor,
    "login code": _login_code,
    "registration code": _registration_code,
    "grant": _grant,
    "challenge": _challenge,
}
KINDS = tuple(MAKERS)
OPEN_CODES = ("login code", "registration code", "grant")  # whose flow tokens need not be shown
# Whose people have no login of a customer's.
LOGGED_OUT = ("registration", "staff", "cancel code", "vendor", "registration code", "grant")
SESSIONS = ("login", "registration", "staff", "session cookie", "vendor", "challenge")
JWTS = tuple(kind for kind in KINDS if kind not in ("session cookie", "undo link", "verification link"))
