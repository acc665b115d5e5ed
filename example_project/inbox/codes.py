"""Find the code in a message, so that it can be copied with a click, as phones and mail programs offer it."""

import re

_CODE = r"(?=[A-Z]*\d)[0-9A-Z]{6,16}"
# Where a code may stand, the surest first: in the last line of a text, for phones that fill it in (WebOTP), in a line
# of its own in a mail, and in a text among words of whatever language, but not inside a link, a number or a token.
_PLACES = (
    re.compile(r"^@\S+ #(\w{6,16})$", re.MULTILINE),
    re.compile(r"^\s*([0-9A-Z]{6,16})\s*$", re.MULTILINE),
)
_AMONG_WORDS = re.compile(rf"(?<![a-zA-Z0-9_/+.?=&#*-])({_CODE})(?![a-zA-Z0-9_/?=&-])")


def code_in(text: str, *, among_words: bool) -> str:
    """Return the code that a message brings, or nothing."""
    places = (*_PLACES, _AMONG_WORDS) if among_words else _PLACES
    return next((found[1] for place in places if (found := place.search(text))), "")
