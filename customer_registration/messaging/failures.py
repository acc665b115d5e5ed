"""Sort what backends raise into a few classes. Their texts may hold a contact or a code, and are not counted by."""

from smtplib import (
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from customer_registration.enums import Outcome
from customer_registration.messaging.backends.base import DeliveryError

_REFUSALS = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError)
_OUT_OF_REACH = (SMTPConnectError, SMTPServerDisconnected)


def outcome_of(error: Exception) -> Outcome:
    """Return the class of the failure that a message was given up for."""
    if isinstance(error, _REFUSALS):
        return Outcome.REFUSED
    if isinstance(error, DeliveryError):
        return Outcome.REFUSED if error.permanent else Outcome.FAILED
    if isinstance(error, _OUT_OF_REACH):
        return Outcome.FAILED
    if isinstance(error, SMTPException):  # an OSError too, and neither a refusal nor silence
        return Outcome.ERROR
    return Outcome.FAILED if isinstance(error, OSError) else Outcome.ERROR
