"""What becomes of an account's rows, and of the rows of the project's that refer to them."""

import pytest
from django.contrib.auth import get_user_model
from django.db.models import F

from customer_registration.enums import ErasureStrategy, IdentifierKind
from customer_registration.flows.deletion.executor import Run
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OtpVerification, OutboxMessage
from tests.deletion.due import due, everybody_due, is_emptied, statuses
from tests.shop.models import Cart, CartLine, Invoice, Order, Pledge, Segment, Shipment, Wishlist
from tests.shop.tables import installed

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]
shop = pytest.fixture(installed, scope="module", autouse=True)

DELETE = Run(strategy=ErasureStrategy.DELETE)
HANDLER = f"{__name__}.anonymize_if_ordered"


def anonymize_if_ordered(customer, request):
    """Decide as a shop would: orders must stay."""
    return "anonymize" if customer.orders.exists() else None


@pytest.fixture
def delete(configure):
    """Delete accounts by a fresh run."""
    configure(ACCOUNT_DELETION_REQUEST={"STRATEGY": "delete"})
    return lambda: Run().work()


def stored(request):
    return AccountDeletionRequest.objects.get(pk=request.pk)


def test_anonymize_keeps_the_rows_that_orders_refer_to():
    request = due(phone="+12025550123", last_name="Doe", company_name="Acme", metadata={"likes": "tea"})
    customer = request.customer
    order = Order.objects.create(customer=customer)
    cart = Cart.objects.create(user=customer.user)
    assert Run().work().erased == 1
    assert is_emptied(request)
    kept = Customer.objects.get()
    names = (kept.last_name, kept.company_name, kept.metadata, kept.email_verified_at, kept.phone_verified_at)
    assert names == (None, None, None, None, None)
    assert (Order.objects.get(pk=order.pk).customer_id, Cart.objects.get(pk=cart.pk).user_id) == (
        customer.pk,
        customer.user_id,
    )
    assert kept.token_epoch == customer.token_epoch + 1


def test_an_erased_address_and_number_are_free_again(api, sign_up):
    due(phone="+12025550123")
    Run().work()
    person = sign_up(phone="+12025550123")
    assert person.row.email == "jane@example.com"
    assert Customer.objects.count() == 2


def test_nobody_logs_in_as_an_erased_customer(leaving, api):
    person = leaving()
    AccountDeletionRequest.objects.update(due_at=F("confirmed_at"))
    assert Run().work().erased == 1
    answer = api.post("/auth/customer/emailpass", {"email": person.email, "password": person.password})
    assert answer.status_code == 401
    assert api.get("/store/customers/me", token=person.bearer).status_code == 401


@pytest.mark.parametrize("strategy", ErasureStrategy)
def test_codes_messages_and_what_events_say_are_gone(leaving, strategy):
    person = leaving(reason="None of your business.")
    stranger = due("stranger", days=-1)
    AccountEvent.of("contact_changed", stranger.customer, contact=IdentifierKind.EMAIL).save()
    assert OutboxMessage.objects.filter(customer=person.id).exists()
    assert OtpVerification.objects.filter(customer=person.id).exists()
    AccountDeletionRequest.objects.filter(customer_ref=person.id).update(due_at=F("confirmed_at"))
    assert Run(strategy=strategy).work().erased == 1
    assert list(OutboxMessage.objects.values_list("kind", "customer")) == [("account_erased", None)]
    assert not OtpVerification.objects.exists()
    events = AccountEvent.objects.filter(customer_ref=person.id)
    assert {event.contact for event in events} == {""}
    # Those of the deletion itself say when, and who of the staff.
    told = {event.kind for event in events if event.detail}
    assert told <= {"deletion_scheduled", "account_erased"}
    assert AccountEvent.objects.get(customer_ref=stranger.customer_ref).contact != ""


def test_delete_leaves_neither_user_nor_customer_nor_what_cascades(delete):
    request, other = due(), due("other", days=-1)
    cart = Cart.objects.create(user=request.customer.user)
    CartLine.objects.create(cart=cart)
    theirs = CartLine.objects.create(cart=Cart.objects.create(user=other.customer.user))
    wishlist = Wishlist.objects.create(owner=request.customer.user)
    segment = Segment.objects.create()
    segment.members.add(request.customer, other.customer)
    assert delete().erased == 1
    assert not get_user_model().objects.filter(pk=request.customer.user_id).exists()
    assert list(Customer.objects.all()) == [other.customer]
    assert list(CartLine.objects.all()) == [theirs]
    assert Wishlist.objects.get(pk=wishlist.pk).owner_id is None
    assert list(segment.members.all()) == [other.customer]


