"""Leaving for good: request and confirm, a grace period with a way back, then erasure."""
