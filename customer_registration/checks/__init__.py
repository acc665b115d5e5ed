"""System checks, one function a rule. ``E0xx`` stop a start, ``W0xx`` warn; the deploy ones run with ``--deploy``.

The rules look at most of the app, and load it: 100 ms that a process which checks nothing, such as one of gunicorn's,
need not spend at ``django.setup()``. Therefore what Django knows of are the functions here, one for each kind of rule.
"""

from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage, Tags, register

from customer_registration.checks.findings import RULES, TAG


@register(TAG)
def rules_of_a_start(**options: Any) -> Iterable[CheckMessage]:
    """Run the rules that hold before the project starts."""
    return _findings(TAG, options)


@register(Tags.security, deploy=True)
def rules_of_security(**options: Any) -> Iterable[CheckMessage]:
    """Run the rules that keep a live project safe."""
    return _findings(Tags.security, options)


@register(Tags.compatibility, deploy=True)
def rules_of_compatibility(**options: Any) -> Iterable[CheckMessage]:
    """Run the rules about a live project's surroundings."""
    return _findings(Tags.compatibility, options)


def _findings(tag: str, options: dict[str, Any]) -> list[CheckMessage]:
    from customer_registration.checks import deployment, fixed_codes, passwordless, start  # noqa: F401  # fills RULES

    return [finding for rule in RULES[tag] for finding in rule(**options)]
