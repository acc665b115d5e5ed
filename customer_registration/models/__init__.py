"""The tables. Atomic SQL lives in queryset methods whose docstrings name the race they close."""

from customer_registration.models.account_deletion_request import AccountDeletionRequest
from customer_registration.models.account_event import AccountEvent
from customer_registration.models.customer import Customer
from customer_registration.models.insights import CountedDay, DailyFigure, KeptFigure
from customer_registration.models.otp_verification import OtpVerification
from customer_registration.models.outbox_message import OutboxMessage
from customer_registration.models.second_factor import RecoveryCode, SecondFactor
from customer_registration.models.send_slot import SendSlot

__all__ = [
    "AccountDeletionRequest",
    "AccountEvent",
    "CountedDay",
    "Customer",
    "DailyFigure",
    "KeptFigure",
    "OtpVerification",
    "OutboxMessage",
    "RecoveryCode",
    "SecondFactor",
    "SendSlot",
]
