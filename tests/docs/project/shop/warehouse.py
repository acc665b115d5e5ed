"""What a shop has to settle before somebody may go."""

from typing import Any

from customer_registration.exceptions import ErasureVetoed


def erase(customer: Any, request: Any) -> None:
    """Refuse Kim, fail with Lee."""
    if customer.email.startswith("kim"):
        raise ErasureVetoed("Two invoices are unpaid.")
    if customer.email.startswith("lee"):
        raise TimeoutError("The warehouse did not answer.")
