"""Atomic rate limits on the ``limits`` library."""

from customer_registration.ratelimits import refusals
from customer_registration.ratelimits.client_ip import client_ip
from customer_registration.ratelimits.engine import Counter, Hits, forgive, hit, hit_all, hourly, is_used_up, reset
from customer_registration.ratelimits.guesses import GuessBudget

__all__ = [
    "Counter",
    "GuessBudget",
    "Hits",
    "client_ip",
    "forgive",
    "hit",
    "hit_all",
    "hourly",
    "is_used_up",
    "refusals",
    "reset",
]
