"""Read JSON bodies so that nothing a database or a serializer cannot hold gets past the door."""

import json
import math
import re
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from customer_registration.api.errors import BodyTooLarge
from customer_registration.exceptions import InvalidData

MAX_BODY_BYTES = 100_000
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # NUL and lone surrogates
MAX_DEPTH = 30  # MariaDB refuses documents nested past 32; ours may stand inside another


class StrictJSONParser(BaseParser):
    """RFC 8259 JSON, an object at the top, in UTF-8.

    Refused: NaN and infinities, NUL characters and lone surrogates at any depth (PostgreSQL cannot store them), and
    nesting past 30 levels.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        """Return the object of the body; an empty body is an empty object."""
        raw = stream.read(MAX_BODY_BYTES + 1)
        if len(raw) > MAX_BODY_BYTES:
            raise BodyTooLarge
        if not raw:
            return {}
        try:
            body = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
            if not is_storable(body):
                raise ParseError
        except (ValueError, RecursionError) as error:
            raise ParseError from error
        if not isinstance(body, dict):
            raise InvalidData("Invalid request: The body must be a JSON object")
        return body


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def is_storable(body: Any) -> bool:
    """Whether a database can hold every text and number of a JSON value."""
    waiting = [(body, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, (dict, list)):
            if depth == MAX_DEPTH:
                return False
            inside = [*value, *value.values()] if isinstance(value, dict) else value
            waiting.extend((item, depth + 1) for item in inside)
        elif isinstance(value, str):
            if _UNSTORABLE.search(value):
                return False
        elif isinstance(value, float) and not math.isfinite(value):
            return False
    return True
