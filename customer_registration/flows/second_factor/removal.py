"""Take a second factor away: the person themselves, or staff where it is lost."""

from copy import copy
from datetime import datetime

from django.utils import timezone

from customer_registration import signals
from customer_registration.enums import EventKind, FactorStatus
from customer_registration.exceptions import ReauthenticationRequired
from customer_registration.flows.second_factor import factors, proofs
from customer_registration.flows.second_factor.news import tell
from customer_registration.flows.sessions import Session
from customer_registration.models import AccountEvent, Customer, RecoveryCode, SecondFactor
from customer_registration.models.integrity import atomically


def remove(session: Session, factor_id: str, *, method: str | None, code: str | None) -> SecondFactor:
    """Take one of the caller's factors away; return it as it stands. With the last one, the recovery codes go.

    Args:
        session: the caller's.
        factor_id: whose.
        method: of ``code``; both are needed for a factor in force, where none was shown within ten minutes.
        code: as typed.

    Raises:
        FactorNotFound: the person has no such factor.
        ReauthenticationRequired, InvalidData, InvalidSecondFactor, SecondFactorAttemptsExceeded: as
            `proofs.proven_again` says.
        InvalidToken: another request has ended the session meanwhile.
        LimiterUnavailable: the limiter's store is down.
    """
    customer, now = session.known_customer, timezone.now()
    factor = factors.find(customer, factor_id)

    def write() -> None:
        gone = disable(factor, now=now)
        proofs.keep_session(customer, now=now)
        if gone:
            settle(factor, customer, now=now)

    if factor.status == FactorStatus.ENABLED:
        proofs.proven_again(session, write, method=method, code=code, now=now)
    elif factor.status == FactorStatus.PENDING:
        atomically(write)
    left = factors.find(customer, factor_id)
    if left.status == FactorStatus.ENABLED:
        raise ReauthenticationRequired  # put in force this very moment
    return left


def disable(factor: SecondFactor, *, now: datetime) -> bool:
    """Take a factor out of force, in the caller's transaction, if it stands as it was read.

    Race: a pending factor is enabled while it is taken away with no proof, which is enough for a pending one alone.
    """
    return SecondFactor.objects.filter(status=factor.status).disable(factor, now=now)


def settle(factor: SecondFactor, customer: Customer, *, now: datetime, by: str = "") -> None:
    """Draw the consequences of a factor's end in the caller's transaction, which holds the customer's row.

    Race: one factor ends while another one is enabled. Enabling writes the factor and then the customer's row, so
    either that factor is seen here, or its ``has_second_factor`` is written after this one's.

    Args:
        factor: as it was read before it ended; a pending one leaves no trace, unless staff took it away.
        customer: whose.
        now: the time of the flow.
        by: the primary key of the staff user, where it was not the person.
    """
    if factor.status != FactorStatus.ENABLED:
        if by:
            pending = {"provider": factor.provider, "by": by, "pending": True}
            AccountEvent.of(EventKind.FACTOR_REMOVED, customer, contact=None, **pending).save(force_insert=True)
        return
    after = copy(customer)
    after.has_second_factor = SecondFactor.objects.enabled().filter(customer=customer).exists()
    if not after.has_second_factor:
        Customer.objects.filter(pk=customer.pk).update(has_second_factor=False)
        RecoveryCode.objects.filter(customer=customer).delete()
    detail = {"provider": factor.provider} | ({"by": by} if by else {})
    AccountEvent.of(EventKind.FACTOR_REMOVED, after, contact=None, **detail).save(force_insert=True)
    tell(after, "second_factor_removed", now=now)
    removed = {"customer": after, "provider": factor.provider}
    signals.send_on_commit(signals.second_factor_removed, Customer, **removed)
