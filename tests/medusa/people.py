"""Who signs up at the real Medusa: passwords, addresses and states as shops have them."""

from dataclasses import dataclass, field
from typing import Any

ADMIN = "admin@example.com"
ADMIN_PASSWORD = "supersecret of the admin"


@dataclass(frozen=True)
class Shopper:
    """Somebody who signs up over Medusa's own store API.

    Args:
        login: the e-mail address as they type it.
        password: as they type it.
        profile: of ``POST /store/customers``; the address is theirs unless it names another.
        verified: they bring back the code that Medusa sends.
        second_factor: they set up an authenticator app.
    """

    login: str
    password: str
    profile: dict[str, Any] = field(default_factory=dict)
    verified: bool = False
    second_factor: bool = False


JANE = Shopper(
    "jane@example.com",
    "correct horse battery",
    {
        "first_name": "Jane",
        "last_name": "Doe",
        "company_name": "Acme, Inc.",
        "phone": "+1 (212) 555-0134",
        "metadata": {"vip": True, "note": 'commas, "quotes"\nand lines', "tags": ["a", "ü"]},
    },
    verified=True,
)
MARIA = Shopper("Maria.Lopez@Example.COM", "пароль ☕ 😀 pässwörd", {"first_name": "María"})
SPACES = Shopper("spaces@example.com", "  leading and trailing  ")
NUMBERLESS = Shopper("numberless@example.com", "no number at all", {"phone": "call me"})
HOUSEMATE = Shopper("housemate@example.com", "the shared telephone", {"phone": "+12125550199"})
ROOMMATE = Shopper("roommate@example.com", "that telephone again", {"phone": "+1 212 555 0199"})
OTHER_LOGIN = Shopper("login@example.com", "typed to log in", {"email": "profile@example.com"})
FACTOR = Shopper("factor@example.com", "one of two keys 9137", second_factor=True)
TWIN = Shopper("Twin@example.com", "elder of the twins")
OTHER_TWIN = Shopper("twin@example.com", "younger of the twins")
LEFT = Shopper("left@example.com", "has left the shop")
UNFINISHED = Shopper("unfinished@example.com", "never a customer", {"email": ""})
SHOPPERS = (
    JANE, MARIA, SPACES, NUMBERLESS, HOUSEMATE, ROOMMATE, OTHER_LOGIN, FACTOR, TWIN, OTHER_TWIN, LEFT, UNFINISHED,
)  # fmt: skip
GUESTS = ("guest@example.com", "jane@example.com")

# A customer who came with Google: that provider asks Google, so its rows are written as it writes them.
GOOGLE = """
INSERT INTO customer (id, email, first_name, has_account)
  VALUES ('cus_01M8B00000GGGGGGGGGGGGGGGG', 'google@example.com', 'Gil', true);
INSERT INTO auth_identity (id, app_metadata)
  VALUES ('authid_01M8B00000GGGGGGGGGGGGGGGG', '{"customer_id": "cus_01M8B00000GGGGGGGGGGGGGGGG"}');
INSERT INTO provider_identity (id, entity_id, provider, auth_identity_id, user_metadata)
  VALUES ('01M8B00000GGGGGGGGGGGGGGGG', '113370000000000000000', 'google', 'authid_01M8B00000GGGGGGGGGGGGGGGG',
          '{"name": "Gil", "email": "google@example.com"}');
"""
