"""Messages through any of the services that Apprise knows; install the ``apprise`` extra."""

import logging
import re
import threading
from typing import ClassVar
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from customer_registration.messaging.backends.base import BaseBackend, DeliveryError, Message

__all__ = ["SMSBackend"]

PATIENCE_SECONDS = 25.0
LOGGERS = ("apprise", "urllib3.connectionpool")  # they log texts, numbers and paths
_STATUS = re.compile(r"error=(\d{3})\b")


class SMSBackend(BaseBackend):
    """Send by the Apprise URL in the Django setting ``APPRISE_URL``; ``{to}`` stands for the number's digits.

    ::

        APPRISE_URL = "twilio://ACCOUNT_SID:AUTH_TOKEN@15005550006/{to}"
        APPRISE_URL = "jsons://token@sms.example.com/send/{to}?rto=10"

    Apprise waits four seconds for a connection and four for an answer; ``cto`` and ``rto`` in the URL change that, and
    25 seconds are the end of it in any case. For a second service in the chain, subclass with another ``setting``.
    """

    setting: ClassVar[str] = "APPRISE_URL"

    def send(self, message: Message) -> None:
        """Hand the message over.

        Raises:
            DeliveryError: the service refused it, failed or was too slow. Apprise does not say which, so the service
                is asked again.
            ImproperlyConfigured: there is no URL, or the number has no place in it.
        """
        url = str(getattr(settings, self.setting, None) or "")
        if "{to}" not in url:
            raise ImproperlyConfigured(f"{self.setting} must be an Apprise URL with {{to}} where the number goes.")
        # A service that sends a byte now and then outlasts every read time-out; a thread can be left behind.
        handover = _Handover(url.replace("{to}", quote(message.destination.removeprefix("+"), safe="")), message)
        handover.start()
        handover.join(PATIENCE_SECONDS)
        if handover.is_alive():
            raise DeliveryError(f"Apprise was not done after {PATIENCE_SECONDS:g} s")
        if not handover.accepted:
            raise DeliveryError(f"Apprise could not deliver: {handover.reason}")


class _Handover(threading.Thread):
    """One message on its way, in a thread whose log records are kept back."""

    def __init__(self, url: str, message: Message) -> None:
        super().__init__(name="customer_registration.apprise", daemon=True)
        self._url, self._message = url, message
        self.accepted = False
        self.reason = "no answer"

    def run(self) -> None:
        for name in LOGGERS:
            logging.getLogger(name).addFilter(_keep_back)  # adds it once
        try:
            from apprise import Apprise  # half a second, and an extra

            service = Apprise.instantiate(self._url)
            if service is None:
                self.reason = "it knows no such URL"
            else:
                self.accepted = bool(service.notify(body=self._message.text, title=self._message.subject))
        except Exception as error:  # a plugin may raise anything, and put the URL into it
            self.reason = type(error).__name__


def _keep_back(record: logging.LogRecord) -> bool:
    """Drop what is logged about a message of ours; the status in it is all that Apprise tells of a failure."""
    handover = threading.current_thread()
    if not isinstance(handover, _Handover):
        return True
    if record.levelno >= logging.WARNING and (found := _STATUS.search(record.getMessage())):
        handover.reason = f"status {found[1]}"
    return False
