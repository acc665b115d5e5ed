"""Say in words what the rows say in names."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from customer_registration.enums import EventKind, FactorProvider, Purpose
from customer_registration.local_time import local
from customer_registration.models import AccountEvent

BY_ITSELF = (EventKind.CLAIM_LAPSED, EventKind.DELETION_FAILED, EventKind.ACCOUNT_ERASED)
TONES = ("good", "waiting", "bad", "plain")


def label(names: type[TextChoices], name: str) -> str:
    """Return the label of a name, or a name that is none of ours: the project's own, or an older version's."""
    return str(names(name).label) if name in names.values else name


def badge(tone: str, text: Any) -> str:
    """Return a text in a badge: colour says no more than the text does.

    Args:
        tone: one of ``TONES``.
        text: to be read.
    """
    return format_html('<span class="cr-badge cr-{}">{}</span>', tone, text)


def purpose(name: str) -> str:
    """Return what a code is for."""
    return label(Purpose, name)


def factor(provider: str) -> str:
    """Return what a second factor is."""
    return label(FactorProvider, provider)


def moment(at: Any) -> str:
    """Return a day and a time, in the reader's language."""
    return date_format(local(at), "DATETIME_FORMAT") if at else ""


def day(at: Any) -> str:
    """Return a day, as short as the reader's language writes it."""
    return date_format(local(at), "SHORT_DATE_FORMAT") if at else ""


def short_moment(at: Any) -> str:
    """Return a day and a time, as short as the reader's language writes them."""
    return date_format(local(at), "SHORT_DATETIME_FORMAT") if at else ""


def language(code: str) -> str:
    """Return what a language is called in the reader's language; a code that Django does not know as it is."""
    try:
        return _(get_language_info(code)["name"])
    except KeyError:
        return code


def happened(event: AccountEvent) -> str:
    """Return what happened."""
    return label(EventKind, event.kind)


def who(event: AccountEvent, names: dict[str, str]) -> str:
    """Return who did it.

    Args:
        event: of the audit trail, which loses its details when the account is erased.
        names: as `names_of` returns them.
    """
    by = event.detail.get("by", "")
    if by:
        # Commands sign with their own name, staff with the key of their user, who may have gone since.
        return names.get(by) or (_("staff") if by.isdecimal() or "-" in by else by)
    if event.kind in BY_ITSELF or event.detail.get("lapsed"):
        return _("automatic")
    return _("the customer")


def note(event: AccountEvent) -> str:
    """Return what else there is to say, which is never a secret or a whole contact."""
    detail = event.detail
    if scheduled := parse_datetime(detail.get("scheduled_at", "")):
        return _("erasure due on %(day)s") % {"day": date_format(local(scheduled), "DATE_FORMAT")}
    if provider := detail.get("provider"):
        return factor(provider)
    if count := detail.get("count"):
        return ngettext("%(count)s code", "%(count)s codes", count) % {"count": count}
    if detail.get("purpose"):
        return purpose(detail["purpose"])
    return ""


def names_of(events: Iterable[AccountEvent]) -> dict[str, str]:
    """Return the names of staff by the keys that the audit trail holds; one statement, or none."""
    users = get_user_model()
    keys = set()
    for event in events:
        with suppress(ValidationError):  # the name of a command is the key of no user
            keys.add(users._meta.pk.to_python(event.detail.get("by") or None))
    keys.discard(None)
    found = users._default_manager.filter(pk__in=keys) if keys else []
    return {str(user.pk): user.get_username() for user in found}
