"""System checks, one function a rule. ``E0xx`` stop a start, ``W0xx`` warn; the deploy ones run with ``--deploy``."""

import difflib
from collections.abc import Callable, Iterable
from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.contrib.auth import get_backends
from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hashers
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from customer_registration.backends import EmailOrPhoneBackend
from customer_registration.conf import SETTING, Config, load
from customer_registration.enums import IdentifierKind, Provider
from customer_registration.messaging.channels import load_backend
from customer_registration.models.ids import CUSTOMER_ID_LENGTH
from customer_registration.models.otp_verification import CHANNEL_MAX_LENGTH
from customer_registration.ratelimits.engine import build_storage
from customer_registration.ratelimits.rules import DEFAULT_RULES, parse
from customer_registration.users import DefaultUserAdapter

TAG = "customer_registration"
PROBLEM_IDS = {"unknown": "E001", "type": "E002", "value": "E003"}
DEVELOPMENT_BACKENDS = (".console.", ".file.", ".locmem.", ".filebased.", ".dummy.")


def _config() -> Config:
    return load(getattr(settings, SETTING, {}))[0]


def _error(number: str, message: str, hint: str | None = None) -> Error:
    return Error(message, hint=hint, id=f"customer_registration.{number}")


def _warning(number: str, message: str, hint: str | None = None) -> Warning:
    return Warning(message, hint=hint, id=f"customer_registration.{number}")


def _check(tag: str = TAG, *, deploy: bool = False) -> Callable[[Any], Any]:
    return register(tag, deploy=deploy)


@_check()
def settings_are_known_and_well_typed(**_: Any) -> Iterable[CheckMessage]:
    """E001 unknown key, E002 wrong type, E003 value out of range."""
    for problem in load(getattr(settings, SETTING, {}))[1]:
        yield _error(PROBLEM_IDS[problem.kind], f"{SETTING}: {problem.path} {problem.message}", problem.hint)


@_check()
def reset_links_have_a_base(**_: Any) -> Iterable[CheckMessage]:
    """E004, W001: messages with links need ``STOREFRONT_URL``."""
    if _config().storefront_url:
        return
    raw = getattr(settings, SETTING, {})
    if isinstance(raw, dict) and "PASSWORD_RESET" in raw:
        yield _error("E004", f"{SETTING} configures PASSWORD_RESET but no STOREFRONT_URL to link to.")
    else:
        yield _warning("W001", f"{SETTING} has no STOREFRONT_URL.", "Messages carry bare tokens instead of links.")


@_check()
def phone_modes_have_a_channel(**_: Any) -> Iterable[CheckMessage]:
    """E005: a mode with phones needs the channel that reaches them."""
    config = _config()
    uses_phone = {config.registration.identifier, config.login_mode} & {"phone", "both"}
    channel = config.phone_verification.channel
    if uses_phone and not config.channels.get(channel):
        yield _error("E005", f"{SETTING} takes phone numbers, but CHANNELS has no '{channel}'.")


@_check()
def user_adapter_serves_the_user_model(**_: Any) -> Iterable[CheckMessage]:
    """E006: the adapter must exist, and the model's unique fields must hold what registration fills them with."""
    config = _config()
    try:
        adapter = import_string(config.user_adapter)()
    except Exception as error:  # whatever importing and building somebody's class raises
        yield _error("E006", f"{SETTING}: USER_ADAPTER cannot be built: {error}")
        return
    if not isinstance(adapter, DefaultUserAdapter):
        yield _error("E006", f"{SETTING}: USER_ADAPTER must be a subclass of DefaultUserAdapter.")
        return
    kind, mode = adapter.username_kind(), config.registration.identifier
    if kind is not None and mode not in (kind.value, "both"):
        yield _error(
            "E006",
            f"{settings.AUTH_USER_MODEL} uses the {kind.value} as username, but customers register by {mode}.",
            "Set REGISTRATION.IDENTIFIER, or name a USER_ADAPTER that fills the username.",
        )
    known = adapter.field_for(IdentifierKind(mode)) if mode in IdentifierKind else None
    for field in adapter.fields_named_by_id():
        if field != known and field.max_length is not None and field.max_length < CUSTOMER_ID_LENGTH:
            yield _error(
                "E006",
                f"{settings.AUTH_USER_MODEL}.{field.name} has room for {field.max_length} characters, but must hold "
                f"customer ids, which have {CUSTOMER_ID_LENGTH}.",
                "Widen it, make it nullable if it is a contact, or name a USER_ADAPTER that fills it.",
            )


