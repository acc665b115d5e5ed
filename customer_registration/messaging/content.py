"""Turn an outbox row into the text that a person reads. The code is derived here, at the last moment."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.template import engines
from django.template.loader import render_to_string

from customer_registration.conf import Config, config
from customer_registration.enums import Channel, Provider, Purpose
from customer_registration.messaging.backends.base import Message
from customer_registration.messaging.segments import segments
from customer_registration.models import Customer, OtpVerification, OutboxMessage
from customer_registration.tokens import ResetToken

LINK_PATHS = {
    Purpose.EMAIL_VERIFICATION_LINK: "/verify",
    Purpose.PHONE_VERIFICATION_LINK: "/verify",
    Purpose.PASSWORD_RESET: "/reset-password",
    Purpose.CONTACT_UNDO: "/contact-change/undo",
}


@dataclass(frozen=True, slots=True)
class OwnTexts:
    """The project's own texts for a kind of message. Verification links have none: the templates are for codes."""

    subject: str | None = None
    html_template: str | None = None
    sms_template: str | None = None
    sms_body: str | None = None


NAME_MAX_LENGTH = 40
_LOOKS_LIKE_A_LINK = re.compile(r"[/@\\:]|\w\.\w")


def render(message: OutboxMessage) -> Message:
    """Render a message in the active language from the built-in templates or the project's own."""
    context = _context(message)
    own = own_texts(message.kind, config())
    if "@" not in message.destination:
        text = _text_message(message, own, context)
        return Message(message.channel, message.destination, text=text)
    base = f"customer_registration/email/{message.kind}"
    subject = _inline(own.subject, context) if own.subject else render_to_string(f"{base}.subject.txt", context)
    return Message(
        message.channel,
        message.destination,
        subject=" ".join(subject.split()),
        text=render_to_string(f"{base}.txt", context).strip(),
        html=render_to_string(own.html_template or f"{base}.html", context),
    )


def own_texts(kind: str, chosen: Config) -> OwnTexts:
    """Return what the project's settings say in place of a kind's built-in texts; notices have built-in ones alone."""
    if kind == Purpose.EMAIL_VERIFICATION:
        return OwnTexts(chosen.email_verification.subject, chosen.email_verification.template)
    if kind == Purpose.PHONE_VERIFICATION:
        return OwnTexts(sms_template=chosen.phone_verification.template)
    if kind == Purpose.EMAIL_CHANGE:
        return OwnTexts(chosen.contact_change.subject, chosen.contact_change.template)
    if kind == Purpose.ACCOUNT_DELETION_REQUEST:
        return OwnTexts(chosen.account_deletion_request.subject, chosen.account_deletion_request.template)
    if kind == Purpose.ACCOUNT_DELETION_CANCEL:
        return OwnTexts(chosen.account_deletion_cancel.subject, chosen.account_deletion_cancel.template)
    if kind == Purpose.PASSWORD_RESET:
        reset = chosen.password_reset
        return OwnTexts(reset.subject, reset.template, sms_body=reset.sms_body)
    return OwnTexts()


def _text_message(message: OutboxMessage, own: OwnTexts, context: dict[str, Any]) -> str:
    if own.sms_body:
        return _inline(own.sms_body, context).strip()
    template = own.sms_template or f"customer_registration/sms/{message.kind}.txt"
    if message.channel == Channel.SMS:
        return _with_webotp(template, context)
    return render_to_string(template, context).strip()


def _inline(source: str, context: dict[str, Any]) -> str:
    """Render a text of the settings, which is no HTML."""
    return engines["django"].from_string(f"{{% autoescape off %}}{source}{{% endautoescape %}}").render(context)


def _context(message: OutboxMessage) -> dict[str, Any]:
    context: dict[str, Any] = {
        **message.context,
        **{name: date.fromisoformat(value) for name, value in message.context.items() if name.endswith("_on")},
        "customer_name": _greeting_name(message.customer),
        "site_name": _site_name(),
    }
    if message.otp is not None:
        lifetime = message.otp.expires_at - message.otp.created_at
        context["expires_minutes"] = max(1, round(lifetime.total_seconds() / 60))
        context["expires_days"] = lifetime.days
        context.update(secrets_of(message.otp))
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


def secrets_of(otp: OtpVerification) -> dict[str, str]:
    """Return what a message carries for a template: a code, or a token and its link."""
    path = LINK_PATHS.get(Purpose(otp.purpose))
    if path is None:
        return {"otp": otp.code()}
    if otp.purpose != Purpose.PASSWORD_RESET:
        token = otp.link_value()
        return {"link": _link(path, token=token), "token": token}
    token, provider = ResetToken.of(otp).sign(), otp.payload["provider"]
    # The page has to bring the token back to the provider that was asked; all but one say which that is.
    named = {} if provider == Provider.EMAILPASS else {"provider": provider}
    link = _link(path, token=token, **named)
    phone = "" if "@" in otp.destination else otp.destination
    return {"link": link, "token": token, "reset_url": link, "phone": phone}


def _link(path: str, **query: str) -> str:
    """Return a link to the storefront, or "" where the project has none.

    From the settings, never from the request's Host header: a poisoned Host must not reach a link (attack E5).
    """
    storefront = config().storefront_url
    if not storefront:
        return ""
    parts = urlsplit(storefront)
    if not storefront.isascii() and (host := _ascii_host()):
        port = f":{parts.port}" if parts.port else ""
        storefront = urlunsplit(parts._replace(netloc=f"{host}{port}"))
    return f"{storefront.rstrip('/')}{path}?{urlencode(query)}"


def _greeting_name(customer: Customer | None) -> str:
    """Return the first name as one short line, or "" for what is no name.

    Anybody can register anybody's address, so the name is a stranger's text in the shop's own mail: it may not carry a
    paragraph or a link.
    """
    name = " ".join((customer.first_name or "").split()) if customer else ""
    return "" if len(name) > NAME_MAX_LENGTH or _LOOKS_LIKE_A_LINK.search(name) else name


def _site_name() -> str:
    return urlsplit(config().storefront_url or "").hostname or ""


def _ascii_host() -> str:
    """Return the storefront's host as the DNS knows it, or "" if it has no such name.

    IDNA 2008 (RFC 5891): the older rules, which Python has built in, turn straße.example into strasse.example, which
    may be somebody else's.
    """
    host = _site_name()
    if host.isascii():
        return host if all(len(label) < 64 for label in host.split(".")) else ""  # RFC 1035 §2.3.4
    import idna  # only for hosts that need it

    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return ""
