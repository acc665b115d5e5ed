"""Rows C1, C5, C8, C14, E13, E15 and E18 for account deletion, and thieves who want an account gone."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration.codes import derivation
from customer_registration.flows.deletion import cancellation
from customer_registration.flows.deletion.executor import Run
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OtpVerification
from customer_registration.signals import account_deletion_cancelled
from tests.conftest import PASSWORD, last_code, link_token, messages_to, wrong
from tests.security import theft
from tests.security.kinds import DELETION
from tests.security.places import INVALID_TOKEN, snapshot

pytestmark = pytest.mark.life_cycle

REQUEST, CONFIRM = f"{DELETION}/request", f"{DELETION}/confirm"
CANCEL, KEEP = f"{DELETION}/cancel-request", f"{DELETION}/cancel-confirm"
JANE, ME = theft.JANE, theft.ME


@pytest.fixture
def unhurried(configure):
    """Let nobody wait for the next code, however many were sent."""
    throttle = {"RESEND_THROTTLE_SECONDS": 0}
    configure(
        EMAIL_VERIFICATION=throttle,
        PHONE_VERIFICATION=throttle,
        RATE_LIMITS={"RULES": {"account_deletion": "", "code_send": "", "contact_change": ""}},
    )


@pytest.fixture
def compares(monkeypatch):
    """Return the codes that were compared."""
    seen, compare = [], derivation.constant_time_compare
    monkeypatch.setattr(derivation, "constant_time_compare", lambda *pair: seen.append(pair) or compare(*pair))
    return seen


def status(path, api, token, code):
    answer = api.post(path, {"token": token, "code": code})
    return answer.status_code, answer.json().get("code")


def test_a_thief_with_the_session_alone_cannot_delete_the_account_and_its_owner_reads_of_it(verified, api):
    person, stolen = verified(JANE)
    answer = api.post(REQUEST, {"reason": "hers"}, token=stolen)
    code = last_code(JANE)
    assert code not in answer.content.decode()
    flow = answer.json()["token"]
    guesses = [api.post(CONFIRM, {"token": flow, "code": wrong(code)}, token=stolen).status_code for _ in range(6)]
    assert guesses == [400] * 6
    assert status(CONFIRM, api, flow, code) == (400, "otp_attempts_exceeded")
    assert person.row.deletion_scheduled_at is None
    assert AccountDeletionRequest.objects.get().status == "pending"
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert Run().work().total == 0


def test_the_code_that_a_thief_had_sent_dies_when_they_are_thrown_out(verified, api):
    _, stolen = verified(JANE)
    flow, code = api.post(REQUEST, token=stolen).json()["token"], last_code(JANE)
    passwords = {"old_password": PASSWORD, "password": "another battery staple"}
    assert api.post(f"{ME}/password", passwords, token=stolen).status_code == 200
    assert status(CONFIRM, api, flow, code) == (400, "otp_invalid")


def test_a_thief_cannot_lead_the_code_elsewhere(verified, api, prove):
    """Neither an unproven contact of theirs nor anything in the request says where the code goes."""
    person, _ = verified(JANE, phone=theft.THIEFS_PHONE)
    stolen = api.post(theft.LOGIN, {"email": JANE, "password": PASSWORD}).json()["token"]
    assert api.post(REQUEST, {"email": theft.THIEF}, token=stolen).status_code == 400
    assert api.post(REQUEST, {"phone": theft.THIEFS_PHONE}, token=stolen).status_code == 400
    assert api.post(REQUEST, token=stolen).status_code == 200
    assert not messages_to(theft.THIEFS_PHONE)
    [row] = OtpVerification.objects.filter(purpose="account_deletion_request")
    assert (row.destination, row.customer_id) == (JANE, person.id)


def test_c5_confirm_and_cancel_codes_share_ten_guesses_a_day_then_one_in_fifteen_minutes(
    verified, api, unhurried, compares
):
    _, bearer = verified(JANE)
    compares.clear()

    def guess(path, token, times):
        answers = [api.post(path, {"token": token, "code": "x"}) for _ in range(times)]
        return [answer.json()["code"] for answer in answers]

    with time_machine.travel(timezone.now(), tick=False) as clock:
        said = guess(CONFIRM, api.post(REQUEST, token=bearer).json()["token"], 6)
        said += guess(KEEP, api.post(CANCEL, {"email": JANE}).json()["token"], 6)
        assert said.count("otp_invalid") == len(compares) == 10
        for path in (CONFIRM, KEEP) * 4:
            clock.shift(timedelta(minutes=16))
            asked = api.post(REQUEST, token=bearer) if path == CONFIRM else api.post(CANCEL, {"email": JANE})
            before = len(compares)
            assert guess(path, asked.json()["token"], 3) == ["otp_invalid", *["otp_attempts_exceeded"] * 2]
            assert len(compares) == before + 1
        right = last_code(JANE)
        assert status(KEEP, api, asked.json()["token"], right) == (400, "otp_attempts_exceeded")
    assert AccountDeletionRequest.objects.get().status == "pending"


def test_c14_a_stranger_who_uses_the_guesses_up_does_not_keep_the_owner_from_staying(leaving, api, unhurried):
    """While leaving nobody gets in; so the right password must give the guesses back, though a gate stops the login."""
    jane, stranger = leaving(JANE), api.another(REMOTE_ADDR="203.0.113.9")
    for _ in range(4):
        flow = stranger.post(CANCEL, {"email": JANE}).json()["token"]
        for _ in range(5):
            stranger.post(KEEP, {"token": flow, "code": "x"})
    login = api.post(theft.LOGIN, {"email": JANE, "password": PASSWORD})
    assert (login.status_code, login.json()["code"]) == (403, "account_deletion_pending")
    flow = api.post(CANCEL, {"email": JANE}).json()["token"]
    assert status(KEEP, api, flow, last_code(JANE)) == (200, None)
    assert jane.row.deletion_scheduled_at is None


def test_c1_a_code_of_an_earlier_departure_does_not_serve_a_later_one(verified, api, leave, stay, unhurried):
    _, first = verified(JANE)
    leave(first)
    old_confirm = AccountDeletionRequest.objects.get()
    asked = api.post(CANCEL, {"email": JANE}).json()["token"]
    used = last_code(JANE)
    assert status(KEEP, api, asked, used) == (200, None)
    second = api.post(theft.LOGIN, {"email": JANE, "password": PASSWORD}).json()["token"]
    flow = api.post(REQUEST, token=second).json()["token"]
    confirm = last_code(JANE)
    assert status(CONFIRM, api, flow, confirm) == (200, None)
    before = snapshot()
    assert status(KEEP, api, asked, used) == (400, "otp_invalid")
    assert status(CONFIRM, api, flow, confirm) == (400, "otp_invalid")
    assert snapshot() == before
    statuses = dict(AccountDeletionRequest.objects.values_list("pk", "status"))
    assert statuses.pop(old_confirm.pk) == "cancelled"
    assert list(statuses.values()) == ["confirmed"]


def test_c8_codes_to_leave_and_to_stay_do_not_stand_in_for_each_other(verified, api, unhurried):
    _, bearer = verified(JANE)
    leave = api.post(REQUEST, token=bearer).json()["token"]
    to_leave = last_code(JANE)
    keep = api.post(CANCEL, {"email": JANE}).json()["token"]
    to_stay = last_code(JANE)
    for path, token in ((CONFIRM, keep), (KEEP, leave)):
        answer = api.post(path, {"token": token, "code": to_leave})
        assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)
    if to_leave != to_stay:
        assert status(CONFIRM, api, leave, to_stay) == (400, "otp_invalid")
        assert status(KEEP, api, keep, to_leave) == (400, "otp_invalid")
    assert AccountDeletionRequest.objects.get().status == "pending"


def test_e15_a_cookie_a_bearer_and_a_refresh_are_dead_at_once_and_stay_so(verified, api, leave, stay, register):
    person, bearer = verified(JANE)
    refreshed = api.post("/auth/token/refresh", token=bearer).json()["token"]
    browser = api.another()
    browser.post("/auth/session", token=bearer)
    assert browser.get(ME).status_code == 200
    leave(bearer)
    for then in (lambda: None, stay):
        then()
        assert browser.get(ME).status_code == browser.post("/auth/token/refresh").status_code == 401
        for token in (bearer, refreshed, person.token):
            assert api.get(ME, token=token).status_code == 401
            assert api.post("/auth/token/refresh", token=token).status_code == 401
            assert api.another().post("/auth/session", token=token).status_code == 401
    assert api.post(theft.LOGIN, {"email": JANE, "password": PASSWORD}).status_code == 200


def test_whoever_has_become_staff_is_neither_sent_a_code_nor_erased(leaving, api, unhurried):
    jane = leaving(JANE)
    user = jane.row.user
    user.is_staff = True
    user.save()
    sent = len(messages_to(JANE))
    flow = api.post(CANCEL, {"email": JANE}).json()["token"]
    row = OtpVerification.objects.latest("pk")
    assert status(KEEP, api, flow, row.code()) == (400, "otp_invalid")
    assert len(messages_to(JANE)) == sent
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert Run().work().erased == 0
    assert jane.row.email == JANE


def test_a_number_that_was_never_proven_does_not_bring_the_account_back(leaving, api):
    """Its holder may be anybody: a thief who typed a number of theirs before, or a wrong one."""
    jane = leaving(JANE, phone=theft.THIEFS_PHONE)
    flow = api.post(CANCEL, {"phone": theft.THIEFS_PHONE}).json()["token"]
    assert not messages_to(theft.THIEFS_PHONE)
    row = OtpVerification.objects.filter(purpose="account_deletion_cancel").get()
    assert (row.destination, row.customer) == ("", None)
    assert status(KEEP, api, flow, row.code()) == (400, "otp_invalid")
    assert jane.row.deletion_scheduled_at is not None


@pytest.fixture
def robbed(verified, change_contact, leave, unhurried):
    """Return Jane, whose address a thief has changed to their own, to confirm by it that the account goes."""
    person, stolen = verified(JANE)
    thiefs = change_contact(stolen, email=theft.THIEF)
    leave(thiefs, theft.THIEF, reason="not hers")
    return person


def test_the_owner_of_a_stolen_account_takes_it_back_from_its_deletion(robbed, api, hear):
    heard = hear(account_deletion_cancelled)
    assert theft.take_back(api) == 200
    row, request = robbed.row, AccountDeletionRequest.objects.get()
    assert (row.email, row.deletion_scheduled_at) == (JANE, None)
    assert (request.status, request.due_at, request.reminder_at, request.is_open) == ("cancelled", None, None, False)
    assert AccountEvent.objects.filter(kind="deletion_cancelled", customer=robbed.id).count() == 1
    assert [(each["customer"].pk, each["request"].pk) for each in heard] == [(robbed.id, request.pk)]
    assert "Your account will not be deleted" in messages_to(JANE)[0]
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert Run().work().total == 0
    assert robbed.row.email == JANE


def test_an_owner_who_comes_while_the_account_is_being_erased_changes_nothing(robbed, api, monkeypatch, hear):
    heard, before = hear(account_deletion_cancelled), snapshot()
    monkeypatch.setattr(cancellation, "locked", lambda rows: rows.none())  # a worker holds the row
    answer = api.post(theft.UNDO, {"token": link_token(JANE)})
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, "throttled", "1")
    assert snapshot() == before
    assert not heard
    monkeypatch.undo()
    assert theft.take_back(api) == 200  # had the worker failed, the link would still be good


def test_an_owner_who_comes_too_late_is_told_no_more_than_a_forger(robbed, api):
    link = link_token(JANE)
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=-1)):
        AccountDeletionRequest.objects.update(due_at=timezone.now())
        assert Run().work().erased == 1
        answer = api.post(theft.UNDO, {"token": link})
    assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)


def test_e13_a_reset_while_leaving_opens_nothing_and_ends_the_code_to_stay(leaving, api, reset, ask_to_stay, unhurried):
    jane = leaving(JANE)
    flow = ask_to_stay()
    code = last_code(JANE)
    assert reset(JANE) == 200
    assert status(KEEP, api, flow, code) == (400, "otp_invalid")
    login = api.post(theft.LOGIN, {"email": JANE, "password": theft.STOLEN})
    assert (login.status_code, login.json()["code"], "token" in login.json()) == (
        403,
        "account_deletion_pending",
        False,
    )
    assert jane.row.deletion_scheduled_at is not None
    assert status(KEEP, api, ask_to_stay(), last_code(JANE)) == (200, None)


@pytest.mark.parametrize("days", [0, 1, 6.9])
def test_e18_a_squatter_gets_no_contact_of_somebody_who_is_leaving(leaving, api, prove, verified, days, unhurried):
    jane = leaving(JANE)
    Customer.objects.filter(pk=jane.id).update(phone=theft.PHONE, phone_verified_at=timezone.now())
    before = Customer.objects.filter(pk=jane.id).values().get()
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        taken = api.post("/auth/customer/emailpass/register", {"email": JANE, "password": "mine from now on"})
        assert (taken.status_code, "token" in taken.json()) == (401, False)
        _, squatter = verified("eve@example.com")
        for contact in ({"email": JANE}, {"phone": theft.PHONE}):
            [value] = contact.values()
            flow = api.post(f"{ME}/contact", contact, token=squatter).json()["token"]
            assert "omebody tried to use this" in messages_to(value)[0]
            code = OtpVerification.objects.latest("pk").code()
            proof = api.post(f"{ME}/contact/verify", {"token": flow, "code": code}, token=squatter)
            assert (proof.status_code, proof.json()["code"]) == (400, "otp_invalid")
    assert Customer.objects.filter(pk=jane.id).values().get() == before
