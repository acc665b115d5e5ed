"""Derive and compare one-time codes and link values. Pure: no database, no settings."""

from customer_registration.codes.derivation import (
    ALPHABETS,
    code_matches,
    derive_code,
    derive_link_value,
    fixed_code_matches,
    link_value_matches,
    normalize_code,
)

__all__ = [
    "ALPHABETS",
    "code_matches",
    "derive_code",
    "derive_link_value",
    "fixed_code_matches",
    "link_value_matches",
    "normalize_code",
]
