"""Django's admin, for projects that have it: one file a model, and what that file needs."""

from customer_registration.admin.account_deletion_request import AccountDeletionRequestAdmin
from customer_registration.admin.second_factor import SecondFactorAdmin

__all__ = ["AccountDeletionRequestAdmin", "SecondFactorAdmin"]
