"""What staff may do with a row, how each is asked and offered, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms

Refusals = Mapping[type[Exception], Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one row: for the user to read, and for the log of the admin if something was done.

    ``logged`` outlives the account, so it holds nothing personal, nor a reason that a project's handler gave.
    """

    level: int
    text: str
    logged: str = ""


class NoAnswers(forms.Form):
    """Nothing more to say than yes."""


def no_objection(row: Any) -> str:
    """Let it be done to every row."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that may be done.

    Args:
        name: of the action.
        offer: in the list of actions.
        button: on the page of one row.
        question: over the rows that are selected.
        objection: says why it cannot be done to a row; "" if it can.
        work: does it to one row: ``work(row, by=user, answers=what the form has read)``.
        refused: what to tell of the errors that the work may raise.
        form: what the user must say beside yes.
        warning: over the button, where nothing brings back what was.
        stand: what the page that asks writes down of a row. If that is not so any more on a yes, the row is left alone.
    """

    name: str
    offer: Any
    button: Any
    question: Any
    work: Callable[..., Outcome]
    objection: Callable[[Any], str] = no_objection
    refused: Refusals = field(default_factory=dict)
    form: type[forms.Form] = NoAnswers
    warning: Any = ""
    stand: Callable[[Any], str] | None = None

    def applies(self, row: Any) -> bool:
        """Whether it can be done to a row as it stands."""
        return not self.objection(row)

    def holds(self, row: Any, seen: str) -> bool:
        """Whether a row still stands as the user saw it when they were asked."""
        return self.stand is None or seen == self.stand(row)
