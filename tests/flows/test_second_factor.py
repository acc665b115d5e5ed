"""What a second factor leaves behind: signals, the audit trail, notices; and what clears it all away again."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.db.models import QuerySet
from django.utils import timezone

from customer_registration.enums import ErasureStrategy
from customer_registration.flows import housekeeping
from customer_registration.flows.second_factor import completion, proofs
from customer_registration.messaging.segments import segments
from customer_registration.models import AccountEvent, Customer, OtpVerification, RecoveryCode, SecondFactor
from customer_registration.models.second_factor import SecondFactorQuerySet
from customer_registration.ratelimits.guesses import FAMILIES
from customer_registration.signals import second_factor_enabled, second_factor_removed
from tests.conftest import last_code, messages_to
from tests.deletion.due import customer_named, due, purge
from tests.second_steps import (
    FACTORS,
    JANE,
    PHONE,
    come_in,
    enable,
    enrol,
    ok,
    pending,
    recovery_codes,
    show,
    with_app,
)

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def jane(clock, verified):
    """A customer who is logged in by password alone; return them and a token."""
    person, token = verified(first_name="Jane")
    mail.outbox.clear()
    return person, token


def events():
    """Return what the audit trail says of factors, in order."""
    told = AccountEvent.objects.filter(kind__regex="^(factor|recovery)").order_by("pk")
    return [(event.kind, event.detail) for event in told]


# Signals, audit, notices


def test_a_factors_life_is_audited_with_no_secret_and_no_contact(api, jane, clock):
    _, token = jane
    app = with_app(api, token)
    made = recovery_codes(api, come_in(api, app.code()), count=2)
    clock.shift(30)
    ok(show(api, pending(api), made[0], "recovery_code"))
    ok(api.request("delete", f"{FACTORS}/{app.factor_id}", {"method": "totp", "code": app.code()}, token=token))
    assert events() == [
        ("factor_enabled", {"provider": "totp"}),
        ("recovery_codes_made", {"count": 2}),
        ("recovery_code_used", {}),
        ("factor_removed", {"provider": "totp"}),
    ]
    assert not AccountEvent.objects.filter(kind__startswith="factor").exclude(contact="").exists()


def test_nothing_is_audited_of_what_never_came_into_force(api, jane):
    _, token = jane
    app = enrol(api, token)
    ok(api.request("delete", f"{FACTORS}/{app.factor_id}", token=token))
    assert events() == []
    assert mail.outbox == []


def test_the_signals_are_sent_on_commit_with_the_customer_as_they_are_by_then(api, jane, hear):
    person, token = jane
    enabled, removed = hear(second_factor_enabled), hear(second_factor_removed)
    app = enrol(api, token)
    assert enabled == []
    enable(api, token, app.factor_id, app.code(steps=-1))
    [told] = enabled
    assert set(told) == {"customer", "provider"}
    assert (told["customer"].pk, told["customer"].has_second_factor, told["provider"]) == (person.id, True, "totp")
    ok(api.request("delete", f"{FACTORS}/{app.factor_id}", {"method": "totp", "code": app.code()}, token=token))
    [told] = removed
    assert (told["customer"].pk, told["customer"].has_second_factor, told["provider"]) == (person.id, False, "totp")


def test_no_signal_is_sent_of_what_was_rolled_back(api, jane, hear):
    enabled, app = hear(second_factor_enabled), enrol(api, jane[1])
    enable(api.never_committing(), jane[1], app.factor_id, app.code())
    assert enabled == []


def test_the_person_is_told_when_one_comes_and_when_one_goes(api, jane):
    _, token = jane
    app = with_app(api, token)
    [came] = mail.outbox
    assert (came.to, came.subject) == ([JANE], "A second step was added to your account")
    assert "Hello Jane," in came.body
    assert "you need a second code to log in" in came.body
    assert "you need a second code to log in" in came.alternatives[0][0]
    ok(api.request("delete", f"{FACTORS}/{app.factor_id}", {"method": "totp", "code": app.code()}, token=token))
    went = mail.outbox[-1]
    assert (went.to, went.subject) == ([JANE], "A second step was removed from your account")
    assert "contact the shop" in went.body
    for message in (came, went):
        assert app.seed not in message.body + message.alternatives[0][0]


def test_by_text_message_the_notices_are_short(api, jane, prove, change_contact):
    token = change_contact(jane[1], phone=PHONE)
    Customer.objects.update(email=None, email_verified_at=None)
    app = with_app(api, token)
    came = messages_to(PHONE)[0]
    ok(api.request("delete", f"{FACTORS}/{app.factor_id}", {"method": "totp", "code": app.code()}, token=token))
    went = messages_to(PHONE)[0]
    assert came.startswith("A second step was added")
    assert went.startswith("A second step was removed")
    assert max(segments(came), segments(went)) == 1


def test_the_code_by_mail_and_by_text_message(api, jane, change_contact, clock):
    token = change_contact(jane[1], phone=PHONE)
    ok(api.post(FACTORS, {"provider": "otp"}, token=token))
    text = messages_to(PHONE)[0]
    assert text == f"{last_code(PHONE)} is your security code\n\n@shop.example.com #{last_code(PHONE)}"
    assert segments(text) == 1
    clock.shift(91)
    ok(api.post(FACTORS, {"provider": "otp", "metadata": {"entity_type": "email"}}, token=token))
    message, code = mail.outbox[-1], last_code(JANE)
    assert message.subject == f"{code} is your security code"
    assert "valid for 5 minutes" in message.body
    assert code in message.alternatives[0][0]


def test_who_switches_factors_on_and_off_all_day_does_not_cause_messages_all_day(api, jane, clock):
    _, token = jane
    for _ in range(4):
        app = with_app(api, token)
        ok(api.request("delete", f"{FACTORS}/{app.factor_id}", {"method": "totp", "code": app.code()}, token=token))
        clock.shift(60)
    assert len(mail.outbox) == 5, "five an hour"
    assert AccountEvent.objects.filter(kind="factor_removed").count() == 4


def test_the_family_of_factors_is_none_that_a_password_clears():
    assert proofs.FAMILY == "factor"
    assert proofs.FAMILY not in FAMILIES


# Clearing away


def test_an_export_lists_factors_and_codes_with_no_secret(api, jane):
    person, token = jane
    app = with_app(api, token)
    made = recovery_codes(api, come_in(api, app.code()), count=2)
    ok(show(api, pending(api), made[0], "recovery_code"))
    out = StringIO()
    call_command("export_customer", person.id, stdout=out)
    data, row = json.loads(out.getvalue()), SecondFactor.objects.get()
    [factor] = data["second_factors"]
    assert set(factor) == {
        "id",
        "provider",
        "status",
        "contact_kind",
        "metadata",
        "created_at",
        "updated_at",
        "enabled_at",
    }
    assert (factor["id"], factor["provider"], factor["status"]) == (app.factor_id, "totp", "enabled")
    assert [set(code) for code in data["recovery_codes"]] == [{"id", "created_at", "used_at"}] * 2
    assert sorted(code["used_at"] is None for code in data["recovery_codes"]) == [False, True]
    hashes = RecoveryCode.objects.values_list("code_hash", flat=True)
    assert not [secret for secret in (app.seed, row.secret, *hashes, *made) if secret in out.getvalue()]


@pytest.mark.parametrize("strategy", ErasureStrategy.values)
def test_an_erasure_takes_factors_and_codes(strategy, db):
    request, stays = due(), customer_named("stranger")
    for customer in (request.customer, stays):
        SecondFactor.objects.create(customer=customer, provider="totp", status="enabled", secret="x")
        RecoveryCode.objects.create(customer=customer, code_hash=f"hash of {customer.pk}")
    Customer.objects.update(has_second_factor=True)
    purge("--strategy", strategy)
    assert [row.customer_id for row in SecondFactor.objects.all()] == [stays.pk]
    assert [row.customer_id for row in RecoveryCode.objects.all()] == [stays.pk]
    left = Customer.objects.filter(pk=request.customer_ref).values_list("has_second_factor", flat=True)
    assert list(left) == ([False] if strategy == "anonymize" else [])
    assert Customer.objects.get(pk=stays.pk).has_second_factor


@pytest.mark.parametrize(
    ("status", "age", "left"),
    [
        ("pending", timedelta(hours=23), 1),
        ("pending", timedelta(hours=25), 0),
        ("disabled", timedelta(days=29), 1),
        ("disabled", timedelta(days=31), 0),
        ("enabled", timedelta(days=4000), 1),
    ],
)
def test_housekeeping_clears_what_was_given_up_and_what_is_long_gone(db, configure, status, age, left):
    configure(RETENTION_DAYS=30)
    then = timezone.now() - age
    key = "anybody:totp" if status == "enabled" else None
    SecondFactor.objects.create(
        customer=Customer.objects.create(),
        provider="totp",
        status=status,
        enabled_key=key,
        created_at=then,
        updated_at=then,
    )
    assert housekeeping.purge()["factors"] == 1 - left
    assert SecondFactor.objects.count() == left


def test_housekeeping_clears_challenges_like_any_code(api, jane, clock):
    with_app(api, jane[1])
    pending(api)
    clock.shift(timedelta(days=1, seconds=301))
    housekeeping.purge()
    assert not OtpVerification.objects.filter(purpose="second_factor_challenge").exists()


def test_the_docstrings_promise_of_six_statements_is_of_a_road_that_reads_no_challenge(api, jane, monkeypatch):
    """The token says what the challenge was made for; a row with another payload changes nothing."""
    app = with_app(api, jane[1])
    login = pending(api)
    OtpVerification.objects.filter(purpose="second_factor_challenge").update(payload={"methods": {"totp": ""}, "x": 1})
    monkeypatch.setattr(completion, "_why_closed", None)
    ok(show(api, login, app.code()))


def test_housekeeping_leaves_one_that_comes_into_force_meanwhile(db, monkeypatch):
    """Race: a pending one of yesterday is enabled between the look and the deletion."""
    then = timezone.now() - timedelta(days=2)
    SecondFactor.objects.create(customer=Customer.objects.create(), provider="totp", created_at=then)
    real = QuerySet.values_list

    def enabled_then(self, *fields, **options):
        ids = list(real(self, *fields, **options)[: housekeeping.BATCH_SIZE])
        if self.model is SecondFactor:
            SecondFactor.objects.update(status="enabled", enabled_key="x")
        return ids

    monkeypatch.setattr(SecondFactorQuerySet, "values_list", enabled_then)
    housekeeping.purge()
    assert SecondFactor.objects.get().status == "enabled"
