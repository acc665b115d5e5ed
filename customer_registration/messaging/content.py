"""Turn an outbox row into the text that a person reads. The code is derived here, at the last moment."""

import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.template import engines
from django.template.loader import render_to_string

from customer_registration.conf import EmailVerification, PhoneVerification, config
from customer_registration.enums import Channel, Purpose
from customer_registration.messaging.backends.base import Message
from customer_registration.messaging.segments import segments
from customer_registration.models import Customer, OtpVerification, OutboxMessage

LINK_PATHS = {
    Purpose.EMAIL_VERIFICATION_LINK: "/verify",
    Purpose.PHONE_VERIFICATION_LINK: "/verify",
}

NAME_MAX_LENGTH = 40
_LOOKS_LIKE_A_LINK = re.compile(r"[/@\\:]|\w\.\w")


def render(message: OutboxMessage) -> Message:
    """Render a message in the active language from the built-in templates or the project's own."""
    context = _context(message)
    options = _options(message.kind)
    if "@" not in message.destination:
        template = options.template or f"customer_registration/sms/{message.kind}.txt"
        if message.channel == Channel.SMS:
            text = _with_webotp(template, context)
        else:
            text = render_to_string(template, context).strip()
        return Message(message.channel, message.destination, text=text)
    base = f"customer_registration/email/{message.kind}"
    own_subject = getattr(options, "subject", None)
    subject = (
        engines["django"].from_string(f"{{% autoescape off %}}{own_subject}{{% endautoescape %}}").render(context)
        if own_subject
        else render_to_string(f"{base}.subject.txt", context)
    )
    return Message(
        message.channel,
        message.destination,
        subject=" ".join(subject.split()),
        text=render_to_string(f"{base}.txt", context).strip(),
        html=render_to_string(options.template or f"{base}.html", context),
    )


def _context(message: OutboxMessage) -> dict[str, Any]:
    context: dict[str, Any] = {
        **message.context,
        "customer_name": _greeting_name(message.customer),
        "site_name": _site_name(),
    }
    if message.otp is not None:
        context["expires_minutes"] = round((message.otp.expires_at - message.otp.created_at).total_seconds() / 60)
        context.update(_secrets(message.otp))
    return context


def _with_webotp(template: str, context: dict[str, Any]) -> str:
    """Render a text message, with the line that lets a browser on the phone fill in the code.

    "Origin-bound one-time codes" (WICG): the last line, ``@host #code``. It is left out where it would cost a segment.
    """
    plain = render_to_string(template, context).strip()
    host, code = _ascii_host(), context.get("otp")
    if not host or not code:
        return plain
    bound = render_to_string(template, {**context, "webotp": f"@{host} #{code}"}).strip()
    return bound if segments(bound) <= segments(plain) else plain


def _secrets(otp: OtpVerification) -> dict[str, str]:
    path = LINK_PATHS.get(Purpose(otp.purpose))
    if path is None:
        return {"otp": otp.code()}
    token, storefront = otp.link_value(), config().storefront_url
    # From the settings, never from the request's Host header: a poisoned Host must not reach a link.
    link = f"{storefront.rstrip('/')}{path}?{urlencode({'token': token})}" if storefront else ""
    return {"link": link, "token": token}


def _greeting_name(customer: Customer | None) -> str:
    """Return the first name as one short line, or "" for what is no name.

    Anybody can register anybody's address, so the name is a stranger's text in the shop's own mail: it may not carry a
    paragraph or a link.
    """
    name = " ".join((customer.first_name or "").split()) if customer else ""
    return "" if len(name) > NAME_MAX_LENGTH or _LOOKS_LIKE_A_LINK.search(name) else name


def _options(kind: str) -> EmailVerification | PhoneVerification:
    # The project's template and subject are those of codes; a link message has no code to put into them.
    if kind in LINK_PATHS:
        return EmailVerification()
    return config().email_verification if kind.startswith("email") else config().phone_verification


def _site_name() -> str:
    return urlsplit(config().storefront_url or "").hostname or ""


def _ascii_host() -> str:
    try:
        return _site_name().encode("idna").decode()
    except UnicodeError:
        return ""
