"""Ask the project's authentication backends about somebody whose code was right."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import authenticate

from customer_registration.exceptions import InvalidOtp
from customer_registration.flows.client import Client
from customer_registration.identifiers import Identifier


@dataclass(frozen=True, slots=True)
class ProvenByCode:
    """A user who has brought the right code. No text of a request is one, so nobody can claim to be."""

    user: Any


def ask_backends(user: Any, identifier: Identifier, *, client: Client) -> None:
    """Let a backend that locks people out have its say, as at a login by password (attack D2).

    Raises:
        InvalidOtp: one refuses, or the user is inactive.
    """
    admitted = authenticate(request=client.request, identifier=identifier, proven=ProvenByCode(user))
    if admitted is None or admitted.pk != user.pk:
        raise InvalidOtp
