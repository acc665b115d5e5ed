"""POST /store/customers/me/logout-all, and every other road that ends sessions (attack D12)."""

import io

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.core.management import call_command

from customer_registration.models import Customer
from tests.conftest import PASSWORD, last_code

URL, ME, REFRESH = "/store/customers/me/logout-all", "/store/customers/me", "/auth/token/refresh"
LOGIN = "/auth/customer/emailpass"
EMAIL, NEW = "jane@example.com", "a new password entirely"
GUARD = {"message": "Unauthorized"}

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def devices(api, verified):
    """Jane on four devices: the person, three bearers and a browser with a cookie."""
    person, first = verified(EMAIL)
    second = api.post(LOGIN, {"email": EMAIL, "password": PASSWORD}).json()["token"]
    third = api.post(REFRESH, token=second).json()["token"]
    browser = api.another()
    assert browser.post("/auth/session", token=first).status_code == 200
    return person, [first, second, third], browser


def all_are_out(api, devices):
    person, bearers, browser = devices
    answers = [api.get(ME, token=token) for token in bearers] + [browser.get(ME)]
    answers += [api.post(REFRESH, token=token) for token in [*bearers, person.token]] + [browser.post(REFRESH)]
    answers += [api.post("/auth/session", token=token) for token in [*bearers, person.token]]
    return [(answer.status_code, answer.json()) for answer in answers] == [(401, GUARD)] * len(answers)


def test_d14_every_bearer_and_cookie_is_out(api, devices):
    person, bearers, _ = devices
    answer = api.post(URL, token=bearers[1])
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert all_are_out(api, devices)
    assert person.row.user.check_password(PASSWORD)
    assert api.post(LOGIN, {"email": EMAIL, "password": PASSWORD}).status_code == 200


def test_by_cookie(api, devices):
    _, _, browser = devices
    assert browser.post(URL).json() == {"success": True}
    assert all_are_out(api, devices)


def test_the_second_time_there_is_nobody(api, devices):
    token = devices[1][0]
    api.post(URL, token=token)
    assert api.post(URL, token=token).json() == GUARD


def test_only_a_customer_may(api, sign_up):
    token = sign_up().token
    for bearer in (None, "junk", token):
        assert api.post(URL, token=bearer).json() == GUARD
    assert api.post(REFRESH, token=token).status_code == 403


def test_others_stay_logged_in(api, devices, verified):
    _, other = verified("other@example.com")
    api.post(URL, token=devices[1][0])
    assert api.get(ME, token=other).status_code == 200


def test_contacts_and_profile_stay(api, devices):
    ignored = {"token_epoch", "updated_at"}
    before = Customer.objects.values().get()
    api.post(URL, token=devices[1][0])
    after = Customer.objects.values().get()
    assert {name for name in after if after[name] != before[name]} <= ignored
    assert after["token_epoch"] > before["token_epoch"]


def by_api(api, user, token, reset_link):
    assert api.post(f"{ME}/password", {"old_password": PASSWORD, "password": NEW}, token=token).status_code == 200


def by_reset(api, user, token, reset_link):
    assert api.post(f"{LOGIN}/update", {"password": NEW}, token=reset_link(EMAIL)).status_code == 200


def by_the_admins_form(api, user, token, reset_link):
    form = AdminPasswordChangeForm(user, {"password1": NEW, "password2": NEW, "usable_password": "true"})
    assert form.is_valid(), form.errors
    form.save()


def by_command(api, user, token, reset_link):
    call_command("changepassword", user.get_username(), stdout=io.StringIO())


def in_the_shell(api, user, token, reset_link):
    user.set_password(NEW)
    user.save()


def by_update(api, user, token, reset_link):
    get_user_model().objects.filter(pk=user.pk).update(password="!x")


@pytest.mark.parametrize("road", [by_api, by_reset, by_the_admins_form, by_command, in_the_shell, by_update])
def test_d12_a_new_password_logs_everybody_out_by_whatever_road(api, devices, reset_link, monkeypatch, road):
    person, bearers, _ = devices
    monkeypatch.setattr("getpass.getpass", lambda **prompt: NEW)
    road(api, person.row.user, bearers[0], reset_link)
    assert not person.row.user.check_password(PASSWORD)
    assert all_are_out(api, devices)


def test_a_contact_change_logs_everybody_out(api, devices, change_contact):
    token = change_contact(devices[1][0], email="new@example.com")
    assert all_are_out(api, devices)
    assert api.get(ME, token=token).status_code == 200


@pytest.mark.parametrize("contact", ["email", "phone"])
def test_asking_for_a_code_logs_nobody_out(api, devices, contact):
    value = {"email": "new@example.com", "phone": "+14155552671"}[contact]
    api.post(f"{ME}/contact", {contact: value}, token=devices[1][0])
    assert last_code(value)
    assert api.get(ME, token=devices[1][0]).status_code == 200
