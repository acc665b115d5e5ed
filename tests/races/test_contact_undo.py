"""An undo link against itself and against everything else: it works once, and what it restores stays restored."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customer_registration.models import AccountEvent, Customer, OtpVerification
from customer_registration.models.customer import CustomerQuerySet
from customer_registration.models.otp_verification import OtpVerificationQuerySet
from tests.races.at_once import THREADS, above_read_committed, at_once, can_log_in, post, statuses

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.life_cycle,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("unlimited"),
]

VERIFY = "/store/customers/me/contact/verify"
UNDO = "/store/customers/contact/undo"
UPDATE = "/auth/customer/emailpass/update"
JANE = "jane@example.com"
REGISTER = post("/auth/customer/emailpass/register", {"email": JANE, "password": "a thief's own password"})


@pytest.fixture
def stolen(configure, verified, change_contact):
    """Jane's address was changed to a thief's: her record, the thief's bearer, her undo link."""
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0}, PHONE_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    jane, bearer = verified(JANE)
    return jane, change_contact(bearer, email="thief@example.com"), link_to(JANE)


def link_to(address):
    return OtpVerification.objects.get(purpose="contact_undo", destination=address).link_value()


def assert_restored(jane):
    row = jane.row
    assert (row.email, row.user.email) == (JANE, JANE)
    assert row.email_verified_at is not None
    live = OtpVerification.objects.live(timezone.now()).filter(customer=row)
    assert not live.exclude(purpose="contact_undo").exists()
    assert AccountEvent.objects.filter(kind="contact_change_undone").exists()


def finish(answer, link):
    """See that an undo worked, or that the database refused it cleanly: then the link still does."""
    if answer.status_code == 503 and above_read_committed():
        answer = post(UNDO, {"token": link})()
    assert answer.status_code == 200, answer.content


def undo_at_once(link):
    return at_once(*(post(UNDO, {"token": link}) for _ in range(THREADS)))


def test_an_undo_link_used_twenty_four_times_at_once_works_once(stolen):
    jane, thief, link = stolen
    answers = undo_at_once(link)
    assert statuses(answers) == [200] + [401] * (THREADS - 1)
    assert_restored(jane)
    assert jane.row.token_epoch == 2  # the change and the undo
    assert AccountEvent.objects.filter(kind="contact_change_undone").count() == 1
    assert post("/auth/token/refresh", token=thief)().status_code == 401


@pytest.mark.usefixtures("unguarded")
def test_undo_links_that_are_read_then_written_work_twice(stolen):
    assert statuses(undo_at_once(stolen[2])).count(200) > 1


@pytest.mark.parametrize(
    "contact", [{"email": "thief2@example.com"}, {"phone": "+447400123456"}], ids=["email", "phone"]
)
@pytest.mark.parametrize("round_", range(4))
def test_undo_and_another_change_at_once_end_with_the_restored_contact(stolen, ask_change, contact, round_):
    jane, thief, link = stolen
    confirm = post(VERIFY, ask_change(thief, **contact), token=thief)
    undone, *confirmed = at_once(post(UNDO, {"token": link}), *[confirm] * 5)
    finish(undone, link)
    assert set(statuses(confirmed)) <= {200, 400, 401, 503}
    assert_restored(jane)
    if 200 not in statuses(confirmed):
        assert jane.row.phone is None
    for answer in confirmed:
        if answer.status_code == 200:
            assert post("/auth/token/refresh", token=answer.json()["token"])().status_code == 401


def test_a_change_confirmed_while_the_undo_runs_is_undone_too(stolen, ask_change, between):
    jane, thief, link = stolen
    proof = ask_change(thief, email="thief2@example.com")
    others = between(OtpVerificationQuerySet, "consume", post(VERIFY, proof, token=thief))
    assert post(UNDO, {"token": link})().status_code == 200
    assert others[0].status_code == 200
    assert_restored(jane)


def test_an_undo_that_runs_while_a_change_is_confirmed_beats_it(stolen, ask_change, between):
    jane, thief, link = stolen
    proof = ask_change(thief, email="thief2@example.com")
    others = between(OtpVerificationQuerySet, "consume", post(UNDO, {"token": link}))
    answer = post(VERIFY, proof, token=thief)()
    assert others[0].status_code == 200
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert_restored(jane)


@pytest.mark.parametrize("round_", range(4))
def test_links_to_two_earlier_contacts_at_once_end_with_the_earliest(stolen, change_contact, round_):
    """Whoever held an older contact outranks the later ones; both rows are locked in either order."""
    jane, thief, link = stolen
    change_contact(thief, email="thief2@example.com")
    earliest, _ = at_once(post(UNDO, {"token": link}), post(UNDO, {"token": link_to("thief@example.com")}))
    finish(earliest, link)
    assert_restored(jane)
    assert not OtpVerification.objects.live(timezone.now()).filter(customer=jane.id).exists()


@pytest.mark.parametrize("round_", range(4))
def test_undo_and_a_reset_by_the_new_address_at_once_leave_the_thief_nothing(stolen, reset_link, round_):
    jane, _, link = stolen
    reset = post(UPDATE, {"password": "a thief's own password"}, token=reset_link("thief@example.com"))
    undone, _ = at_once(post(UNDO, {"token": link}), reset)
    finish(undone, link)
    assert_restored(jane)
    assert not can_log_in("thief@example.com", "a thief's own password")


def test_an_address_claimed_while_it_is_restored_is_restored_all_the_same(stolen, between):
    """Undo evicts an unproven claim; one that comes between the look and the write is no less unproven."""
    jane, _, link = stolen
    between(CustomerQuerySet, "end_sessions", REGISTER)
    answer = post(UNDO, {"token": link})()
    finish(answer, link)
    assert_restored(jane)


@pytest.mark.parametrize("round_", range(4))
def test_undo_and_claims_on_the_address_at_once_leave_one_holder(stolen, round_):
    jane, _, link = stolen
    undone, *claimed = at_once(post(UNDO, {"token": link}), *[REGISTER] * 6)
    finish(undone, link)
    assert set(statuses(claimed)) <= {200, 401}
    assert_restored(jane)


def test_undo_and_the_proof_of_a_claim_at_once_leave_one_holder(stolen, api, send_code, sign_up):
    """Somebody who proves the address keeps it (409); one whom the undo evicts first proves nothing."""
    jane, _, link = stolen
    other = sign_up(JANE)
    row_token = send_code(other)
    code = OtpVerification.objects.filter(customer=other.id).latest("pk").code()
    undone, proven = at_once(
        post(UNDO, {"token": link}), post("/store/customers/otp/verify", {"token": row_token, "code": code})
    )
    holder = Customer.objects.get(email=JANE)
    if undone.status_code == 200:
        assert (holder.pk, proven.status_code) == (jane.id, 400)
        assert_restored(jane)
    else:
        assert (undone.status_code, undone.json()["code"]) == (409, "contact_taken")
        assert (holder.pk, proven.status_code) == (other.id, 200)
        assert jane.row.email == "thief@example.com"
        # The link was not spent, and says so as long as it lives.
        assert OtpVerification.objects.live(timezone.now() + timedelta(days=6)).filter(purpose="contact_undo").exists()
