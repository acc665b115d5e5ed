"""Every place of a request where a secret may stand, and which kinds of secret belong there."""

from itertools import product
from typing import Any, NamedTuple

from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customer_registration.flows.second_factor import authenticator
from customer_registration.models import AccountDeletionRequest, Customer, OtpVerification, SecondFactor
from tests.by_code import INVALID as INVALID_OTP
from tests.conftest import PASSWORD
from tests.security.hostile import GUARD
from tests.security.kinds import LOGGED_OUT, PHONES, SEED, Secret, Wallet

NEW_PASSWORD = "another battery staple"
INVALID_TOKEN = {"type": "unauthorized", "message": "Invalid token"}
STAFF_ONLY = {"type": "forbidden", "code": "staff_only", "message": "Only staff may do this"}
CODE_ROUTES = ("code-login", "code-verify", "code-register")
FACTOR_ROUTES = ("mfa-factor", "mfa-factor-verify")
ARGUMENTS = {
    "update": {"actor": "customer", "provider": "emailpass"},
    "admin-deletion-request": {"request_id": "01HZZZZZZZZZZZZZZZZZZZZZZZ"},
    **{route: {"actor": "customer"} for route in CODE_ROUTES},
    **{route: {"factor_id": "authmfa_01HZZZZZZZZZZZZZZZZZZZZZZZ"} for route in FACTOR_ROUTES},
    "mfa-challenge-verify": {"challenge_id": "authmfachal_01HZZZZZZZZZZZZZZZZZZZZZZZ"},
}
NO_CHALLENGE = {"type": "not_found", "code": "not_found", "message": "The challenge does not exist, or is over"}


class Place(NamedTuple):
    """A route, a method, and the part of the request that holds the secret: ``bearer``, ``cookie``, or a body key."""

    route: str
    method: str
    slot: str

    def path(self, **own: str) -> str:
        """Return the route's path, with parts of the secret's own."""
        arguments = ARGUMENTS.get(self.route, {})
        return reverse(
            f"customer_registration:{self.route}",
            kwargs={name: own.get(name, text) for name, text in arguments.items()},
        )


def _both(route: str, *kinds: str, method: str = "post", cookie: bool = True) -> dict[Place, tuple[str, ...]]:
    return {
        Place(route, method, "bearer"): kinds,
        Place(route, method, "cookie"): ("session cookie",) if cookie else (),
    }


