"""Log-outs, profile changes and a change of address while a reset link is out."""

import pytest

from customer_registration.models import AccountEvent
from customer_registration.models.customer import CustomerQuerySet
from customer_registration.models.otp_verification import OtpVerificationQuerySet
from tests.races.at_once import THREADS, above_read_committed, at_once, can_log_in, post, statuses

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.life_cycle,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("unlimited"),
]

ME = "/store/customers/me"
LOGOUT = "/store/customers/me/logout-all"
VERIFY = "/store/customers/me/contact/verify"
UPDATE = "/auth/customer/emailpass/update"


def merge_at_once(bearer):
    acts = [post(ME, {"metadata": {f"key{number}": number}}, token=bearer) for number in range(THREADS)]
    return at_once(*acts)


def kept(person, answers):
    """Return the keys that were promised by a 200, and those that are stored."""
    promised = {f"key{number}": number for number, answer in enumerate(answers) if answer.status_code == 200}
    return promised, person.row.metadata


def test_twenty_four_keys_of_metadata_merged_at_once_are_all_kept(verified):
    person, bearer = verified()
    answers = merge_at_once(bearer)
    promised, stored = kept(person, answers)
    assert stored == promised
    # Above read committed the database refuses what it cannot order; three tries, then the client is told to wait.
    assert set(statuses(answers)) <= ({200, 503} if above_read_committed() else {200})
    assert 200 in statuses(answers)


@pytest.mark.usefixtures("read_committed")
def test_metadata_that_is_read_then_written_is_lost(verified, meeting, monkeypatch):
    plain = CustomerQuerySet.first

    def first(self):
        row = plain(self)
        meeting()
        return row

    monkeypatch.setattr(CustomerQuerySet, "select_for_update", lambda self: self)
    monkeypatch.setattr(CustomerQuerySet, "first", first)
    person, bearer = verified()
    promised, stored = kept(person, merge_at_once(bearer))
    assert stored != promised


def test_names_and_metadata_changed_at_once_keep_both(verified):
    person, bearer = verified()
    changes = [{"first_name": "Jane"}, {"last_name": "Doe"}, {"company_name": "Shop"}, {"metadata": {"a": 1}}]
    answers = at_once(*(post(ME, each, token=bearer) for each in changes))
    row = person.row
    stored = {"first_name": row.first_name, "last_name": row.last_name}
    stored |= {"company_name": row.company_name, "metadata": row.metadata}
    for change, answer in zip(changes, answers, strict=True):
        [(name, value)] = change.items()
        assert stored[name] == (value if answer.status_code == 200 else None)


def log_out_at_once(bearer):
    return at_once(*(post(LOGOUT, token=bearer) for _ in range(THREADS)))


def test_a_log_out_everywhere_pressed_twenty_four_times_at_once_ends_everything(verified):
    person, bearer = verified()
    answers = log_out_at_once(bearer)
    assert set(statuses(answers)) <= ({200, 401, 503} if above_read_committed() else {200, 401})
    assert 200 in statuses(answers)
    # Each that was answered has been counted: none may be lost to another, and none counts half.
    assert person.row.token_epoch == AccountEvent.objects.filter(kind="sessions_ended").count()
    assert person.row.token_epoch == statuses(answers).count(200)
    assert post("/auth/token/refresh", token=bearer)().status_code == 401
    assert can_log_in(person.email, person.password)


@pytest.mark.usefixtures("read_committed")
def test_log_outs_that_are_read_then_written_lose_some(verified, meeting, monkeypatch):
    def raise_epoch(self, customer_id, *, now):
        epoch = self.get(pk=customer_id).token_epoch
        meeting()
        self.filter(pk=customer_id).update(token_epoch=epoch + 1, updated_at=now)

    monkeypatch.setattr(CustomerQuerySet, "raise_epoch", raise_epoch)
    person, bearer = verified()
    answers = log_out_at_once(bearer)
    assert person.row.token_epoch < statuses(answers).count(200)


@pytest.mark.parametrize("round_", range(4))
def test_refreshes_during_a_log_out_give_no_token_that_outlives_it(verified, round_):
    _, bearer = verified()
    refresh = post("/auth/token/refresh", token=bearer)
    out, *refreshed = at_once(post(LOGOUT, token=bearer), *[refresh] * (THREADS - 1))
    assert out.status_code == 200
    for answer in refreshed:
        if answer.status_code == 200:
            assert post("/auth/token/refresh", token=answer.json()["token"])().status_code == 401
        else:
            assert answer.status_code == 401


@pytest.mark.parametrize("round_", range(4))
def test_a_log_out_and_a_password_change_at_once_are_both_whole(verified, round_):
    person, bearer = verified()
    body = {"old_password": person.password, "password": "another battery staple"}
    changed, out = at_once(post("/store/customers/me/password", body, token=bearer), post(LOGOUT, token=bearer))
    assert changed.status_code in (200, 401)
    assert out.status_code in (200, 401)
    assert person.row.token_epoch == statuses([changed, out]).count(200) >= 1
    if changed.status_code == out.status_code == 200:  # the change came first: its fresh token is an earlier one
        assert post("/auth/token/refresh", token=changed.json()["token"])().status_code == 401
    right = "another battery staple" if changed.status_code == 200 else person.password
    assert [can_log_in(person.email, each) for each in (person.password, "another battery staple")] == [
        right == person.password,
        right != person.password,
    ]


@pytest.mark.parametrize("round_", range(6))
def test_e2_a_reset_and_a_change_of_address_at_once_are_one_of_them(verified, ask_change, reset_link, round_):
    person, bearer = verified()
    proof = ask_change(bearer, email="new@example.com")
    reset = post(UPDATE, {"password": "another battery staple"}, token=reset_link(person.email))
    done, changed = at_once(reset, post(VERIFY, proof, token=bearer))
    row = person.row
    assert row.token_epoch == 1
    if done.status_code == 200:
        assert changed.status_code in (400, 401)
        assert (row.email, row.user.email) == ("jane@example.com", "jane@example.com")
        assert can_log_in("jane@example.com", "another battery staple")
    else:
        assert (done.status_code, changed.status_code) == (401, 200)
        assert done.json()["message"] == "Invalid token"
        assert (row.email, row.user.email) == ("new@example.com", "new@example.com")
        assert can_log_in("new@example.com", person.password)


def test_e2_an_address_changed_while_a_link_is_being_used_beats_the_link(verified, ask_change, reset_link, between):
    person, bearer = verified()
    proof, token = ask_change(bearer, email="new@example.com"), reset_link(person.email)
    others = between(OtpVerificationQuerySet, "consume", post(VERIFY, proof, token=bearer))
    answer = post(UPDATE, {"password": "another battery staple"}, token=token)()
    assert others[0].status_code == 200
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid token")
    assert can_log_in("new@example.com", person.password)
