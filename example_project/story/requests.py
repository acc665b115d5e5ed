"""What the people of the story ask of the shop, and what they make of what it sends."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from example_project.story.people import Person
from example_project.story.shop import Answer, Shop, Unexpected

CODE_IN_MAIL = r"^ {4}(\S+)$"
CODE_IN_TEXT = r"^(\w+) is "
CODE_TO_LEAVE = r"^(\w+) is the code to delete your account|code to delete your account:\s+(\S+)"
CODE_TO_STAY = r"^(\w+) is the code to keep your account|code to keep your account:\s+(\S+)"
CODE_TO_SIGN_UP = r"^(\w+) is your sign-up code|code to create your account:\s+(\S+)"
CODE_TO_LOG_IN = r"^(\w+) is your login code|code to log in:\s+(\S+)"
LINK = r"(https?://\S+)"
UNDO_LINK = r"(https?://\S+/contact-change/undo\?\S+)"
RESET_LINK = r"(https?://\S+/reset-password\?\S+)"
EMAIL_VERIFICATION = "email_verification"
PHONE_VERIFICATION = "phone_verification"


def register(shop: Shop, credentials: dict[str, str], *, provider: str = "emailpass") -> Answer:
    """Claim an identifier with a password."""
    return shop.post(f"/auth/customer/{provider}/register", credentials)


def create(shop: Shop, person: Person, **profile: str) -> Answer:
    """Turn the person's registration token into a customer."""
    return shop.post("/store/customers", profile, token=person.registration_token)


def log_in(shop: Shop, credentials: dict[str, str], *, provider: str = "emailpass") -> Answer:
    """Log in by password."""
    return shop.post(f"/auth/customer/{provider}", credentials)


def send_code(shop: Shop, person: Person, purpose: str) -> Answer:
    """Ask for a code to one of the person's contacts."""
    return shop.post("/store/customers/otp/send", {"customer_id": person.customer_id, "type": purpose})


def bring(shop: Shop, person: Person, code: str) -> Answer:
    """Bring a code to the person's flow."""
    return shop.post("/store/customers/otp/verify", {"token": person.flow_token, "code": code})


def update(shop: Shop, person: Person, **profile: Any) -> Answer:
    """Change the person's own record."""
    return shop.post("/store/customers/me", profile, token=person.login_token)


def ask_for_change(shop: Shop, person: Person, kind: str, contact: str) -> Answer:
    """Ask for a code to another e-mail or phone."""
    return shop.post("/store/customers/me/contact", {kind: contact}, token=person.login_token)


def bring_for_change(shop: Shop, person: Person, code: str) -> Answer:
    """Bring a code to the person's contact change."""
    body = {"token": person.flow_token, "code": code}
    return shop.post("/store/customers/me/contact/verify", body, token=person.login_token)


def undo_change(shop: Shop, token: str) -> Answer:
    """Follow the link that takes a contact change back."""
    return shop.post("/store/customers/contact/undo", {"token": token})


def forget_password(shop: Shop, identifier: str) -> Answer:
    """Ask for a link to choose a new password; as the SDK does, by ``identifier`` whatever it is."""
    return shop.post("/auth/customer/emailpass/reset-password", {"identifier": identifier})


def choose_password(shop: Shop, password: str, *, token: str) -> Answer:
    """Set a new password with the token of a mailed link."""
    return shop.post("/auth/customer/emailpass/update", {"password": password}, token=token)


def change_password(shop: Shop, person: Person, *, old: str, new: str) -> Answer:
    """Set a new password with the old one."""
    return shop.post("/store/customers/me/password", {"old_password": old, "password": new}, token=person.login_token)


def log_out_everywhere(shop: Shop, person: Person) -> Answer:
    """End every session of the person."""
    return shop.post("/store/customers/me/logout-all", token=person.login_token)


def ask_for_deletion(shop: Shop, person: Person, *, reason: str) -> Answer:
    """Ask for a code to delete the person's account."""
    return shop.post("/store/customers/account-deletion/request", {"reason": reason}, token=person.login_token)


def confirm_deletion(shop: Shop, person: Person) -> Answer:
    """Bring the code that deletes the account; whoever brings it need not be logged in."""
    body = {"token": person.flow_token, "code": person.code}
    return shop.post("/store/customers/account-deletion/confirm", body)


def ask_to_stay(shop: Shop, kind: str, contact: str) -> Answer:
    """Ask for a code to keep an account, by its e-mail or phone."""
    return shop.post("/store/customers/account-deletion/cancel-request", {kind: contact})


def confirm_staying(shop: Shop, person: Person) -> Answer:
    """Bring the code that keeps the account."""
    body = {"token": person.flow_token, "code": person.code}
    return shop.post("/store/customers/account-deletion/cancel-confirm", body)


def ask_for_code(shop: Shop, road: str, identifier: str, *, actor: str = "customer") -> Answer:
    """Ask for a code by naming an identifier: ``generate`` one to log in, ``pre-register`` to sign up."""
    return shop.post(f"/auth/{actor}/otp/{road}", {"identifier": identifier})


def bring_code(shop: Shop, road: str, identifier: str, code: str, *, token: str, actor: str = "customer") -> Answer:
    """Bring a code for an identifier: ``/verify`` to log in, ``/register``, or nothing, which takes both kinds."""
    return shop.post(f"/auth/{actor}/otp{road}", {"identifier": identifier, "otp": code, "token": token})


def answer_challenge(shop: Shop, person: Person, method: str, code: str) -> Answer:
    """Show a second factor to the person's challenge, with the token that came with it."""
    path = f"/auth/mfa/challenges/{person.challenge_id}/verify"
    return shop.post(path, {"method": method, "code": code}, token=person.flow_token)


def look_at_oneself(shop: Shop, person: Person) -> Answer:
    """Ask for the customer's own record."""
    return shop.get("/store/customers/me", token=person.login_token)


def refresh(shop: Shop, person: Person) -> Answer:
    """Renew the person's login token."""
    return shop.post("/auth/token/refresh", token=person.login_token)


def list_providers(shop: Shop) -> str:
    """Return the ids of the providers that customers can log in by."""
    providers = shop.get("/auth/customer/providers").expect(200, providers=list)["providers"]
    return ", ".join(str(provider.get("id")) for provider in providers)


def another(code: str) -> str:
    """Return a wrong code of the same length."""
    return ("1" if code[0] != "1" else "2") + code[1:]


def token_of(link: str) -> str:
    """Return the ``token`` in a link's query.

    Raises:
        Unexpected: it has none.
    """
    values = parse_qs(urlsplit(link).query).get("token")
    if not values:
        raise Unexpected(expected="a link with ?token=", came=link)
    return values[0]