# The diagonal: which kinds open which place. A session is opened by a bearer alone and ended by its cookie alone; a
# customer is created by the registration token alone.
BELONGS: dict[Place, tuple[str, ...]] = {
    **_both("me", "login", method="get"),
    **_both("me", "login"),
    **_both("me", "login", method="patch"),
    **_both("contact", "login"),
    **_both("contact-verify", "login"),
    Place("contact-verify", "post", "token"): ("e-mail change", "phone change"),
    **_both("password", "login"),
    **_both("logout-all", "login"),
    **_both("session", "login", "registration", "staff", "vendor", "challenge", cookie=False),
    **_both("session", method="delete"),
    **_both("token-refresh", "login", "registration", "staff", "vendor", "challenge"),
    **_both("customers", "registration", cookie=False),
    **_both("verification-request", "login", "registration", "challenge"),
    **_both("verification-confirm", "login", "registration", "challenge"),
    Place("verification-confirm", "post", "code"): ("verification link",),
    Place("otp-verify", "post", "token"): ("verification code",),
    Place("contact-undo", "post", "token"): ("undo link",),
    Place("update", "post", "bearer"): ("reset link",),
    Place("update", "post", "token"): ("reset link",),
    Place("code-verify", "post", "token"): ("login code",),
    Place("code-login", "post", "token"): ("login code", "grant"),
    Place("code-register", "post", "token"): ("registration code",),
    **_both("two-step-login", "login", method="get"),
    **_both("two-step-login", method="delete"),
    **_both("mfa-factors", "login", method="get"),
    **_both("mfa-factors", "login"),
    **_both("mfa-factor", "login", method="delete"),
    **_both("mfa-factor-verify", "login"),
    **_both("mfa-recovery-codes", "login"),
    **_both("mfa-challenge-verify", "challenge", cookie=False),
    **_both("deletion-request", "login"),
    Place("deletion-confirm", "post", "token"): ("deletion code",),
    Place("deletion-cancel-confirm", "post", "token"): ("cancel code",),
    **_both("admin-deletion-requests", "staff", method="get", cookie=False),
    **_both("admin-deletion-request", "staff", method="get", cookie=False),
}
# Public routes that take no secret: whatever bearer a request carries, the answer is a stranger's.
TOKENLESS = {
    ("providers", "get"),
    ("login", "post"),
    ("register", "post"),
    ("reset-password", "post"),
    ("otp-send", "post"),
    ("deletion-cancel-request", "post"),
    *product(("code-generate", "code-pre-register", "two-step-login", "two-step-login-code"), ["post"]),
    *product(("unknown-auth", "unknown-store"), ("get", "post", "put", "patch", "delete", "options")),
}
HOME = {
    "login": Place("me", "get", "bearer"),
    "registration": Place("customers", "post", "bearer"),
    "staff": Place("token-refresh", "post", "bearer"),
    "session cookie": Place("me", "get", "cookie"),
    "verification code": Place("otp-verify", "post", "token"),
    "verification link": Place("verification-confirm", "post", "code"),
    "e-mail change": Place("contact-verify", "post", "token"),
    "phone change": Place("contact-verify", "post", "token"),
    "reset link": Place("update", "post", "bearer"),
    "undo link": Place("contact-undo", "post", "token"),
    "deletion code": Place("deletion-confirm", "post", "token"),
    "cancel code": Place("deletion-cancel-confirm", "post", "token"),
    "vendor": Place("token-refresh", "post", "bearer"),
    "login code": Place("code-verify", "post", "token"),
    "registration code": Place("code-register", "post", "token"),
    "grant": Place("code-login", "post", "token"),
    "challenge": Place("mfa-challenge-verify", "post", "bearer"),
}

# What says that its holder is a customer, and what that they are some other actor but staff.
OF_CUSTOMERS = {(kind, "bearer") for kind in ("login", "registration", "challenge")} | {("session cookie", "cookie")}
NO_STAFF = {*OF_CUSTOMERS, ("vendor", "bearer")}
# Who is a customer already is told so.
ALREADY = {
    "login": Place("customers", "post", "bearer"),
    "challenge": Place("customers", "post", "bearer"),
    "session cookie": Place("customers", "post", "cookie"),
}


def body_at(place: Place, wallet: Wallet, secret: Secret) -> dict[str, Any]:
    """Return a body that is right in all but the secret; codes are live ones of its own person."""
    person = Customer.objects.filter(email__startswith=secret.name).first()
    kind = "email" if secret.kind == "registration" else "phone"
    bodies: dict[str, dict[str, Any]] = {
        "me": {"first_name": "Changed"},
        "contact": {"email": "elsewhere@example.com"},
        "contact-verify": {"token": secret.value, "code": secret.code},
        "password": {"old_password": PASSWORD, "password": NEW_PASSWORD},
        "customers": {"first_name": "Changed", "phone": PHONES["new"]},
        "verification-request": {"entity_id": getattr(person, "email", "nobody@example.com"), "entity_type": "email"},
        "verification-confirm": {"code": secret.value, "code_provider": "token"},
        "otp-verify": {"token": secret.value, "code": secret.code},
        "contact-undo": {"token": secret.value},
        "deletion-request": {"reason": "bye"},
        "deletion-confirm": {"token": secret.value, "code": secret.code},
        "deletion-cancel-confirm": {"token": secret.value, "code": secret.code},
        "update": {"password": NEW_PASSWORD},
        "mfa-factors": {"provider": "totp"},
        **{route: {"identifier": secret.email, "otp": secret.code, "token": secret.value} for route in CODE_ROUTES},
    }
    body = bodies.get(place.route, {})
    if place == ("update", "post", "token"):
        body["token"] = secret.value
    if place.slot in ("bearer", "cookie") and place.route == "contact-verify":
        owner = secret.name if secret.kind not in LOGGED_OUT else "zoe"
        proof = wallet.ask_change(owner, email="elsewhere@example.com")
        body = {"token": proof.value, "code": proof.code}
    if place.slot in ("bearer", "cookie") and place.route == "verification-confirm":
        body = {"code": live_code(person, kind, wallet) if person else "000000", "code_provider": "otp"}
    if place.route.startswith("mfa-") and place.route != "mfa-factors":
        body = factor_body(place.route, wallet, secret)
    if place.route == "admin-deletion-request":
        AccountDeletionRequest.objects.get_or_create(pk=ARGUMENTS[place.route]["request_id"])
    return body


