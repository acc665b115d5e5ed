"""The login JWT of the storefront protocol; with an empty ``actor_id`` it is a registration token."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

from customer_registration import keys
from customer_registration.actors import ActorType
from customer_registration.conf import config
from customer_registration.enums import Provider
from customer_registration.exceptions import InvalidToken
from customer_registration.identifiers import Identifier
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
    ends_at: int | None = field(default=None, compare=False)
    identifier: str | None = field(default=None, repr=False)
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
        ends_at: int | None = None,
    ) -> Self:
        """Build a customer's token.

        Args:
            customer: with its user loaded.
            provider: how the person proved themselves.
            auth_time: when, in seconds since the epoch; a refresh keeps it.
            actorless: leave ``actor_id`` empty, before the customer exists or while a gate is closed.
            mfa_at: when a second factor was shown, in seconds since the epoch.
            challenge_id: of the challenge that this token may answer.
            ends_at: when it expires at the latest, in seconds since the epoch.
        """
        return cls(
            actor_id="" if actorless else customer.pk,
            actor_type="customer",
            auth_identity_id=customer.auth_identity_id,
            auth_provider=provider.value,
            epoch=current_epoch(customer),
            auth_time=auth_time,
            # Without an actor nothing has been let through yet, and a step that is still to come has not been taken.
            mfa_at=None if actorless else mfa_at,
            mfa_enabled=customer.has_second_factor,
            challenge_id=challenge_id,
            ends_at=ends_at,
            app_metadata={} if actorless else {"customer_id": customer.pk},
        )

    @classmethod
    def for_actor(cls, actor: ActorType, entity: Any, *, provider: Provider, auth_time: int) -> Self:
        """Build the token of staff, or of an actor type of the project's."""
        actor_id = actor.actor_id(entity)
        return cls(
            actor_id=actor_id,
            actor_type=actor.name,
            auth_identity_id=f"{_IDENTITY_PREFIX}{actor.name}_{actor_id}",
            auth_provider=provider.value,
            epoch=current_epoch(actor.user(entity)),
            auth_time=auth_time,
            app_metadata=actor.claims(entity),
        )

    @classmethod
    def for_newcomer(cls, actor: ActorType, identifier: Identifier, *, provider: Provider, auth_time: int) -> Self:
        """Build the registration token of somebody who has proven an identifier that no entity has yet."""
        name = keys.keyed_hash("tokens.newcomer", f"{actor.name}:{identifier.value}")[:26]
        return cls(
            actor_id="",
            actor_type=actor.name,
            auth_identity_id=f"{_IDENTITY_PREFIX}{actor.name}_{name}",
            auth_provider=provider.value,
            epoch=current_epoch(None),
            auth_time=auth_time,
            identifier=identifier.value,
            # Renewing does not prolong it: whoever proved an address long ago may hold it no more.
            ends_at=auth_time + config().tokens.lifetime_minutes * 60,
            app_metadata={},
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
                identifier=payload.get("identifier"),
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
        lifetime_ends = issued + config().tokens.lifetime_minutes * 60
        rare = {"mfa_challenge": self.challenge_id, "identifier": self.identifier}
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
            "exp": min(ends for ends in (lifetime_ends, self.session_ends_at, self.ends_at) if ends is not None),
            **{name: value for name, value in rare.items() if value},
        }


def _iso(seconds: int | None) -> str | None:
    """Return a time as the reference writes this claim: ISO 8601 with milliseconds."""
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z") if seconds is not None else None


def _well_typed(payload: dict[str, Any]) -> bool:
    """Whether claims have the types that ours have; those of a session may be somebody else's."""
    texts = ("actor_id", "actor_type", "auth_identity_id", "auth_provider", "epoch")
    numbers = ("auth_time", "exp")
    mfa_at, rare = payload.get("mfa_at"), (payload.get("mfa_challenge"), payload.get("identifier"))
    return (
        all(isinstance(payload.get(name), str) for name in texts)
        and all(isinstance(payload.get(name), int) for name in numbers)
        and (mfa_at is None or isinstance(mfa_at, int))
        and all(value is None or isinstance(value, str) for value in rare)
    )
