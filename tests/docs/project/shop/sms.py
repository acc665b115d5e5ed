"""Two gateways for text messages: one refuses all, the other takes all."""

from customer_registration.messaging.backends.base import BaseBackend, DeliveryError, Message


class Gateway(BaseBackend):
    """Is told a wrong password."""

    def send(self, message: Message) -> None:
        """Refuse it."""
        raise DeliveryError("The gateway answered 401")


class OtherGateway(BaseBackend):
    """Takes whatever it is given."""

    def send(self, message: Message) -> None:
        """Take it."""
