"""Rows A6, A11, A14, B4, B5, E7, E12 and E14 of ``security.md``: attacks on contacts and the profile."""

from datetime import timedelta
from itertools import product

import pytest
import time_machine
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.test import RequestFactory
from django.utils import timezone

from customer_registration.models import Customer, OtpVerification, OutboxMessage
from tests.conftest import PASSWORD, link_token, messages_to, new_user
from tests.security.kinds import CONTACT, PHONES
from tests.security.places import INVALID_TOKEN, snapshot

ME = "/store/customers/me"
TAKEN = {"email": "joe@example.com", "phone": PHONES["joe"]}
FREE = {"email": "free@example.com", "phone": PHONES["new"]}


@pytest.fixture
def jane_and_joe(wallet):
    """Return the wallet of Jane and Joe; both contacts of Joe are proven."""
    wallet.bearer("jane")
    wallet.bearer("joe")
    Customer.objects.filter(email="joe@example.com").update(phone_verified_at=timezone.now())
    return wallet


@pytest.mark.parametrize("kind", TAKEN)
def test_a6_a_change_to_a_taken_contact_answers_like_one_to_a_free_one(jane_and_joe, counted, kind):
    api, bearer = jane_and_joe.api, jane_and_joe.bearers["jane"]
    seen = {}
    api.post(CONTACT, {kind: FREE[kind]}, token=bearer)  # the first one of a person has no older code to replace
    with time_machine.travel(timezone.now(), tick=False):
        for value in (TAKEN[kind], FREE[kind]):
            with counted() as queries:
                answer = api.never_committing().post(CONTACT, {kind: value}, token=bearer)
            queued = OutboxMessage.objects.latest("pk").state
            body = answer.json()
            body["token"] = [len(part) for part in body["token"].split(".")]
            headers = {name: text for name, text in answer.headers.items() if name != "Content-Length"}
            seen[value] = (answer.status_code, body, headers, len(queries.statements), queued)
    assert seen[TAKEN[kind]] == seen[FREE[kind]]


@pytest.mark.parametrize("kind", TAKEN)
def test_a6_the_owner_of_a_contact_that_is_asked_for_is_told_and_no_code_is_sent(jane_and_joe, kind):
    api, bearer = jane_and_joe.api, jane_and_joe.bearers["jane"]
    asked = api.post(CONTACT, {kind: TAKEN[kind]}, token=bearer).json()
    row = OtpVerification.objects.filter(purpose=f"{kind}_change").latest("pk")
    assert row.code() not in messages_to(TAKEN[kind])[0]
    assert "omebody tried to use this" in messages_to(TAKEN[kind])[0]
    before = list(Customer.objects.values())
    answer = api.post(f"{CONTACT}/verify", {"token": asked["token"], "code": row.code()}, token=bearer)
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert list(Customer.objects.values()) == before


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a11_of_two_changes_the_one_whose_code_comes_is_set(wallet, order):
    """On databases without threads; in parallel: ``tests/races/test_contact_changes.py``."""
    changes = [wallet.ask_change("jane", email=f"{name}@example.com") for name in ("first", "second")]
    answers = {}
    for number in order:
        proof = {"token": changes[number].value, "code": changes[number].code}
        answers[number] = wallet.api.post(f"{CONTACT}/verify", proof, token=wallet.bearers["jane"])
        if answers[number].status_code == 200:
            wallet.bearers["jane"] = answers[number].json()["token"]
    assert (answers[0].status_code, answers[0].json()["code"]) == (400, "otp_invalid")  # the newer replaced it
    assert answers[1].json()["customer"]["email"] == "second@example.com"
    assert Customer.objects.get().email == "second@example.com"


def test_a11_a_code_of_one_change_does_not_confirm_the_other(wallet):
    email, phone = wallet.ask_change("jane", **{"email": FREE["email"]}), wallet.ask_change("jane", phone=FREE["phone"])
    before = list(Customer.objects.values())
    for token, code in ((email.value, phone.code), (phone.value, email.code)):
        answer = wallet.api.post(f"{CONTACT}/verify", {"token": token, "code": code}, token=wallet.bearers["jane"])
        assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert list(Customer.objects.values()) == before


