"""The ``CUSTOMER_REGISTRATION`` dict as frozen, typed dataclasses.

Read options where they are used, ``config().otp.max_attempts``: the value follows ``override_settings``. Keys in the
project's dict are the field names in upper case. `load` never raises; it collects problems, which the system checks
report and `config` turns into ``ImproperlyConfigured``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from customer_registration.conf.reading import SETTING, Problem, build, option

__all__ = ["IDENTIFIER_MODES", "SETTING", "Config", "Problem", "config", "load"]

IDENTIFIER_MODES = ("email", "phone", "both")


@dataclass(frozen=True, slots=True)
class Tokens:
    lifetime_minutes: int = option(1440, low=1)
    signing_key: str | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    identifier: str = option("email", choices=IDENTIFIER_MODES)
    require_verification: bool = True
    existing_account: str = option("reveal", choices=("reveal", "conceal"))
    unverified_ttl_minutes: int = option(15, low=1)
    purge_unverified_days: int = option(7, low=1)


@dataclass(frozen=True, slots=True)
class Login:
    identifier: str | None = option(None, choices=(None, *IDENTIFIER_MODES))
    unverified_response: str = option("error", choices=("error", "challenge"))
    second_step: str | None = option(None, choices=(None, "otp"))
    allow_password_in_query: bool = False
    session_max_days: int = option(90, low=1)


@dataclass(frozen=True, slots=True)
class Otp:
    length: int = option(6, low=6, high=16)
    charset: str = option("numeric", choices=("numeric", "alphanumeric"))
    expiry_minutes: int = option(15, low=1, high=1440)
    max_attempts: int = option(5, low=1, high=10)
    code_in_subject: bool = True


@dataclass(frozen=True, slots=True)
class EmailVerification:
    channel: str = "email"
    template: str | None = None
    subject: str | None = None
    resend_throttle_seconds: int = option(90, low=0)
    auto_send_on_registration: bool = False


@dataclass(frozen=True, slots=True)
class PhoneVerification:
    channel: str = "sms"
    template: str | None = None
    resend_throttle_seconds: int = option(60, low=0)
    auto_send_on_registration: bool = False


@dataclass(frozen=True, slots=True)
class ContactChange:
    template: str | None = None
    subject: str | None = None
    undo_days: int = option(7, low=1)


@dataclass(frozen=True, slots=True)
class PasswordReset:
    template: str | None = None
    subject: str | None = None
    sms_body: str | None = None
    expiry_minutes: int = option(15, low=1)
    resend_throttle_seconds: int = option(120, low=0)


@dataclass(frozen=True, slots=True)
class Passwordless:
    digits: int = option(6, low=6, high=16)
    ttl_seconds: int = option(300, low=30)
    conceal: bool = True
    send: bool = True
    actors: Mapping[str, Any] = option({})


@dataclass(frozen=True, slots=True)
class TwoStepLogin:
    digits: int = option(6, low=6, high=16)
    ttl_seconds: int = option(60, low=30)
    resend_throttle_seconds: int = option(30, low=0)


@dataclass(frozen=True, slots=True)
class SecondFactor:
    issuer: str | None = None
    challenge_seconds: int = option(300, low=30)
    max_attempts: int = option(5, low=1, high=10)
    recovery_codes: int = option(10, low=1, high=20)


@dataclass(frozen=True, slots=True)
class AccountDeletionRequest:
    template: str | None = None
    subject: str | None = None
    scheduled_days: int = option(7, low=0)
    reminder_days: tuple[int, ...] = (1,)
    strategy: str = option("anonymize", choices=("anonymize", "delete"))
    handler: str | None = None


@dataclass(frozen=True, slots=True)
class AccountDeletionCancel:
    template: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class RateLimits:
    enabled: bool = True
    storage_uri: str = "memory://"
    trusted_proxies: int = option(0, low=0)
    storefront_servers: tuple[str, ...] = ()
    rules: Mapping[str, Any] = option({})


@dataclass(frozen=True, slots=True)
class SmsGuard:
    countries: tuple[str, ...] | None = None
    number_types: tuple[str, ...] = ("MOBILE", "FIXED_LINE_OR_MOBILE")
    hourly_budget: int | None = option(None, low=1)
    prefix_hourly_budget: int | None = option(None, low=1)
    min_conversion: float | None = option(None, low=0, high=1)


DEFAULT_PROVIDERS = {"customer": ["emailpass", "phonepass", "otp"], "user": ["emailpass", "otp"]}
DEFAULT_CHANNELS = {"email": ["django"], "sms": ["customer_registration.messaging.backends.console.SMSBackend"]}


@dataclass(frozen=True, slots=True)
class Config:
    storefront_url: str | None = None
    publishable_api_keys: tuple[str, ...] = ()
    user_adapter: str = "customer_registration.users.DefaultUserAdapter"
    providers: Mapping[str, Any] = option(DEFAULT_PROVIDERS)
    tokens: Tokens = field(default_factory=Tokens)
    retention_days: int = option(365, low=1)
    registration: Registration = field(default_factory=Registration)
    login: Login = field(default_factory=Login)
    otp: Otp = field(default_factory=Otp)
    email_verification: EmailVerification = field(default_factory=EmailVerification)
    phone_verification: PhoneVerification = field(default_factory=PhoneVerification)
    contact_change: ContactChange = field(default_factory=ContactChange)
    password_reset: PasswordReset = field(default_factory=PasswordReset)
    passwordless: Passwordless = field(default_factory=Passwordless)
    two_step_login: TwoStepLogin = field(default_factory=TwoStepLogin)
    second_factor: SecondFactor = field(default_factory=SecondFactor)
    account_deletion_request: AccountDeletionRequest = field(default_factory=AccountDeletionRequest)
    account_deletion_cancel: AccountDeletionCancel = field(default_factory=AccountDeletionCancel)
    channels: Mapping[str, Any] = option(DEFAULT_CHANNELS)
    rate_limits: RateLimits = field(default_factory=RateLimits)
    sms_guard: SmsGuard = field(default_factory=SmsGuard)
    test_identifiers: Mapping[str, Any] = option({})

    @property
    def conceals_accounts(self) -> bool:
        """Whether a registration is answered alike, whoever holds the address."""
        return self.registration.existing_account == "conceal"

    @property
    def login_mode(self) -> str:
        """The identifiers that log in: the option, else those that register."""
        return self.login.identifier or self.registration.identifier

    def providers_of(self, actor: str) -> tuple[str, ...]:
        """The providers of an actor type; the project's own types log in by code unless it says otherwise."""
        default = ["otp"] if actor in self.passwordless.actors else []
        return tuple(self.providers.get(actor, default))


def load(raw: Any) -> tuple[Config, list[Problem]]:
    """Read the project's dict; whatever is wrong keeps its default and is reported."""
    problems: list[Problem] = []
    return build(Config, raw, "", problems), problems


@cache
def config() -> Config:
    """Return the options in force.

    Raises:
        ImproperlyConfigured: the project's dict has an unknown key, a wrong type or a value out of range.
    """
    loaded, problems = load(getattr(settings, SETTING, {}))
    if problems:
        raise ImproperlyConfigured("; ".join(f"{problem.path}: {problem.message}" for problem in problems))
    return loaded


def _forget(*, setting: str, **_: Any) -> None:
    if setting == SETTING:
        config.cache_clear()


setting_changed.connect(_forget, dispatch_uid="customer_registration.conf")
