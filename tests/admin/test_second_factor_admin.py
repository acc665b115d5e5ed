"""Second factors in Django's admin: looked at, and taken away where they are lost: asked first, permitted, audited."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import OperationalError
from django.urls import reverse

from customer_registration.exceptions import LimiterUnavailable
from customer_registration.flows.second_factor import desk
from customer_registration.models import AccountEvent, Customer, RecoveryCode, SecondFactor
from customer_registration.ratelimits import GuessBudget
from customer_registration.signals import second_factor_removed
from tests.admin.clerk import LIST, PAGE, Clerk
from tests.admin.conftest import said
from tests.conftest import PASSWORD, messages_to, new_user, wrong
from tests.second_steps import (
    FACTORS,
    JANE,
    LOGIN,
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

pytestmark = pytest.mark.usefixtures("clock")

REMOVED = "The second factor was removed"
NOTHING = [("warning", "No action selected.")]


@pytest.fixture
def staff(api):
    """Hire somebody who may ``view``, ``remove``, ..."""

    def hire(*verbs):
        user = new_user("boss", "boss@staff.example.com", is_staff=True)
        codenames = [f"{verb}_secondfactor" for verb in verbs]
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        return Clerk(user, api.commit)

    return hire


@pytest.fixture
def lost(api, verified):
    """A customer whose app is in force; return it and a token."""
    _, token = verified()
    return with_app(api, token), token


def state():
    """Return what the action could have changed."""
    return (
        list(SecondFactor.objects.values_list("status", flat=True)),
        Customer.objects.get().has_second_factor,
        AccountEvent.objects.filter(kind="factor_removed").count(),
        LogEntry.objects.count(),
    )


IN_FORCE = (["enabled"], True, 0, 0)
GONE = (["disabled"], False, 1, 1)


def test_a_lost_factor_is_taken_away_once_somebody_has_said_yes(api, staff, lost, hear):
    app, token = lost
    recovery_codes(api, token, method="totp", code=app.code())
    clerk, removed = staff("view", "remove"), hear(second_factor_removed)
    assert '<option value="remove_lost">' in clerk.listing().rendered_content
    asked = clerk.ask(app.factor_id)
    assert state() == IN_FORCE
    owner = Customer.objects.get().pk
    for shown in (owner, "j***@example.com", "Authenticator app", "In force", "whoever has the password"):
        assert shown in asked.rendered_content
    done = clerk.do(app.factor_id)
    assert said(done) == [("success", f"{REMOVED}: {Customer.objects.get().pk}")]
    assert state() == GONE
    assert not RecoveryCode.objects.exists()
    assert SecondFactor.objects.get().secret == ""
    assert list(ok(api.post(LOGIN, {"email": JANE, "password": PASSWORD}))) == ["token"]
    assert [told["provider"] for told in removed] == ["totp"]


def test_it_is_audited_with_who_did_it_and_the_owner_is_told(staff, lost):
    app, _ = lost
    clerk = staff("view", "remove")
    clerk.do(app.factor_id)
    event = AccountEvent.objects.get(kind="factor_removed")
    assert event.detail == {"provider": "totp", "by": str(clerk.user.pk)}
    [entry] = LogEntry.objects.all()
    assert (entry.user, entry.object_id, entry.get_change_message()) == (
        clerk.user,
        app.factor_id,
        "Removed the lost factor.",
    )
    assert "A second step was removed from your account." in messages_to(JANE)[0]


@pytest.mark.parametrize("verbs", [("view",), ("view", "change", "delete", "add"), ("view", "remove_")])
def test_without_its_permission_it_is_neither_offered_nor_done(staff, lost, verbs):
    app, _ = lost
    clerk = staff(*verbs)
    assert "remove_lost" not in clerk.listing().rendered_content
    clerk.ask(app.factor_id)
    clerk.do(app.factor_id)
    assert state() == IN_FORCE


def test_a_permission_that_is_taken_away_meanwhile_is_missed(staff, lost):
    app, _ = lost
    clerk = staff("view", "remove")
    clerk.ask(app.factor_id)
    clerk.user.user_permissions.set(Permission.objects.filter(codename="view_secondfactor"))
    clerk.do(app.factor_id)
    assert state() == IN_FORCE


def test_who_may_not_look_sees_nothing(staff, lost):
    clerk = staff("remove")
    assert clerk.listing().status_code == 403
    assert clerk.client.get(reverse(PAGE, args=[lost[0].factor_id])).status_code == 403


def test_nothing_is_added_edited_or_deleted_by_hand(staff, lost):
    app, _ = lost
    clerk = staff("view", "add", "change", "delete", "remove")
    page = reverse(PAGE, args=[app.factor_id])
    assert clerk.client.get(reverse("admin:customer_registration_secondfactor_add")).status_code == 403
    assert clerk.client.post(page, {"status": "disabled"}).status_code == 403
    assert clerk.client.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in clerk.listing().rendered_content
    assert state() == IN_FORCE


def test_no_page_shows_what_proves_a_factor(staff, lost):
    app, _ = lost
    clerk, row = staff("view", "remove"), SecondFactor.objects.get()
    for page in (clerk.listing(), clerk.client.get(reverse(PAGE, args=[app.factor_id])), clerk.ask(app.factor_id)):
        assert page.status_code == 200
        for secret in (app.seed, row.secret, str(row.last_step), row.enabled_key):
            assert secret not in page.rendered_content


@pytest.mark.parametrize("factor_id", ["authmfa_x", "x", "_00", "authmfa__00x"])
def test_a_page_of_no_factor_leads_back(staff, lost, factor_id):
    answer = staff("view").client.get(f"{reverse(LIST)}{factor_id}/change/")
    assert answer.status_code == 302


def test_the_search_is_by_id_or_whole_contact(staff, lost, verified, prove, api):
    app, _ = lost
    other, token = verified("other@example.com", phone=PHONE)
    theirs = with_app(api, token)
    clerk = staff("view")
    assert set(clerk.shown()) == set(clerk.shown("  ")) == {app.factor_id, theirs.factor_id}
    assert clerk.shown(other.id) == clerk.shown(" Other@Example.com ") == [theirs.factor_id]
    assert clerk.shown("+1 202-555-0123") == [theirs.factor_id]
    assert clerk.shown(other.id[:-1]) == [theirs.factor_id]
    for part in ("jane", "example.com", "555", "nobody@example.com"):
        assert clerk.shown(part) == []


def test_a_factor_that_is_gone_is_left_alone(staff, lost, monkeypatch):
    app, _ = lost
    clerk = staff("view", "remove")
    clerk.do(app.factor_id)
    assert "nothing to do" in clerk.ask(app.factor_id).rendered_content
    [told] = said(clerk.do(app.factor_id))
    assert told == ("warning", f"Left alone, the factor is gone already: {Customer.objects.get().pk}")
    assert state() == GONE
    real = desk.removal.disable
    SecondFactor.objects.update(status="enabled", enabled_key="x")
    Customer.objects.update(has_second_factor=True)

    def gone_first(factor, *, now):
        SecondFactor.objects.update(status="disabled", enabled_key=None)
        return real(factor, now=now)

    monkeypatch.setattr(desk.removal, "disable", gone_first)
    [told] = said(clerk.do(app.factor_id))
    assert told == ("warning", f"Left alone, it has changed since you were asked: {Customer.objects.get().pk}")
    assert AccountEvent.objects.filter(kind="factor_removed").count() == 1


def test_one_that_fails_keeps_no_other(api, staff, lost, verified, monkeypatch, caplog):
    app, _ = lost
    theirs = with_app(api, verified("other@example.com")[1])
    real = desk.remove

    def fail(factor, *, by):
        if factor.pk == app.factor_id:
            raise OperationalError("jane@example.com is locked")
        return real(factor, by=by)

    monkeypatch.setattr(desk, "remove", fail)
    done = staff("view", "remove").do(app.factor_id, theirs.factor_id)
    assert sorted(level for level, _ in said(done)) == ["error", "success"]
    assert SecondFactor.objects.get(pk=app.factor_id).status == "enabled"
    assert SecondFactor.objects.get(pk=theirs.factor_id).status == "disabled"
    assert "OperationalError" in caplog.text
    assert "jane@" not in caplog.text


def test_all_that_a_filter_finds_and_never_too_many(api, staff, lost, verified, monkeypatch):
    with_app(api, verified("other@example.com")[1])
    clerk = staff("view", "remove")
    monkeypatch.setattr("customer_registration.admin.confirmation.MAX_SELECTED", 1)
    refused = clerk.do(lost[0].factor_id, select_across="1")
    assert said(refused) == [("error", "At most 1 rows at once. Nothing has been done.")]
    assert SecondFactor.objects.enabled().count() == 2
    monkeypatch.setattr("customer_registration.admin.confirmation.MAX_SELECTED", 2)
    asked = clerk.ask(lost[0].factor_id, select_across="1")
    assert len(re.findall('type="hidden" name="_selected_action"', asked.rendered_content)) == 2
    clerk.do(lost[0].factor_id, select_across="1")
    assert not SecondFactor.objects.enabled().exists()


def test_with_another_one_left_it_is_still_asked_for(api, staff, lost):
    app, _ = lost
    bearer = come_in(api, app.code())
    made = ok(api.post("/auth/mfa/factors", {"provider": "otp"}, token=bearer))["mfa_factor"]["id"]
    SecondFactor.objects.filter(pk=made).update(status="enabled", enabled_key="x")
    staff("view", "remove").do(app.factor_id)
    assert pending(api).challenge["methods"] == ["otp"]


def test_sessions_live_on_and_a_challenge_of_before_is_worth_nothing(api, staff, lost):
    app, token = lost
    login = pending(api)
    staff("view", "remove").do(app.factor_id)
    assert api.get("/store/customers/me", token=token).status_code == 200
    assert show(api, login, app.code()).status_code == 400


def test_wrong_codes_of_before_are_forgotten(api, staff, lost):
    """Whoever has lost the app has guessed; what comes in its place is theirs to set up at once."""
    app, token = lost
    for _ in range(10):
        api.request("delete", f"{FACTORS}/{app.factor_id}", {"method": "totp", "code": wrong(app.code())}, token=token)
    staff("view", "remove").do(app.factor_id)
    fresh = enrol(api, token)
    enable(api, token, fresh.factor_id, fresh.code())


def test_without_the_limiters_store_the_removal_stands(staff, lost, monkeypatch):
    def down(self):
        raise LimiterUnavailable

    monkeypatch.setattr(GuessBudget, "clear", down)
    assert said(staff("view", "remove").do(lost[0].factor_id))[0][0] == "success"
    assert state() == GONE


def test_a_pending_one_is_audited_too_and_nobody_is_told(api, staff, verified):
    app = enrol(api, verified()[1])
    clerk, before = staff("view", "remove"), len(messages_to(JANE))
    clerk.do(app.factor_id)
    event = AccountEvent.objects.get(kind="factor_removed")
    assert event.detail == {"provider": "totp", "by": str(clerk.user.pk), "pending": True}
    assert len(messages_to(JANE)) == before
    assert SecondFactor.objects.get().status == "disabled"
