"""Login claims in the Django session: one key of our own, so a staff login in the same browser is left alone."""

from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import is_same_domain

from customer_registration.exceptions import CrossSiteRequest, SessionsUnavailable

KEY = "customer_registration"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def read_claims(request: HttpRequest) -> dict[str, Any] | None:
    """Return the claims behind the request's cookie, or ``None``; without a cookie no session is looked up.

    Raises:
        CrossSiteRequest: the request would change something, and comes from another site.
    """
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    # A quoted cookie can hold any character, NUL included, which databases refuse to look up.
    if not cookie or not (cookie.isascii() and cookie.isprintable()) or not hasattr(request, "session"):
        return None
    claims = request.session.get(KEY)
    if not isinstance(claims, dict):
        return None
    refuse_cross_site(request)
    return claims


def refuse_unusable(request: HttpRequest) -> None:
    """Refuse a request whose login could not be kept, before anything is used up for it.

    Raises:
        CrossSiteRequest: a page of another site wants to log its visitor in (login CSRF).
        SessionsUnavailable: the project has no session middleware.
    """
    refuse_cross_site(request)
    _session(request)


def store_claims(request: HttpRequest, claims: dict[str, Any]) -> None:
    """Keep the claims of a login in the session, under a new session id.

    Raises:
        CrossSiteRequest: a page of another site wants to log its visitor in (login CSRF).
        SessionsUnavailable: the project has no session middleware.
    """
    refuse_unusable(request)
    session = _session(request)
    session.cycle_key()  # whoever knew the id before must not share the login (session fixation)
    session[KEY] = claims
    session.save()


def set_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    """Set the session cookie: HttpOnly, and Secure when the request is https or DEBUG is off; the rest as Django does.

    Django's middleware would set it by ``SESSION_COOKIE_SECURE``, which is off by default. It leaves a session alone
    that is not modified.
    """
    session = _session(request)
    session.modified = False
    age = None if session.get_expire_at_browser_close() else session.get_expiry_age()
    cast(Any, response).set_cookie(
        settings.SESSION_COOKIE_NAME,
        session.session_key,
        max_age=age,
        domain=settings.SESSION_COOKIE_DOMAIN,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE or request.is_secure() or not settings.DEBUG,
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )


def forget_claims(request: HttpRequest) -> bool:
    """Take our claims out of the session; ``False`` if there were none. The cookie goes when nothing else is left."""
    if read_claims(request) is None:
        return False
    session = _session(request)
    del session[KEY]
    if session.keys():
        session.save()  # here, where a database that fails is answered; Django's middleware would say 400
        session.modified = False
    else:
        session.flush()
    return True


def refuse_cross_site(request: HttpRequest) -> None:
    """Refuse a request that changes something and was not sent by the shop's own pages.

    The SDK sends no CSRF token, so the browser's own word decides: ``Sec-Fetch-Site`` (W3C Fetch Metadata), else
    ``Origin`` (RFC 6454). Origins of ``CSRF_TRUSTED_ORIGINS`` pass; clients that are no browsers send neither.

    Raises:
        CrossSiteRequest: another site's page did.
    """
    origin = request.headers.get("origin")
    if request.method in SAFE_METHODS or (origin and _is_trusted(origin)):
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise CrossSiteRequest
    elif origin is not None and origin != f"{request.scheme}://{request.get_host()}":
        raise CrossSiteRequest


def _is_trusted(origin: str) -> bool:
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    patterns = (urlsplit(trusted) for trusted in settings.CSRF_TRUSTED_ORIGINS if "*" in trusted)
    return any(
        parts.scheme == pattern.scheme and is_same_domain(parts.netloc, pattern.netloc.lstrip("*"))
        for pattern in patterns
    )


def _session(request: HttpRequest) -> SessionBase:
    session = getattr(request, "session", None)
    if session is None:
        raise SessionsUnavailable
    return cast(SessionBase, session)
