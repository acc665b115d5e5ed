"""The languages that the project speaks: those of ``LANGUAGES`` that there are texts for."""

from django.utils.translation import get_language, get_supported_language_variant

LANGUAGE_MAX_LENGTH = 16  # of a code as it is stored; longer ones are the project's own, and are not remembered


def supported(code: str | None) -> str:
    """Return the language of ``LANGUAGES`` that a code names, or stands nearest to; "" if the project speaks none.

    Args:
        code: as a header or a row has it, such as ``pt-BR``, ``zh_CN`` or ``de-AT``; a row may be older than the
            settings are.
    """
    if not code:
        return ""
    try:
        variant = get_supported_language_variant(code.replace("_", "-").lower())
    except (LookupError, ValueError):
        return ""
    return variant if len(variant) <= LANGUAGE_MAX_LENGTH else ""


def active() -> str:
    """Return the language that is spoken at this moment: the request's, or the project's where there is none."""
    return supported(get_language())
