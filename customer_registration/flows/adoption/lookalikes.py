"""Find the contact that a text only looks like (attack A1): ``mıke@…`` beside ``mike@…``, a domain partly in Cyrillic.

The table of look-alikes is that of Unicode's UTS #39, in the library that django-registration uses for the same; it
takes half a second and 15 MB to load, so it comes with an extra and is loaded for a text that needs it.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import islice, product
from typing import Any

import idna

MOST = 64  # spellings of one text
ALSO_LIKE = {"\u04cf": {"l"}}  # the table knows it as an i; it was the l of a domain that looked like apple.com


def is_available() -> bool:
    """Whether the library is installed."""
    return _table() is not None


def plain_spellings(text: str) -> set[str]:
    """Return the ASCII texts, in lower case, that a text looks like; none if it is ASCII itself."""
    shown = unicodedata.normalize("NFKC", shown_as(text)).lower()
    if shown.isascii() and text.isascii():
        return set()
    choices = [_like(character) for character in shown if unicodedata.category(character) != "Mn"]
    return {"".join(each) for each in islice(product(*choices), MOST)} - {text}


def mixes_scripts(text: str) -> bool:
    """Whether a label of an address's domain has letters of Latin and of a script that looks like it."""
    domain = shown_as(text).rpartition("@")[2]
    return any({"LATIN"} < _scripts(label) for label in domain.split("."))


def shown_as(text: str) -> str:
    """Return an address with its domain as people see it: not ``xn--…``."""
    local, at, domain = text.rpartition("@")
    if not at or "xn--" not in domain.lower():
        return text
    return f"{local}@{'.'.join(map(_shown_label, domain.split('.')))}"


def _shown_label(label: str) -> str:
    try:
        return idna.decode(label) if label.lower().startswith("xn--") else label
    except (idna.IDNAError, UnicodeError):
        return label


def _like(character: str) -> Iterable[str]:
    """Return the ASCII characters that one looks like, else the one itself without its accents."""
    if character.isascii():
        return (character,)
    plain = unicodedata.normalize("NFD", character)[0]
    likes = _homoglyphs(character) | _homoglyphs(plain) | ALSO_LIKE.get(character, set())
    found = {like.lower() for like in likes if like.isascii()}
    return sorted(found) or ((plain,) if plain.isascii() else (character,))


def _homoglyphs(character: str) -> set[str]:
    return {each["c"] for each in (_table() or {}).get(character, [])}


def _scripts(label: str) -> set[str]:
    # The first word of a letter's name is its script. Those beside which Latin is at home are left out: Japanese is
    # written in three scripts and Latin, Korean and Chinese in two and Latin.
    names = (unicodedata.name(each, "").split(" ")[0] for each in label if each.isalpha())
    return {name for name in names if name in {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"}}


@cache
def _table() -> dict[str, Any] | None:
    try:
        from confusable_homoglyphs.confusables import confusables_data
    except ImportError:
        return None
    return dict(confusables_data)
