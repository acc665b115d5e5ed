"""Signed tokens, one class per purpose; a token is refused anywhere but at its purpose."""

from customer_registration.tokens.code import CodeToken
from customer_registration.tokens.epoch import epoch_matches, password_state_matches
from customer_registration.tokens.login import LoginToken
from customer_registration.tokens.reset import ResetToken

__all__ = ["CodeToken", "LoginToken", "ResetToken", "epoch_matches", "password_state_matches"]
