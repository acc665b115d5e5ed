"""What the API answers. Tokens are left out of every ``repr``; keys that a newer server adds are ignored."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from types import UnionType
from typing import Any, Self, get_args, get_origin


class Record:
    """Base of the results: reads itself from an answer, field by field, as annotated."""

    __slots__ = ()

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Self:
        """Return the record that an answer holds.

        Raises:
            KeyError: a field without a default is missing.
            TypeError, ValueError: a value is not what the contract says.
        """
        known = fields(cls)  # type: ignore[arg-type]  # every subclass is a dataclass
        present = [each for each in known if each.name in answer or each.default is MISSING]
        return cls(**{each.name: _parse(each.type, answer[each.name]) for each in present})


def _parse(kind: Any, value: Any) -> Any:
    if isinstance(kind, UnionType):  # "<kind> | None" is the only one here
        return None if value is None else _parse(get_args(kind)[0], value)
    plain = get_origin(kind) or kind
    if issubclass(plain, Record):
        return plain.read(value)
    if plain is datetime:
        return datetime.fromisoformat(value)
    if plain is dict and value is None:
        return {}  # metadata that was never set
    if plain is tuple and isinstance(value, list):
        return tuple(value)
    if not isinstance(value, plain):
        raise TypeError(f"not {plain.__name__}")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer(Record):
    """A customer. Times are aware; ``metadata`` is empty where none was set."""

    id: str
    email: str | None
    phone: str | None
    email_verified: bool
    phone_verified: bool
    first_name: str | None
    last_name: str | None
    company_name: str | None
    has_account: bool
    metadata: dict[str, Any]
    addresses: list[dict[str, Any]]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge(Record):
    """A code is on its way. ``token`` names it when the code is brought back, until ``expires_at``."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCode(Record):
    """A code is on its way, or nobody has the identifier: all are told the same ``message``.

    ``token`` names the code when it is brought back; without it, guesses of strangers count as the visitor's own.
    """

    message: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedContact(Record):
    """A contact was proven. Where ``needs_login`` is true there is no token: log in.

    ``customer`` is ``None`` while only the identity exists.
    """

    verified: bool
    email_verified: bool
    phone_verified: bool
    customer: Customer | None
    token: str | None = field(repr=False)
    needs_login: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedContact(Record):
    """A contact was changed. Every older token is dead; ``token`` is the new one, ``None`` where a login is needed."""

    customer: Customer
    token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionRequest(Record):
    """A wish to leave. ``status`` is ``pending``, ``confirmed``, ``cancelled``, ``completed`` or ``failed``.

    The account is erased soon after ``scheduled_at``, and may be kept until then. What has not happened is ``None``.
    """

    id: str
    customer_id: str
    status: str
    created_at: datetime
    confirmed_at: datetime | None
    scheduled_at: datetime | None
    cancelled_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification(Record):
    """A contact's verification, as ``/auth/verification`` tells of it; ``verified_at`` is ``None`` until it is done."""

    id: str
    auth_identity_id: str
    entity_id: str
    entity_type: str
    code_provider: str
    verified_at: datetime | None
    requested_at: datetime
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation(Record):
    """A contact that ``/auth/verification/confirm`` proved."""

    entity_id: str
    entity_type: str
    code_provider: str
    verified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaChallenge(Record):
    """A second factor is asked for: show one of ``methods`` before ``expires_at``."""

    id: str
    methods: tuple[str, ...]
    expires_at: datetime
    attempts: int
    max_attempts: int
    completed_at: datetime | None
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginResult(Record):
    """What a login or a refresh gave.

    With ``verification_required`` or ``mfa_required`` the token has no actor yet: it only serves to do what is asked.
    ``verification`` is the newest one that was asked for, if any.
    """

    token: str = field(repr=False)
    verification_required: bool = False
    verification: Verification | None = None
    mfa_required: bool = False
    mfa_challenge: MfaChallenge | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginStep(Record):
    """What a step of a two-step login gave: the customer, or what is asked for instead, as in a `LoginResult`."""

    customer: Customer | None = None
    token: str | None = field(default=None, repr=False)
    verification_required: bool = False
    verification: Verification | None = None
    mfa_required: bool = False
    mfa_challenge: MfaChallenge | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaFactor(Record):
    """A second factor. ``status`` is ``pending`` until it was shown to work, then ``enabled``, at last ``disabled``."""

    id: str
    auth_identity_id: str
    provider: str
    status: str
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaSetup(Record):
    """A second factor to be confirmed. An authenticator app wants ``secret``, or ``otpauth_url``, or its picture."""

    mfa_factor: MfaFactor
    secret: str | None = field(default=None, repr=False)
    otpauth_url: str | None = field(default=None, repr=False)
    qr_svg: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider(Record):
    """A way to log in."""

    id: str
    identifier: str
    display_name: str
    flow: str
