"""What staff may do with a second factor."""

from typing import Any

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customer_registration.admin.deeds import Deed, Outcome
from customer_registration.enums import FactorStatus
from customer_registration.flows.second_factor import desk
from customer_registration.models import SecondFactor

LOGGED = "Removed the lost factor."


def _gone(row: SecondFactor) -> str:
    return _("Left alone, the factor is gone already") if row.status == FactorStatus.DISABLED else ""


def _remove(row: SecondFactor, *, by: Any, answers: dict[str, Any]) -> Outcome:
    if not desk.remove(row, by=by):
        return Outcome(messages.WARNING, _("Left alone, it has changed since you were asked"))
    return Outcome(messages.SUCCESS, _("The second factor was removed"), logged=LOGGED)


REMOVE_LOST = Deed(
    name="remove_lost",
    offer=gettext_lazy("Remove lost factors"),
    button=gettext_lazy("Remove"),
    question=gettext_lazy(
        "Take these factors away? Their owners log in without them from now on. Be sure that it is the owner who asks: "
        "whoever has the password needs nothing else afterwards. The owners of those in force are told."
    ),
    objection=_gone,
    work=_remove,
)
