"""Staff unlock: forget the wrong codes and the sends that strangers, or slips of their own, used up for somebody."""

from collections.abc import Iterator

from customer_registration import ratelimits
from customer_registration.enums import EventKind, IdentifierKind, Purpose
from customer_registration.flows import challenges
from customer_registration.flows.passwordless import two_step
from customer_registration.flows.second_factor import proofs
from customer_registration.models import AccountEvent, Customer
from customer_registration.ratelimits import GuessBudget
from customer_registration.ratelimits.guesses import FAMILIES

SENDING_RULES = ("code_send", "password_reset", "contact_change", "account_deletion")
# Codes behind a right password are sent under limits of their own.
APART = (Purpose.TWO_STEP_LOGIN, Purpose.SECOND_FACTOR)


def unlock(customer: Customer, *, by: str) -> None:
    """Give a customer their guesses and sends anew, those at second factors too; audited.

    Codes that have had their guesses stay dead, and resend throttles stay: they end within minutes. So do the limits of
    wrong passwords, which count an address together with the person and lock nobody out.

    Args:
        customer: whose.
        by: who did it, for the audit trail: the key of a staff user, or the name of a command.

    Raises:
        LimiterUnavailable: the limiter's store is down; some counters may be forgotten, and nothing is audited.
    """
    for budget in _budgets(customer):
        budget.clear()
    for rule, counted in _sends(customer):
        ratelimits.forgive(rule, key=counted)
    AccountEvent.of(EventKind.CUSTOMER_UNLOCKED, customer, by=by).save(force_insert=True)


def is_locked(customer: Customer) -> bool:
    """Whether guesses or sends of a customer are used up at this moment, which `unlock` would end.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    no_guesses = any(budget.is_used_up() for budget in _budgets(customer))
    return no_guesses or any(ratelimits.is_used_up(rule, key=counted) for rule, counted in _sends(customer))


def _budgets(customer: Customer) -> Iterator[GuessBudget]:
    for contact in _contacts(customer):
        person = challenges.person_of(contact, customer.pk)
        yield from (GuessBudget(family, person) for family in (*FAMILIES, two_step.FAMILY))
    yield proofs.budget_of(customer.pk)


def _sends(customer: Customer) -> Iterator[tuple[str, str]]:
    held = _contacts(customer)
    for counted in (*held, customer.pk, *(f"{purpose.value}:{contact}" for purpose in APART for contact in held)):
        yield from ((rule, counted) for rule in SENDING_RULES)


def _contacts(customer: Customer) -> list[str]:
    return [found.value for kind in IdentifierKind if (found := customer.contact(kind))]
