"""Change a password with the old one, or set the first one."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.enums import EventKind
from customer_registration.exceptions import ReauthenticationRequired, StaffAccount, Throttled, WrongPassword
from customer_registration.flows import claims, gates, passwords, sessions
from customer_registration.flows.client import Client
from customer_registration.flows.sessions import Session
from customer_registration.models import Customer
from customer_registration.models.integrity import atomically


def change(session: Session, *, old_password: str | None, password: str, client: Client) -> str | None:
    """Set a new password and return a fresh token; every other session ends.

    Args:
        session: the caller's; without a password so far, its login must be under ten minutes old.
        old_password: as typed; ``None`` or "" where there is none to give.
        password: the new one, as typed.
        client: who asks.

    Returns:
        The token, or ``None`` where a gate has closed since the login.

    Raises:
        StaffAccount: staff change theirs in the admin.
        WrongPassword: the old one is wrong or missing.
        ReauthenticationRequired: a first password needs a recent login.
        PasswordRejected: the project's validators refuse the new one.
        InvalidToken: another request has ended the session meanwhile.
        Throttled: too many wrong passwords.
        LimiterUnavailable: the limiter's store is down.
    """
    customer, user, now = session.known_customer, session.user, timezone.now()
    if customer.is_staff:
        raise StaffAccount
    auth_time = session.token.auth_time
    if passwords.has_password(customer):
        # A stolen session is no road for guessing: this is a try to log in.
        guess = ratelimits.hit("login_failed", ip=client.ip, key=_login_name(customer, now=now))
        # Not user.check_password(), which may save a stronger hash of the old one and so end this session.
        if not old_password or not check_password(old_password, user.password):
            raise WrongPassword
        guess.give_back()
        auth_time = int(now.timestamp())
    elif not sessions.is_recent(auth_time, now=now):
        raise ReauthenticationRequired
    passwords.validate_for(customer, password, now=now)
    user.set_password(password)
    changed = atomically(
        lambda: passwords.save_new(customer, EventKind.PASSWORD_CHANGED, now=now, may_tell=lambda: _may_tell(customer))
    )
    return sessions.reissue(session, changed, now=now, auth_time=auth_time)


def _login_name(customer: Customer, *, now: datetime) -> str:
    """Return what the customer logs in by, as far as they see: a wrong password here counts as one there."""
    seen = (claims.shown(customer, kind, now=now) for kind in gates.login_kinds())
    return next((contact.value for contact in seen if contact), customer.pk)


def _may_tell(customer: Customer) -> bool:
    """Whether a notice may go out: somebody who changes it all day is no reason to send messages all day."""
    try:
        ratelimits.hit("password_reset", ip=None, key=customer.pk)
    except Throttled:
        return False
    return True
