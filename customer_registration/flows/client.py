"""Who asks."""

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Client:
    """The other end of a request.

    Args:
        ip: the address or network that limits count by; ``None`` where it cannot be told.
        request: carried opaquely, for ``authenticate()`` and Django's signals only.
    """

    ip: str | None = None
    request: HttpRequest | None = None
