"""Password hashing at the minimum that OWASP's Password Storage Cheat Sheet recommends."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class OWASPArgon2PasswordHasher(Argon2PasswordHasher):
    """argon2id with 19 MiB, two passes and one lane: a tenth of Django's default memory, and well above PBKDF2.

    Put it first in ``PASSWORD_HASHERS``; hashes of other strengths are upgraded at the next login.
    """

    time_cost = 2
    memory_cost = 19456  # KiB
    parallelism = 1
