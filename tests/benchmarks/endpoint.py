"""The smallest SMS backend: one request to the endpoint that the benchmark counts at."""

import os
from http.client import HTTPConnection

from customer_registration.messaging.backends.base import BaseBackend, DeliveryError, Message


class SMSBackend(BaseBackend):
    """Post the text to ``127.0.0.1:$BENCHMARK_PORT``."""

    def send(self, message: Message) -> None:
        """Send it."""
        connection = HTTPConnection("127.0.0.1", int(os.environ["BENCHMARK_PORT"]), timeout=10)
        try:
            connection.request("POST", "/", message.text.encode())
            if connection.getresponse().status != 200:
                raise DeliveryError("refused")
        finally:
            connection.close()
