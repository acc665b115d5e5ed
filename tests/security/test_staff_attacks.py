"""Row F6 of ``security.md``: staff set no password and read no code; each action has a permission of its own."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone

from customer_registration.admin.base import ReadOnlyAdmin
from customer_registration.models import (
    AccountDeletionRequest,
    AccountEvent,
    Customer,
    OtpVerification,
    SecondFactor,
    SendSlot,
)
from tests.conftest import new_user
from tests.security.kinds import PHONES, SEED
from tests.security.places import snapshot

OURS = [each for each in admin.site._registry.values() if each.opts.app_label == "customer_registration"]
# What none of our pages may show, however it is asked.
SECRET = {
    *("nonce", "payload", "secret", "code_hash", "key", "token_epoch", "password", "destination", "context", "subject"),
    *("email", "phone", "identifiers_hash", "enabled_key", "last_step", "grant_until"),
}
# Every action there is, and the permission that it takes.
ACTIONS = {
    (AccountDeletionRequest, "cancel"): "cancel_accountdeletionrequest",
    (AccountDeletionRequest, "postpone"): "postpone_accountdeletionrequest",
    (AccountDeletionRequest, "erase_now"): "erase_accountdeletionrequest",
    (AccountDeletionRequest, "retry"): "erase_accountdeletionrequest",
    (SecondFactor, "remove_lost"): "remove_secondfactor",
    (Customer, "send_code"): "send_code_customer",
    (Customer, "send_reset"): "reset_password_customer",
    (Customer, "end_sessions"): "end_sessions_customer",
    (Customer, "unlock"): "unlock_customer",
}


@pytest.fixture
def clerk(db):
    """Hire somebody with some permissions; return their browser."""

    def hire(*codenames, **fields):
        user = new_user("clerk", "clerk@example.com", is_staff=True, **fields)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        assert user.user_permissions.count() == len(codenames)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return hire


@pytest.fixture
def rows(wallet):
    """Return a row to act upon: a departure that has failed once, a factor in force, their owner with a new phone."""
    wallet.make("deletion code")
    wallet.enrol("jane")
    request = AccountDeletionRequest.objects.get()
    now = timezone.now()
    AccountDeletionRequest.objects.update(status="failed", confirmed_at=now, scheduled_at=now, due_at=now, tries=1)
    Customer.objects.update(phone=PHONES["jane"], phone_verified_at=None)
    rows = {AccountDeletionRequest: request, SecondFactor: SecondFactor.objects.get(), Customer: Customer.objects.get()}
    SendSlot.objects.all().delete()
    return rows


@pytest.fixture
def on(admin_user):
    """Return a superuser's request of a page's list."""

    def ask(page):
        request = RequestFactory().get(listing(page.model))
        request.user, request.resolver_match = admin_user, resolve(listing(page.model))
        return request

    return ask


def listing(model):
    return reverse(f"admin:customer_registration_{model._meta.model_name}_changelist")


def post(client, model, row, action, **fields):
    return client.post(listing(model), {"action": action, "_selected_action": [row.pk], **fields}, follow=True)


def test_f6_every_page_is_one_to_look_at():
    for page in OURS:
        assert isinstance(page, ReadOnlyAdmin)
        assert not page.inlines


@pytest.mark.parametrize("page", OURS, ids=str)
def test_f6_no_field_can_be_written_and_none_is_a_secret(page, on):
    request, row = on(page), page.model()
    fields = flatten_fieldsets(page.get_fieldsets(request, row))
    shown = {*page.get_list_display(request), *fields, *map(str, page.get_list_filter(request))}
    assert shown & SECRET == set()
    allowed = [page.has_add_permission(request), page.has_change_permission(request, row)]
    assert [*allowed, page.has_delete_permission(request, row)] == [False] * 3


def test_f6_every_action_is_known_with_its_permission(on):
    found = {}
    for page in OURS:
        for function, name, _ in page.get_actions(on(page)).values():
            [needed] = function.allowed_permissions
            found[page.model, name] = f"{needed}_{page.opts.model_name}"
    assert found == ACTIONS


@pytest.mark.parametrize(("model", "action"), ACTIONS, ids=str)
def test_f6_with_every_other_permission_an_action_is_neither_offered_nor_done(clerk, rows, model, action):
    needed = ACTIONS[model, action]
    ours = ContentType.objects.filter(app_label="customer_registration")
    others = Permission.objects.filter(content_type__in=ours).exclude(codename=needed)
    client = clerk(*others.values_list("codename", flat=True))
    before = snapshot_of_people()
    assert f'<option value="{action}">' not in client.get(listing(model)).content.decode()
    for fields in ({}, {"confirmed": "yes", "day": "2099-01-01"}):
        post(client, model, rows[model], action, **fields)
    assert snapshot_of_people() == before


@pytest.mark.parametrize(("model", "action"), ACTIONS, ids=str)
def test_f6_with_its_own_it_is_offered_and_asks_before_anything_is_done(clerk, rows, model, action):
    client = clerk(f"view_{model._meta.model_name}", ACTIONS[model, action])
    before = snapshot_of_people()
    assert f'<option value="{action}">' in client.get(listing(model)).content.decode()
    assert post(client, model, rows[model], action).status_code == 200
    assert snapshot_of_people() == before
    if action != "postpone":
        post(client, model, rows[model], action, confirmed="yes", **seen_on(post(client, model, rows[model], action)))
        assert snapshot_of_people() != before


def seen_on(asked):
    """Return the fields in which a page that asks has written down how each row stands."""
    return dict(re.findall(r'<input type="hidden" name="(seen_\w+)" value="([^"]*)">', asked.content.decode()))


def snapshot_of_people():
    return {
        name: table for name, table in snapshot().items() if name.startswith(("customer_registration_", "auth_user"))
    }


@pytest.mark.parametrize("who", ["superuser", "every permission", "every permission but that to see contacts"])
def test_f6_nobody_who_looks_at_everything_sees_a_code_or_a_seed_nor_a_contact_unless_permitted(
    clerk, rows, wallet, who
):
    code = wallet.make("login code")
    ours = Permission.objects.filter(content_type__app_label="customer_registration")
    names = set(ours.values_list("codename", flat=True)) if who != "superuser" else set()
    if masked := who.endswith("contacts"):
        names.remove("view_contacts_customer")
    client = clerk(*names, is_superuser=who == "superuser")
    sealed = rows[SecondFactor].secret
    nonces = [nonce.hex() for nonce in OtpVerification.objects.values_list("nonce", flat=True)]
    never = [code.code, code.value, SEED, sealed, *nonces, *(["jane@example.com", PHONES["jane"]] if masked else [])]
    pages = [client.get(listing(page.model)) for page in OURS]
    for page in OURS:
        name = f"admin:customer_registration_{page.opts.model_name}"
        for row in page.model.objects.all():
            pages += [client.get(reverse(f"{name}_{view}", args=[row.pk])) for view in ("change", "history")]
    for model, action in ACTIONS:
        pages.append(post(client, model, rows[model], action))
    for action in ("send_code", "send_reset", "unlock", "end_sessions"):
        pages.append(post(client, Customer, rows[Customer], action, confirmed="yes"))
    pages.append(client.get(reverse("admin:customer_registration_customer_history", args=[rows[Customer].pk])))
    assert len(pages) > 30
    sent = list(OtpVerification.objects.all())
    never += [each for row in sent for each in (row.code(), row.link_value())]
    for answer in pages:
        assert answer.status_code == 200
        text = answer.content.decode()
        assert not [each for each in never if each in text]
    assert Customer.objects.get().user.check_password("correct horse battery")
    assert AccountEvent.objects.exists()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_f6_the_staff_api_only_reads(wallet, method):
    staff = wallet.make("staff", "joe")
    path = "/admin/account-deletion-requests"
    assert wallet.api.request(method, path, {}, token=staff.value).status_code == 405
