"""The look-ups of the busiest routes, by `LookUp`."""

from customer_registration.enums import IdentifierKind
from customer_registration.identifiers import Identifier
from customer_registration.models.customer import Customer
from customer_registration.models.otp_verification import OtpVerification
from customer_registration.models.prepared import LookUp

customer_by_id = LookUp(Customer, lambda customer_id: Customer.objects.select_related("user").filter(pk=customer_id))
_by_contact = {
    kind: LookUp(Customer, lambda value, kind=kind: Customer.objects.identified_by(Identifier(kind, value)))
    for kind in IdentifierKind
}
otp_by_id = LookUp(
    OtpVerification, lambda row_id: OtpVerification.objects.select_related("customer__user").filter(pk=row_id)
)


def customer_by_contact(identifier: Identifier) -> Customer | None:
    """Return the customer who holds an identifier, with their user."""
    return _by_contact[identifier.kind].first(identifier.value)