def test_a14_a_number_proven_elsewhere_never_opens_or_joins_that_account(jane_and_joe, configure):
    """A number changes hands: its new holder receives the codes, and may not get the old holder's account by them."""
    api = jane_and_joe.api
    joe = Customer.objects.filter(phone=PHONES["joe"])
    before = list(joe.values())
    token = jane_and_joe.register("new@example.com")
    created = api.post("/store/customers", {"phone": PHONES["joe"]}, token=token)
    assert (created.status_code, created.json()["message"]) == (422, "Customer with this phone already has an account")
    configure(REGISTRATION={"IDENTIFIER": "phone"})
    registered = api.post("/auth/customer/phonepass/register", {"phone": PHONES["joe"], "password": PASSWORD})
    assert registered.status_code == 401
    configure(REGISTRATION={"IDENTIFIER": "both"})
    by_code = api.post("/auth/customer/otp/pre-register", {"identifier": PHONES["joe"]}).json()["token"]
    proof = {"identifier": PHONES["joe"], "otp": OtpVerification.objects.latest("pk").code(), "token": by_code}
    assert api.post("/auth/customer/otp/register", proof).status_code == 400
    assert not messages_to(PHONES["joe"])
    asked = api.post(CONTACT, {"phone": PHONES["joe"]}, token=jane_and_joe.bearers["jane"])
    assert asked.status_code == 200
    assert "Somebody tried to use this phone number" in messages_to(PHONES["joe"])[0]
    assert list(joe.values()) == before
    assert Customer.objects.filter(phone=PHONES["joe"]).count() == 1


@pytest.mark.parametrize("kind", FREE)
def test_b4_a_proof_is_of_the_contact_that_is_stored(wallet, kind):
    wallet.bearer("jane")
    first = Customer.objects.get()
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        now = timezone.now()
        wallet.change("jane", **{kind: FREE[kind]})
        row = Customer.objects.get()
    assert getattr(row, kind) == FREE[kind]
    assert getattr(row, f"{kind}_verified_at") == now
    other = "phone" if kind == "email" else "email"
    assert getattr(row, f"{other}_verified_at") == getattr(first, f"{other}_verified_at")


def in_a_shell(row, kind):
    setattr(row, kind, FREE[kind])
    row.save()


def in_a_shell_with_its_field_alone(row, kind):
    setattr(row, kind, FREE[kind])
    row.save(update_fields=[kind])


def in_bulk(row, kind):
    Customer.objects.update_or_create(pk=row.pk, defaults={kind: FREE[kind]})


def in_a_projects_admin(row, kind):
    """By the form of a ModelAdmin of the project's own; ours has none of customers."""
    page = ModelAdmin(Customer, admin.site)
    request = RequestFactory().post("/")
    request.user = new_user("root", "root@example.com", is_staff=True, is_superuser=True)
    form = page.get_form(request, row, fields=["email", "phone"])
    filled = form({"email": row.email, "phone": row.phone} | {kind: FREE[kind]}, instance=row)
    assert filled.is_valid(), filled.errors
    page.save_model(request, filled.save(commit=False), filled, change=True)


@pytest.mark.parametrize("kind", FREE)
@pytest.mark.parametrize("road", [in_a_shell, in_a_shell_with_its_field_alone, in_bulk, in_a_projects_admin])
def test_b4_a_contact_written_past_the_api_is_not_proven(wallet, road, kind):
    wallet.bearer("jane")
    Customer.objects.update(phone_verified_at=timezone.now())
    other = "phone" if kind == "email" else "email"
    road(Customer.objects.get(), kind)
    row = Customer.objects.get()
    assert (getattr(row, kind), getattr(row, f"{kind}_verified_at")) == (FREE[kind], None)
    assert getattr(row, f"{other}_verified_at") is not None


def test_b4_an_undo_restores_the_time_of_the_old_proof(wallet):
    wallet.bearer("jane")
    proven_at = Customer.objects.get().email_verified_at
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=True):
        wallet.change("jane", email="free@example.com")
        token = link_token("jane@example.com")
        assert wallet.api.post("/store/customers/contact/undo", {"token": token}).status_code == 200
    row = Customer.objects.get()
    assert (row.email, row.email_verified_at) == ("jane@example.com", proven_at)


@pytest.mark.parametrize("kind", FREE)
def test_c10_no_code_or_link_to_a_replaced_contact_is_left_alive(wallet, kind):
    """What each of them answers: ``test_token_lives.py``."""
    for each in ("verification code", "verification link", "reset link"):
        wallet.make(each)
    old = {"email": "jane@example.com", "phone": PHONES["jane"]}[kind]
    live = OtpVerification.objects.live(timezone.now()).filter(destination=old)
    assert live.exists()
    wallet.change("jane", **{kind: FREE[kind]})
    assert set(live.values_list("purpose", flat=True)) <= {"contact_undo"}


