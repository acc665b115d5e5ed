"""What the people of the story ask of the shop, and what they make of what it sends."""

from urllib.parse import parse_qs, urlsplit

from example_project.story.people import Person
from example_project.story.shop import Answer, Shop, Unexpected

CODE_IN_MAIL = r"^ {4}(\S+)$"
CODE_IN_TEXT = r"code is (\w+)"
LINK = r"(https?://\S+)"
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
