"""What both clients are made of: where they speak to, as whom, and how patiently."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx

from customer_registration.client.answers import read_answer
from customer_registration.client.call import Call, Result
from customer_registration.client.exchange import Exchange

Http = TypeVar("Http", bound=httpx.Client | httpx.AsyncClient)
Transport = TypeVar("Transport")
Sleep = TypeVar("Sleep")

TIMEOUT_SECONDS = 10.0
MAX_RETRIES = 2
MAX_WAIT_SECONDS = 5.0
BEARER_ALPHABET = "-._~+/="  # besides letters and digits: RFC 6750, section 2.1


class Connection(Generic[Http, Transport, Sleep]):
    """A visitor's connection to the shop; it remembers their token and cookies, so never share it between visitors.

    Args:
        base_url: of the shop; a path in it is a prefix of every route.
        publishable_api_key: sent as ``x-publishable-api-key``, which ``/store`` may demand.
        token: a token to begin with.
        timeout: seconds for the connection, and for each part of the answer.
        max_retries: how many further tries there may be after the first.
        max_wait: seconds; a server that asks for a longer pause before the next try gets none.
        headers: sent with every request, such as ``accept-language``, or ``x-forwarded-for`` from a server that
            renders for its visitors.
        transport: of httpx, for tests or to share its pool between visitors; whoever made it closes it.
        sleep: waits a number of seconds before another try.

    Raises:
        ValueError: ``base_url`` is no http or https URL.
    """

    token: str | None  # the bearer: set by every answer that gives one, and by whoever restores a visitor
    _http_class: Callable[..., Http]
    _default_sleep: Sleep

    def __init__(
        self,
        base_url: str,
        *,
        publishable_api_key: str | None = None,
        token: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
        max_retries: int = MAX_RETRIES,
        max_wait: float = MAX_WAIT_SECONDS,
        headers: Mapping[str, str] | None = None,
        transport: Transport | None = None,
        sleep: Sleep | None = None,
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError("base_url must begin with http:// or https://")
        key = {"x-publishable-api-key": publishable_api_key} if publishable_api_key else {}
        self.token = token
        self._max_retries = max_retries
        self._max_wait = max_wait
        self._sleep = self._default_sleep if sleep is None else sleep
        self._owns_transport = transport is None
        self._http: Http = self._http_class(
            base_url=base_url,
            timeout=timeout,
            headers={"accept": "application/json", **key, **(headers or {})},
            transport=transport,
        )

    def __repr__(self) -> str:
        """Return the class and the shop's address, without the user information a URL may carry."""
        address = self._http.base_url.copy_with(username=None, password=None)
        return f"<{self.__class__.__name__} {address}>"

    def _exchange(self, call: Call[Any]) -> Exchange:
        return Exchange(call, max_retries=self._max_retries, max_wait=self._max_wait)

    def _request(self, call: Call[Any]) -> httpx.Request:
        headers: dict[str, str] = {}
        content = None
        if call.body is not None:
            # httpx would write UTF-8, and a lone surrogate in a password would end in an error that shows it.
            content = json.dumps(call.body, allow_nan=False)
            headers["content-type"] = "application/json"
        if call.as_text:
            headers["accept"] = "text/plain"
        token = None if call.public else call.token or self.token
        if token:
            # A person may bring any text as a token: the server refuses it, where the header could not even be sent.
            headers["authorization"] = f"Bearer {quote(token, safe=BEARER_ALPHABET, errors='replace')}"
        return self._http.build_request(call.method, call.path, content=content, headers=headers)

    def _finish(self, call: Call[Result], response: httpx.Response) -> Result:
        result = read_answer(call, response)
        if call.forget:
            self.token = None
        if call.keep is not None:
            self.token = call.keep(result) or self.token
        return result
