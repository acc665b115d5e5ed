"""The backends of each channel, in the order they are tried."""

from functools import cache

from django.utils.module_loading import import_string

from customer_registration.conf import config
from customer_registration.messaging.backends.base import BaseBackend
from customer_registration.messaging.backends.django_mail import DjangoMailBackend


def backend_at(channel: str, position: int) -> BaseBackend:
    """Return one of a channel's backends; the next one has its turn when one gives up.

    Raises:
        LookupError: ``CHANNELS`` has no such channel, or no such position in it.
        ImportError: the backend cannot be imported.
    """
    return load_backend(config().channels[channel][position])


@cache
def load_backend(name: str) -> BaseBackend:
    """Return the backend of a name: ``django``, ``django:<mailer alias>`` or a dotted path to a class.

    Raises:
        ImportError: there is no such class.
    """
    if name == "django" or name.startswith("django:"):
        return DjangoMailBackend(alias=name.partition(":")[2] or None)
    backend: BaseBackend = import_string(name)()
    return backend
