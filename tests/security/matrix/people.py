"""Who a stranger may ask about: a factory for every standing. Their names, numbers and ids have one length."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import get_hasher, make_password
from django.utils import timezone

from customer_registration.models import Customer
from customer_registration.models.ids import new_customer_id
from tests.conftest import PASSWORD
from tests.deletion.due import customer_named, due, make_staff, purge


@dataclass
class Somebody:
    """A person as a stranger names them: by an identifier, or by a customer id."""

    standing: str
    email: str
    phone: str
    kind: str
    id: str = ""

    @property
    def identifier(self) -> str:
        """The identifier of the mode's kind."""
        return str(getattr(self, self.kind))

    @property
    def by(self) -> dict[str, str]:
        """The same as a body names it."""
        return {self.kind: self.identifier}


def _unknown(**contacts: Any) -> str:
    return new_customer_id()


def _customer(*, password: str | None = None, proven: bool = True, **fields: Any) -> Customer:
    proofs = _proofs(fields) if proven else {"email_verified_at": None}
    return _with_password(customer_named("jane", **fields, **proofs), password or make_password(PASSWORD))


def _proofs(fields: dict[str, Any]) -> dict[str, Any]:
    return {f"{kind}_verified_at": timezone.now() for kind in ("email", "phone") if kind in fields}


def _with_password(customer: Customer, password: str) -> Customer:
    get_user_model().objects.filter(pk=customer.user_id).update(password=password)
    return customer


def _active(**contacts: Any) -> str:
    return _customer(**contacts).pk


def _unverified(**contacts: Any) -> str:
    return _customer(proven=False, claim_expires_at=timezone.now() + timedelta(minutes=10), **contacts).pk


def _lapsed(**contacts: Any) -> str:
    return _customer(proven=False, claim_expires_at=timezone.now() - timedelta(minutes=1), **contacts).pk


def _inactive(**contacts: Any) -> str:
    customer = _customer(**contacts)
    get_user_model().objects.filter(pk=customer.user_id).update(is_active=False)
    return customer.pk


def _under_deletion(*, days: int = -7, **contacts: Any) -> str:
    request = due("jane", days=days, **contacts, **_proofs(contacts))
    assert request.customer is not None
    return _with_password(request.customer, make_password(PASSWORD)).pk


def _erased(**contacts: Any) -> str:
    customer_id = _under_deletion(days=1, **contacts)
    purge("--customer", customer_id)
    assert Customer.objects.get(pk=customer_id).email is None
    return customer_id


def _passwordless(**contacts: Any) -> str:
    return _customer(password=make_password(None), **contacts).pk


def _staff(**contacts: Any) -> str:
    customer = _customer(**contacts)
    make_staff(customer)
    return customer.pk


def _with_an_older_hash(**contacts: Any) -> str:
    """Return somebody whose password was hashed when a hash cost less (row A5)."""
    return _customer(password=get_hasher().encode(PASSWORD, "salt", iterations=1), **contacts).pk


def _shadow(**contacts: Any) -> str:
    """Return the shadow of an address and a number that an active customer holds: somebody has signed up with them."""
    _active(**contacts)
    ends = timezone.now() + timedelta(minutes=10)
    held = dict.fromkeys(contacts)  # by somebody else
    shadow = customer_named("jane", **{"email": None, **held}, email_verified_at=None, claim_expires_at=ends)
    Customer.objects.filter(pk=shadow.pk).update(**{f"shadow_{kind}": value for kind, value in contacts.items()})
    return shadow.pk


# Everybody is compared with the first of them.
FACTORIES: dict[str, Callable[..., str]] = {
    "unknown": _unknown,
    "active": _active,
    "unverified": _unverified,
    "lapsed claim": _lapsed,
    "inactive": _inactive,
    "under deletion": _under_deletion,
    "erased": _erased,
    "passwordless": _passwordless,
    "staff": _staff,
    "older hash": _with_an_older_hash,
    "shadow": _shadow,
}
SHADOW = "shadow"  # where accounts are concealed


def somebody(standing: str, *, kind: str, with_phone: bool) -> Somebody:
    """Save somebody of a standing; what a stranger knows of them looks like anybody's."""
    number = list(FACTORIES).index(standing)
    local = standing.replace(" ", "-")
    who = Somebody(standing, f"{local:x<16}@example.com", f"+120255501{number:02}", kind)
    contacts = {"email": who.email} | ({"phone": who.phone} if with_phone else {})
    who.id = FACTORIES[standing](**contacts)
    return who
