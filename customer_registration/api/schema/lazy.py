"""The ``schema`` of every view: drf-spectacular is loaded when somebody looks at it."""

from functools import cached_property
from typing import Any

from django.apps import apps
from rest_framework.schemas import DefaultSchema


class LazyInspector:
    """Describe our views by our own inspector, whatever ``DEFAULT_SCHEMA_CLASS`` is, where drf-spectacular is there."""

    @cached_property
    def inspector(self) -> Any:
        """The inspector; that of the project, where drf-spectacular is not among its apps."""
        if not apps.is_installed("drf_spectacular"):
            return DefaultSchema()
        from customer_registration.api.schema.inspector import OperationSchema

        return OperationSchema()

    def __get__(self, view: Any, owner: type | None = None) -> Any:
        return self.inspector.__get__(view, owner)

    def __set__(self, view: Any, inspector: Any) -> None:
        self.inspector.__set__(view, inspector)
