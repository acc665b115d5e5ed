"""The example project's WSGI application as its own /openapi.json describes it, and what every answer has to keep to.

The contract shares schemathesis' checks but for these:

- ``positive_data_acceptance``: a wrong code, a taken address and a password of eight blanks are legal bodies that are
  refused.
- ``missing_required_header``: no header is required; a missing bearer is what ``ignored_auth`` asks about.
- ``unsupported_method`` and ``allow_header_conformance`` come with methods that the schema does not name:
  tests/fuzz/test_openapi_errors.py sends them.
"""

from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application
from schemathesis import checks as general
from schemathesis.specs.openapi import checks as shaped

CHECKS = [
    general.not_a_server_error,
    shaped.status_code_conformance,
    shaped.content_type_conformance,
    shaped.response_headers_conformance,
    shaped.response_schema_conformance,
    shaped.negative_data_rejection,
    shaped.ignored_auth,
    shaped.use_after_free,
    shaped.ensure_resource_availability,
]
# What an answer has to keep to whatever was asked.
SHAPE = CHECKS[1:5]
shop = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """Run the project for a client whose address is known, as it is behind any server: limits count by it."""
    return shop({"REMOTE_ADDR": "192.0.2.1", **environ}, start_response)


described: Any = schemathesis.openapi.from_wsgi("/openapi.json", application)


def operations() -> list[Any]:
    """Return every operation of the schema."""
    return [result.ok() for result in described.get_all_operations()]
