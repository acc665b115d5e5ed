"""Messages that wait in the outbox."""

from tests.flows.conftest import queued, queued_text, through  # noqa: F401  # fixtures
