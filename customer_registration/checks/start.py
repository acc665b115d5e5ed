"""Rules that hold before the project starts."""

import difflib
import re
from collections.abc import Iterable
from importlib.util import find_spec
from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.contrib.auth import get_backends
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.template import engines
from django.template.loader import get_template
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.module_loading import import_string

from customer_registration.backends import EmailOrPhoneBackend
from customer_registration.checks.findings import check, error, project_config, warning
from customer_registration.conf import SETTING, load
from customer_registration.enums import IdentifierKind, Provider, Purpose
from customer_registration.messaging.channels import load_backend
from customer_registration.messaging.content import own_texts
from customer_registration.models.ids import CUSTOMER_ID_LENGTH
from customer_registration.models.otp_verification import CHANNEL_MAX_LENGTH
from customer_registration.ratelimits.engine import build_storage
from customer_registration.ratelimits.rules import DEFAULT_RULES, parse
from customer_registration.users import DefaultUserAdapter

# What people take for the codes of ISO 3166-1: the United Kingdom, and Greece as the European Union spells it.
MISNAMED = {"UK": "GB", "EL": "GR"}
PROBLEM_IDS = {"unknown": "E001", "type": "E002", "value": "E003"}


@check()
def settings_are_known_and_well_typed(**_: Any) -> Iterable[CheckMessage]:
    """E001 unknown key, E002 wrong type, E003 value out of range."""
    for problem in load(getattr(settings, SETTING, {}))[1]:
        yield error(PROBLEM_IDS[problem.kind], f"{SETTING}: {problem.path} {problem.message}", problem.hint)


@check()
def reset_links_have_a_base(**_: Any) -> Iterable[CheckMessage]:
    """E004, W001: messages with links need ``STOREFRONT_URL``."""
    if project_config().storefront_url:
        return
    raw = getattr(settings, SETTING, {})
    if isinstance(raw, dict) and "PASSWORD_RESET" in raw:
        yield error("E004", f"{SETTING} configures PASSWORD_RESET but no STOREFRONT_URL to link to.")
    else:
        yield warning("W001", f"{SETTING} has no STOREFRONT_URL.", "Messages carry bare tokens instead of links.")


@check()
def phone_modes_have_a_channel(**_: Any) -> Iterable[CheckMessage]:
    """E005: a mode with phones needs the channel that reaches them."""
    config = project_config()
    uses_phone = {config.registration.identifier, config.login_mode} & {"phone", "both"}
    channel = config.phone_verification.channel
    if uses_phone and not config.channels.get(channel):
        yield error("E005", f"{SETTING} takes phone numbers, but CHANNELS has no '{channel}'.")


@check()
def user_adapter_serves_the_user_model(**_: Any) -> Iterable[CheckMessage]:
    """E006: the adapter must exist, and the model's unique fields must hold what registration fills them with."""
    config = project_config()
    try:
        adapter = import_string(config.user_adapter)()
    except Exception as failure:  # whatever importing and building somebody's class raises
        yield error("E006", f"{SETTING}: USER_ADAPTER cannot be built: {failure}")
        return
    if not isinstance(adapter, DefaultUserAdapter):
        yield error("E006", f"{SETTING}: USER_ADAPTER must be a subclass of DefaultUserAdapter.")
        return
    kind, mode = adapter.username_kind(), config.registration.identifier
    if kind is not None and mode not in (kind.value, "both"):
        yield error(
            "E006",
            f"{settings.AUTH_USER_MODEL} uses the {kind.value} as username, but customers register by {mode}.",
            "Set REGISTRATION.IDENTIFIER, or name a USER_ADAPTER that fills the username.",
        )
    known = adapter.field_for(IdentifierKind(mode)) if mode in IdentifierKind else None
    for field in adapter.fields_named_by_id():
        if field != known and field.max_length is not None and field.max_length < CUSTOMER_ID_LENGTH:
            yield error(
                "E006",
                f"{settings.AUTH_USER_MODEL}.{field.name} has room for {field.max_length} characters, but must hold "
                f"customer ids, which have {CUSTOMER_ID_LENGTH}.",
                "Widen it, make it nullable if it is a contact, or name a USER_ADAPTER that fills it.",
            )


@check()
def concealed_accounts_are_verified(**_: Any) -> Iterable[CheckMessage]:
    """E020: a shadow is told from a customer at once where customers log in without proving anything."""
    registration = project_config().registration
    if registration.existing_account == "conceal" and not registration.require_verification:
        yield error(
            "E020",
            f"{SETTING}: REGISTRATION.EXISTING_ACCOUNT conceals nothing while REQUIRE_VERIFICATION is off.",
            "Switch REQUIRE_VERIFICATION on, or set EXISTING_ACCOUNT to 'reveal'.",
        )


