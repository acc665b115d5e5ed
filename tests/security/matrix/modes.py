"""The settings that the matrix runs under. To add one is a line here."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Mode:
    """Options, and by which kind of identifier the stranger asks."""

    kind: str = "email"
    with_phone: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def conceals(self) -> bool:
        """Whether accounts are concealed, so that there are shadows."""
        return "EXISTING_ACCOUNT" in self.options.get("REGISTRATION", {})


CONCEAL = {"EXISTING_ACCOUNT": "conceal"}
MODES = {
    "by e-mail": Mode(),
    "by phone": Mode("phone", with_phone=True, options={"REGISTRATION": {"IDENTIFIER": "both"}}),
    "unproven": Mode(options={"REGISTRATION": {"REQUIRE_VERIFICATION": False}}),
    "concealed": Mode(options={"REGISTRATION": CONCEAL}),
    "concealed, by phone": Mode("phone", with_phone=True, options={"REGISTRATION": {**CONCEAL, "IDENTIFIER": "both"}}),
}
