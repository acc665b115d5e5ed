"""Turn an outbox row into the text that a person reads. The code is derived here, at the last moment."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.template import engines
from django.template.loader import render_to_string
from django.utils.translation import get_language_bidi

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
LINK_SEGMENTS = 3  # of a text message that carries a password reset
_LOOKS_LIKE_A_LINK = re.compile(r"[/@\\:]|\w\.\w")


def render(message: OutboxMessage) -> Message:
    """Render a message in the active language from the built-in templates or the project's own."""
    return write(message.kind, message.channel, message.destination, _context(message))


def write(kind: str, channel: str, destination: str, values: dict[str, Any]) -> Message:
    """Write the message of a kind in the active language.

    Args:
        kind: names the templates.
        channel: a key of ``CHANNELS``.
        destination: an e-mail address or a phone number.
        values: what the kind's templates are told, beside what every template is.
    """
    context = {**values, "site_name": _site_name(), "code_in_subject": config().otp.code_in_subject}
    if get_language_bidi() and "to" in context:
        # A number with a plus sign and asterisks would be drawn backwards: U+2066 and U+2069 set it apart (UAX #9).
        context["to"] = f"\u2066{context['to']}\u2069"
    own = own_texts(kind, config())
    if "@" not in destination:
        return Message(channel, destination, text=_text_message(kind, channel, own, context))
    base = f"customer_registration/email/{kind}"
    subject = _inline(own.subject, context) if own.subject else render_to_string(f"{base}.subject.txt", context)
    return Message(
        channel,
        destination,
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


def _text_message(kind: str, channel: str, own: OwnTexts, context: dict[str, Any]) -> str:
    if own.sms_body:
        return _inline(own.sms_body, context).strip()
    template = own.sms_template or f"customer_registration/sms/{kind}.txt"
    if channel == Channel.SMS:
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
    host, code = _ascii_host(), context.get("otp")
    bound = ""
    if host and code:
        bound = render_to_string(template, {**context, "webotp": f"@{host} #{code}"}).strip()
        if segments(bound) == 1:
            return bound  # as nearly all do: no text without the line would take less
    plain = render_to_string(template, context).strip()
    if segments(plain) > LINK_SEGMENTS and "reset_url" in context:
        # One letter that GSM-7 lacks doubles the price of three hundred characters of token: the link goes alone.
        plain = context["link"] or context["token"]
    return bound if bound and segments(bound) <= segments(plain) else plain


def secrets_of(otp: OtpVerification) -> dict[str, str]:
    """Return what a message carries for a template: a code, or a token and its link."""
    purpose = Purpose(otp.purpose)
    if purpose not in LINK_PATHS:
        return {"otp": otp.code()}
    if purpose != Purpose.PASSWORD_RESET:
        return link_values(purpose, otp.link_value())
    provider = Provider(otp.payload["provider"])
    return link_values(purpose, ResetToken.of(otp).sign(), destination=otp.destination, provider=provider)


def link_values(
    purpose: Purpose, token: str, *, destination: str = "", provider: Provider = Provider.EMAILPASS
) -> dict[str, str]:
    """Return what a template is told of a link; of a password reset, by whom it was asked for besides."""
    path = LINK_PATHS[purpose]
    if purpose != Purpose.PASSWORD_RESET:
        return {"link": _link(path, token=token), "token": token}
    # The page has to bring the token back to the provider that was asked; all but one say which that is.
    named = {} if provider == Provider.EMAILPASS else {"provider": provider.value}
    link = _link(path, token=token, **named)
    phone = "" if "@" in destination else destination
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
