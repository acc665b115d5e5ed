"""Who asks."""

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Client:
    """The other end of a request.

    Args:
        ip: the address or network that limits count by; ``None`` where it cannot be told.
        language: what the request says that the person speaks, one of ``LANGUAGES``; "" where it says nothing.
        user_agent: as sent, cut to 255 characters; for the record of what somebody asked for.
        request: carried opaquely, for ``authenticate()`` and Django's signals only.
    """

    ip: str | None = None
    user_agent: str = ""
    language: str = ""
    request: HttpRequest | None = None
