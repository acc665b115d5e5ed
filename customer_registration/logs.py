"""For a project's ``LOGGING``: records that say which request they belong to, in text or as JSON. Nobody has to.

Every record of ours has an ``event``, a name that stays whatever becomes of its words, and says by ``extra`` what it is
about: ids, kinds, figures. A contact, a code or a token is in none of them.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from customer_registration import request_ids

__all__ = ["ContextFilter", "JsonFormatter"]


class ContextFilter(logging.Filter):
    """Give every record ``request_id``, ``event`` and ``customer_id``, "" where there is none. Put it on a handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add what is missing, and return that it passes.

        Args:
            record: of any library.
        """
        here = record.__dict__
        if not here.get("request_id"):
            # What Django says of an answer comes after the middleware, and has the request itself.
            here["request_id"] = request_ids.current() or getattr(here.get("request"), "request_id", "")
        here.setdefault("event", "")
        here.setdefault("customer_id", "")
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line, in ASCII, of fields that are listed here and no others.

    What other libraries put on a record may be anything, such as the request with its query string, and an address in
    it. To let more of your own through, subclass it and add to ``fields``.
    """

    fields: tuple[str, ...] = (
        "event", "request_id", "customer_id", "message_id", "kind", "channel", "backend", "outcome", "tries", "seconds",
        "purpose", "percent", "budget", "error", "status_code",
    )  # fmt: skip

    def format(self, record: logging.LogRecord) -> str:
        """Return the line.

        Args:
            record: as `ContextFilter` leaves it.
        """
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        told = {name: record.__dict__.get(name) for name in self.fields}
        line |= {name: value for name, value in told.items() if value not in (None, "")}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        try:
            return json.dumps(line, default=str, allow_nan=False)
        except Exception:  # a value of another library's: a circle, a key that is no text, NaN, a text that fails
            plain = {
                name: each if isinstance(each, (str, int)) else f"<{type(each).__name__}>"
                for name, each in line.items()
            }
            return json.dumps(plain)
