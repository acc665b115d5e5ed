"""The ways to show who asks, by the names that they have in the schema."""

from typing import Any

from django.conf import settings

KEY_HEADER = "x-publishable-api-key"

NOBODY = ""
LOGIN, REGISTRATION, RESET, STAFF = "loginToken", "registrationToken", "resetToken", "staffToken"
COOKIE, STAFF_SESSION, PUBLISHABLE_KEY = "sessionCookie", "staffSession", "publishableKey"

# Alternatives of a route; NOBODY among them: it may be left out.
PUBLIC = (NOBODY,)
CUSTOMER = (LOGIN, COOKIE)
IDENTITY = (LOGIN, REGISTRATION, COOKIE)

_BEARERS = {
    LOGIN: "A customer's login token: from a login, a refresh, or a verified code.",
    REGISTRATION: "A token that speaks for nobody yet: from a registration, or beside `mfa_challenge` or "
    "`verification_required`.",
    RESET: "The token of a password reset link.",
    STAFF: "A login token of Django staff, from `POST /auth/user/emailpass`.",
}


def definition(name: str) -> dict[str, Any]:
    """Return the OpenAPI security scheme of that name."""
    if name in _BEARERS:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": _BEARERS[name]}
    if name == PUBLISHABLE_KEY:
        text = "One of the project's PUBLISHABLE_API_KEYS, at every route under `/store`."
        return {"type": "apiKey", "in": "header", "name": KEY_HEADER, "description": text}
    text = "The session that `POST /auth/session` opens." if name == COOKIE else "The login of Django's admin."
    return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": text}
