"""System checks of logging in by code."""

import pytest

from customer_registration import signals
from customer_registration.actors import ActorType
from customer_registration.models import OtpVerification
from tests.unit.test_checks import SOUND, ids, sound  # noqa: F401  # fixture

pytestmark = pytest.mark.django_db

HERE = "tests.unit.test_passwordless_checks."


class Courier(ActorType):
    model = "auth.Group"
    accessors = {"email": "name"}


class NoFields(Courier):
    accessors = {"email": "mail_address"}


class NoAccessors(Courier):
    accessors = {}


class NoEntityId(Courier):
    entity_id = "number"


class Related(Courier):
    model = "admin.LogEntry"
    accessors = {"email": "user__email"}


class Many(Courier):
    accessors = {"email": "permissions__name"}


class ManyItself(Courier):
    accessors = {"email": "permissions"}


class Backwards(Courier):
    model = "contenttypes.ContentType"
    accessors = {"email": "permission__name"}


class FurtherOn(Related):
    accessors = {"email": "user__mail_address"}


class PastTheEnd(Courier):
    accessors = {"email": "name__lower"}


class NotUnique(Related):
    entity_id = "object_repr"


class ARelation(Related):
    accessors = {"email": "user"}


class NamedByARelation(Related):
    entity_id = "user__id"


@pytest.mark.parametrize(
    ("actors", "expected"),
    [
        ({"courier": f"{HERE}Courier"}, []),
        ({"courier": f"{HERE}Related"}, []),
        *(
            ({"courier": HERE + name}, ["customer_registration.E017"])
            for name in ("Many", "ManyItself", "Backwards", "FurtherOn", "PastTheEnd")
        ),
        ({"courier": f"{HERE}NotUnique"}, ["customer_registration.E017"]),
        ({"courier": f"{HERE}ARelation"}, ["customer_registration.E017"]),
        ({"courier": f"{HERE}NamedByARelation"}, ["customer_registration.E017"]),
        ({"courier": f"{HERE}NoFields"}, ["customer_registration.E017"]),
        ({"courier": f"{HERE}NoAccessors"}, ["customer_registration.E017"]),
        ({"courier": f"{HERE}NoEntityId"}, ["customer_registration.E017"]),
        ({"courier": "nowhere.Courier"}, ["customer_registration.E017"]),
        ({"courier": "builtins.object"}, ["customer_registration.E017"]),
        ({"courier": 5}, ["customer_registration.E017"]),
        ({"customer": f"{HERE}Courier"}, ["customer_registration.E017"]),
        ({"mfa": f"{HERE}Courier"}, ["customer_registration.E017"]),
        ({"a/b": f"{HERE}Courier"}, ["customer_registration.E017"]),
        ({5: f"{HERE}Courier"}, ["customer_registration.E017"]),
    ],
)
def test_actor_types_can_be_built_and_found(settings, actors, expected):
    settings.CUSTOMER_REGISTRATION = {**SOUND, "PASSWORDLESS": {"ACTORS": actors}}
    assert ids() == expected


def test_a_project_that_sends_itself_has_receivers(settings):
    settings.CUSTOMER_REGISTRATION = {**SOUND, "PASSWORDLESS": {"SEND": False}}
    assert ids() == ["customer_registration.E018", "customer_registration.E018"]

    def receiver(**_):
        """Send, one supposes."""

    both = (signals.otp_generated, signals.pre_register_otp_generated)
    for signal in both:
        signal.connect(receiver, sender=OtpVerification)
    try:
        assert ids() == []
    finally:
        for signal in both:
            signal.disconnect(receiver, sender=OtpVerification)
