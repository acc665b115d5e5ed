"""The storefront's side of the API for Python: sync and async, on httpx, without Django."""

try:
    import httpx  # noqa: F401
except ImportError as error:
    raise ImportError('The client needs httpx: pip install "django-customer-registration[client]"') from error

from customer_registration.client.asynchronous import AsyncStorefrontClient
from customer_registration.client.blocking import StorefrontClient
from customer_registration.client.call import Call
from customer_registration.client.errors import (
    AccountDeletionPending,
    CodeRefused,
    StorefrontError,
    Throttled,
    Unauthorized,
    UnexpectedAnswer,
    Unreachable,
    VerificationRequired,
)
from customer_registration.client.password_reset import complete_password_reset, request_password_reset
from customer_registration.client.results import (
    Challenge,
    ChangedContact,
    Confirmation,
    Customer,
    DeletionRequest,
    LoginResult,
    LoginStep,
    MfaChallenge,
    MfaFactor,
    MfaSetup,
    Provider,
    SentCode,
    Verification,
    VerifiedContact,
)

__all__ = [
    "AccountDeletionPending",
    "AsyncStorefrontClient",
    "Call",
    "Challenge",
    "ChangedContact",
    "CodeRefused",
    "Confirmation",
    "Customer",
    "DeletionRequest",
    "LoginResult",
    "LoginStep",
    "MfaChallenge",
    "MfaFactor",
    "MfaSetup",
    "Provider",
    "SentCode",
    "StorefrontClient",
    "StorefrontError",
    "Throttled",
    "Unauthorized",
    "UnexpectedAnswer",
    "Unreachable",
    "Verification",
    "VerificationRequired",
    "VerifiedContact",
    "complete_password_reset",
    "request_password_reset",
]
