"""What messages say, shown to staff: every kind, over mail and as a text message, with values that are made up."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_info, override
from django.utils.translation import gettext as _

from customer_registration.admin import words
from customer_registration.enums import Channel, Purpose
from customer_registration.messaging.samples import kinds, sample
from customer_registration.messaging.segments import Size, measure

LIGHT, DARK = "light", "dark"
SNIPPET_LENGTH = 140  # of what a list of mails shows beside the subject
# The frame is sandboxed, so that no script runs and no link leads anywhere; this keeps out what it would load, but
# for pictures of the project's own templates.
GUARD = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    'img-src https: data:"><base target="_blank">'
)
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)")
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
ALWAYS, NEVER = "(min-width: 0)", "(max-width: 0)"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is previewed."""

    kind: str
    channel: Channel
    language: str
    scheme: str

    def query(self, **changes: str) -> str:
        """Return the query string of this choice, or of one that differs in something."""
        mine = {"kind": self.kind, "channel": self.channel.value, "language": self.language, "scheme": self.scheme}
        return "?" + urlencode({**mine, **changes})


@dataclass(frozen=True, slots=True)
class Link:
    """Where a click leads from here."""

    query: str
    text: str
    kind: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as it arrives. ``error`` says why there is none: a template of the project's own that fails."""

    is_mail: bool
    subject: str = ""
    snippet: str = ""
    text: str = ""
    html: str = ""
    size: Size | None = None
    error: str = ""


class _Words(HTMLParser):
    """The words of a page from its start, hidden ones too: what a list of mails shows of it."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self._silent = "", 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._silent += tag in ("head", "style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("head", "style", "script")

    def handle_data(self, data: str) -> None:
        self.words += "" if self._silent else data


def names() -> dict[str, str]:
    """Return every kind of message, and what it is called."""
    return {kind: name_of(kind) for kind in sorted({kind for channel in Channel for kind in kinds(channel)})}


def name_of(kind: str) -> str:
    """Return what a kind is called: what its code is for, or a notice's own subject. A foreign kind keeps its name."""
    if kind in Purpose:
        return words.label(Purpose, kind)
    if kind not in kinds(Channel.EMAIL):
        return kind
    return render_to_string(f"customer_registration/email/{kind}.subject.txt", {"changed": "email"}).strip()


def languages() -> list[tuple[str, str]]:
    """Return the project's languages, each by its own name."""
    return [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


def schemes() -> list[tuple[str, str]]:
    """Return the colour schemes."""
    return [(LIGHT, _("Light")), (DARK, _("Dark"))]


def chosen(asked: Mapping[str, str]) -> Choice:
    """Return what is asked for; what there is not is left to the first, the reader's language, light.

    Args:
        asked: ``kind``, ``channel``, ``language`` and ``scheme``, as the page's links name them.
    """
    channel = Channel.SMS if asked.get("channel") == Channel.SMS else Channel.EMAIL
    kind, language = asked.get("kind", ""), asked.get("language", "")
    offered = [code for code, _name in settings.LANGUAGES]
    return Choice(
        kind if kind in kinds(channel) else kinds(channel)[0],
        channel,
        next((code for code in (language, get_language()) if code in offered), settings.LANGUAGE_CODE),
        DARK if asked.get("scheme") == DARK else LIGHT,
    )


def tabs(choice: Choice) -> list[Link]:
    """Return a link to each channel, to the same kind if the channel has it."""
    return [
        Link(choice.query(channel=channel.value), str(channel.label), is_chosen=channel == choice.channel)
        for channel in Channel
    ]


def links(choice: Choice) -> list[Link]:
    """Return a link to each kind of the chosen channel."""
    return [
        Link(choice.query(kind=kind), name_of(kind), kind, is_chosen=kind == choice.kind)
        for kind in kinds(choice.channel)
    ]


def preview(choice: Choice) -> Preview:
    """Write the chosen message."""
    is_mail = choice.channel == Channel.EMAIL
    try:
        with override(choice.language):
            message = sample(choice.kind, choice.channel)
    except Exception as failure:  # whatever a template of somebody's raises, of which this page is to tell
        return Preview(is_mail, error=f"{type(failure).__name__}: {failure}")
    if not is_mail:
        return Preview(is_mail, text=message.text, size=measure(message.text))
    return Preview(is_mail, message.subject, snippet(message.html), message.text, framed(message.html, choice.scheme))


def snippet(html: str) -> str:
    """Return what a list of mails shows beside the subject: the first words, up to those that only push others away."""
    page = _Words()
    page.feed(html)
    return " ".join(page.words.partition("\u034f")[0].split())[:SNIPPET_LENGTH]


def framed(html: str, scheme: str) -> str:
    """Return a mail's HTML for a frame: guarded, and in a colour scheme whatever the reader's own is.

    Args:
        html: as it is mailed.
        scheme: ``"light"`` or ``"dark"``.
    """
    shown = _SCHEME.sub(lambda asked: ALWAYS if asked[1] == scheme else NEVER, html)
    head = _HEAD.search(shown)
    at = head.end() if head else 0
    return shown[:at] + GUARD + shown[at:]
