"""Django's password hasher for the passwords of Medusa 2."""

import base64
import binascii
import hashlib
import secrets
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher, mask_hash
from django.utils.translation import gettext as by_django

from customer_registration.contrib.medusa.records import SALT_LENGTH, RefusedRecord, ScryptRecord
from customer_registration.hashers import turn

__all__ = ["MedusaScryptPasswordHasher"]


class MedusaScryptPasswordHasher(BasePasswordHasher):
    """Checks passwords that Medusa has hashed, with ``scrypt-kdf``; the first hasher takes over at the next login.

    Put it into ``PASSWORD_HASHERS``, anywhere but first. What is stored is the record without what can be told from
    the rest, since Django's column has 128 characters and a record 128 by itself: ``medusa_scrypt$15$8$1$salt$mac``.
    It takes turns with `OWASPArgon2PasswordHasher`: Medusa's parameters take 32 MiB for each password.
    """

    algorithm = "medusa_scrypt"
    log_n = 15  # as @medusajs/auth-emailpass chooses them
    block_size = 8
    parallelism = 1

    @classmethod
    def encoding_of(cls, record: str) -> str:
        """Return what Django stores for a record as Medusa stores it.

        Args:
            record: base64 of 96 bytes, of ``provider_identity.provider_metadata``.

        Raises:
            RefusedRecord: it is none, or would cost too much to check.
        """
        return cls._encoding(ScryptRecord.parse(record))

    def encode(self, password: str, salt: str) -> str:
        """Return the hash of a password, once it is its turn.

        Args:
            password: hashed as it is, neither trimmed nor normalized.
            salt: 32 bytes in base64 without padding, as `salt` makes them; any other text is stretched to 32 bytes.
        """
        if not salt or "$" in salt:
            raise ValueError("a salt must be given, and have no $")
        with turn():
            record = ScryptRecord.make(
                password, salt=_salt_bytes(salt), log_n=self.log_n, r=self.block_size, p=self.parallelism
            )
        return self._encoding(record)

    def decode(self, encoded: str) -> dict[str, Any]:
        """Return the parts of a hash.

        Raises:
            RefusedRecord: it is malformed.
        """
        record = self._record(encoded)
        return {
            "algorithm": self.algorithm,
            "log_n": record.log_n,
            "block_size": record.r,
            "parallelism": record.p,
            "salt": _text(record.salt),
            "hash": _text(record.mac),
        }

    def verify(self, password: str, encoded: str) -> bool:
        """Whether a password is that of a hash, once it is its turn; of a malformed hash none is."""
        try:
            record = self._record(encoded)
        except RefusedRecord:
            return False
        with turn():
            return record.matches(password)

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        """Return what the admin may show of a hash."""
        try:
            parts = self.decode(encoded)
        except RefusedRecord:
            return {by_django("algorithm"): self.algorithm}
        return {
            by_django("algorithm"): self.algorithm,
            by_django("work factor"): 1 << parts["log_n"],
            by_django("block size"): parts["block_size"],
            by_django("parallelism"): parts["parallelism"],
            by_django("salt"): mask_hash(parts["salt"]),
            by_django("hash"): mask_hash(parts["hash"]),
        }

    def must_update(self, encoded: str) -> bool:
        """Whether a hash is of another strength than this hasher's; asked of the first hasher only."""
        try:
            record = self._record(encoded)
        except RefusedRecord:
            return False
        return (record.log_n, record.r, record.p) != (self.log_n, self.block_size, self.parallelism)

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Do nothing, as Django's own scrypt: what a weaker hash has saved cannot be spent apart."""

    def salt(self) -> str:
        """Return 32 random bytes, in base64."""
        return _text(secrets.token_bytes(SALT_LENGTH))

    @classmethod
    def _encoding(cls, record: ScryptRecord) -> str:
        parts = (record.log_n, record.r, record.p, _text(record.salt), _text(record.mac))
        return "$".join(map(str, (cls.algorithm, *parts)))

    @classmethod
    def _record(cls, encoded: str) -> ScryptRecord:
        algorithm, *parts = encoded.split("$")
        if algorithm != cls.algorithm or len(parts) != 5:
            raise RefusedRecord("no hash of this hasher")
        if not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts[:3]):
            raise RefusedRecord("no parameters of scrypt")
        return ScryptRecord(*map(int, parts[:3]), *map(_bytes, parts[3:]))  # type: ignore[arg-type]


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefusedRecord("no base64") from error


def _salt_bytes(salt: str) -> bytes:
    try:
        value = _bytes(salt)
    except RefusedRecord:
        value = b""
    return value if len(value) == SALT_LENGTH else hashlib.sha256(salt.encode()).digest()
