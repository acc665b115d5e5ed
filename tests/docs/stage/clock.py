"""The time in the shop."""

from datetime import UTC, datetime, timedelta

import time_machine

_travels: list[time_machine.travel] = []
seconds = 0.0


def go_to(later: float) -> None:
    """Be so many seconds later than it really is, from now on."""
    global seconds
    seconds = later
    while _travels:
        _travels.pop().stop()
    if later:
        travel = time_machine.travel(datetime.now(UTC) + timedelta(seconds=later), tick=True)
        travel.start()
        _travels.append(travel)
