"""One-time passwords for a project's own purposes: sign a document, open a locker, confirm a pick-up."""

import secrets
from datetime import timedelta

from django.utils import timezone

from customer_registration import keys, signals
from customer_registration.conf import config
from customer_registration.enums import Purpose
from customer_registration.exceptions import CodeAttemptsExceeded, CodeExpired, InvalidCode
from customer_registration.flows import challenges, proving
from customer_registration.flows.challenges import Older
from customer_registration.models import OtpVerification
from customer_registration.models.integrity import atomically

__all__ = ["OneTimePasswordService"]

SECRET_BYTES = 32
MIN_DIGITS, MAX_DIGITS = 6, 16
FAMILY = "service"


class OneTimePasswordService:
    """Generate a one-time password under a key, and verify it once.

    The engine is that of the app's own codes: nothing that could be stolen is stored, guesses are counted before they
    are compared, the newest password of a key replaces the older one and starts with its guesses. Nothing is sent.

    Args:
        ttl: how long a password is good for, in seconds; ``TWO_STEP_LOGIN.TTL_SECONDS`` if not given.
        digits: how many digits it has, 6 to 16; ``TWO_STEP_LOGIN.DIGITS`` if not given.

    Raises:
        ValueError: ``ttl`` is not positive, or ``digits`` out of range.
    """

    generated = signals.one_time_password_generated
    deleted = signals.one_time_password_deleted

    def __init__(self, ttl: int | None = None, digits: int | None = None) -> None:
        if ttl is not None and ttl < 1:
            raise ValueError("ttl must be at least one second")
        if digits is not None and not MIN_DIGITS <= digits <= MAX_DIGITS:
            raise ValueError(f"digits must be {MIN_DIGITS} to {MAX_DIGITS}")
        self._ttl = ttl
        self._digits = digits

    @property
    def ttl(self) -> int:
        """How long a password is good for, in seconds."""
        return config().two_step_login.ttl_seconds if self._ttl is None else self._ttl

    @property
    def digits(self) -> int:
        """How many digits a password has."""
        return config().two_step_login.digits if self._digits is None else self._digits

    def generate_secret(self) -> str:
        """Return 64 random hex digits, to be kept with whatever the passwords are for."""
        return secrets.token_hex(SECRET_BYTES)

    def generate(self, key: str, secret: str | None = None) -> str:
        """Return a new password for ``key``; the one before it is good no more.

        Args:
            key: names what it is for, such as a customer's id; any text.
            secret: mixed into the password, such as one of `generate_secret`.
        """
        now = timezone.now()
        row = OtpVerification(
            purpose=Purpose.SERVICE,
            subject=keys.keyed_hash("service.key", key),
            destination=keys.keyed_hash("service.secret", secret or ""),
            channel="",
            max_attempts=config().otp.max_attempts,
            expires_at=now + timedelta(seconds=self.ttl),
            payload={"digits": self.digits},
            created_at=now,
        )

        def write() -> None:
            row.attempts = min(challenges.replace(_live(key), lambda: _live(key), now=now), row.max_attempts)
            row.save(force_insert=True)

        atomically(write)
        signals.send_on_commit(self.generated, type(self), key=key, get_code=row.code)
        return row.code()

    def verify(self, key: str, otp: str) -> bool:
        """Return whether ``otp`` is the password of ``key``; it is used up by a right answer.

        Call it outside of transactions: one that is rolled back forgets the guess, and leaves the day's budget alone.

        Args:
            key: as given to `generate`.
            otp: as typed; spaces and hyphens are ignored.

        Raises:
            LimiterUnavailable: the limiter's store is down.
        """
        if not isinstance(otp, str) or any("\ud800" <= character <= "\udfff" for character in otp):
            return False  # no text: lone surrogates cannot be compared
        subject = keys.keyed_hash("service.key", key)
        live = _live(key)
        try:
            proving.prove(
                live.row_id if live else "",
                typed=otp,
                family=FAMILY,
                person=subject,
                effect=lambda row: None,
                now=timezone.now(),
            )
        except (InvalidCode, CodeExpired, CodeAttemptsExceeded):
            return False
        signals.send_on_commit(self.deleted, type(self), key=key)
        return True


def _live(key: str) -> Older | None:
    subjects = keys.keyed_hashes("service.key", key)
    rows = OtpVerification.objects.live(timezone.now()).filter(subject__in=subjects, purpose=Purpose.SERVICE)
    found = rows.order_by("-pk").values_list("pk", "attempts").first()
    return Older(*found) if found else None