@check()
def backend_is_installed(**_: Any) -> Iterable[CheckMessage]:
    """E007: logins go through ``AUTHENTICATION_BACKENDS``."""
    try:
        installed = get_backends()
    except (ImportError, ImproperlyConfigured):
        installed = []
    if not any(isinstance(backend, EmailOrPhoneBackend) for backend in installed):
        yield error(
            "E007",
            "AUTHENTICATION_BACKENDS lacks customer_registration.backends.EmailOrPhoneBackend.",
            "Put it first, before django.contrib.auth.backends.ModelBackend.",
        )


@check()
def channel_backends_can_be_loaded(**_: Any) -> Iterable[CheckMessage]:
    """E008: every backend of every channel can be imported, and used channels exist."""
    config = project_config()
    for channel, names in config.channels.items():
        if not isinstance(names, (list, tuple)) or len(channel) > CHANNEL_MAX_LENGTH:
            rule = f"must have a name of at most {CHANNEL_MAX_LENGTH} characters and a list of backends"
            yield error("E008", f"{SETTING}: CHANNELS['{channel}'] {rule}.")
            continue
        for name in names:
            try:
                load_backend(name)
            except Exception as failure:  # whatever importing and building somebody's class raises
                yield error(
                    "E008", f"{SETTING}: CHANNELS['{channel}'] names {name!r}, which cannot be loaded: {failure}"
                )
    if not config.channels.get(config.email_verification.channel):
        yield error("E008", f"{SETTING}: CHANNELS has no '{config.email_verification.channel}'.")


@check()
def providers_exist(**_: Any) -> Iterable[CheckMessage]:
    """E011: ``PROVIDERS`` lists known providers for each actor type."""
    for actor, providers in project_config().providers.items():
        if not isinstance(providers, (list, tuple)):
            yield error("E011", f"{SETTING}: PROVIDERS['{actor}'] must be a list.")
            continue
        for provider in providers:
            if provider not in Provider.values:
                close = difflib.get_close_matches(str(provider), Provider.values, n=1)
                hint = f"Did you mean '{close[0]}'?" if close else None
                yield error("E011", f"{SETTING}: PROVIDERS['{actor}'] names {provider!r}, which does not exist.", hint)


@check()
def rate_limits_can_be_built(**_: Any) -> Iterable[CheckMessage]:
    """E012: the limiter's store is one of the ``limits`` library's, and networks are networks."""
    limits = project_config().rate_limits
    try:
        build_storage(limits.storage_uri)
    except Exception as failure:  # each storage raises its own for a URI or a driver that will not do
        lacks_redis = limits.storage_uri.startswith("redis") and find_spec("redis") is None
        hint = "pip install 'django-customer-registration[redis]'" if lacks_redis else None
        yield error("E012", f"{SETTING}: RATE_LIMITS.STORAGE_URI: {failure}", hint)
    for text in limits.storefront_servers:
        try:
            ip_network(text, strict=False)
        except ValueError as failure:
            yield error("E012", f"{SETTING}: RATE_LIMITS.STOREFRONT_SERVERS: {failure}")


@check()
def rate_limit_rules_can_be_read(**_: Any) -> Iterable[CheckMessage]:
    """E009: ``RATE_LIMITS.RULES`` names known rules in the known notation."""
    for name, text in project_config().rate_limits.rules.items():
        if name not in DEFAULT_RULES:
            yield error(
                "E009", f"{SETTING}: RATE_LIMITS.RULES has no rule '{name}'.", f"Rules: {', '.join(DEFAULT_RULES)}."
            )
            continue
        try:
            scopes = {limit.scope for limit in parse(text)}
        except (ValueError, AttributeError, TypeError) as failure:
            yield error("E009", f"{SETTING}: RATE_LIMITS.RULES['{name}']: {failure}")
            continue
        if name == "code_failed" and scopes - {"key"}:
            yield error("E009", f"{SETTING}: RATE_LIMITS.RULES['{name}'] counts by person: its scopes must be 'key'.")


