"""The test kit as fixtures of pytest. They want pytest-django, whose ``db`` they build on.

pytest loads this module in every project of the environment, by an entry point, so it imports nothing of Django: what
a fixture needs loads when a test asks for it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from customer_registration.testing.counters import forget_counters

if TYPE_CHECKING:
    from customer_registration.models import Customer
    from customer_registration.testing.clients import CustomerClient
    from customer_registration.testing.outbox import Outbox


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Let every test count from none."""
    forget_counters()


@pytest.fixture
def _customer_registration() -> None:
    """Say what is missing, where Django would name a model that the test has never heard of."""
    from django.apps import apps

    if not apps.is_installed("customer_registration"):
        pytest.fail(
            "customer_registration is not in INSTALLED_APPS, so its fixtures have nothing to read", pytrace=False
        )


@pytest.fixture
def otp_outbox(db: None, _customer_registration: None) -> "Iterator[Outbox]":
    """The messages that customer_registration has sent in this test, by whatever channel, committed or not."""
    from customer_registration.testing.outbox import watch_outbox

    with watch_outbox() as outbox:
        yield outbox


@pytest.fixture
def last_code(otp_outbox: "Outbox") -> Callable[..., str]:
    """Return the code that somebody was sent last: ``last_code("jane@example.com")``."""
    return otp_outbox.last_code


@pytest.fixture
def last_link(otp_outbox: "Outbox") -> Callable[..., str]:
    """Return the link that somebody was sent last: ``last_link("jane@example.com")``."""
    return otp_outbox.last_link


@pytest.fixture
def customer_factory(db: None, _customer_registration: None) -> "Callable[..., Customer]":
    """Make customers who have signed up: ``customer_factory(email="jane@example.com", first_name="Jane")``."""
    from customer_registration.testing.customers import make_customer

    return make_customer


@pytest.fixture
def customer_client(db: None, _customer_registration: None) -> "CustomerClient":
    """A REST framework client that ``customer_client.customer`` is logged in to; call it with another customer."""
    from customer_registration.testing.clients import CustomerClient
    from customer_registration.testing.customers import make_customer  # a project may have its own `customer_factory`

    return CustomerClient(make_customer())


@pytest.fixture
def authenticator_code(_customer_registration: None) -> "Callable[[Customer], str]":
    """Return what the authenticator app of a customer made with ``second_factor=True`` shows."""
    from customer_registration.testing.customers import authenticator_code

    return authenticator_code


@pytest.fixture
def no_rate_limits(_customer_registration: None) -> Iterator[None]:
    """Let people ask and guess as often as they like, without waiting for the next code."""
    from customer_registration.testing.limits import no_rate_limits

    with no_rate_limits():
        yield


@pytest.fixture
def freeze_codes(_customer_registration: None) -> Iterator[Callable[..., str]]:
    """Make every code ``123456``; call it for another: ``freeze_codes("424242")``. Returns the code."""
    from customer_registration.testing.codes import frozen_codes

    with ExitStack() as stack:

        def freeze(code: str | None = None) -> str:
            return stack.enter_context(frozen_codes(code))

        freeze()
        yield freeze
