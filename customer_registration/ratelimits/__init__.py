"""Atomic rate limits on the ``limits`` library."""

from customer_registration.ratelimits.client_ip import client_ip
from customer_registration.ratelimits.engine import Hits, forgive, hit, hit_all, reset
from customer_registration.ratelimits.guesses import GuessBudget

__all__ = ["GuessBudget", "Hits", "client_ip", "forgive", "hit", "hit_all", "reset"]
