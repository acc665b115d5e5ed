"""A full life in the shop, every word of which can be searched for afterwards, wherever and however it is written."""

import base64
import hashlib
import html
import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from django.contrib.sessions.models import Session
from django.db import connection

from customer_registration.identifiers import mask
from customer_registration.ratelimits.engine import build_storage
from example_project.inbox.models import InboxMessage

FIRST_EMAIL, SECOND_EMAIL, LAST_EMAIL = (f"{name}@{name}.example.com" for name in ("wombat", "quokka", "numbat"))
FIRST_PHONE, LAST_PHONE = "+12025550143", "+447400123987"
CONTACTS = (FIRST_EMAIL, SECOND_EMAIL, LAST_EMAIL, FIRST_PHONE, LAST_PHONE)
PROFILE = {
    "first_name": "Želmíra",
    "last_name": "O'Wallaby",
    "company_name": "Bandicoot & Söhne <Ltd>",
    "metadata": {"shoe size": "potoroo 38", "notes": {"allergies": ["Känguru/grass", 'the "platypus"']}},
}
REASON, FIRST_REASON = "The échidna said: you're expensive!", "Galah, at first"
ADDRESS, FIRST_ADDRESS, NETWORK = "198.51.100.77", "203.0.113.88", "2001:db8:beef:77::5"
BROWSER, FIRST_BROWSER = "Dingo/5.0 (X11; Café)", "Kookaburra/1.0"

TRACES = {
    **{contact: contact for contact in CONTACTS},
    **{text: text for text in (*list(PROFILE.values())[:3], "potoroo 38", "Känguru/grass", 'the "platypus"')},
    **{text: text for text in (REASON, FIRST_REASON, ADDRESS, FIRST_ADDRESS, BROWSER, FIRST_BROWSER)},
    NETWORK: "2001:db8:beef:77:",
}


def spellings(text: str) -> set[str]:
    """Return the ways in which a text may be written down; contacts masked too, and in parts."""
    ways = {text, text.lower(), text.upper(), quote(text), quote(text, safe=""), quote_plus(text), html.escape(text)}
    ways |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], text.encode("unicode_escape").decode()}
    raw = text.encode()
    ways |= {raw.hex(), raw.decode("latin-1"), *map(str, _in_base64(raw))}
    ways |= {hashlib.new(name, raw, usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256")}
    if text in CONTACTS:
        ways |= {mask(text), text.partition("@")[0]}
        ways |= {text.partition("@")[2]} if "@" in text else {text[1:], text[-8:], f"*{text[-4:]}"}
    return ways


def _in_base64(raw: bytes) -> Iterator[str]:
    """Yield what a text is in base64, wherever in a longer one it begins."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            encoded = encode(b"\0" * before + raw).decode().rstrip("=")
            yield encoded[4 if before else 0 : -2]


def found_in(texts: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return which traces are in texts, and where: ``{trace: {place}}``; letters in any case."""
    by_place: dict[str, list[str]] = {}
    for place, text in texts:
        by_place.setdefault(place, []).append(text)
    lowered = {place: "\n".join(written).lower() for place, written in by_place.items()}
    found = {}
    for trace, text in TRACES.items():
        ways = {way.lower() for way in spellings(text)}
        if places := {place for place, written in lowered.items() if any(way in written for way in ways)}:
            found[trace] = places
    return found


def whole_database() -> Iterator[tuple[str, str]]:
    """Yield ``("table.column", text)`` of every value of every table, those without a model too.

    Left out is the table of the example's inbox, which stands for people's own mailboxes.
    """
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table == InboxMessage._meta.db_table:
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # a name, quoted
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    yield from ((f"{table}.{column}", text) for text in _texts_of(value))
    for session in Session.objects.all():
        yield "django_session, decoded", str(session.get_decoded())


def _texts_of(value: Any) -> Iterator[str]:
    """Yield a value as text: bytes in both codings, JSON also as it reads."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        yield bytes(value).decode("utf-8", "replace")
        yield bytes(value).decode("latin-1")
        return
    text = str(value)
    yield text
    if text.startswith(("{", "[", '"')):
        try:
            yield str(json.loads(text))
        except ValueError:
            return


def limiter() -> Iterator[tuple[str, str]]:
    """Yield the counters of the limiter's store that still count."""
    store = build_storage("memory://")
    yield from (("limiter", key) for key in list(store.storage) if store.get(key))
