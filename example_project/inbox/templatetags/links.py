"""Make the links of a text message clickable."""

import re

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_LINK = re.compile(r"(https?://[^\s<>\"']+)")


@register.filter
def linked(text: str) -> SafeString:
    """Return ``text`` escaped, with its http and https addresses as links.

    Django's ``urlize`` would link bare host names too, and every Django guesses another scheme for them.
    """
    parts = _LINK.split(text)
    return mark_safe(  # noqa: S308  # nosec B308 B703  # every part is escaped
        "".join(
            format_html('<a href="{}">{}</a>', part, part) if number % 2 else escape(part)
            for number, part in enumerate(parts)
        )
    )
