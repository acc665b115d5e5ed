"""Django's admin, for projects that have it: one file a model, and what that file needs."""

from customer_registration.admin.account_deletion_request import AccountDeletionRequestAdmin
from customer_registration.admin.account_event import AccountEventAdmin
from customer_registration.admin.customer import CustomerAdmin
from customer_registration.admin.daily_figure import DailyFigureAdmin
from customer_registration.admin.otp_verification import OtpVerificationAdmin
from customer_registration.admin.outbox_message import OutboxMessageAdmin
from customer_registration.admin.second_factor import SecondFactorAdmin

__all__ = [
    "AccountDeletionRequestAdmin",
    "AccountEventAdmin",
    "CustomerAdmin",
    "DailyFigureAdmin",
    "OtpVerificationAdmin",
    "OutboxMessageAdmin",
    "SecondFactorAdmin",
]
