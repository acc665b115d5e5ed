"""A row of the matrix: what a stranger does about a person at a public route."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.security.matrix.modes import MODES
from tests.security.matrix.observing import Run

EVERYWHERE = tuple(name for name in MODES if name != "concealed, by phone")
CONCEALED = tuple(name for name, mode in MODES.items() if mode.conceals)
BY_EMAIL, BY_EMAIL_OR_PHONE = ("by e-mail",), ("by e-mail", "by phone")


@dataclass(frozen=True)
class Row:
    """What a stranger does, at which route.

    Args:
        name: in words.
        route: the name of the URL pattern that it is about.
        statuses: what each request about somebody unknown is answered; so a row that reaches no limit is noticed.
        run: does it.
        modes: keys of ``MODES``.
        past: the limit that the last request is past, as ``rule limit``.
        options: over those of the mode.
    """

    name: str
    route: str
    statuses: tuple[int, ...]
    run: Run
    modes: tuple[str, ...]
    past: str = ""
    options: dict[str, Any] = field(default_factory=dict)


ROWS: dict[str, Row] = {}


def row(
    route: str, *statuses: int, modes: tuple[str, ...] | None = None, past: str = "", **options: Any
) -> Callable[[Run], Run]:
    """Add the decorated visit to the table under its name; limits by address or day know no kind of identifier."""
    usual = BY_EMAIL if past.endswith(("/ip", "/d/key")) else BY_EMAIL_OR_PHONE

    def add(run: Run) -> Run:
        name = run.__name__.replace("_", " ")
        assert name not in ROWS, name
        ROWS[name] = Row(name, route, statuses, run, modes or usual, past, options)
        return run

    return add
