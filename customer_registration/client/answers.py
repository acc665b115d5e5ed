"""Read answers: a result, or the error that it tells of."""

from typing import Any

import httpx

from customer_registration.client.call import Call, Result
from customer_registration.client.errors import BY_CODE, BY_STATUS, BY_TEXT, StorefrontError, UnexpectedAnswer
from customer_registration.client.retry_after import retry_after

ENVELOPE = ("type", "message", "code")
SHORTEST_SECRET = 4  # what is shorter is no secret, and would blot out half the text


def read_answer(call: Call[Result], response: httpx.Response) -> Result:
    """Return the result that a call's answer holds.

    Raises:
        StorefrontError: the answer tells of an error.
        UnexpectedAnswer: the answer is not what the contract says.
    """
    if not response.is_success:
        raise error_of(call, response)
    try:
        return call.read(response.text if call.as_text else response.json())
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        # Without the cause: a JSONDecodeError carries the whole body, tokens and all.
        raise UnexpectedAnswer(
            f"{call.name}: the answer is not what the API says ({_media_type(response)})", status=response.status_code
        ) from None


def error_of(call: Call[Any], response: httpx.Response) -> StorefrontError:
    """Return the error that an answer tells of; values that the API echoes are masked if they are secret."""
    status = response.status_code
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        kind = BY_STATUS.get(status, UnexpectedAnswer)
        message = f"{call.name}: an error without JSON ({_media_type(response)})"
        return kind(message, status=status, retry_after=retry_after(response.headers))
    code = _string(body.get("code"))
    message = _string(body.get("message")) or _string(body.get("error")) or f"{call.name} failed"
    kind = BY_CODE.get(code or "") or BY_TEXT.get(message) or BY_STATUS.get(status, StorefrontError)
    return kind(
        _masked(message, call, response.request),
        status=status,
        type=_string(body.get("type")),
        code=code,
        extra={name: value for name, value in body.items() if name not in ENVELOPE},
        retry_after=retry_after(response.headers),
    )


def _masked(message: str, call: Call[Any], request: httpx.Request) -> str:
    bearer = request.headers.get("authorization", "").partition(" ")[2]
    for secret in (*call.secrets, bearer):
        if len(secret) >= SHORTEST_SECRET:
            message = message.replace(secret, "…")
    return message


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _media_type(response: httpx.Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip() or "no content type"
