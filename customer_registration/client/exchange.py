"""Decide what follows a try: the answer, another try after a pause, or an error. No I/O here."""

from typing import Any

import httpx

from customer_registration.client.call import Call
from customer_registration.client.errors import Unreachable
from customer_registration.client.retry_after import retry_after

REFUSED_FOR_NOW = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
FIRST_PAUSE_SECONDS = 0.5


class Exchange:
    """The tries of one call.

    Args:
        call: what is sent.
        max_retries: how many further tries there may be after the first.
        max_wait: seconds; a server that asks for a longer pause gets no further try.
    """

    def __init__(self, call: Call[Any], *, max_retries: int, max_wait: float) -> None:
        self._call = call
        self._left = max_retries
        self._max_wait = max_wait
        self._pause = FIRST_PAUSE_SECONDS

    def pause_after_answer(self, response: httpx.Response) -> float | None:
        """Return the seconds to wait before the next try; ``None`` if this answer is the one.

        A 429 or 503 with ``Retry-After`` is the API's own word that it did nothing, so any method may be sent again.
        Without that header a 503 can be any proxy's, and what became of the request is not known.
        """
        seconds = retry_after(response.headers) if response.status_code in REFUSED_FOR_NOW else None
        if seconds is None or seconds > self._max_wait or not self._take_one():
            return None
        return float(seconds)

    def pause_after_failure(self, error: httpx.RequestError) -> float:
        """Return the seconds to wait before the next try.

        What was never sent may always be sent again. Where only the answer was lost the request may have been carried
        out: a second registration, code or password change would do harm, so only GET is repeated.

        Raises:
            Unreachable: there is no next try.
        """
        never_sent = isinstance(error, NEVER_SENT)
        if (never_sent or self._call.method == "GET") and self._take_one():
            pause, self._pause = min(self._pause, self._max_wait), self._pause * 2
            return pause
        fate = "it was not sent" if never_sent else "no answer came, it may have been carried out"
        raise Unreachable(f"{self._call.name}: {fate} ({type(error).__name__})") from error

    def _take_one(self) -> bool:
        self._left -= 1
        return self._left >= 0