@_check()
def backend_is_installed(**_: Any) -> Iterable[CheckMessage]:
    """E007: logins go through ``AUTHENTICATION_BACKENDS``."""
    try:
        installed = get_backends()
    except (ImportError, ImproperlyConfigured):
        installed = []
    if not any(isinstance(backend, EmailOrPhoneBackend) for backend in installed):
        yield _error(
            "E007",
            "AUTHENTICATION_BACKENDS lacks customer_registration.backends.EmailOrPhoneBackend.",
            "Put it first, before django.contrib.auth.backends.ModelBackend.",
        )


@_check()
def channel_backends_can_be_loaded(**_: Any) -> Iterable[CheckMessage]:
    """E008: every backend of every channel can be imported, and used channels exist."""
    config = _config()
    for channel, names in config.channels.items():
        if not isinstance(names, (list, tuple)) or len(channel) > CHANNEL_MAX_LENGTH:
            rule = f"must have a name of at most {CHANNEL_MAX_LENGTH} characters and a list of backends"
            yield _error("E008", f"{SETTING}: CHANNELS['{channel}'] {rule}.")
            continue
        for name in names:
            try:
                load_backend(name)
            except Exception as error:  # whatever importing and building somebody's class raises
                yield _error(
                    "E008", f"{SETTING}: CHANNELS['{channel}'] names {name!r}, which cannot be loaded: {error}"
                )
    if not config.channels.get(config.email_verification.channel):
        yield _error("E008", f"{SETTING}: CHANNELS has no '{config.email_verification.channel}'.")


@_check()
def providers_exist(**_: Any) -> Iterable[CheckMessage]:
    """E011: ``PROVIDERS`` lists known providers for each actor type."""
    for actor, providers in _config().providers.items():
        if not isinstance(providers, (list, tuple)):
            yield _error("E011", f"{SETTING}: PROVIDERS['{actor}'] must be a list.")
            continue
        for provider in providers:
            if provider not in Provider.values:
                close = difflib.get_close_matches(str(provider), Provider.values, n=1)
                hint = f"Did you mean '{close[0]}'?" if close else None
                yield _error("E011", f"{SETTING}: PROVIDERS['{actor}'] names {provider!r}, which does not exist.", hint)


@_check()
def rate_limits_can_be_built(**_: Any) -> Iterable[CheckMessage]:
    """E012: the limiter's store is one of the ``limits`` library's, and networks are networks."""
    limits = _config().rate_limits
    try:
        build_storage(limits.storage_uri)
    except Exception as error:  # each storage raises its own for a URI or a driver that will not do
        yield _error("E012", f"{SETTING}: RATE_LIMITS.STORAGE_URI: {error}")
    for text in limits.storefront_servers:
        try:
            ip_network(text, strict=False)
        except ValueError as error:
            yield _error("E012", f"{SETTING}: RATE_LIMITS.STOREFRONT_SERVERS: {error}")


@_check()
def rate_limit_rules_can_be_read(**_: Any) -> Iterable[CheckMessage]:
    """E009: ``RATE_LIMITS.RULES`` names known rules in the known notation."""
    for name, text in _config().rate_limits.rules.items():
        if name not in DEFAULT_RULES:
            yield _error(
                "E009", f"{SETTING}: RATE_LIMITS.RULES has no rule '{name}'.", f"Rules: {', '.join(DEFAULT_RULES)}."
            )
            continue
        try:
            scopes = {limit.scope for limit in parse(text)}
        except (ValueError, AttributeError, TypeError) as error:
            yield _error("E009", f"{SETTING}: RATE_LIMITS.RULES['{name}']: {error}")
            continue
        if name == "code_failed" and scopes - {"key"}:
            yield _error("E009", f"{SETTING}: RATE_LIMITS.RULES['{name}'] counts by person: its scopes must be 'key'.")


@_check()
def number_types_exist(**_: Any) -> Iterable[CheckMessage]:
    """E013: ``SMS_GUARD.NUMBER_TYPES`` names types that libphonenumber knows."""
    from phonenumbers import PhoneNumberType  # metadata takes 100 ms to load, not at start

    known = {name for name in vars(PhoneNumberType) if name.isupper()}
    for name in _config().sms_guard.number_types:
        if name not in known:
            yield _error(
                "E013", f"{SETTING}: SMS_GUARD.NUMBER_TYPES has no '{name}'.", f"Types: {', '.join(sorted(known))}."
            )


