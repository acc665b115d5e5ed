"""Render a template of a page."""

import re

from django.template import engines
from django.template.loader import render_to_string

from customer_registration.enums import Channel
from customer_registration.messaging.samples import kinds, sample

UNKNOWN = "nothing-of-that-name"
BUILT_IN = re.compile(r"customer_registration/(?P<channel>email|sms)/(?P<kind>\w+)\.[\w.]+")
# What a template of a project's own may see, by the documentation of the messages.
SEEN = {
    "customer_name": "Ada",
    "site_name": "shop.example.com",
    "otp": "123456",
    "expires_minutes": 15,
    "link": "https://shop.example.com/reset-password?token=x",
    "reset_url": "https://shop.example.com/reset-password?token=x",
    "token": "x",
    "phone": "+12025550123",
}


def render(path: str) -> str:
    """Render a template as the message that it is for, or with what every template of a project's own may see.

    Raises:
        AssertionError: it uses a name that it does not see.
    """
    engines["django"].engine.string_if_invalid = UNKNOWN
    found = BUILT_IN.fullmatch(path)
    if found and found["kind"] in kinds(Channel(found["channel"])):
        message = sample(found["kind"], Channel(found["channel"]))
        text = f"{message.subject}\n{message.text}\n{message.html}"
    else:
        text = render_to_string(path, SEEN)
    assert UNKNOWN not in text, f"{path} shows a name that it does not see:\n{text}"
    return text
