"""Messages in a folder, for development; as Django's ``filebased`` e-mail backend."""

import os
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from customer_registration.messaging.backends.base import BaseBackend, Message

__all__ = ["SMSBackend"]


class SMSBackend(BaseBackend):
    """Append text messages to one file a process in the folder that the Django setting ``SMS_FILE_PATH`` names."""

    for_development = True

    def __init__(self) -> None:
        self.started = timezone.now()

    def send(self, message: Message) -> None:
        """Write the message; the folder is made if need be.

        Raises:
            ImproperlyConfigured: there is no ``SMS_FILE_PATH``.
        """
        folder = getattr(settings, "SMS_FILE_PATH", None)
        if not folder:
            raise ImproperlyConfigured("Set SMS_FILE_PATH to the folder that text messages are written to.")
        Path(folder).mkdir(parents=True, exist_ok=True)
        # The process is asked for now: a backend may be built before a worker forks.
        file = Path(folder) / f"{self.started:%Y%m%d-%H%M%S}-{os.getpid()}.log"
        with open(file, "a", encoding="utf-8", opener=_private) as log:
            log.write(f"SMS to {message.destination}\n{message.text}\n\n")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # it holds codes
