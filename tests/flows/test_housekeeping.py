"""Housekeeping among the living: nothing that still serves is deleted, nor what the project's tables refer to."""

from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.db import connection, models
from django.db.models.signals import pre_delete
from django.utils import timezone

from customer_registration.flows import housekeeping
from customer_registration.models import (
    AccountDeletionRequest,
    AccountEvent,
    Customer,
    OtpVerification,
    SendSlot,
)
from tests.conftest import last_code, link_token, wrong
from tests.deletion.due import customer_named
from tests.shop.models import Cart, CartLine, Invoice, Order, Segment, ShopModel, Wishlist
from tests.shop.tables import installed

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]
shop = pytest.fixture(installed, scope="module", autouse=True)
DAY = timedelta(days=1)


def in_the(moment):
    """Clear away at a moment from now."""
    with time_machine.travel(timezone.now() + moment):
        return housekeeping.purge()


def test_a_live_code_still_verifies(api, sign_up, send_code):
    person = sign_up()
    token = send_code(person)
    housekeeping.purge()
    answer = api.post("/store/customers/otp/verify", {"token": token, "code": last_code(person.email)})
    assert (answer.status_code, answer.json()["verified"]) == (200, True)


def test_an_expired_code_says_so_for_a_day(api, sign_up, send_code):
    person = sign_up()
    proof = {"token": send_code(person), "code": last_code(person.email)}
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        housekeeping.purge()
        answer = api.post("/store/customers/otp/verify", proof)
        assert (answer.status_code, answer.json()["code"]) == (400, "otp_expired")


def test_a_throttle_still_holds(api, sign_up, send_code):
    person = sign_up()
    send_code(person)
    housekeeping.purge()
    body = {"customer_id": person.id, "type": "email_verification"}
    assert api.post("/store/customers/otp/send", body).status_code == 429


def test_guesses_are_still_inherited_by_the_next_code(api, sign_up, send_code):
    person = sign_up()
    token = send_code(person)
    for _ in range(4):
        guess = {"token": token, "code": wrong(last_code(person.email))}
        assert api.post("/store/customers/otp/verify", guess).status_code == 400
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        housekeeping.purge()
        guess = {"token": send_code(person), "code": wrong(last_code(person.email))}
        answer = api.post("/store/customers/otp/verify", guess)
        assert answer.json()["attempts_remaining"] == 0


def test_an_undo_link_still_works_on_its_last_day(api, verified, change_contact):
    person, token = verified()
    change_contact(token, email="thief@example.com")
    assert in_the(6 * DAY)["codes"] > 0
    with time_machine.travel(timezone.now() + 7 * DAY - timedelta(minutes=1)):
        housekeeping.purge()
        answer = api.post("/store/customers/contact/undo", {"token": link_token("jane@example.com")})
        assert answer.status_code == 200, answer.content
    assert person.row.email == "jane@example.com"


def test_a_reset_link_still_works(api, verified, reset_link):
    person, _ = verified()
    link = reset_link()
    housekeeping.purge()
    answer = api.post("/auth/customer/emailpass/update", {"password": "another one entirely"}, token=link)
    assert answer.status_code == 200
    assert person.row.user.check_password("another one entirely")


def test_a_session_and_an_account_survive_every_purge(api, verified):
    person, token = verified()
    in_the(400 * DAY)
    assert api.get("/store/customers/me", token=token).status_code == 200
    assert person.row.email == "jane@example.com"


def test_a_claim_that_lapsed_can_be_proven_until_it_is_cleared_away(api, sign_up, send_code):
    person = sign_up()
    with time_machine.travel(timezone.now() + 7 * DAY):
        housekeeping.purge()
        proof = {"token": send_code(person), "code": last_code(person.email)}
        assert api.post("/store/customers/otp/verify", proof).status_code == 200
    in_the(40 * DAY)
    assert person.row.email_verified_at is not None


def test_a_shadow_is_forgotten_once_its_claim_is_over(configure, sign_up, verified, register):
    verified("jane@example.com", phone="+12025550123")
    configure(REGISTRATION={"EXISTING_ACCOUNT": "conceal"})
    register("jane@example.com")
    sign_up("eve@example.com", phone="+12025550123")
    shadows = Customer.objects.exclude(shadow_email=None, shadow_phone=None)
    assert in_the(timedelta(minutes=14))["shadows"] == 0
    assert shadows.count() == 2
    assert in_the(timedelta(minutes=16))["shadows"] == 2
    assert shadows.count() == 0


def test_a_claim_that_was_cleared_away_leaves_its_address_free(api, sign_up):
    first = sign_up()
    assert in_the(8 * DAY)["claims"] == 1
    assert not Customer.objects.exists()
    assert sign_up(password="another one entirely").id != first.id


def test_a_deletion_that_was_confirmed_is_still_due(api, verified):
    _, token = verified()
    answer = api.post("/store/customers/account-deletion/request", {}, token=token)
    housekeeping.purge()
    proof = {"token": answer.json()["token"], "code": last_code("jane@example.com")}
    assert api.post("/store/customers/account-deletion/confirm", proof).status_code == 200
    in_the(6 * DAY)
    assert AccountDeletionRequest.objects.get().status == "confirmed"


@pytest.fixture
def lapsed():
    """Save somebody whose claim is long over."""
    fields = {"email_verified_at": None, "claim_expires_at": timezone.now() - 8 * DAY, "last_name": "Doe"}
    return lambda name: customer_named(name, **fields)


