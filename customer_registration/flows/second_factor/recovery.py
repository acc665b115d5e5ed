"""Make recovery codes, which stand in for a lost factor."""

from django.utils import timezone

from customer_registration.conf import config
from customer_registration.enums import EventKind
from customer_registration.exceptions import FactorRequired
from customer_registration.flows.second_factor import proofs, recovery_codes
from customer_registration.flows.sessions import Session
from customer_registration.models import AccountEvent, RecoveryCode, SecondFactor


def make(session: Session, *, count: int | None, method: str | None, code: str | None) -> list[str]:
    """Make a new set of codes in place of the older one, and return it; nobody can read them again.

    Args:
        session: the caller's.
        count: 1 to 20; ``SECOND_FACTOR["RECOVERY_CODES"]`` if not given.
        method: of ``code``; both are needed where no second factor was shown within ten minutes.
        code: as typed.

    Raises:
        FactorRequired: there is no factor that they could stand in for.
        ReauthenticationRequired, InvalidData, InvalidSecondFactor, SecondFactorAttemptsExceeded: as
            `proofs.proven_again` says.
        InvalidToken: another request has ended the session meanwhile.
        LimiterUnavailable: the limiter's store is down.
    """
    customer, now = session.known_customer, timezone.now()
    if not customer.has_second_factor:
        raise FactorRequired
    made = recovery_codes.generate(config().second_factor.recovery_codes if count is None else count)

    def write() -> None:
        # The customer's row is held: of two sets made at once, the second replaces the first.
        proofs.keep_session(customer, now=now)
        if not SecondFactor.objects.enabled().filter(customer=customer).exists():
            raise FactorRequired
        RecoveryCode.objects.filter(customer=customer).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(customer=customer, code_hash=recovery_codes.hash_of(customer.pk, each), created_at=now)
            for each in made
        )
        AccountEvent.of(EventKind.RECOVERY_CODES_MADE, customer, count=len(made)).save(force_insert=True)

    proofs.proven_again(session, write, method=method, code=code, now=now)
    return made