def factor_body(route: str, wallet: Wallet, secret: Secret) -> dict[str, Any]:
    """Set up what a route about second factors is about, and return a body that is right."""
    owner = secret.name if secret.kind not in LOGGED_OUT else "zoe"
    step = int(timezone.now().timestamp()) // authenticator.STEP_SECONDS
    if route in FACTOR_ROUTES:
        person = Customer.objects.get(phone=PHONES[owner])
        pending = SecondFactor.objects.create(customer=person, provider="totp", secret=authenticator.seal(SEED))
        secret.path["factor_id"] = pending.pk
        return {"code": authenticator.code_at(SEED, step)} if route == "mfa-factor-verify" else {}
    wallet.enrol(owner)
    return {"method": "totp", "code": authenticator.code_at(SEED, step)}


def live_code(person: Customer, kind: str, wallet: Wallet) -> str:
    """Have a verification code sent and return it."""
    asked = {"customer_id": person.pk, "type": f"{kind}_verification"}
    assert wallet.api.post("/store/customers/otp/send", asked).status_code == 200
    return OtpVerification.objects.filter(purpose=f"{kind}_verification").latest("pk").code()


def send(place: Place, secret: Secret, body: dict[str, Any], wallet: Wallet) -> Any:
    """Send a request with the secret in its place, and nothing else that opens anything but where two are needed."""
    client, headers = Client(), {}
    if place.slot == "bearer":
        headers["authorization"] = f"Bearer {secret.value}"
    elif place.slot == "cookie":
        client.cookies["sessionid"] = secret.value
    elif place.route == "contact-verify":
        headers["authorization"] = f"Bearer {secret.bearer}"
    path = place.path(**secret.path)
    with wallet.api.commit(execute=True):
        if place.method == "get":
            return client.get(path, headers=headers)
        return getattr(client, place.method)(path, body, content_type="application/json", headers=headers)


def use(secret: Secret, wallet: Wallet) -> Any:
    """Use a secret where it belongs."""
    place = HOME[secret.kind]
    return send(place, secret, body_at(place, wallet, secret), wallet)


def refusal(place: Place, kind: str) -> tuple[int, dict[str, Any]] | None:
    """Return the contract's answer to a secret that does not belong there; ``None`` where only the status is fixed."""
    if place == ALREADY.get(kind):
        return 400, {"type": "invalid_data", "message": "Request already authenticated as a customer."}
    if place.route.startswith("admin-") and (kind, place.slot) in NO_STAFF:
        return 403, STAFF_ONLY
    if place.route == "mfa-challenge-verify" and (kind, place.slot) in OF_CUSTOMERS:
        return 404, NO_CHALLENGE
    if place.route.startswith("code-"):
        return 400, INVALID_OTP
    if place.slot in ("bearer", "cookie") and place.route != "update":
        return 401, GUARD
    if place.slot == "code":
        return None
    return 401, INVALID_TOKEN


def snapshot() -> dict[str, Any]:
    """Return every row of every table."""
    models = apps.get_models(include_auto_created=True)
    return {
        model._meta.db_table: [
            [bytes(value) if isinstance(value, memoryview) else value for value in row]
            for row in model._default_manager.order_by("pk").values_list()
        ]
        for model in models
    }
