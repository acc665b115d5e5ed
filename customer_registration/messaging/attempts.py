"""Tell of each try to deliver a message: a line in the log, and a signal for figures. Neither knows contact or text."""

import logging

from customer_registration import signals
from customer_registration.models import OutboxMessage

DELIVERED, FAILED, GIVEN_UP, HELD_BACK, TOO_LATE = "delivered", "failed", "given_up", "held_back", "too_late"

LEVELS = {FAILED: logging.WARNING, GIVEN_UP: logging.WARNING}
TEXTS = {
    DELIVERED: "Message %s was delivered",
    FAILED: "Message %s was not delivered at try %s: %s",
    GIVEN_UP: "Message %s was not delivered at try %s, and is given up: %s",
    HELD_BACK: "Message %s was held back: %s",
    TOO_LATE: "Message %s came too late",
}


def note(
    logger: logging.Logger,
    message: OutboxMessage,
    outcome: str,
    *words: object,
    backend: str = "",
    seconds: float | None = None,
    error: str = "",
) -> None:
    """Log what came of a try, and send ``message_attempted``.

    Args:
        logger: of the module that tried.
        message: which.
        outcome: one of the names above.
        words: for its text, after the message's key.
        backend: its name in ``CHANNELS``; "" if none was asked.
        seconds: that the backend took.
        error: the class of what it raised.
    """
    about = {
        "message_id": message.pk,
        "kind": message.kind,
        "channel": message.channel,
        "backend": backend,
        "outcome": outcome,
        "seconds": seconds,
    }
    level = LEVELS.get(outcome, logging.INFO)
    if logger.isEnabledFor(level):
        event = {"event": f"message_{outcome}", "customer_id": message.customer_id or "", "tries": message.tries}
        logger.log(level, TEXTS[outcome], message.pk, *words, extra={**about, **event, "error": error})
    if signals.message_attempted.has_listeners(OutboxMessage):
        signals.message_attempted.send_robust(OutboxMessage, **about)
