"""The login JWT of the storefront protocol; with an empty ``actor_id`` it is a registration token."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

from customer_registration.conf import config
from customer_registration.enums import Provider
from customer_registration.exceptions import InvalidToken
from customer_registration.models import Customer
from customer_registration.models.ids import CUSTOMER_PREFIX
from customer_registration.tokens import signing
from customer_registration.tokens.epoch import current_epoch

_IDENTITY_PREFIX = "authid_"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginToken:
    """What a login proves. Times are seconds since the epoch (RFC 7519 NumericDate)."""

    purpose: ClassVar[str] = "login"

    actor_id: str
    actor_type: str
    auth_identity_id: str
    auth_provider: str
    epoch: str
    auth_time: int
    mfa_at: int | None = None
    mfa_enabled: bool = False
    challenge_id: str | None = None
    app_metadata: dict[str, str]
    claims: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)  # of a token that was read, all

    @classmethod
    def for_customer(
        cls,
        customer: Customer,
        *,
        provider: Provider,
        auth_time: int,
        actorless: bool,
        mfa_at: int | None = None,
        challenge_id: str | None = None,
    ) -> Self:
        """Build a customer's token.

        Args:
            customer: with its user loaded.
            provider: how the person proved themselves.
            auth_time: when, in seconds since the epoch; a refresh keeps it.
            actorless: leave ``actor_id`` empty, before the customer exists or while a gate is closed.
            mfa_at: when a second factor was shown, in seconds since the epoch.
            challenge_id: of the challenge that this token may answer.
        """
        return cls(
            actor_id="" if actorless else customer.pk,
            actor_type="customer",
            auth_identity_id=customer.auth_identity_id,
            auth_provider=provider.value,
            epoch=current_epoch(customer),
            auth_time=auth_time,
            mfa_at=mfa_at,
            mfa_enabled=customer.has_second_factor or mfa_at is not None or challenge_id is not None,
            challenge_id=challenge_id,
            app_metadata={} if actorless else {"customer_id": customer.pk},
        )

    @classmethod
    def for_user(cls, user: Any, *, provider: Provider, auth_time: int) -> Self:
        """Build the token of a staff user."""
        return cls(
            actor_id=str(user.pk),
            actor_type="user",
            auth_identity_id=f"{_IDENTITY_PREFIX}user_{user.pk}",
            auth_provider=provider.value,
            epoch=current_epoch(user),
            auth_time=auth_time,
            app_metadata={"user_id": str(user.pk)},
        )

    @classmethod
    def read(cls, text: object) -> Self:
        """Verify and parse a token.

        Raises:
            InvalidToken: forged, expired, or made for another purpose.
        """
        return cls.parse(signing.decode(text))

    @classmethod
    def parse(cls, payload: dict[str, Any]) -> Self:
        """Parse claims that have been verified already.

        Raises:
            InvalidToken: they were made for another purpose, or one is missing.
        """
        if payload.get("purpose") != cls.purpose or not _well_typed(payload):
            raise InvalidToken
        try:
            return cls(
                claims=payload,
                actor_id=payload["actor_id"],
                actor_type=payload["actor_type"],
                auth_identity_id=payload["auth_identity_id"],
                auth_provider=payload["auth_provider"],
                epoch=payload["epoch"],
                auth_time=payload["auth_time"],
                mfa_at=payload["mfa_at"],
                mfa_enabled=payload["mfa_enabled"],
                challenge_id=payload.get("mfa_challenge"),
                app_metadata=payload["app_metadata"],
            )
        except KeyError as missing:
            raise InvalidToken from missing

    @property
    def customer_id(self) -> str:
        """The id of the customer whose identity this is, created or not."""
        return CUSTOMER_PREFIX + self.auth_identity_id.removeprefix(_IDENTITY_PREFIX)

    @property
    def session_ends_at(self) -> int:
        """When refreshing must end, in seconds since the epoch."""
        return self.auth_time + int(timedelta(days=config().login.session_max_days).total_seconds())

    def sign(self, *, now: datetime) -> str:
        """Return the signed JWT. It lives ``TOKENS.LIFETIME_MINUTES``, never past the session's end."""
        return signing.encode(self.payload(now=now))

    def payload(self, *, now: datetime) -> dict[str, Any]:
        """Return the claims of the JWT."""
        issued = int(now.timestamp())
        challenge = {"mfa_challenge": self.challenge_id} if self.challenge_id else {}
        return {
            "actor_id": self.actor_id,
            "actor_type": self.actor_type,
            "auth_identity_id": self.auth_identity_id,
            "auth_provider": self.auth_provider,
            "mfa_enabled": self.mfa_enabled,
            "mfa_challenge_completed_at": _iso(self.mfa_at),
            "app_metadata": self.app_metadata,
            "user_metadata": {},
            "purpose": self.purpose,
            "epoch": self.epoch,
            "auth_time": self.auth_time,
            "mfa_at": self.mfa_at,
            "iat": issued,
            "exp": min(issued + config().tokens.lifetime_minutes * 60, self.session_ends_at),
            **challenge,
        }


def _iso(seconds: int | None) -> str | None:
    """Return a time as the reference writes this claim: ISO 8601 with milliseconds."""
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z") if seconds is not None else None


def _well_typed(payload: dict[str, Any]) -> bool:
    """Whether claims have the types that ours have; those of a session may be somebody else's."""
    texts = ("actor_id", "actor_type", "auth_identity_id", "auth_provider", "epoch")
    numbers = ("auth_time", "exp")
    mfa_at, challenge = payload.get("mfa_at"), payload.get("mfa_challenge")
    return (
        all(isinstance(payload.get(name), str) for name in texts)
        and all(isinstance(payload.get(name), int) for name in numbers)
        and (mfa_at is None or isinstance(mfa_at, int))
        and (challenge is None or isinstance(challenge, str))
    )
