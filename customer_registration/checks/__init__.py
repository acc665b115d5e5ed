"""System checks, one function a rule. ``E0xx`` stop a start, ``W0xx`` warn; the deploy ones run with ``--deploy``."""

from customer_registration.checks import deployment, fixed_codes, passwordless, start

__all__ = ["deployment", "fixed_codes", "passwordless", "start"]
