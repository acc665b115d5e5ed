"""How far a command has come."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from django.core.management.base import BaseCommand


@contextmanager
def progress(
    command: BaseCommand, total: int, *, unit: str, lines: int | None = None
) -> Iterator[Callable[[int], None]]:
    """Yield what is told how many more are done, by any thread.

    It draws a bar on a terminal, where the ``progress`` extra is installed, and writes lines elsewhere.

    Args:
        command: which writes.
        total: how many there are to be done.
        unit: what they are.
        lines: how many at most, so that a log stays readable; one each time it is told something if not given.
    """
    try:
        from tqdm import tqdm
    except ImportError:
        tqdm = None
    if tqdm is not None and command.stderr.isatty():
        with tqdm(total=total, unit=f" {unit}", file=sys.stderr) as bar:
            yield lambda more: bar.update(more) and None
        return
    done, turn, step = 0, Lock(), 1 if lines is None else max(total // lines, 1)

    def line(more: int) -> None:
        nonlocal done
        with turn:
            before, done = done, done + more
            if done // step > before // step or done == total:
                command.stdout.write(f"{done} of {total}")

    yield line
