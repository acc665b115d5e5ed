"""The flow token of a one-time code: names the row that the code belongs to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from customer_registration import keys
from customer_registration.enums import Purpose
from customer_registration.exceptions import InvalidToken
from customer_registration.tokens import signing

# The row decides whether the code has expired, and can say so; the token only has to live a little longer.
GRACE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeToken:
    """Names one code row of one purpose, and whose budget of wrong codes a guess at it spends.

    ``person`` is a keyed hash. It travels sealed with a pad of the row's own: whoever asked for the code holds the
    token, and may not even learn from two of them that they are about one contact.
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
            person = _seal(payload["person"], payload["jti"])
            return cls(row_id=payload["jti"], purpose=purpose, person=person, customer_id=payload.get("customer_id"))
        except (KeyError, TypeError, ValueError) as missing:
            raise InvalidToken from missing

    def sign(self, *, now: datetime, expires_at: datetime) -> str:
        """Return the signed JWT."""
        claims = {
            "jti": self.row_id,
            "purpose": f"otp.{self.purpose.value}",
            "person": _seal(self.person, self.row_id),
            "iat": int(now.timestamp()),
            "exp": int((expires_at + GRACE).timestamp()),
        }
        if self.customer_id:
            claims["customer_id"] = self.customer_id
        return signing.encode(claims)


def _seal(person: str, row_id: str) -> str:
    """Seal a keyed hash, 64 hex digits, or open it: exclusive or with a pad that no other token has."""
    pad = keys.keyed_hash("tokens.code.person", row_id)
    return f"{int(person, 16) ^ int(pad, 16):064x}"
