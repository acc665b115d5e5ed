"""The accounts as stored, and the laws that every stored state keeps."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import check_password, is_password_usable
from django.db.models import F, Q
from django.utils import timezone

from customer_registration.models import AccountDeletionRequest, Customer, OtpVerification, SecondFactor

KINDS = ("email", "phone")


@dataclass(frozen=True)
class Row:
    """One customer with their user, as stored."""

    id: str
    email: str | None
    phone: str | None
    email_verified: bool
    phone_verified: bool
    registered: bool
    epoch: int
    leaving: bool
    second_factor: bool
    lapses: float | None
    active: bool
    password: str

    def __getitem__(self, kind: str) -> str | None:
        """Return the contact of a kind."""
        return self.email if kind == "email" else self.phone

    def proven(self, kind: str) -> bool:
        """Whether the contact of a kind is marked as proven."""
        return self.email_verified if kind == "email" else self.phone_verified

    @property
    def contacts(self) -> dict[str, str]:
        """The contacts by kind."""
        return {kind: value for kind in KINDS if (value := self[kind])}

    @property
    def has_password(self) -> bool:
        """Whether a password logs in."""
        return is_password_usable(self.password)

    def logs_in_with(self, password: str) -> bool:
        """Whether this is the password."""
        return check_password(password, self.password)


def read_rows() -> dict[str, Row]:
    """Return every account, by the customer's id."""
    rows = Customer.objects.select_related("user")
    return {row.pk: _row(row) for row in rows}


def _row(row: Customer) -> Row:
    assert row.user is not None, "a customer has a user, for `reveal` makes no shadows"
    assert row.user.email in ("", row.email), "the user holds no address that the customer does not"
    return Row(
        id=row.pk,
        email=row.email,
        phone=row.phone,
        email_verified=row.email_verified_at is not None,
        phone_verified=row.phone_verified_at is not None,
        registered=row.registered_at is not None,
        epoch=row.token_epoch,
        leaving=row.deletion_scheduled_at is not None,
        second_factor=row.has_second_factor,
        lapses=row.claim_expires_at.timestamp() if row.claim_expires_at else None,
        active=row.user.is_active,
        password=row.user.password,
    )


def check_legal(rows: dict[str, Row], proofs: dict[str, set[str]], *, verifying: bool) -> None:
    """Assert the laws of a stored state.

    Args:
        rows: every account.
        proofs: by customer, the contacts that somebody has proven for them by what was sent there.
        verifying: whether the project requires verification.
    """
    for row in rows.values():
        for kind in KINDS:
            if row.proven(kind):
                assert row[kind] in proofs.get(row.id, ()), f"{kind} is proven by what was sent there"
        assert verifying or row.lapses is None, "claims lapse where contacts have to be proven, alone"
        if not row.contacts:
            assert not row.has_password, "a closed account has no password"
    held = Counter(contact for row in rows.values() for contact in row.contacts.values())
    assert max(held.values(), default=0) <= 1, "a contact has one customer"
    _check_codes(rows)
    _check_deletions(rows)
    enabled = set(SecondFactor.objects.enabled().values_list("customer", flat=True))
    assert enabled == {row.id for row in rows.values() if row.second_factor}, "factors in force are known of"


def _check_codes(rows: dict[str, Row]) -> None:
    over = Q(attempts__gt=F("max_attempts")) | Q(attempts_open__gt=F("max_attempts"))
    assert not OtpVerification.objects.filter(over).exists(), "no code has more guesses than it may"
    empty = [row.id for row in rows.values() if not row.contacts]
    live = OtpVerification.objects.usable(timezone.now()).filter(customer__in=empty)
    assert not live.exists(), "a closed account has no live code"


def _check_deletions(rows: dict[str, Row]) -> None:
    requests: list[Any] = list(AccountDeletionRequest.objects.all())
    opened = Counter(each.customer_ref for each in requests if each.active_customer_id)
    assert max(opened.values(), default=0) <= 1, "a person has one open request"
    due = {each.customer_ref for each in requests if each.status in ("confirmed", "failed")}
    assert due == {row.id for row in rows.values() if row.leaving}, "who is leaving has a confirmed request"
    for each in requests:
        closed = each.status in ("completed", "cancelled")
        assert closed == (each.active_customer_id is None), "a request is open until it is closed"
        if each.status == "completed" and (row := rows.get(each.customer_ref)):
            assert (row.contacts, row.active, row.has_password) == ({}, False, False), "an erased account is empty"
            assert not OtpVerification.objects.filter(customer=row.id).exists(), "and has no codes"
