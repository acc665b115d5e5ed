"""What drf-spectacular cannot know of our own authentication and fields; without it nothing here has an effect."""

from typing import Any

from django.conf import settings

try:
    from drf_spectacular.extensions import (
        OpenApiAuthenticationExtension,
        OpenApiSerializerExtension,
        OpenApiSerializerFieldExtension,
    )
except ImportError:
    pass
else:

    class BearerScheme(OpenApiAuthenticationExtension):
        """Document the login JWT."""

        target_class = "customer_registration.api.authentication.BearerAuthentication"
        name = "bearer"

        def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
            """Return the OpenAPI security scheme."""
            return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}

    class CookieScheme(OpenApiAuthenticationExtension):
        """Document the session cookie."""

        target_class = "customer_registration.api.authentication.CookieAuthentication"
        name = "cookie"

        def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
            """Return the OpenAPI security scheme."""
            return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}

    class StaffSessionScheme(CookieScheme):
        """Document the login of Django's admin."""

        target_class = "customer_registration.api.authentication.StaffSession"
        name = "staff session"

    class ChoiceField(OpenApiSerializerFieldExtension):
        """Document which strings a field takes."""

        target_class = "customer_registration.api.validation.Choice"

        def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
            """Return a pattern: enumerations are named after their field, and drf-spectacular warns where two meet."""
            return {"type": "string", "pattern": f"^({'|'.join(self.target.choices)})$"}

    class MetadataField(OpenApiSerializerFieldExtension):
        """Document that metadata are an object."""

        target_class = "customer_registration.api.validation.Metadata"

        def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
            """Return the field's schema."""
            return {"type": "object", "additionalProperties": {}}

    class StrictBody(OpenApiSerializerExtension):
        """Document that unknown keys are refused."""

        target_class = "customer_registration.api.validation.RequestSchema"
        match_subclasses = True

        def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
            """Return the body's schema."""
            schema = dict(auto_schema._map_serializer(self.target, direction, bypass_extensions=True))
            return schema if self.target.ignores_extra_keys else {**schema, "additionalProperties": False}
