"""The shop's own actor types: vendors, whom staff enter, and those who may sign up themselves."""

from typing import Any, ClassVar

from django.contrib.auth import get_user_model

from customer_registration.actors import ActorType


class VendorActor(ActorType):
    """A vendor, by either of two addresses or a number; tokens name them by their handle."""

    model = "shop.Vendor"
    accessors: ClassVar = {"email": ("contact_email", "billing_email"), "phone": "contact_phone"}
    entity_id = "handle"

    def user(self, entity: Any) -> Any:
        """Return the Django user that a vendor may have."""
        model = get_user_model()
        return model._default_manager.filter(**{model.USERNAME_FIELD: entity.username or "@"}).first()

    def claims(self, entity: Any) -> dict[str, str]:
        """Name the stall too."""
        return {**super().claims(entity), "stall": "7"}


class OpenVendorActor(ActorType):
    """A vendor who may sign up, with the defaults of everything else."""

    model = "shop.Vendor"
    accessors: ClassVar = {"email": "contact_email"}
    can_register = True
