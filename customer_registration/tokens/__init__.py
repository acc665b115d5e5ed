"""Signed tokens, one class per purpose; a token is refused anywhere but at its purpose."""

from customer_registration.tokens.code import CodeToken
from customer_registration.tokens.epoch import epoch_matches
from customer_registration.tokens.login import LoginToken

__all__ = ["CodeToken", "LoginToken", "epoch_matches"]
