"""The settings of the suite, for a process of its own whose erasures are slow enough to be killed."""

from tests.settings import *  # noqa: F403
from tests.settings import CUSTOMER_REGISTRATION

CUSTOMER_REGISTRATION = {**CUSTOMER_REGISTRATION, "ACCOUNT_DELETION_REQUEST": {"HANDLER": "tests.races.slow.handler"}}