RIGHTS = {
    "is_staff": True,
    "is_superuser": True,
    "is_active": False,
    "id": "cus_01HZZZZZZZZZZZZZZZZZZZZZZZ",
    "email_verified": True,
    "phone_verified": True,
    "phone_verified_at": "2030-01-01T00:00:00.000Z",
    "groups": [1],
    "user": 1,
    "user_id": 1,
    "password": "another battery staple",
    "token_epoch": 0,
    "registered_at": None,
    "has_account": False,
    "deletion_scheduled_at": None,
    "created_at": "2000-01-01T00:00:00.000Z",
    "addresses": [],
    "shadow_email": "eve@example.com",
}


@pytest.mark.parametrize("method", ["post", "patch"])
@pytest.mark.parametrize("name", RIGHTS)
def test_b5_no_extra_field_is_written_by_a_profile_update(verified, api, name, method):
    _, bearer = verified()
    before = snapshot()
    answer = api.request(method, ME, {"first_name": "Eve", name: RIGHTS[name]}, token=bearer)
    assert (answer.status_code, answer.json()["message"]) == (400, f"Invalid request: Unrecognized fields: '{name}'")
    assert snapshot() == before


@pytest.mark.parametrize("method", ["post", "patch"])
@pytest.mark.parametrize(("kind", "value"), list(product(FREE, ["new", None, "", 5])))
def test_e12_a_contact_is_not_switched_by_a_profile_update(verified, api, method, kind, value):
    _, bearer = verified()
    before = snapshot()
    body = {"first_name": "Eve", kind: FREE[kind] if value == "new" else value}
    answer = api.request(method, ME, body, token=bearer)
    assert (answer.status_code, answer.json()["type"]) == (400, "not_allowed")
    assert "changes require OTP verification" in answer.json()["message"]
    assert snapshot() == before


COMBINATIONS = list(product(("email", "phone", "both"), (True, False), ("error", "challenge"), FREE))


@pytest.mark.parametrize(("login", "required", "response", "kind"), COMBINATIONS)
def test_e7_no_setting_lets_a_contact_be_set_without_its_proof(wallet, configure, login, required, response, kind):
    bearer = wallet.bearer("jane")
    configure(
        REGISTRATION={"REQUIRE_VERIFICATION": required},
        LOGIN={"IDENTIFIER": login, "UNVERIFIED_RESPONSE": response},
    )
    before = list(Customer.objects.values())
    asked = wallet.ask_change("jane", **{kind: FREE[kind]})
    assert list(Customer.objects.values()) == before
    for token, code in ((asked.value, "000000"), (asked.value, ""), (bearer, asked.code), ("a.b.c", asked.code)):
        code = "111111" if code == asked.code == "000000" else code
        answer = wallet.api.post(f"{CONTACT}/verify", {"token": token, "code": code}, token=bearer)
        assert answer.status_code in (400, 401)
    assert list(Customer.objects.values()) == before
    answer = wallet.api.post(f"{CONTACT}/verify", {"token": asked.value, "code": asked.code}, token=bearer)
    assert answer.status_code == 200
    assert getattr(Customer.objects.get(), kind) == FREE[kind]


def test_e14_both_contacts_are_told_and_the_old_one_can_take_it_back_for_seven_days(verified, change_contact, api):
    with time_machine.travel(timezone.now(), tick=False):
        _, bearer = verified("jane@example.com")
        change_contact(bearer, email="thief@example.com")
        changed = timezone.now()
    assert "address of your account is now" in messages_to("thief@example.com")[0]
    assert "address of your account is now" in messages_to("jane@example.com")[0]
    assert "thief@example.com" not in messages_to("jane@example.com")[0]  # masked
    link = {"token": link_token("jane@example.com")}
    with time_machine.travel(changed + timedelta(days=7), tick=False):
        late = api.post("/store/customers/contact/undo", link)
        assert (late.status_code, late.json()) == (401, INVALID_TOKEN)
    with time_machine.travel(changed + timedelta(days=7, seconds=-1), tick=False):
        assert api.post("/store/customers/contact/undo", link).status_code == 200
    assert Customer.objects.get().email == "jane@example.com"
    assert "undid the change" in messages_to("thief@example.com")[0]


def test_e14_a_thief_who_changes_twice_cannot_undo_the_owners_way_back(verified, change_contact, api):
    _, bearer = verified("jane@example.com")
    owners = change_contact(bearer, email="thief@example.com") and link_token("jane@example.com")
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=True):
        thief = api.post("/auth/customer/emailpass", {"email": "thief@example.com", "password": PASSWORD}).json()[
            "token"
        ]
        change_contact(thief, email="thief2@example.com")
        thiefs = link_token("thief@example.com")
        assert api.post("/store/customers/contact/undo", {"token": thiefs}).status_code == 200
        assert api.post("/store/customers/contact/undo", {"token": owners}).status_code == 200
    assert Customer.objects.get().email == "jane@example.com"
