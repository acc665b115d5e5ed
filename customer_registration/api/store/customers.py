"""``/store/customers``: create the customer, and show them to themselves."""

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.base import CustomerIdentityViewSet, CustomerViewSet, StoreViewSet
from customer_registration.api.representation import customer_object
from customer_registration.api.schema import describe, tags
from customer_registration.api.schema.answers import CustomerAnswer
from customer_registration.api.schema.security import COOKIE, CUSTOMER, REGISTRATION
from customer_registration.api.store.requests import CustomerCreate, ProfileUpdate
from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import CustomerExists, InvalidToken
from customer_registration.flows import profile, registration

PROFILE = ("first_name", "last_name", "company_name", "metadata")


class CustomersViewSet(StoreViewSet, CustomerIdentityViewSet):
    """Turn a registration token into a customer."""

    @describe(
        "createCustomer",
        summary="Create the customer",
        tag=tags.REGISTRATION,
        request=CustomerCreate,
        answers=(CustomerAnswer,),
        access=(REGISTRATION, COOKIE),
        raises=(CustomerExists, InvalidToken),
    )
    def create(self, request: Request) -> Response:
        """Create the customer; log in or refresh afterwards to get a token that speaks for them."""
        data = self.validate(CustomerCreate)
        customer = registration.create(
            self.customer,
            contacts={kind: data[kind.value] for kind in IdentifierKind if data.get(kind.value)},
            profile={name: data[name] for name in PROFILE if name in data},
            client=self.client,
        )
        return Response({"customer": customer_object(customer, fields=request.query_params.get("fields"))})


class MeViewSet(CustomerViewSet):
    """The customer's own record."""

    @describe("getCustomer", summary="Show the customer", tag=tags.PROFILE, answers=(CustomerAnswer,), access=CUSTOMER)
    def retrieve(self, request: Request) -> Response:
        """Show the customer."""
        return Response({"customer": customer_object(self.customer, fields=request.query_params.get("fields"))})

    @describe(
        "updateCustomer",
        "patchCustomer",
        summary="Update the customer",
        tag=tags.PROFILE,
        request=ProfileUpdate,
        answers=(CustomerAnswer,),
        access=CUSTOMER,
        raises=(InvalidToken,),
    )
    def update(self, request: Request) -> Response:
        """Change names and metadata; contacts have to be proven, see ``/store/customers/me/contact``."""
        customer = profile.update(self.customer, self.validate(ProfileUpdate))
        return Response({"customer": customer_object(customer, fields=request.query_params.get("fields"))})
