"""A password hasher that counts the work it does."""

from typing import ClassVar

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class CountingHasher(PBKDF2PasswordHasher):
    """PBKDF2 at a cost that tests can afford; ``harden_runtime`` makes up for older hashes by this ``encode`` too."""

    algorithm = "pbkdf2_counting"
    iterations = 4
    work: ClassVar[list[int]] = []

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Hash, and note how many iterations it took."""
        self.work.append(iterations or self.iterations)
        return super().encode(password, salt, iterations)
