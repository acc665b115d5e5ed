"""Countries by name in the reader's language, where Babel is installed; else by their code."""

from django.utils.translation import get_language, to_locale


def country_name(code: str) -> str:
    """Return the name of an ISO 3166-1 country, as the reader calls it."""
    try:
        from babel import Locale, UnknownLocaleError
    except ImportError:
        return code
    try:
        locale = Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return str(locale.territories.get(code, code))
