"""Rules of logging in by code that hold before the project starts."""

import re
from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage

from customer_registration import signals
from customer_registration.actors import CUSTOMER, STAFF, ActorType, load_actor_type
from customer_registration.checks.findings import check, error, project_config
from customer_registration.conf import SETTING
from customer_registration.models import OtpVerification

# The first parts of paths under /auth that no actor type may take.
RESERVED = (CUSTOMER, STAFF, "session", "token", "verification", "mfa")
NAME = re.compile(r"[a-z][a-z0-9_-]*")


@check()
def actor_types_can_log_in(**_: Any) -> Iterable[CheckMessage]:
    """E017: every type of ``PASSWORDLESS.ACTORS`` can be built, and its entities can be found."""
    for name, path in project_config().passwordless.actors.items():
        where = f"{SETTING}: PASSWORDLESS.ACTORS[{name!r}]"
        if not isinstance(name, str) or not NAME.fullmatch(name) or name in RESERVED:
            hint = "Lower-case letters, digits, hyphens and underscores, and none of " + ", ".join(RESERVED) + "."
            yield error("E017", f"{where} is no name for an actor type.", hint)
            continue
        try:
            actor = load_actor_type(name, path)
            missing = _missing_fields(actor)
        except Exception as failure:  # whatever importing and building somebody's class raises
            yield error("E017", f"{where} cannot be used: {failure}")
            continue
        if not actor.kinds():
            yield error("E017", f"{where} has no accessors for 'email' or 'phone'.")
        for field in missing:
            yield error("E017", f"{where}: its model has no field {field!r}.")


@check()
def somebody_sends_the_codes(**_: Any) -> Iterable[CheckMessage]:
    """E018: with ``PASSWORDLESS.SEND`` off the project's receivers send, so there must be some."""
    if project_config().passwordless.send:
        return
    for name in ("otp_generated", "pre_register_otp_generated"):
        if not getattr(signals, name).has_listeners(OtpVerification):
            yield error(
                "E018",
                f"{SETTING}: PASSWORDLESS.SEND is off, and no receiver of the signal {name} sends the codes.",
                "Connect one in an AppConfig.ready().",
            )


def _missing_fields(actor: ActorType) -> list[str]:
    model = actor.entities().model
    names = [actor.entity_id, *(name for kind in actor.kinds() for name in actor.fields_of(kind))]
    known = {"pk", *(field.name for field in model._meta.get_fields())}
    return [name for name in dict.fromkeys(names) if name.split("__")[0] not in known]