@_check()
def signing_key_is_long_enough(**_: Any) -> Iterable[CheckMessage]:
    """E010: HS256 wants a key of 256 bits at least (RFC 7518 §3.2)."""
    key = _config().tokens.signing_key
    if key is not None and len(key) < 32:
        yield _error("E010", f"{SETTING}: TOKENS.SIGNING_KEY must have at least 32 characters.")


@_check(Tags.security, deploy=True)
def limits_hold_across_processes(**_: Any) -> Iterable[CheckMessage]:
    """E101, E102: counters in one process's memory, or no limits, are no limits in production."""
    limits = _config().rate_limits
    if not limits.enabled:
        yield _error("E102", f"{SETTING}: RATE_LIMITS.ENABLED is off: codes and passwords can be guessed.")
    elif limits.storage_uri.startswith("memory"):
        yield _error(
            "E101",
            f"{SETTING}: RATE_LIMITS.STORAGE_URI keeps counters in the memory of one process.",
            "Use redis://host:port/db.",
        )


@_check(Tags.security, deploy=True)
def channels_deliver(**_: Any) -> Iterable[CheckMessage]:
    """E103: development backends deliver nothing, and write codes where they can be read."""
    config = _config()
    used = {config.email_verification.channel} if config.registration.identifier != "phone" else set()
    if {config.registration.identifier, config.login_mode} & {"phone", "both"}:
        used.add(config.phone_verification.channel)
    for channel in sorted(used):
        for name in config.channels.get(channel, ()):
            behind = _mail_backend(name) if name.partition(":")[0] == "django" else name
            if any(part in f".{behind}." for part in DEVELOPMENT_BACKENDS):
                yield _error("E103", f"{SETTING}: CHANNELS['{channel}'] sends through {behind}, a development backend.")


def _mail_backend(name: str) -> str:
    mailers = getattr(settings, "MAILERS", None)  # from Django 6.1 on, instead of EMAIL_BACKEND
    if mailers:
        return str(mailers.get(name.partition(":")[2] or "default", {}).get("BACKEND", ""))
    return str(settings.EMAIL_BACKEND)


@_check(Tags.compatibility, deploy=True)
def mail_servers_are_not_waited_for(**_: Any) -> Iterable[CheckMessage]:
    """W104: without a time-out a mail server that hangs holds its worker for ever."""
    if not _mail_backend("django").endswith(".smtp.EmailBackend"):
        return
    mailers = getattr(settings, "MAILERS", None)
    options = mailers["default"].get("OPTIONS", {}) if mailers else {"timeout": settings.EMAIL_TIMEOUT}
    if not options.get("timeout"):
        yield _warning("W104", "Mail is sent by SMTP without a time-out.", "Set EMAIL_TIMEOUT (from 6.1: MAILERS).")


@_check(Tags.security, deploy=True)
def no_fixed_codes(**_: Any) -> Iterable[CheckMessage]:
    """E104: codes that never change do not belong in production."""
    if _config().test_identifiers:
        yield _error("E104", f"{SETTING}: TEST_IDENTIFIERS are set.", "Silence this by its id if reviewers need them.")


@_check(Tags.security, deploy=True)
def hashing_is_affordable(**_: Any) -> Iterable[CheckMessage]:
    """W101: PBKDF2 makes a login cost ten times what argon2id at OWASP's minimum costs, for less protection."""
    if isinstance(get_hashers()[0], PBKDF2PasswordHasher):
        yield _warning(
            "W101",
            "PBKDF2 is the first of PASSWORD_HASHERS.",
            "Put customer_registration.hashers.OWASPArgon2PasswordHasher first.",
        )


@_check(Tags.security, deploy=True)
def text_messages_have_a_budget(**_: Any) -> Iterable[CheckMessage]:
    """W102: open sign-up by phone invites traffic pumping."""
    config = _config()
    if {config.registration.identifier, config.login_mode} & {"phone", "both"}:
        yield _warning(
            "W102",
            f"{SETTING}: phone numbers of every country are texted, and SMS_GUARD has no budget yet.",
            "Limit countries and spending at your SMS provider.",
        )


@_check(Tags.security, deploy=True)
def storefront_servers_are_named(**_: Any) -> Iterable[CheckMessage]:
    """W103: behind a server-rendered shop every customer has the shop's own address."""
    config = _config()
    if config.storefront_url and not config.rate_limits.storefront_servers:
        yield _warning(
            "W103",
            f"{SETTING}: RATE_LIMITS.STOREFRONT_SERVERS is empty.",
            "If your storefront's server calls this API for its visitors, name its networks, or all share one limit.",
        )
