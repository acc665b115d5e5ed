"""The test kit of host projects: what was sent, its codes and links, customers, logged-in clients, no waiting.

pytest has it as fixtures, by an entry point (`plugin`); unittest as `CustomerRegistrationTestMixin`; anything else by
the functions here. None of it works outside of tests (`environment`), and nothing of the app imports it.

Names load at first use: pytest imports this package in every project of the environment, and must not pay for Django.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from customer_registration.testing.clients import CustomerClient
    from customer_registration.testing.codes import frozen_codes
    from customer_registration.testing.counters import forget_counters
    from customer_registration.testing.customers import DEFAULT_PASSWORD, authenticator_code, make_customer
    from customer_registration.testing.environment import NotATest
    from customer_registration.testing.limits import no_rate_limits
    from customer_registration.testing.mixin import CustomerRegistrationTestMixin
    from customer_registration.testing.outbox import Outbox, watch_outbox
    from customer_registration.testing.sent_message import SentMessage

__all__ = [
    "DEFAULT_PASSWORD",
    "CustomerClient",
    "CustomerRegistrationTestMixin",
    "NotATest",
    "Outbox",
    "SentMessage",
    "authenticator_code",
    "forget_counters",
    "frozen_codes",
    "make_customer",
    "no_rate_limits",
    "watch_outbox",
]

_HOMES = {
    "clients": ("CustomerClient",),
    "codes": ("frozen_codes",),
    "counters": ("forget_counters",),
    "customers": ("DEFAULT_PASSWORD", "authenticator_code", "make_customer"),
    "environment": ("NotATest",),
    "limits": ("no_rate_limits",),
    "mixin": ("CustomerRegistrationTestMixin",),
    "outbox": ("Outbox", "watch_outbox"),
    "sent_message": ("SentMessage",),
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
