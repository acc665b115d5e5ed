"""Every place of a request where a secret may stand, and which kinds of secret belong there."""

from itertools import product
from typing import Any, NamedTuple

from django.apps import apps
from django.test import Client
from django.urls import reverse

from customer_registration.models import AccountDeletionRequest, Customer, OtpVerification
from tests.conftest import PASSWORD
from tests.security.hostile import GUARD
from tests.security.kinds import LOGGED_OUT, PHONES, Secret, Wallet

NEW_PASSWORD = "another battery staple"
INVALID_TOKEN = {"type": "unauthorized", "message": "Invalid token"}
STAFF_ONLY = {"type": "forbidden", "code": "staff_only", "message": "Only staff may do this"}
ARGUMENTS = {
    "update": {"actor": "customer", "provider": "emailpass"},
    "admin-deletion-request": {"request_id": "01HZZZZZZZZZZZZZZZZZZZZZZZ"},
}


class Place(NamedTuple):
    """A route, a method, and the part of the request that holds the secret: ``bearer``, ``cookie``, or a body key."""

    route: str
    method: str
    slot: str

    @property
    def path(self) -> str:
        """The route's path."""
        return reverse(f"customer_registration:{self.route}", kwargs=ARGUMENTS.get(self.route))


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
    **_both("session", "login", "registration", "staff", cookie=False),
    **_both("session", method="delete"),
    **_both("token-refresh", "login", "registration", "staff"),
    **_both("customers", "registration", cookie=False),
    **_both("verification-request", "login", "registration"),
    **_both("verification-confirm", "login", "registration"),
    Place("verification-confirm", "post", "code"): ("verification link",),
    Place("otp-verify", "post", "token"): ("verification code",),
    Place("contact-undo", "post", "token"): ("undo link",),
    Place("update", "post", "bearer"): ("reset link",),
    Place("update", "post", "token"): ("reset link",),
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
}

# What says that its holder is a customer.
OF_CUSTOMERS = {("login", "bearer"), ("registration", "bearer"), ("session cookie", "cookie")}
# Who is a customer already is told so.
ALREADY = {"login": Place("customers", "post", "bearer"), "session cookie": Place("customers", "post", "cookie")}


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
    if place.route == "admin-deletion-request":
        AccountDeletionRequest.objects.get_or_create(pk=ARGUMENTS[place.route]["request_id"])
    return body


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
    with wallet.api.commit(execute=True):
        if place.method == "get":
            return client.get(place.path, headers=headers)
        return getattr(client, place.method)(place.path, body, content_type="application/json", headers=headers)


def use(secret: Secret, wallet: Wallet) -> Any:
    """Use a secret where it belongs."""
    place = HOME[secret.kind]
    return send(place, secret, body_at(place, wallet, secret), wallet)


def refusal(place: Place, kind: str) -> tuple[int, dict[str, Any]] | None:
    """Return the contract's answer to a secret that does not belong there; ``None`` where only the status is fixed."""
    if place == ALREADY.get(kind):
        return 400, {"type": "invalid_data", "message": "Request already authenticated as a customer."}
    if place.route.startswith("admin-") and (kind, place.slot) in OF_CUSTOMERS:
        return 403, STAFF_ONLY
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
