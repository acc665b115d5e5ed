"""An authenticator app, as people have on their phones."""

import time

import pyotp

STEP_SECONDS = 30


class App:
    """An authenticator app, which knows the secret of a QR code (RFC 6238)."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
        self._step = -1

    def code(self) -> str:
        """Return a code that was not shown before.

        Each step of 30 seconds works once, and a clock may be one step fast: so the second of two codes in a row is
        the next step's, and nobody waits for it. A third one would be refused.
        """
        self._step = max(self._step + 1, self._present())
        return self._totp.generate_otp(self._step)

    def last_code(self) -> str:
        """Return the code that was shown last."""
        return self._totp.generate_otp(self._step)

    def wrong_code(self) -> str:
        """Return a code that is shown at no time near this one."""
        near = {self._totp.generate_otp(self._present() + skew) for skew in range(-2, 4)}
        return next(code for code in ("123456", *(f"{digit}" * 6 for digit in range(6))) if code not in near)

    @staticmethod
    def _present() -> int:
        return int(time.time()) // STEP_SECONDS