def test_the_request_and_the_trail_outlive_a_deleted_customer(delete):
    request = due()
    AccountEvent.of("contact_verified", request.customer, contact=IdentifierKind.EMAIL).save()
    delete()
    kept = stored(request)
    assert (kept.status, kept.strategy, kept.customer_id) == ("completed", "delete", None)
    assert kept.customer_ref == request.customer_ref
    events = AccountEvent.objects.filter(customer_ref=request.customer_ref)
    assert {(event.customer_id, event.contact) for event in events} == {(None, "")}
    assert {event.kind for event in events} == {"contact_verified", "account_erased"}


@pytest.mark.parametrize("model", [Order, Invoice])
@pytest.mark.parametrize("size", [1, 2, 500])
def test_who_is_protected_fails_with_the_reason_and_the_rest_is_deleted(delete, model, size):
    first, second, third = everybody_due(3)
    model.objects.create(customer=second.customer)
    tally = Run(batch_size=size).work()
    assert (tally.erased, len(tally.failures)) == (2, 1)
    assert statuses([first, second, third]) == ["completed", "failed", "completed"]
    assert stored(second).last_error == f"Rows of shop.{model.__name__} refer to it"
    left = Customer.objects.select_related("user").get()
    assert (left.pk, left.email, left.user.is_active) == (second.customer_ref, "person1@example.com", True)
    assert left.deletion_scheduled_at is not None


def test_a_message_goes_with_its_customer_however_that_is_deleted():
    customer = due().customer
    OutboxMessage.objects.create(kind="hello", channel="email", destination=customer.email, customer=customer)
    customer.delete()
    assert not OutboxMessage.objects.exists()


def test_a_row_that_protects_two_steps_away_keeps_the_whole_account(delete):
    first, second = everybody_due(2)
    line = CartLine.objects.create(cart=Cart.objects.create(user=second.customer.user))
    Pledge.objects.create(line=line)
    assert delete().erased == 1
    assert statuses([first, second]) == ["completed", "failed"]
    assert "Pledge" in stored(second).last_error
    assert CartLine.objects.filter(pk=line.pk).exists()


def test_once_the_order_is_gone_the_next_run_deletes(delete):
    request = due()
    order = Order.objects.create(customer=request.customer)
    assert delete().erased == 0
    order.delete()
    assert delete().erased == 1
    assert not Customer.objects.exists()


def test_who_is_protected_is_anonymised_if_the_handler_says_so(delete, configure):
    configure(ACCOUNT_DELETION_REQUEST={"HANDLER": HANDLER})
    first, second = everybody_due(2)
    order = Order.objects.create(customer=second.customer)
    assert delete().erased == 2
    assert not Customer.objects.filter(pk=first.customer_ref).exists()
    assert is_emptied(second)
    assert Order.objects.get(pk=order.pk).customer_id == second.customer_ref
    assert (stored(first).strategy, stored(second).strategy) == ("delete", "anonymize")


@pytest.mark.django_db(transaction=True)
def test_a_reference_that_only_the_database_guards_keeps_that_account_alone(delete):
    first, second, third = everybody_due(3)
    Shipment.objects.create(customer=second.customer)
    tally = delete()
    assert (tally.erased, len(tally.failures)) == (2, 1)
    assert statuses([first, second, third]) == ["completed", "failed", "completed"]
    assert stored(second).last_error == "IntegrityError of the database"
    assert Customer.objects.get().email == "person1@example.com"
    Shipment.objects.all().delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("strategy", ErasureStrategy)
def test_each_batch_is_committed_before_the_next_begins(strategy):
    everybody_due(3)
    seen = []

    def die(batch):
        seen.append(batch.total)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Run(strategy=strategy, batch_size=1, tell=die).work()
    left = Customer.objects.filter(email__isnull=False)
    assert list(left.values_list("email", flat=True)) == ["person2@example.com"]
    assert Run(strategy=strategy).work().erased == 1
    assert AccountEvent.objects.filter(kind="account_erased").count() == 3
