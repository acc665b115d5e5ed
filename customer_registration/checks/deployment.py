"""Rules that hold before the project goes live: ``manage.py check --deploy``."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hashers
from django.core.checks import CheckMessage, Tags
from django.utils.module_loading import import_string

from customer_registration.checks.findings import check, error, project_config, warning
from customer_registration.conf import SETTING

DJANGOS_DEVELOPMENT_BACKENDS = {
    f"django.core.mail.backends.{name}" for name in ("console", "dummy", "filebased", "locmem")
}


@check(Tags.security)
def limits_hold_across_processes(**_: Any) -> Iterable[CheckMessage]:
    """E101, E102: counters in one process's memory, or no limits, are no limits in production."""
    limits = project_config().rate_limits
    if not limits.enabled:
        yield error("E102", f"{SETTING}: RATE_LIMITS.ENABLED is off: codes and passwords can be guessed.")
    elif limits.storage_uri.startswith("memory"):
        yield error(
            "E101",
            f"{SETTING}: RATE_LIMITS.STORAGE_URI keeps counters in the memory of one process.",
            "Use redis://host:port/db.",
        )


@check(Tags.security)
def channels_deliver(**_: Any) -> Iterable[CheckMessage]:
    """E103: development backends deliver nothing, and write codes where they can be read."""
    config = project_config()
    # Whatever registers: a customer may add a contact of the other kind.
    for channel in sorted({config.email_verification.channel, config.phone_verification.channel}):
        for name in config.channels.get(channel, ()):
            behind = _mail_backend(name) if name.partition(":")[0] == "django" else name
            if _is_for_development(behind):
                yield error(
                    "E103",
                    f"{SETTING}: CHANNELS['{channel}'] sends through {behind}, a development backend.",
                    f"If the shop sends nothing this way: '{channel}': [].",
                )


def _is_for_development(path: str) -> bool:
    try:
        backend = import_string(path)
    except ImportError:
        return False  # E008 and Django itself tell of it
    ancestors = {each.__module__ for each in getattr(backend, "__mro__", ())}
    return getattr(backend, "for_development", False) or not ancestors.isdisjoint(DJANGOS_DEVELOPMENT_BACKENDS)


def _mail_backend(name: str) -> str:
    mailers = getattr(settings, "MAILERS", None)  # from Django 6.1 on, instead of EMAIL_BACKEND
    if mailers:
        return str(mailers.get(name.partition(":")[2] or "default", {}).get("BACKEND", ""))
    return str(settings.EMAIL_BACKEND)


@check(Tags.security)
def session_cookies_are_flagged(**_: Any) -> Iterable[CheckMessage]:
    """E105: what a cookie session may do, nobody else's script, network or site may."""
    if not any(name.endswith("SessionMiddleware") for name in settings.MIDDLEWARE):
        return  # no cookie sessions
    wanted = {
        "SESSION_COOKIE_SECURE": settings.SESSION_COOKIE_SECURE,
        "SESSION_COOKIE_HTTPONLY": settings.SESSION_COOKIE_HTTPONLY,
        "SESSION_COOKIE_SAMESITE": settings.SESSION_COOKIE_SAMESITE,
    }
    for name, value in wanted.items():
        if not value:
            yield error("E105", f"{name} is off, and POST /auth/session offers cookie sessions.")


@check(Tags.compatibility)
def mail_servers_are_not_waited_for(**_: Any) -> Iterable[CheckMessage]:
    """W104: without a time-out a mail server that hangs holds its worker for ever."""
    if not _mail_backend("django").endswith(".smtp.EmailBackend"):
        return
    mailers = getattr(settings, "MAILERS", None)
    options = mailers["default"].get("OPTIONS", {}) if mailers else {"timeout": settings.EMAIL_TIMEOUT}
    if not options.get("timeout"):
        yield warning("W104", "Mail is sent by SMTP without a time-out.", "Set EMAIL_TIMEOUT (from 6.1: MAILERS).")


@check(Tags.security)
def hashing_is_affordable(**_: Any) -> Iterable[CheckMessage]:
    """W101: PBKDF2 makes a login cost ten times what argon2id at OWASP's minimum costs, for less protection."""
    if isinstance(get_hashers()[0], PBKDF2PasswordHasher):
        yield warning(
            "W101",
            "PBKDF2 is the first of PASSWORD_HASHERS.",
            "Put customer_registration.hashers.OWASPArgon2PasswordHasher first.",
        )


@check(Tags.security)
def text_messages_have_a_budget(**_: Any) -> Iterable[CheckMessage]:
    """W102: open sign-up by phone invites traffic pumping."""
    config, guard = project_config(), project_config().sms_guard
    bounds = (guard.countries, guard.hourly_budget, guard.prefix_hourly_budget)
    if {config.registration.identifier, config.login_mode} & {"phone", "both"} and bounds == (None, None, None):
        yield warning(
            "W102",
            f"{SETTING}: numbers of every country are texted, as many as are asked for.",
            "Set SMS_GUARD.HOURLY_BUDGET, PREFIX_HOURLY_BUDGET and COUNTRIES.",
        )


@check(Tags.security)
def storefront_servers_are_named(**_: Any) -> Iterable[CheckMessage]:
    """W103: behind a server-rendered shop every customer has the shop's own address."""
    config = project_config()
    if config.storefront_url and not config.rate_limits.storefront_servers:
        yield warning(
            "W103",
            f"{SETTING}: RATE_LIMITS.STOREFRONT_SERVERS is empty.",
            "If your storefront's server calls this API for its visitors, name its networks, or all share one limit.",
        )
