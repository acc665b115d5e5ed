"""Read JSON bodies so that nothing a database or a serializer cannot hold gets past the door."""

import json
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from customer_registration.api.errors import BodyTooLarge
from customer_registration.exceptions import InvalidData
from customer_registration.flows.storable import is_storable

MAX_BODY_BYTES = 100_000


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
