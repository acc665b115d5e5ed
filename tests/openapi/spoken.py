"""Requests and answers as the docs show them: what differs from run to run is replaced by what stands for it."""

import re
from typing import Any

TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# By key, where no pattern would tell.
SHOWN = {
    "secret": SEED,
    "otpauth_url": f"otpauth://totp/Shop:jane%40example.com?secret={SEED}&issuer=Shop",
    "qr_svg": "<svg xmlns='http://www.w3.org/2000/svg'>…</svg>",
    "epoch": "0:1f2e3d4c5b6a",
}
WRONG, RIGHT, RECOVERY = "000000", "424242", "K7MQ-X9D4-TRCW"


class Shown:
    """Replaces ids by numbers in the order they are met, and secrets by examples of their kind."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    def value(self, value: Any, key: str = "") -> Any:
        """Return a JSON value as the docs show it."""
        if isinstance(value, dict):
            return {name: self.value(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self.value(each, key) for each in value]
        if not isinstance(value, str):
            return value
        if key in SHOWN:
            return SHOWN[key]
        if key == "recovery_codes":
            return RECOVERY
        if key in ("code", "otp") and value != WRONG:
            value = re.sub(r"^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$", RECOVERY, re.sub(r"^\d{6}$", RIGHT, value))
        text = re.sub(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", TOKEN, value)
        text = re.sub(r"\b[0-9a-f]{64}\b", "0123456789abcdef" * 4, text)
        return re.sub(r"(?<![0-9A-Z])01[0-9A-HJKMNP-TV-Z]{24}(?![0-9A-Z])", self._id, text)

    def _id(self, found: "re.Match[str]") -> str:
        return self.ids.setdefault(found[0], f"01KF0000000000000000{len(self.ids) + 1:06d}")
