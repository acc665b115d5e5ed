"""The test kit for ``unittest``."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from unittest import TestCase

from customer_registration.testing.counters import forget_counters

if TYPE_CHECKING:
    from customer_registration.models import Customer
    from customer_registration.testing.clients import CustomerClient
    from customer_registration.testing.outbox import Outbox

    Base = TestCase
else:
    Base = object


class CustomerRegistrationTestMixin(Base):
    """For Django's ``TestCase``, ``TransactionTestCase`` and ``LiveServerTestCase``; name it before them."""

    _otp_outbox: "Outbox | None" = None
    _customer_client: "CustomerClient | None" = None

    def setUp(self) -> None:
        """Count from none, and watch the outbox."""
        super().setUp()
        forget_counters()
        _ = self.otp_outbox

    @property
    def otp_outbox(self) -> "Outbox":
        """What was sent in the test, and in ``setUpTestData``."""
        if self._otp_outbox is None:  # also in a test case whose own ``setUp`` calls no other
            from customer_registration.testing.outbox import watch_outbox

            self._otp_outbox = self.enterContext(watch_outbox(since=0))
        return self._otp_outbox

    def last_code(self, contact: str | None = None, kind: str | None = None) -> str:
        """Return the code that somebody was sent last, as `Outbox.last_code`.

        Args:
            contact: to whom, in any spelling; anybody if not given.
            kind: such as ``code_login``; any if not given.
        """
        return self.otp_outbox.last_code(contact, kind)

    def last_link(self, contact: str | None = None, kind: str | None = None) -> str:
        """Return the link that somebody was sent last, as `Outbox.last_link`.

        Args:
            contact: to whom, in any spelling; anybody if not given.
            kind: such as ``code_login``; any if not given.
        """
        return self.otp_outbox.last_link(contact, kind)

    @property
    def customer_client(self) -> "CustomerClient":
        """A client that a customer of its own, ``customer_client.customer``, is logged in to."""
        if self._customer_client is None:
            self._customer_client = self.client_of(self.make_customer())
        return self._customer_client

    @staticmethod
    def client_of(customer: "Customer") -> "CustomerClient":
        """Return a client that a customer is logged in to.

        Args:
            customer: who has proven what a login asks for.
        """
        from customer_registration.testing.clients import CustomerClient

        return CustomerClient(customer)

    @staticmethod
    def make_customer(**options: Any) -> "Customer":
        """Save and return a customer, as `make_customer`; in ``setUpTestData`` too."""
        from customer_registration.testing.customers import make_customer

        return make_customer(**options)

    @staticmethod
    def authenticator_code(customer: "Customer") -> str:
        """Return what a customer's authenticator app shows, as `authenticator_code`.

        Args:
            customer: made with ``second_factor=True``, or enrolled over HTTP.
        """
        from customer_registration.testing.customers import authenticator_code

        return authenticator_code(customer)

    @staticmethod
    def frozen_codes(code: str | None = None) -> AbstractContextManager[str]:
        """Make every code one and the same, as `frozen_codes`; returns what ``with`` and ``enterContext`` take.

        Args:
            code: 6 to 16 ASCII letters and digits; ``123456`` if not given.
        """
        from customer_registration.testing.codes import frozen_codes

        return frozen_codes(code)

    @staticmethod
    def no_rate_limits() -> AbstractContextManager[None]:
        """Let people ask as often as they like, as `no_rate_limits`; returns what ``enterContext`` takes."""
        from customer_registration.testing.limits import no_rate_limits

        return no_rate_limits()
