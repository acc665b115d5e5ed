"""Providers that fail: an SMS backend that posts to a test's own server, and a mail server that says nothing."""

import os
import socket
import threading
from contextlib import suppress
from http.client import HTTPConnection

from customer_registration.messaging.backends.base import BaseBackend, DeliveryError, Message


class SMSBackend(BaseBackend):
    """Post the text to ``127.0.0.1:$PROVIDER_PORT``, as a shop's own backend would."""

    def send(self, message: Message) -> None:
        """Send it.

        Raises:
            DeliveryError: the provider did not take it; ``retry_after`` is what it asks for.
        """
        connection = HTTPConnection("127.0.0.1", int(os.environ["PROVIDER_PORT"]), timeout=25)
        try:
            connection.request("POST", f"/{message.destination}", message.text.encode())
            answer = connection.getresponse()
            if answer.status != 200:
                pause = float(answer.headers.get("Retry-After", 0))
                raise DeliveryError(f"the provider answered {answer.status}", retry_after=pause)
        finally:
            connection.close()


class SilentMailServer:
    """Accepts connections and says nothing; once closed, it refuses them."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.callers: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up, and refuse whoever comes."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()
        for caller in self.callers:
            caller.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self.callers.append(self._listening.accept()[0])
