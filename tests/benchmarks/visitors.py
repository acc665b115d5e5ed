"""Who the benchmark's requests are about: customers written by the hundred, who share one password."""

import itertools
import os
import secrets
from collections.abc import Iterator
from functools import cache

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from customer_registration.enums import IdentifierKind, Provider, Purpose
from customer_registration.flows import identities
from customer_registration.flows.client import Client
from customer_registration.identifiers import Identifier
from customer_registration.models import Customer, OtpVerification
from customer_registration.tokens import CodeToken, LoginToken
from customer_registration.users import user_adapter
from tests.benchmarks import people

PASSWORD = people.PASSWORD
_numbers = itertools.count()


def fresh_email() -> str:
    """Return an address that nobody has had."""
    return f"bench{os.getpid()}.{next(_numbers)}@example.com"


def regulars(count: int) -> list[Customer]:
    """Return customers who log in by their password: of the population at random where there is one, else new ones."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [Customer._meta.db_table])
        size = int(cursor.fetchone()[0])
    if size < 100 * count:
        return written(count, proven=True)
    chosen: set[str] = set()
    while len(chosen) < count:
        number = secrets.randbelow(size * 9 // 10) + 1  # reltuples is an estimate
        if people.logs_in(number):
            chosen.add(people.customer_id(number))
    return list(Customer.objects.select_related("user").filter(pk__in=chosen))


def written(count: int, *, proven: bool) -> list[Customer]:
    """Write customers who have their account, their address proven or not, and return them with their users."""
    now = timezone.now()
    customers = [_customer(proven) for _ in range(count)]
    for customer in customers:
        customer.registered_at = now
    users = [user_adapter().build(customer) for customer in customers]
    for user in users:
        user.password = _hash()
    type(users[0]).objects.bulk_create(users, batch_size=1000)
    for customer, user in zip(customers, users, strict=True):
        customer.user = user
    return Customer.objects.bulk_create(customers, batch_size=1000)


def _customer(proven: bool) -> Customer:
    now = timezone.now()
    customer = identities.claimant(Identifier(IdentifierKind.EMAIL, fresh_email()), client=Client(), now=now)
    customer.claim_expires_at = None
    customer.email_verified_at = now if proven else None
    return customer


@cache
def _hash() -> str:
    return make_password(PASSWORD)


def login_token(customer: Customer) -> str:
    """Return what a login answers."""
    now = timezone.now()
    token = LoginToken.for_customer(
        customer, provider=Provider.EMAILPASS, auth_time=int(now.timestamp()), actorless=False
    )
    return token.sign(now=now)


def simple_token(customer: Customer) -> str:
    """Return what simplejwt's own login answers, for the floors."""
    return str(AccessToken.for_user(customer.user))


def codes_of(flows: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each flow token with the code that was sent for it."""
    names = {flow: CodeToken.read(flow, Purpose.EMAIL_VERIFICATION).row_id for flow in flows}
    rows = OtpVerification.objects.in_bulk(names.values())
    for flow, name in names.items():
        yield flow, rows[name].code()
