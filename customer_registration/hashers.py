"""Password hashing at the minimum that OWASP's Password Storage Cheat Sheet recommends."""

import os
from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

__all__ = ["OWASPArgon2PasswordHasher"]


class _Turns:
    """More at once than there are cores makes none of them quicker, and each holds its memory until it is done."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Let everybody have a turn: in a forked process nobody is left to give back what its parent had taken."""
        self.free = BoundedSemaphore(os.cpu_count() or 1)


_turns = _Turns()
if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_turns.begin)


def turn() -> BoundedSemaphore:
    """Return what a hash is made within, ``with turn():``, so that no more are made at once than there are cores."""
    return _turns.free


class OWASPArgon2PasswordHasher(Argon2PasswordHasher):
    """argon2id with 19 MiB, two passes and one lane: a tenth of Django's default memory, and well above PBKDF2.

    Put it first in ``PASSWORD_HASHERS``; hashes of other strengths are upgraded at the next login. A process works at
    as many as it has cores, whatever its number of threads: the others wait, without the interpreter's lock, while the
    threads that hash nothing go on.
    """

    time_cost = 2
    memory_cost = 19456  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the hash of a password, once it is its turn."""
        with turn():
            return str(super().encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        """Whether a password is that of a hash, once it is its turn."""
        with turn():
            return bool(super().verify(password, encoded))
