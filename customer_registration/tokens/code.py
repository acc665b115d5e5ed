"""The flow token of a one-time code: names the row that the code belongs to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from customer_registration.enums import Purpose
from customer_registration.exceptions import InvalidToken
from customer_registration.tokens import signing

# The row decides whether the code has expired, and can say so; the token only has to live a little longer.
GRACE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeToken:
    """Names one code row of one purpose, and whose budget of wrong codes a guess at it spends.

    ``person`` is a keyed hash: whoever asked for the code holds the token, and may not learn the contact from it.
    ``customer_id`` binds the token to the customer who asked, where only they may bring the code.
    """

    row_id: str
    purpose: Purpose
    person: str
    customer_id: str | None = None

    @classmethod
    def read(cls, text: object, *purposes: Purpose) -> Self:
        """Verify and parse a token made for one of ``purposes``.

        Raises:
            InvalidToken: forged, expired, or made for another purpose.
        """
        payload = signing.decode(text)
        if payload.get("purpose") not in {f"otp.{purpose.value}" for purpose in purposes}:
            raise InvalidToken
        try:
            purpose = Purpose(payload["purpose"].removeprefix("otp."))
            return cls(
                row_id=payload["jti"], purpose=purpose, person=payload["person"], customer_id=payload.get("customer_id")
            )
        except KeyError as missing:
            raise InvalidToken from missing

    def sign(self, *, now: datetime, expires_at: datetime) -> str:
        """Return the signed JWT."""
        claims = {
            "jti": self.row_id,
            "purpose": f"otp.{self.purpose.value}",
            "person": self.person,
            "iat": int(now.timestamp()),
            "exp": int((expires_at + GRACE).timestamp()),
        }
        if self.customer_id:
            claims["customer_id"] = self.customer_id
        return signing.encode(claims)
