"""Erase accounts, many in a few statements: the rows of ours that name a person, the user, the customer."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Q

from customer_registration import signals
from customer_registration.enums import DeletionStatus, ErasureStrategy, EventKind
from customer_registration.flows.deletion import messages
from customer_registration.messaging import queue_for_later
from customer_registration.models import (
    AccountDeletionRequest,
    AccountEvent,
    Customer,
    OtpVerification,
    OutboxMessage,
)
from customer_registration.users import user_adapter

_NOTHING = dict.fromkeys(
    (
        *("email", "phone", "email_verified_at", "phone_verified_at", "shadow_email", "shadow_phone"),
        *("first_name", "last_name", "company_name", "metadata", "claim_expires_at", "deletion_scheduled_at"),
    )
)


def erase(requests: Sequence[AccountDeletionRequest], strategy: ErasureStrategy, *, now: datetime) -> None:
    """Erase the accounts of requests whose rows are held, in the caller's transaction, and complete the requests.

    Args:
        requests: with their customers and users loaded; a customer may be gone already.
        strategy: what becomes of the rows.
        now: the time of the batch.

    Raises:
        ProtectedError, RestrictedError, IntegrityError: with `DELETE`, rows of the project's hold on to one of them.
    """
    customers = [request.customer for request in requests if request.customer is not None]
    last_words = [
        messages.erased(request, contact, now=now)
        for request in requests
        if request.customer is not None and (contact := request.customer.notice_contact)
    ]
    forget_traces([request.customer_ref for request in requests], customers)
    if strategy == ErasureStrategy.DELETE:
        delete(customers)
    else:
        anonymize(customers, now=now)
    AccountDeletionRequest.objects.close(
        requests,
        DeletionStatus.COMPLETED,
        completed_at=now,
        strategy=strategy,
        last_error="",
    )
    AccountEvent.objects.bulk_create(
        AccountEvent(
            kind=EventKind.ACCOUNT_ERASED,
            customer_id=None if strategy == ErasureStrategy.DELETE else request.customer_id,
            customer_ref=request.customer_ref,
            detail={"strategy": strategy.value},
            created_at=now,
        )
        for request in requests
    )
    queue_for_later(last_words)
    if signals.account_erased.has_listeners(Customer):
        for request in requests:
            signals.send_on_commit(
                signals.account_erased, Customer, customer_id=request.customer_ref, request_id=request.pk
            )


def forget_traces(customer_ids: Collection[str], customers: Collection[Customer]) -> None:
    """Delete messages, codes, and what the audit trail and every request say of a person beyond their id.

    Codes before the customer, the order in which the other flows lock them.
    """
    OutboxMessage.objects.filter(customer__in=customer_ids).delete()
    OtpVerification.objects.delete_of(customer_ids)
    AccountEvent.objects.filter(customer__in=customer_ids).update(contact="", detail={})
    AccountDeletionRequest.objects.filter(customer_ref__in=customer_ids).update(reason="", ip="", user_agent="")
    if apps.is_installed("django.contrib.admin"):
        _forget_admin_log(customer_ids, [str(customer.user_id) for customer in customers if customer.user_id])


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


def anonymize(customers: Collection[Customer], *, now: datetime) -> None:
    """Empty customers and their users; the rows stay for the sake of orders."""
    Customer.objects.filter(pk__in=[customer.pk for customer in customers]).update(
        **_NOTHING, has_second_factor=False, token_epoch=F("token_epoch") + 1, updated_at=now
    )
    users = get_user_model()._base_manager.filter(pk__in=[customer.user_id for customer in customers])
    user_adapter().erase(users)


def delete(customers: Collection[Customer]) -> None:
    """Delete users, with them their customers and whatever of the project's cascades."""
    users = get_user_model()._base_manager.filter(pk__in=[customer.user_id for customer in customers])
    user_adapter().delete(users)
    Customer.objects.filter(pk__in=[customer.pk for customer in customers if customer.user_id is None]).delete()
