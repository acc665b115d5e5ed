"""Authenticator apps: time-based codes (RFC 6238: SHA-1, 30 seconds, six digits), their seeds and QR codes.

The libraries are the extra ``mfa``; they load at first use.
"""

import logging
from base64 import b32encode, urlsafe_b64encode
from datetime import datetime
from importlib.util import find_spec
from io import BytesIO
from secrets import token_bytes
from typing import Any
from urllib.parse import urlsplit

from django.utils.crypto import constant_time_compare, salted_hmac

from customer_registration import codes, keys
from customer_registration.conf import config
from customer_registration.exceptions import FactorUnavailable
from customer_registration.models import SecondFactor

logger = logging.getLogger(__name__)

TO_COMPARE = ("cryptography", "pyotp")
TO_ENROL = (*TO_COMPARE, "segno")
STEP_SECONDS = 30
DIGITS = 6
SKEW = 1  # steps before and after the present one: a clock a little off (RFC 6238 §5.2)
SEED_BYTES = 20  # RFC 4226 §4 R6
_SALT = "customer_registration.second_factor.seeds"


def require_libraries(names: tuple[str, ...]) -> None:
    """Make sure that what it takes of the extra ``mfa`` is installed.

    Raises:
        FactorUnavailable: it is not.
    """
    if any(find_spec(name) is None for name in names):
        raise FactorUnavailable


def new_seed() -> str:
    """Return a random seed in base32, as apps take it."""
    return b32encode(token_bytes(SEED_BYTES)).decode()


def seal(seed: str) -> str:
    """Encrypt a seed as it is stored, under a key derived from ``SECRET_KEY``."""
    return bytes(_cipher().encrypt(seed.encode())).decode()


def unseal(sealed: str) -> str | None:
    """Decrypt a stored seed, under each secret that still verifies; ``None`` where all are gone."""
    from cryptography.fernet import InvalidToken

    try:
        return bytes(_cipher().decrypt(sealed.encode())).decode()
    except InvalidToken:
        logger.error(
            "The seed of an authenticator app cannot be decrypted: SECRET_KEY has changed with no fallback",
            extra={"event": "seed_unreadable"},
        )
        return None


def renewed(sealed: str) -> str:
    """Return a stored seed as it is sealed under the present secret; the same text if it is.

    Args:
        sealed: one that can be decrypted.
    """
    from cryptography.fernet import InvalidToken

    try:
        _fernets()[0].decrypt(sealed.encode())
    except InvalidToken:
        return bytes(_cipher().rotate(sealed.encode())).decode()
    return sealed


def step_of(factor: SecondFactor, typed: str, *, now: datetime) -> int | None:
    """Return the unused time step that a typed code is of; ``None`` if it is of none.

    Args:
        factor: an authenticator app.
        typed: the code, digits of any script, spaces and hyphens ignored.
        now: the time of the flow.

    Raises:
        FactorUnavailable: the libraries are gone.
    """
    require_libraries(TO_COMPARE)
    code, seed = codes.normalize_code(typed), unseal(factor.secret)
    if seed is None or len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    last_used = -1 if factor.last_step is None else factor.last_step
    # All are compared, so that the time taken tells nothing of which it was.
    matching = [
        step
        for step in range(present - SKEW, present + SKEW + 1)
        if constant_time_compare(code_at(seed, step), code) and step > last_used
    ]
    return matching[0] if matching else None


def code_at(seed: str, step: int) -> str:
    """Return the code of a time step (HOTP of RFC 4226, with the step as its counter)."""
    import pyotp

    return str(pyotp.TOTP(seed, digits=DIGITS, interval=STEP_SECONDS).generate_otp(step))


def url_of(seed: str, *, account: str, issuer: str | None) -> str:
    """Return the ``otpauth://`` URL that an app reads from a QR code.

    Args:
        seed: in base32.
        account: what the app calls the account.
        issuer: what it calls the shop; ``SECOND_FACTOR["ISSUER"]`` or the storefront's host if not given.
    """
    import pyotp

    shop = issuer or config().second_factor.issuer or urlsplit(config().storefront_url or "").hostname
    return str(pyotp.TOTP(seed, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(name=account, issuer_name=shop))


def qr_svg(url: str) -> str:
    """Return a QR code (ISO/IEC 18004) as SVG text that a page can take as it is."""
    import segno

    drawing = BytesIO()
    segno.make_qr(url).save(drawing, kind="svg", scale=4, xmldecl=False, nl=False)
    return drawing.getvalue().decode()


def _cipher() -> Any:
    from cryptography.fernet import MultiFernet

    return MultiFernet(_fernets())


def _fernets() -> list[Any]:
    from cryptography.fernet import Fernet

    derived = (salted_hmac(_SALT, "", secret=secret, algorithm="sha256").digest() for secret in keys.secrets())
    return [Fernet(urlsafe_b64encode(key)) for key in derived]