REFERENCES = {
    "a protected order": lambda customer: Order.objects.create(customer=customer),
    "a restricted invoice": lambda customer: Invoice.objects.create(customer=customer),
    "a cart that would cascade": lambda customer: (
        CartLine.objects.create(cart=Cart.objects.create(user=customer.user)).cart
    ),
    "a wishlist that would be set null": lambda customer: Wishlist.objects.create(owner=customer.user),
    "a membership": lambda customer: Segment.objects.create().members.through.objects.create(
        customer=customer, segment=Segment.objects.get()
    ),
}


@pytest.mark.parametrize("refer", REFERENCES.values(), ids=REFERENCES)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_row_that_the_project_refers_to_is_emptied_and_kept(lapsed, refer, size):
    first, kept, last = lapsed("first"), lapsed("kept"), lapsed("last")
    reference = refer(kept)
    assert housekeeping.purge(batch_size=size)["claims"] == 3
    assert list(Customer.objects.values_list("pk", flat=True)) == [kept.pk]
    type(reference).objects.get(pk=reference.pk)
    stored = Customer.objects.get()
    assert (stored.email, stored.first_name, stored.last_name, stored.claim_expires_at) == (None, None, None, None)
    assert stored.user_id == kept.user_id
    assert "@" not in (stored.user.email or "")
    assert not stored.user.is_active
    assert not {first.pk, last.pk} & set(Customer.objects.values_list("pk", flat=True))


@pytest.fixture(scope="module")
def coupons(shop, django_db_blocker):
    """A table of the shop's that refers to customers, and not by their key."""

    class Coupon(ShopModel):
        """Outlives its customer."""

        customer = models.ForeignKey(Customer, models.SET_NULL, to_field="user", null=True, related_name="+")

    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.create_model(Coupon)
    yield Coupon
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.delete_model(Coupon)
    del apps.all_models["shop"]["coupon"]
    apps.clear_cache()


def test_a_reference_by_another_field_than_the_key_counts(lapsed, coupons):
    gone, kept = lapsed("gone"), lapsed("kept")
    coupon = coupons.objects.create(customer=kept)
    assert housekeeping.purge()["claims"] == 2
    assert Customer.objects.get() == kept
    assert coupons.objects.get().customer_id == coupon.customer_id == kept.user_id
    assert not Customer.objects.filter(pk=gone.pk).exists()


def test_claims_whose_deletion_the_project_refuses_are_emptied_instead(lapsed, caplog):
    def refuse(instance, **arguments):
        if instance.first_name == "Second":
            raise RuntimeError("The books of jane@example.com are open.")

    customers = [lapsed(name) for name in ("first", "second", "third")]
    pre_delete.connect(refuse, sender=Customer)
    try:
        assert housekeeping.purge()["claims"] == 3
        assert housekeeping.purge()["claims"] == 0
    finally:
        pre_delete.disconnect(refuse, sender=Customer)
    left = Customer.objects.select_related("user")
    assert [row.pk for row in left.order_by("pk")] == sorted(customer.pk for customer in customers)
    assert {(row.email, row.first_name, row.claim_expires_at, row.user.is_active) for row in left} == {
        (None, None, None, False)
    }
    assert "RuntimeError" in caplog.text
    assert "jane@" not in caplog.text


KINDS = ["leftovers", "messages", "codes", "claims", "shadows", "factors", "events", "slots", "requests"]


@pytest.mark.parametrize("failing", KINDS)
def test_a_kind_that_cannot_be_cleared_keeps_no_other(lapsed, monkeypatch, failing, caplog):
    def fail(size, now):
        raise RuntimeError("Not today.")

    lapsed("gone")
    old = timezone.now() - 400 * DAY
    AccountEvent.objects.create(kind="customer_created", customer_ref="gone", created_at=old)
    SendSlot.objects.create(key="gone", last_sent_at=old)
    monkeypatch.setattr(housekeeping, f"_purge_{failing}", fail)
    with pytest.raises(RuntimeError, match="Not today"):
        housekeeping.purge()
    left = {
        "claims": Customer.objects.count(),
        "events": AccountEvent.objects.count(),
        "slots": SendSlot.objects.count(),
    }
    assert left == {kind: int(kind == failing) for kind in left}
    assert f"The {failing} could not be cleared away" in caplog.text


def test_of_several_that_fail_the_first_is_told(monkeypatch):
    def fail(said):
        def step(size, now):
            raise RuntimeError(said)

        return step

    monkeypatch.setattr(housekeeping, "_purge_slots", fail("the second"))
    monkeypatch.setattr(housekeeping, "_purge_codes", fail("the first"))
    with pytest.raises(RuntimeError, match="the first"):
        housekeeping.purge()


def test_what_was_kept_is_never_looked_at_again(lapsed):
    customer = lapsed("kept")
    Order.objects.create(customer=customer)
    assert housekeeping.purge()["claims"] == 1
    stored = Customer.objects.get()
    for _ in range(2):
        assert in_the(400 * DAY)["claims"] == 0
    assert Customer.objects.get().updated_at == stored.updated_at


def test_the_address_of_a_row_that_was_kept_is_free(lapsed, sign_up):
    Order.objects.create(customer=lapsed("jane"))
    housekeeping.purge()
    assert sign_up().row.email == "jane@example.com"
    assert Customer.objects.count() == 2


def test_a_row_that_gave_its_address_up_goes_like_any_claim(sign_up):
    first = sign_up()
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        sign_up(password="another one entirely")
    assert Customer.objects.get(pk=first.id).email is None
    assert in_the(7 * DAY + timedelta(minutes=20))["claims"] == 1
    assert not Customer.objects.filter(pk=first.id).exists()
    assert Customer.objects.get().email == "jane@example.com"


def test_the_codes_of_somebody_else_survive(lapsed, sign_up, send_code):
    lapsed("gone")
    send_code(sign_up())
    housekeeping.purge()
    assert OtpVerification.objects.get().destination == "jane@example.com"
