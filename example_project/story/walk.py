"""Take one step after the other and keep count. A step that fails does not end the walk."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from example_project.story.backstage import Backstage
from example_project.story.people import NotKnown, Person, fictional_numbers
from example_project.story.shop import Shop, Unexpected


class Outcome(StrEnum):
    """How a step ended."""

    OK = "ok"
    FAILED = "FAIL"
    SKIPPED = "skip"


@dataclass(slots=True)
class Step:
    """One step: what it is, how it ended, and why. A chapter may set ``note`` to say what came."""

    title: str
    note: str = ""
    outcome: Outcome = Outcome.OK
    reasons: list[str] = field(default_factory=list)


class Walk:
    """The story under way.

    Args:
        shop: where it happens.
        staff: the staff user who has a part in it.
        tell: is called with every step when it is over.
        numbers: phone numbers that are nobody's, for the people.
        backstage: where commands are run and options set.
    """

    def __init__(
        self,
        shop: Shop,
        *,
        staff: Person,
        tell: Callable[[Step], None],
        numbers: Iterator[str] | None = None,
        backstage: Backstage | None = None,
    ) -> None:
        self.shop = shop
        self.staff = staff
        self.backstage = backstage or Backstage()
        self.steps: list[Step] = []
        self._tell = tell
        self._numbers = numbers or fictional_numbers()
        self._people: dict[str, Person] = {}

    def person(self, name: str) -> Person:
        """Return somebody by name: the same person in every chapter, another one in every walk."""
        if name not in self._people:
            self._people[name] = Person.stranger(name, next(self._numbers))
        return self._people[name]

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Take a step; an answer that was not expected fails it, a fact that no earlier step got skips it."""
        step = Step(title)
        try:
            yield step
        except Unexpected as error:
            step.outcome = Outcome.FAILED
            step.reasons = [f"expected  {error.expected}", f"came      {error.came}"]
        except NotKnown as error:
            step.outcome = Outcome.SKIPPED
            step.reasons = [f"needs the {error.fact.replace('_', ' ')} of an earlier step"]
        self.steps.append(step)
        self._tell(step)

    def count(self, outcome: Outcome) -> int:
        """Return how many steps ended so."""
        return sum(step.outcome == outcome for step in self.steps)
