"""How much memory and CPU time a process and its children take.

Memory is the proportional set size, which counts shared pages once.
"""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """Return a process and its descendants, as they are now."""
    parents = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # The name in parentheses may hold spaces and parentheses; the parent is the second field after it.
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def megabytes(pid: int) -> float:
    """Return the memory of a process and its descendants."""
    total = 0
    for each in family(pid):
        with suppress(OSError):  # it has ended meanwhile
            lines = (PROC / str(each) / "smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process and its living descendants have used, in seconds."""
    ticks = 0
    for each in family(pid):
        with suppress(OSError):
            ticks += sum(map(int, (PROC / str(each) / "stat").read_text().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


class Watch(threading.Thread):
    """Looks at families of processes every two seconds until told to stop."""

    def __init__(self, **pids: int) -> None:
        super().__init__(daemon=True)
        self.pids, self._over = pids, threading.Event()
        self._began = time.monotonic()
        self._samples: dict[str, list[tuple[float, float]]] = {name: [] for name in pids}

    def run(self) -> None:
        while not self._over.wait(2):
            for name, pid in self.pids.items():
                self._samples[name].append((time.monotonic() - self._began, megabytes(pid)))

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self.join()

    def by_minute(self, name: str, seconds: float) -> list[float]:
        """Return the mean of each full minute of the first ``seconds``."""
        minutes = []
        for minute in range(int(seconds // 60)):
            found = [size for at, size in self._samples[name] if 60 * minute <= at < 60 * (minute + 1)]
            minutes.append(sum(found) / len(found))
        return minutes
