"""Erase accounts, many in a few statements: the rows of ours that name a person, the user, the customer."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import connections, router
from django.db.models import F, Q

from customer_registration import signals
from customer_registration.enums import DeletionStatus, ErasureStrategy, EventKind
from customer_registration.flows.deletion import messages
from customer_registration.flows.deletion.relations import foreign_relations
from customer_registration.flows.insights import kept
from customer_registration.models import (
    AccountDeletionRequest,
    AccountEvent,
    Customer,
    OtpVerification,
    OutboxMessage,
    RecoveryCode,
    SecondFactor,
)
from customer_registration.models.inserts import insert_from
from customer_registration.users import user_adapter

_NOTHING = dict.fromkeys(
    (
        *("email", "phone", "email_verified_at", "phone_verified_at", "shadow_email", "shadow_phone"),
        *("first_name", "last_name", "company_name", "metadata", "claim_expires_at", "deletion_scheduled_at"),
    )
)
# These say when, and which of the staff: no contact, and somebody may ask who erased an account.
DELETION_EVENTS = (
    EventKind.DELETION_SCHEDULED,
    EventKind.DELETION_POSTPONED,
    EventKind.DELETION_HASTENED,
    EventKind.DELETION_CANCELLED,
)
NO_WORDS = {"reason": "", "ip": "", "user_agent": "", "language": "", "last_error": ""}


class Account(NamedTuple):
    """The keys of an account: all that erasing it needs. ``exists`` is false if the customer's row is gone already."""

    customer_id: str
    user_id: Any
    request_id: str = ""
    exists: bool = True


def erase(accounts: Sequence[Account], strategy: ErasureStrategy, *, now: datetime) -> None:
    """Erase accounts whose requests are held, in the caller's transaction, and complete the requests.

    Args:
        accounts: which.
        strategy: what becomes of the rows.
        now: the time of the batch.

    Raises:
        ProtectedError, RestrictedError, IntegrityError: with `DELETE`, rows of the project's hold on to one of them.
    """
    requests = AccountDeletionRequest.objects.filter(pk__in=[account.request_id for account in accounts])
    insert_from(OutboxMessage, messages.told(requests), **messages.last_words(now=now))
    requests.close(DeletionStatus.COMPLETED, completed_at=now, strategy=strategy, **NO_WORDS)
    forget_traces(accounts, now=now)
    if strategy == ErasureStrategy.DELETE:
        delete(accounts)
    else:
        anonymize(accounts, now=now)
    insert_from(
        AccountEvent,
        requests,
        kind=EventKind.ACCOUNT_ERASED.value,
        customer=F("customer"),
        customer_ref=F("customer_ref"),
        contact="",
        detail={"strategy": strategy.value},
        created_at=now,
    )
    if signals.account_erased.has_listeners(Customer):
        for account in accounts:
            erased = {"customer_id": account.customer_id, "request_id": account.request_id}
            signals.send_on_commit(signals.account_erased, Customer, **erased)


def forget_traces(accounts: Collection[Account], *, now: datetime) -> None:
    """Delete messages, codes and factors, and blank what audit trail and requests say of a person beyond their id.

    Codes before the customer, the order in which the other flows lock them.
    """
    ids = [account.customer_id for account in accounts]
    kept.delete_messages(OutboxMessage.objects.filter(customer__in=ids), now=now)
    # Those of a code to register with went out before there was a customer; the code is theirs by now. Apart, since no
    # index serves both.
    kept.delete_messages(OutboxMessage.objects.filter(customer=None, otp__customer__in=ids), now=now)
    OtpVerification.objects.filter(customer__in=ids).delete_at_once()
    SecondFactor.objects.filter(customer__in=ids).delete()
    RecoveryCode.objects.filter(customer__in=ids).delete()
    telling = AccountEvent.objects.filter(customer_ref__in=ids).exclude(contact="", detail={})
    telling.exclude(kind__in=DELETION_EVENTS).update(contact="", detail={})
    AccountDeletionRequest.objects.filter(customer_ref__in=ids).exclude(**NO_WORDS).update(**NO_WORDS)
    if apps.is_installed("django.contrib.admin"):
        _forget_admin_log(ids, [str(account.user_id) for account in accounts if account.user_id is not None])


def anonymize(accounts: Collection[Account], *, now: datetime) -> None:
    """Empty customers and their users; the rows stay for the sake of orders."""
    customers = Customer.objects.filter(pk__in=[account.customer_id for account in accounts])
    customers.update(**_NOTHING, language="", has_second_factor=False, token_epoch=F("token_epoch") + 1, updated_at=now)
    user_adapter().erase(_users_of(accounts))


def delete(accounts: Collection[Account]) -> None:
    """Delete users, with them their customers and whatever of the project's cascades.

    Raises:
        ProtectedError, RestrictedError, IntegrityError: rows of the project's hold on to one of them.
    """
    user_adapter().delete(_users_of(accounts))
    Customer.objects.filter(pk__in=[account.customer_id for account in accounts]).delete()
    # References that only the database guards are looked at when the transaction ends, which is too late to tell whose.
    _check_references()


def _check_references() -> None:
    """Look at the references to customers and users now. Databases that cannot wait until the end have done so."""
    on = connections[router.db_for_write(Customer)]
    if on.features.can_defer_constraint_checks:
        # SQLite reads the tables for it, so only those that can be concerned; PostgreSQL ignores the names.
        relations = [relation for model in (Customer, get_user_model()) for relation in foreign_relations(model)]
        on.check_constraints(table_names={relation.related_model._meta.db_table for relation in relations})


def _users_of(accounts: Collection[Account]) -> Any:
    keys = [account.user_id for account in accounts if account.user_id is not None]
    return get_user_model()._base_manager.filter(pk__in=keys)


def _forget_admin_log(customer_ids: Collection[str], user_ids: Collection[str]) -> None:
    """Blank what Django's admin wrote down when staff edited the person: it names objects by their ``str()``."""
    from django.contrib.admin.models import LogEntry

    about_users = Q(content_type__in=_content_types(get_user_model()), object_id__in=user_ids)
    about_customers = Q(content_type__in=_content_types(Customer), object_id__in=customer_ids)
    LogEntry.objects.filter(about_users | about_customers).update(object_repr=F("object_id"), change_message="")


def _content_types(model: type) -> list[int]:
    """Return the keys of a model's content type and of its proxies', which Django caches."""
    same = [each for each in apps.get_models() if each._meta.concrete_model is model]
    return [kind.pk for kind in ContentType.objects.get_for_models(*same, for_concrete_models=False).values()]
