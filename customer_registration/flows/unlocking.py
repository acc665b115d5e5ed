"""Staff unlock: forget the wrong codes and the sends that strangers, or slips of their own, used up for somebody."""

from customer_registration import ratelimits
from customer_registration.enums import EventKind, IdentifierKind, Purpose
from customer_registration.flows import challenges
from customer_registration.flows.passwordless import two_step
from customer_registration.flows.second_factor import proofs
from customer_registration.models import AccountEvent, Customer
from customer_registration.ratelimits import GuessBudget
from customer_registration.ratelimits.guesses import clear_all_families

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
    held = [found.value for kind in IdentifierKind if (found := customer.contact(kind))]
    for contact in held:
        person = challenges.person_of(contact, customer.pk)
        clear_all_families(person)
        GuessBudget(two_step.FAMILY, person).clear()
    proofs.budget_of(customer.pk).clear()
    for counted in (*held, customer.pk, *(f"{purpose.value}:{contact}" for purpose in APART for contact in held)):
        for rule in SENDING_RULES:
            ratelimits.forgive(rule, key=counted)
    AccountEvent.of(EventKind.CUSTOMER_UNLOCKED, customer, by=by).save(force_insert=True)
