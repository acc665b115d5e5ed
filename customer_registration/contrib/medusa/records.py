"""Read the records that ``scrypt-kdf`` writes, Medusa's password hasher: Colin Percival's file header of ``scrypt``.

https://github.com/Tarsnap/scrypt/blob/master/FORMAT, less the encrypted data: 96 bytes.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

# 0 magic, 6 version, 7 logN, 8 r, 12 p, 16 salt, 48 checksum, 64 HMAC, 96
MAGIC = b"scrypt\0"
LENGTH = 96
SALT_LENGTH = 32
MAC_LENGTH = 32
# A record says itself what checking it costs, and a login does what it says. Eight times Medusa's own memory and
# sixteen times its time is more than anybody waits for; logN 63 would never end.
MAX_MEMORY = 256 * 1024 * 1024  # bytes, of 128 * N * r
MAX_WORK = 2**22  # of N * r * p; Medusa's is 2**18


class RefusedRecord(ValueError):
    """A stored password that is no record of ``scrypt-kdf``, or one too costly to check. It does not repeat it."""


@dataclass(frozen=True, slots=True)
class ScryptRecord:
    """A password as ``scrypt-kdf`` keeps it.

    Args:
        log_n: the binary logarithm of N, the cost.
        r: the block size.
        p: how many times over.
        salt: 32 bytes.
        mac: 32 bytes, by which a password is known.
    """

    log_n: int
    r: int
    p: int
    salt: bytes
    mac: bytes

    def __post_init__(self) -> None:
        """Refuse what would burn memory or time.

        Raises:
            RefusedRecord: it would, or its parts are of other lengths.
        """
        if len(self.salt) != SALT_LENGTH or len(self.mac) != MAC_LENGTH:
            raise RefusedRecord("a salt or a MAC of another length")
        # RFC 7914 §2: N is greater than 1, and less than 2^(128 * r / 8).
        if not (1 <= self.log_n < min(16 * self.r, 64) and self.r >= 1 and self.p >= 1):
            raise RefusedRecord("parameters that scrypt does not know")
        if 128 * self.r << self.log_n > MAX_MEMORY or (self.r * self.p) << self.log_n > MAX_WORK:
            raise RefusedRecord("parameters that cost too much")

    @classmethod
    def parse(cls, text: str) -> "ScryptRecord":
        """Read a record as it is stored, in base64.

        Raises:
            RefusedRecord: it is none.
        """
        try:
            record = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise RefusedRecord("no base64") from error
        if len(record) != LENGTH or not record.startswith(MAGIC):
            raise RefusedRecord("no record of scrypt-kdf")
        if not hmac.compare_digest(hashlib.sha256(record[:48]).digest()[:16], record[48:64]):
            raise RefusedRecord("a wrong checksum")
        r, p = int.from_bytes(record[8:12], "big"), int.from_bytes(record[12:16], "big")
        return cls(record[7], r, p, record[16:48], record[64:])

    @classmethod
    def make(cls, password: str, *, salt: bytes, log_n: int, r: int, p: int) -> "ScryptRecord":
        """Hash a password.

        Raises:
            RefusedRecord: that would cost too much.
        """
        blank = cls(log_n, r, p, salt, bytes(MAC_LENGTH))
        return cls(log_n, r, p, salt, blank._mac_for(password))

    def matches(self, password: str) -> bool:
        """Whether a password is the record's."""
        return hmac.compare_digest(self._mac_for(password), self.mac)

    def as_stored(self) -> str:
        """Return the record as Medusa stores it, in base64."""
        return base64.b64encode(self._header() + self.mac).decode()

    def _header(self) -> bytes:
        header = MAGIC + bytes([self.log_n]) + self.r.to_bytes(4, "big") + self.p.to_bytes(4, "big") + self.salt
        return header + hashlib.sha256(header).digest()[:16]

    def _mac_for(self, password: str) -> bytes:
        key = hashlib.scrypt(
            _utf8(password),
            salt=self.salt,
            n=1 << self.log_n,
            r=self.r,
            p=self.p,
            # OpenSSL counts the blocks of p too, and some of its own.
            maxmem=128 * self.r * ((1 << self.log_n) + self.p + 2) + 2**20,
            dklen=64,
        )
        return hmac.digest(key[32:], self._header(), "sha256")


def _utf8(password: str) -> bytes:
    """Encode a password as node does: half a surrogate pair is U+FFFD, where Python would fail."""
    return password.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
