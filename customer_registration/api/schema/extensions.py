"""What drf-spectacular cannot know of our own authentication and fields. Import it where that is installed."""

import re
from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.settings import spectacular_settings

from customer_registration.api.schema import security
from customer_registration.api.schema.words import closed


class BearerScheme(OpenApiAuthenticationExtension):
    """Document the login token, for views of a project's own."""

    target_class = "customer_registration.api.authentication.BearerAuthentication"
    name = security.LOGIN

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the OpenAPI security scheme."""
        return security.definition(self.name)


class CookieScheme(BearerScheme):
    """Document the session cookie."""

    target_class = "customer_registration.api.authentication.CookieAuthentication"
    name = security.COOKIE


class StaffSessionScheme(BearerScheme):
    """Document the login of Django's admin."""

    target_class = "customer_registration.api.authentication.StaffSession"
    name = security.STAFF_SESSION


class ChoiceField(OpenApiSerializerFieldExtension):
    """Document which strings a field takes."""

    target_class = "customer_registration.api.validation.Choice"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the field's schema; before OpenAPI 3.1 null is a value like any other."""
        if self.target.allow_null and spectacular_settings.OAS_VERSION.startswith("3.0"):
            return {"oneOf": [{"type": "string", "nullable": True, "enum": [*self.target.choices, None]}]}
        return closed(self.target.choices)


class AlwaysTrueField(OpenApiSerializerFieldExtension):
    """Document a mark."""

    target_class = "customer_registration.api.schema.words.AlwaysTrue"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the field's schema."""
        return closed((True,), "boolean")


class MetadataField(OpenApiSerializerFieldExtension):
    """Document that metadata are an object."""

    target_class = "customer_registration.api.validation.Metadata"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the field's schema."""
        return {"type": "object", "additionalProperties": {}}


class StrictBody(OpenApiSerializerExtension):
    """Document that unknown keys are refused, and call every body ``…Body``."""

    target_class = "customer_registration.api.validation.RequestSchema"
    match_subclasses = True

    def get_name(self, *_: Any) -> str:
        """Return the component's name."""
        return f"{re.sub('Request$', '', type(self.target).__name__)}Body"

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the body's schema."""
        schema = dict(auto_schema._map_serializer(self.target, direction, bypass_extensions=True))
        return schema if self.target.ignores_extra_keys else {**schema, "additionalProperties": False}


class AloneAnswer(OpenApiSerializerExtension):
    """Document that an answer has these keys and no others."""

    target_class = "customer_registration.api.schema.answers.AloneAnswer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the answer's schema."""
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}
