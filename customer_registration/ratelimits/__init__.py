"""Atomic rate limits on the ``limits`` library."""

from customer_registration.ratelimits import refusals
from customer_registration.ratelimits.client_ip import client_ip, network_of
from customer_registration.ratelimits.engine import (
    Counter,
    Hits,
    counters_of,
    forgive,
    hit,
    hit_all,
    hourly,
    is_used_up,
    reset,
)
from customer_registration.ratelimits.guesses import GuessBudget

__all__ = [
    "Counter",
    "GuessBudget",
    "Hits",
    "client_ip",
    "counters_of",
    "forgive",
    "hit",
    "hit_all",
    "hourly",
    "is_used_up",
    "network_of",
    "refusals",
    "reset",
]
