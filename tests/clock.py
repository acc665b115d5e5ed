"""Stand still, for what goes by the time of day."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone


@pytest.fixture
def clock() -> Iterator[Any]:
    """Stand still in the middle of an authenticator app's time step; the test moves on: ``clock.shift(30)``."""
    with time_machine.travel(timezone.now().replace(second=10, microsecond=0), tick=False) as coordinates:
        yield coordinates
