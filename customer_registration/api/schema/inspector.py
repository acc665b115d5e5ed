"""What drf-spectacular asks about our views, answered from their own descriptions."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, get_doc
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiRequest, OpenApiResponse

from customer_registration.api.authentication import BearerAuthentication, CookieAuthentication, StaffSession
from customer_registration.api.schema import extensions, security  # noqa: F401  # fields and bodies
from customer_registration.api.schema.errors import ErrorShape, errors_of
from customer_registration.api.schema.examples import recorded
from customer_registration.api.schema.operations import Operation
from customer_registration.conf import config
from customer_registration.enums import Provider

JSON = "application/json"
WAIT = OpenApiParameter(
    "Retry-After", int, OpenApiParameter.HEADER, response=[429, 503], description="Seconds to wait.", required=True
)
# Parts of a path that are not ids.
PARTS = {
    "{actor}": OpenApiParameter(
        "actor", str, OpenApiParameter.PATH, description="`customer`, `user` (staff), or an actor type of the project."
    ),
    "{provider}": OpenApiParameter(
        "provider", str, OpenApiParameter.PATH, enum=Provider.values, description="The way to log in."
    ),
}
# Whose scheme it is, for drf-spectacular, which compares that where a project's own view declares the same one.
ORIGINS: dict[str, type] = {
    security.LOGIN: BearerAuthentication,
    security.COOKIE: CookieAuthentication,
    security.STAFF_SESSION: StaffSession,
}


class OperationSchema(AutoSchema):
    """Describe a view by the `Operation` of its method."""

    view: Any

    @property
    def _described(self) -> Operation:
        operation: Operation = getattr(self.view, self.view.action).operation
        return operation

    @property
    def _is_store(self) -> bool:
        return bool(self.view.needs_publishable_key)

    def get_operation_id(self) -> str:
        """Return the name that generated clients call it by."""
        return self._described.id_for(self.method)

    def get_summary(self) -> str:
        """Return a few words."""
        return self._described.summary

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """Return what the view's method says of itself."""
        return str(get_doc(getattr(self.view, self.view.action)))

    def get_tags(self) -> list[str]:
        """Return the part of the API."""
        return [self._described.tag]

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return the ways to show who asks, each with the publishable key where the project has any."""
        key = [security.PUBLISHABLE_KEY] if self._is_store and config().publishable_api_keys else []
        ways: list[list[str]] = [[*([way] if way else []), *key] for way in self._described.access]
        for name in sorted({name for way in ways for name in way}):
            definition = security.definition(name)
            origin = ORIGINS.get(name, name)
            scheme = ResolvedComponent(name, ResolvedComponent.SECURITY_SCHEMA, schema=definition, object=origin)
            self.registry.register_on_missing(scheme)
        return [{name: [] for name in way} for way in ways] if ways != [[]] else []

    def get_request_serializer(self) -> Any:
        """Return the body; that of PATCH is no other than that of POST."""
        shape = self._described.request
        if shape is None:
            return None
        body: Any = self._reference(shape, "request") if self.method == "PATCH" else shape
        return {JSON: OpenApiRequest(body, examples=self._examples("body"))}

    def get_override_parameters(self) -> list[Any]:
        """Return the query string, the parts of the path, and the headers of answers."""
        described = self._described
        parts = [parameter for part, parameter in PARTS.items() if part in self.path]
        cookie = OpenApiParameter(
            "Set-Cookie",
            str,
            OpenApiParameter.HEADER,
            response=[described.status],
            description="The session, where one was opened.",
        )
        return [
            *([described.query] if described.query else []),
            *parts,
            WAIT,
            *([cookie] if described.sets_cookie else []),
        ]

    def get_response_serializers(self) -> Any:
        """Return every answer by status: those of a success, and each error's."""
        described = self._described
        if described.text:
            text = {"type": "string", "enum": [described.text]}
            answers: dict[Any, Any] = {
                (described.status, "text/plain"): OpenApiResponse(
                    text, "A message is on its way, or seems to be.", self._examples("answer", described.status)
                )
            }
        else:
            references = [self._reference(answer, "response") for answer in described.answers]
            meaning = " ".join(str(get_doc(answer)) for answer in described.answers)
            answers = {described.status: self._one_of(references, meaning, described.status)}
        errors = errors_of(described, method=self.method, store=self._is_store)
        for status, shapes in errors.items():
            references = [self._error(shape) for shape in shapes]
            meanings = [f"{shape.label}{meaning}" for shape, told in shapes.items() for meaning in told]
            if status == 400 and described.refusal:
                references.append(self._reference(described.refusal, "response"))
                meanings.append(str(get_doc(described.refusal)))
            answers[status] = self._one_of(references, "\n".join(f"- {meaning}" for meaning in meanings), status)
        return answers

    def get_operation(self, *arguments: Any) -> Any:
        """Return the operation, with the body of a DELETE too, which drf-spectacular leaves out."""
        operation = super().get_operation(*arguments)
        if operation and self.method == "DELETE" and self._described.request:
            content = {"schema": self._reference(self._described.request, "request")}
            operation["requestBody"] = {"content": {JSON: content}}
        return operation

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # no answer is a bare array, whatever the view's method is called

    def _one_of(self, references: list[dict[str, Any]], meaning: str, status: int) -> Any:
        schema = references[0] if len(references) == 1 else {"oneOf": references}
        return OpenApiResponse(schema, meaning, self._examples("answer", status))

    def _reference(self, shape: Any, direction: Any) -> dict[str, Any]:
        reference: dict[str, Any] = self.resolve_serializer(shape, direction).ref
        return reference

    def _error(self, shape: ErrorShape) -> dict[str, Any]:
        component = ResolvedComponent(shape.name, ResolvedComponent.SCHEMA, schema=shape.schema(), object=shape.name)
        self.registry.register_on_missing(component)
        reference: dict[str, Any] = component.ref
        return reference

    def _examples(self, part: str, status: int | None = None) -> list[OpenApiExample]:
        kept = recorded().get(self.get_operation_id(), [])
        return [
            OpenApiExample(example["name"], value=example[part])
            for example in kept
            if part in example and status in (None, example["status"])
        ]
