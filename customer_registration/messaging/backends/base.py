"""The face of every delivery backend."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

__all__ = ["BaseBackend", "DeliveryError", "Message"]


@dataclass(frozen=True, slots=True)
class Message:
    """What a backend sends. ``repr`` shows neither contact nor text.

    Args:
        channel: a key of ``CHANNELS``.
        destination: an e-mail address, or a phone number in E.164.
        text: what a person reads.
        subject: of an e-mail; empty on the other channels.
        html: of an e-mail; empty on the other channels.
    """

    channel: str
    destination: str = field(repr=False)
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)
    html: str = field(default="", repr=False)


class DeliveryError(Exception):
    """A provider refused or failed.

    Args:
        reason: what it said, without contact or text; staff read it.
        permanent: asking the same provider again cannot help, so the next backend is tried at once.
        retry_after: seconds that it wants to be left alone for, as ``Retry-After`` with a 429 says. Where that is
            longer than the pause that is due anyway, the next backend is tried at once; the last one is waited for.
    """

    def __init__(self, reason: str, *, permanent: bool = False, retry_after: float = 0) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after = retry_after


class BaseBackend(ABC):
    """Subclass it to send by a provider of your own, and name the class in ``CHANNELS``.

    A backend is built once a process with no arguments and may be used by several threads at once. One that delivers
    nothing and keeps messages where they can be read says so by ``for_development``: ``check --deploy`` refuses it.
    """

    for_development: ClassVar[bool] = False

    @abstractmethod
    def send(self, message: Message) -> None:
        """Hand the message to the provider, within 30 seconds.

        Args:
            message: rendered, with its code in it: none of it belongs into a log.

        Raises:
            DeliveryError: it was not accepted. Any other exception counts as a passing failure.
        """
