"""Rules of logging in by code that hold before the project starts."""

import re
from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage
from django.core.exceptions import FieldDoesNotExist

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
            faults = list(_faults(actor))
        except Exception as failure:  # whatever importing and building somebody's class raises
            yield error("E017", f"{where} cannot be used: {failure}")
            continue
        for fault in faults:
            yield error("E017", f"{where}: {fault}.")


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


def _faults(actor: ActorType) -> Iterable[str]:
    if not actor.kinds():
        yield "has no accessors for 'email' or 'phone'"
    model = actor.entities().model
    for name in dict.fromkeys(name for kind in actor.kinds() for name in actor.fields_of(kind)):
        if (field := _field(model, name)) is None or field.is_relation:
            yield f"its model has no field {name!r}"
    named = None if "__" in actor.entity_id else _field(model, actor.entity_id)
    if named is None:
        yield f"its model has no field {actor.entity_id!r}"
    elif not named.unique:
        yield f"its field {actor.entity_id!r} is not unique, so that a token could be somebody else's"


def _field(model: Any, path: str) -> Any | None:
    """Return the field at a path of names, over foreign keys to one row each; ``None`` if there is none."""
    field = None
    for name in path.split("__"):
        try:
            field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        except (FieldDoesNotExist, AttributeError):
            return None
        model = field.related_model if field.many_to_one or field.one_to_one else None
    return field if field is not None and field.concrete and not field.many_to_many else None
