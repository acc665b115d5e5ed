"""Visit everybody, as a stranger who asks the same of each."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.models import SendSlot
from customer_registration.signals import message_queued
from tests.security.matrix.modes import MODES
from tests.security.matrix.observing import Seen, Visit
from tests.security.matrix.people import FACTORIES, SHADOW, somebody
from tests.security.matrix.row import Row


@pytest.fixture
def everybody(api: Any, configure: Any, settings: Any, hear: Any, monkeypatch: Any) -> Callable[..., dict[str, Any]]:
    """Return a function that runs a row on everybody in a mode, at one moment and with fresh limits for each."""

    def run(row: Row, mode: str) -> dict[str, list[Seen]]:
        settings.PASSWORD_HASHERS = ["tests.security.matrix.hasher.CountingHasher"]
        chosen = MODES[mode]
        configure(**chosen.options)
        configure(**row.options)
        standings = [standing for standing in FACTORIES if standing != SHADOW or chosen.conceals]
        people = [somebody(standing, kind=chosen.kind, with_phone=chosen.with_phone) for standing in standings]
        # A worker delivers, in a process of its own.
        monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)
        tasks, moment, seen = hear(message_queued), timezone.now(), {}
        for who in people:
            ratelimits.reset()
            SendSlot.objects.all().delete()  # text that names nobody has one for all
            with time_machine.travel(moment, tick=False) as clock:
                visit = Visit(api.another(), who, clock, tasks)
                row.run(visit)
            seen[who.standing] = visit.seen
        return seen

    return run