@check()
def text_messages_can_go_somewhere(**_: Any) -> Iterable[CheckMessage]:
    """E013: ``SMS_GUARD`` names types of number and countries that libphonenumber knows."""
    from phonenumbers import SUPPORTED_REGIONS, PhoneNumberType  # metadata takes 100 ms to load, not at start

    guard, known = project_config().sms_guard, {name for name in vars(PhoneNumberType) if name.isupper()}
    for name in guard.number_types:
        if name not in known:
            yield error(
                "E013", f"{SETTING}: SMS_GUARD.NUMBER_TYPES has no '{name}'.", f"Types: {', '.join(sorted(known))}."
            )
    if guard.countries == ():
        yield error("E013", f"{SETTING}: SMS_GUARD.COUNTRIES is empty.", "None texts every country.")
    for name in guard.countries or ():
        if name not in SUPPORTED_REGIONS:
            meant = MISNAMED.get(name.upper(), name.strip().upper())
            hint = (
                f"Did you mean '{meant}'?" if meant in SUPPORTED_REGIONS else "Two letters of ISO 3166-1, as in 'US'."
            )
            yield error("E013", f"{SETTING}: SMS_GUARD.COUNTRIES has no '{name}'.", hint)


@check()
def signing_key_is_long_enough(**_: Any) -> Iterable[CheckMessage]:
    """E010: HS256 wants a key of 256 bits at least (RFC 7518 §3.2)."""
    key = project_config().tokens.signing_key
    if key is not None and len(key) < 32:
        yield error("E010", f"{SETTING}: TOKENS.SIGNING_KEY must have at least 32 characters.")


@check()
def own_texts_can_be_rendered(**_: Any) -> Iterable[CheckMessage]:
    """E014: the templates and texts of the project's own exist and can be parsed, before a message waits for them."""
    for kind in Purpose:
        own = own_texts(kind, project_config())
        for name in filter(None, (own.html_template, own.sms_template)):
            try:
                get_template(name)
            except Exception as failure:  # TemplateDoesNotExist, TemplateSyntaxError, and what other engines raise
                yield error("E014", f"{SETTING}: the template {name!r} of {kind.value} cannot be used: {failure!r}")
        for text in filter(None, (own.subject, own.sms_body)):
            try:
                engines["django"].from_string(text)
            except Exception as failure:
                yield error("E014", f"{SETTING}: the text {text!r} of {kind.value} cannot be used: {failure!r}")


@check()
def own_subjects_hide_codes(**_: Any) -> Iterable[CheckMessage]:
    """E021: where codes are kept out of subjects, a subject of the project's own shows none."""
    chosen = project_config()
    for kind in () if chosen.otp.code_in_subject else Purpose:
        subject = own_texts(kind, chosen).subject
        if subject and re.search(r"\botp\b", subject):
            yield error("E021", f"{SETTING}: the SUBJECT of {kind.value} shows the code; OTP.CODE_IN_SUBJECT is off.")


@check()
def deletions_can_be_run(**_: Any) -> Iterable[CheckMessage]:
    """E015: the project's ``HANDLER`` can be called, and reminders go out before the erasure."""
    chosen = project_config().account_deletion_request
    if chosen.handler is not None:
        try:
            handler = import_string(chosen.handler)
        except Exception as failure:  # whatever importing somebody's module raises
            yield error("E015", f"{SETTING}: ACCOUNT_DELETION_REQUEST.HANDLER cannot be imported: {failure}")
        else:
            if not callable(handler):
                yield error("E015", f"{SETTING}: ACCOUNT_DELETION_REQUEST.HANDLER is not callable.")
    for days in chosen.reminder_days:
        if days < 1:
            yield error("E015", f"{SETTING}: ACCOUNT_DELETION_REQUEST.REMINDER_DAYS must be at least 1, not {days}.")


@check()
def staff_routes_can_be_reached(**_: Any) -> Iterable[CheckMessage]:
    """E016: Django's admin, mounted above, answers every path below its own, ours too."""
    try:
        path = reverse("customer_registration:admin-deletion-requests")
    except NoReverseMatch:
        return  # the project does not mount the API
    if resolve(path).app_names != ["customer_registration"]:
        yield error(
            "E016",
            f"Another app answers {path}.",
            "Include customer_registration.urls before Django's admin in your urls.",
        )


@check()
def owners_can_object_to_a_deletion(**_: Any) -> Iterable[CheckMessage]:
    """W002: a thief changes the contact, then deletes the account: the old contact's undo link must outlive that."""
    config = project_config()
    grace, undo = config.account_deletion_request.scheduled_days, config.contact_change.undo_days
    if grace < undo:
        yield warning(
            "W002",
            f"{SETTING}: accounts are erased after {grace} days, a contact change can be undone for {undo}.",
            "Set ACCOUNT_DELETION_REQUEST.SCHEDULED_DAYS to at least CONTACT_CHANGE.UNDO_DAYS.",
        )
