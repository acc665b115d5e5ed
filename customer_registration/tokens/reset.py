"""The token of a password reset link: names the row that makes it single-use."""

from dataclasses import dataclass
from typing import ClassVar, Self

from customer_registration.exceptions import InvalidToken
from customer_registration.models import OtpVerification
from customer_registration.tokens import signing
from customer_registration.tokens.epoch import password_state


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetToken:
    """Bound to an actor type, a provider and the password that it replaces; it opens nothing else.

    It holds no contact, and is kept short: it travels in text messages.
    """

    purpose: ClassVar[str] = "reset"

    row_id: str
    actor_type: str
    provider: str
    password_state: str
    expires_at: int

    @classmethod
    def of(cls, row: OtpVerification) -> Self:
        """Build the token of a row, with its customer and their user loaded."""
        customer = row.customer
        return cls(
            row_id=row.pk,
            actor_type="customer",
            provider=row.payload["provider"],
            password_state=password_state(customer.user if customer else None),
            expires_at=int(row.expires_at.timestamp()),
        )

    @classmethod
    def read(cls, text: object) -> Self:
        """Verify and parse a token.

        Raises:
            InvalidToken: forged, expired, or made for another purpose.
        """
        payload = signing.decode(text)
        if payload.get("purpose") != cls.purpose:
            raise InvalidToken
        try:
            return cls(
                row_id=payload["jti"],
                actor_type=payload["actor_type"],
                provider=payload["provider"],
                password_state=payload["password"],
                expires_at=payload["exp"],
            )
        except KeyError as missing:
            raise InvalidToken from missing

    def sign(self) -> str:
        """Return the signed JWT; the same row and password give the same one, so a message can be sent again."""
        return signing.encode(
            {
                "jti": self.row_id,
                "purpose": self.purpose,
                "actor_type": self.actor_type,
                "provider": self.provider,
                "password": self.password_state,
                "exp": self.expires_at,
            }
        )
