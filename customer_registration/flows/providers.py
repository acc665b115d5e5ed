"""Which identity providers an actor type may use."""

from customer_registration.actors import CUSTOMER, STAFF, actor_type
from customer_registration.conf import config
from customer_registration.enums import IdentifierKind, Provider
from customer_registration.exceptions import ProviderNotAllowed

PROVIDER_OF = {IdentifierKind.EMAIL: Provider.EMAILPASS, IdentifierKind.PHONE: Provider.PHONEPASS}

_KINDS = {
    (CUSTOMER, Provider.EMAILPASS): tuple(IdentifierKind),
    (CUSTOMER, Provider.PHONEPASS): (IdentifierKind.PHONE,),
    (CUSTOMER, Provider.OTP): tuple(IdentifierKind),
    (STAFF, Provider.EMAILPASS): (IdentifierKind.EMAIL,),
}


def kinds_of(actor: str, provider: str, *, mode: str) -> tuple[IdentifierKind, ...]:
    """Return the kinds of identifier that a provider takes from an actor type.

    Args:
        actor: ``customer``, ``user`` or a type of the project's.
        provider: a provider's id, as the URL names it.
        mode: ``email``, ``phone`` or ``both``: the kinds of customers that register, or that log in.

    Raises:
        ProviderNotAllowed: the actor type may not use it, it does not exist, or it takes no identifier of the mode.
    """
    allowed = provider in config().providers_of(actor)
    known = _known(actor, Provider(provider)) if allowed and provider in Provider else ()
    kinds = tuple(kind for kind in known if actor != CUSTOMER or mode in (kind, "both"))
    if not kinds:
        raise ProviderNotAllowed(actor, provider)
    return kinds


def offered(actor: str) -> list[Provider]:
    """Return the providers that an actor type can log in by, in the project's order."""
    usable = []
    for provider in config().providers_of(actor):
        try:
            kinds_of(actor, provider, mode=config().login_mode)
        except ProviderNotAllowed:
            continue
        usable.append(Provider(provider))
    return usable


def _known(actor: str, provider: Provider) -> tuple[IdentifierKind, ...]:
    if provider == Provider.OTP and (other := actor_type(actor)):
        return other.kinds()
    return _KINDS.get((actor, provider), ())
