"""Customers as rows, without the requests and the hashing of a sign-up."""

from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from customer_registration.conf import config
from customer_registration.enums import FactorProvider, FactorStatus, IdentifierKind
from customer_registration.exceptions import FactorUnavailable
from customer_registration.flows import identities
from customer_registration.flows.second_factor import authenticator
from customer_registration.models import Customer, SecondFactor
from customer_registration.testing.environment import require_tests
from customer_registration.users import user_adapter

DEFAULT_PASSWORD = "correct horse battery"  # noqa: S105  # nosec B105  # of people who live as long as a test
MADE_UP = "made up"
AREA_CODES = range(201, 990)
FICTIONAL_LINES = range(100, 200)  # 555-0100 to 555-0199 are nobody's, for use in stories (NANPA)

_serial = count(1)


def make_customer(
    *,
    email: str | None = MADE_UP,
    phone: str | None = MADE_UP,
    password: str | None = DEFAULT_PASSWORD,
    verified: bool | str = True,
    staff: bool = False,
    second_factor: bool = False,
    user: Any = None,
    **fields: Any,
) -> Customer:
    """Save and return a customer who has signed up, with a Django user; contacts are made up where none are given.

    Nothing is sent, no signal but those of ``save()``, no audit event.

    Args:
        email: in any spelling; ``None`` for none. Made up where customers register by e-mail.
        phone: in any spelling; ``None`` for none. Made up where customers register by phone.
        password: ``None`` for somebody who has none. A user that is given keeps theirs.
        verified: whether the contacts are proven; or which one is, ``"email"`` or ``"phone"``.
        staff: whether the user is staff, whom no customer's road touches.
        second_factor: whether an authenticator app guards the account; `authenticator_code` is its code. Wants the
            extra ``mfa``.
        user: theirs, saved; made by the project's ``USER_ADAPTER`` if not given.
        fields: of ``Customer``: ``first_name``, ``metadata``, ``language``, …

    Raises:
        IntegrityError: somebody has the contact already.
        FactorUnavailable: the extra ``mfa`` is not installed.
        ValueError: ``verified`` names no contact.
        TypeError: there is no such field.
        NotATest: outside of tests.
    """
    require_tests()
    if second_factor:
        _require_the_extra()
    register_by = config().registration.identifier
    if email == MADE_UP:
        email = None if register_by == "phone" else f"customer{next(_serial)}@example.com"
    if phone == MADE_UP:
        phone = None if register_by == "email" else next(_phone_numbers())
    now = timezone.now()
    begun = {"registered_at": now, "created_at": now, "updated_at": now, "claim_expires_at": _claim_ends(now)}
    customer = Customer(**{**begun, "email": email, "phone": phone, "has_second_factor": second_factor, **fields})
    customer._spell_contacts()
    for kind in _proven(verified):
        if customer.contact(kind):
            setattr(customer, f"{kind.value}_verified_at", now)
    with transaction.atomic():
        customer.user = _saved_user(customer, user, password=password, staff=staff)
        customer.save(force_insert=True)
        if second_factor:
            _save_app(customer, now=now)
    return customer


def authenticator_code(customer: Customer) -> str:
    """Return the code that the customer's authenticator app shows; the next one, which is good already, if it is used.

    Args:
        customer: made with ``second_factor=True``, or enrolled over HTTP.

    Raises:
        SecondFactor.DoesNotExist: there is none in force.
        AssertionError: both are used; a test that logs in more often has to move the clock on.
        FactorUnavailable: the extra ``mfa`` is not installed.
        NotATest: outside of tests.
    """
    require_tests()
    authenticator.require_libraries(authenticator.TO_COMPARE)
    factor = SecondFactor.objects.enabled().get(customer=customer, provider=FactorProvider.TOTP)
    present = int(timezone.now().timestamp()) // authenticator.STEP_SECONDS
    used = -1 if factor.last_step is None else factor.last_step
    step = max(present, used + 1)
    if step > present + authenticator.SKEW:
        raise AssertionError("the authenticator app's codes of this half minute are used: move the clock on")
    seed = authenticator.unseal(factor.secret)
    assert seed is not None  # noqa: S101  # nosec B101  # for the type checker: this process has sealed it
    return authenticator.code_at(seed, step)


def _claim_ends(now: Any) -> Any:
    return identities.claim_ends(now) if config().registration.require_verification else None


def _proven(verified: bool | str) -> list[IdentifierKind]:
    if isinstance(verified, bool):
        return list(IdentifierKind) if verified else []
    return [IdentifierKind(verified)]


def _saved_user(customer: Customer, user: Any, *, password: str | None, staff: bool) -> Any:
    given = user is not None
    if not given:
        user = user_adapter().build(customer)
        user.password = _hash_of(password, tuple(settings.PASSWORD_HASHERS)) if password else make_password(None)
    if staff:
        user.is_staff = True
    if staff or not given:
        user.save()
    return user


@cache
def _hash_of(password: str, hashers: tuple[str, ...]) -> str:
    """Hash a password once for all who have it: a hasher that is worth its salt takes as long as a whole test."""
    return make_password(password)


def _require_the_extra() -> None:
    try:
        authenticator.require_libraries(authenticator.TO_COMPARE)
    except FactorUnavailable as error:
        error.add_note("The extra mfa is not installed: pip install 'django-customer-registration[mfa]'")
        raise


def _save_app(customer: Customer, *, now: Any) -> None:
    provider = FactorProvider.TOTP
    SecondFactor.objects.create(
        customer=customer,
        provider=provider,
        status=FactorStatus.ENABLED,
        enabled_key=f"{customer.pk}:{provider}",
        secret=authenticator.seal(authenticator.new_seed()),
        created_at=now,
        updated_at=now,
        enabled_at=now,
    )


@cache
def _phone_numbers() -> Iterator[str]:
    return _fictional_numbers()


def _fictional_numbers() -> Iterator[str]:
    """Yield numbers of the United States that are nobody's, and that libphonenumber takes for mobile ones."""
    import phonenumbers

    for line in FICTIONAL_LINES:
        for area in AREA_CODES:
            number = f"+1{area}5550{line}"
            parsed = phonenumbers.parse(number)
            if phonenumbers.is_valid_number(parsed) and phonenumbers.region_code_for_number(parsed) == "US":
                yield number
