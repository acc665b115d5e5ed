"""Rows D12 to D14 and E1 to E13 of ``security.md``: attacks on passwords and what must end with them."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.management.commands import changepassword
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from customer_registration.models import Customer, OtpVerification
from tests.conftest import PASSWORD, link_token, new_user
from tests.security.hostile import GUARD
from tests.security.kinds import CONTACT, DELETION, PHONES
from tests.security.places import INVALID_TOKEN, NEW_PASSWORD, snapshot, use

LOGIN = "/auth/customer/emailpass"
UPDATE = "/auth/customer/emailpass/update"
CHANGE = "/store/customers/me/password"
JANE = "jane@example.com"


def log_in(api, password, email=JANE):
    return api.post(LOGIN, {"email": email, "password": password}).status_code


def by_api(api, bearer, monkeypatch):
    body = {"old_password": PASSWORD, "password": NEW_PASSWORD}
    assert api.post(CHANGE, body, token=bearer).status_code == 200


def by_reset(api, bearer, monkeypatch):
    api.post(f"{LOGIN}/reset-password", {"identifier": JANE})
    assert api.post(UPDATE, {"password": NEW_PASSWORD}, token=link_token(JANE)).status_code == 200


def by_admin(api, bearer, monkeypatch):
    new_user("root", "root@example.com", is_staff=True, is_superuser=True)
    browser, user = Client(), Customer.objects.get(email=JANE).user
    assert browser.login(username="root", password=PASSWORD) or browser.login(
        username="root@example.com", password=PASSWORD
    )
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    assert browser.post(f"/django-admin/auth/user/{user.pk}/password/", form).status_code == 302


def by_command(api, bearer, monkeypatch):
    monkeypatch.setattr(changepassword.getpass, "getpass", lambda prompt: NEW_PASSWORD)
    call_command("changepassword", Customer.objects.get(email=JANE).user.get_username(), stdout=StringIO())


def by_shell(api, bearer, monkeypatch):
    user = Customer.objects.get(email=JANE).user
    user.set_password(NEW_PASSWORD)
    user.save()


def to_nothing(api, bearer, monkeypatch):
    user = Customer.objects.get(email=JANE).user
    user.set_unusable_password()
    user.save()


@pytest.fixture
def devices(verified, api):
    """Return two bearers and a browser with a cookie, all Jane's."""
    _, bearer = verified(JANE)
    other = api.post(LOGIN, {"email": JANE, "password": PASSWORD}).json()["token"]
    browser = Client()
    assert browser.post("/auth/session", headers={"authorization": f"Bearer {other}"}).status_code == 200
    return bearer, other, browser


def assert_all_refused(api, devices):
    *bearers, browser = devices
    for bearer in bearers:
        for answer in (
            api.get("/store/customers/me", token=bearer),
            api.post("/auth/token/refresh", token=bearer),
            api.post("/auth/session", token=bearer),
            api.post(CONTACT, {"email": "x@example.com"}, token=bearer),
        ):
            assert (answer.status_code, answer.json()) == (401, GUARD)
    for answer in (browser.get("/store/customers/me"), browser.post("/auth/token/refresh")):
        assert (answer.status_code, answer.json()) == (401, GUARD)


@pytest.mark.parametrize("road", [by_api, by_reset, by_admin, by_command, by_shell, to_nothing])
def test_d12_d13_no_token_or_cookie_survives_a_new_password(api, devices, road, settings, monkeypatch):
    if road is by_admin and settings.AUTH_USER_MODEL != "auth.User":
        pytest.skip("the admin of the test models is not registered")
    road(api, devices[0], monkeypatch)
    assert_all_refused(api, devices)
    assert log_in(api, PASSWORD) == 401
    if road is not to_nothing:
        assert log_in(api, NEW_PASSWORD) == 200


def test_d14_a_log_out_everywhere_ends_every_earlier_session_and_no_later_one(api, devices):
    assert api.post("/store/customers/me/logout-all", token=devices[0]).json() == {"success": True}
    assert_all_refused(api, devices)
    later = api.post(LOGIN, {"email": JANE, "password": PASSWORD}).json()["token"]
    assert api.get("/store/customers/me", token=later).status_code == 200


def test_d14_a_log_out_everywhere_by_the_cookie_ends_the_bearers_too(api, devices):
    assert devices[2].post("/store/customers/me/logout-all").json() == {"success": True}
    assert_all_refused(api, devices)


def test_d14_a_session_that_is_refreshed_daily_ends_ninety_days_after_the_login(api, verified):
    start = timezone.now().replace(microsecond=0)
    with time_machine.travel(start, tick=False):
        _, bearer = verified(JANE)
    for hours in range(12, 90 * 24, 12):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            answer = api.post("/auth/token/refresh", token=bearer)
            assert answer.status_code == 200, hours
            bearer = answer.json()["token"]
    with time_machine.travel(start + timedelta(days=90, seconds=-1), tick=False):
        assert api.get("/store/customers/me", token=bearer).status_code == 200
    with time_machine.travel(start + timedelta(days=90), tick=False):
        assert api.get("/store/customers/me", token=bearer).status_code == 401
        assert api.post("/auth/token/refresh", token=bearer).status_code == 401


def test_e1_a_reset_link_works_once_and_the_first_password_stands(wallet):
    """24 at once: ``tests/races/test_passwords.py``."""
    secret = wallet.make("reset link")
    assert use(secret, wallet).status_code == 200
    for token in (secret.value, secret.value):
        answer = wallet.api.post(UPDATE, {"password": "a third battery staple"}, token=token)
        assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)
    assert [log_in(wallet.api, text) for text in (NEW_PASSWORD, "a third battery staple")] == [200, 401]


def test_e2_a_reset_link_does_not_survive_an_email_change(wallet):
    secret = wallet.make("reset link")
    wallet.change("jane", email="later@example.com")
    answer = use(secret, wallet)
    assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)
    assert log_in(wallet.api, PASSWORD, "later@example.com") == 200


def test_e2_a_reset_link_does_not_survive_an_email_change_past_the_api(wallet):
    secret = wallet.make("reset link")
    Customer.objects.update(email="later@example.com")
    answer = use(secret, wallet)
    assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)


def test_e2_a_reset_link_does_not_come_back_with_the_address(wallet):
    secret, undo = wallet.make("reset link"), wallet.make("undo link")
    assert use(undo, wallet).status_code == 200
    answer = use(secret, wallet)
    assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)


STEPS = {
    "contact-verify": (f"{CONTACT}/verify", {"token": "a.b.c", "code": "000000"}),
    "contact-undo": ("/store/customers/contact/undo", {"token": "01HZZZZZZZZZZZZZZZZZZZZZZZ." + "0" * 64}),
    "update": (UPDATE, {"password": NEW_PASSWORD}),
    "update, token in the body": (UPDATE, {"password": NEW_PASSWORD, "token": "a.b.c"}),
    "otp-verify": ("/store/customers/otp/verify", {"token": "a.b.c", "code": "000000"}),
    "deletion-confirm": (f"{DELETION}/confirm", {"token": "a.b.c", "code": "000000"}),
    "deletion-cancel-confirm": (f"{DELETION}/cancel-confirm", {"token": "a.b.c", "code": "000000"}),
}


@pytest.mark.parametrize("step", STEPS)
def test_e3_the_last_step_first_does_nothing(verified, api, step):
    """With a flow token of another purpose: ``test_token_matrix.py``."""
    _, bearer = verified(JANE)
    before = snapshot()
    path, body = STEPS[step]
    answer = api.post(path, body, token=bearer)
    assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)
    assert snapshot() == before


@pytest.mark.parametrize("kind", ["e-mail change", "phone change"])
def test_e4_the_token_of_the_first_step_opens_nothing_by_itself(wallet, kind):
    secret = wallet.make(kind)
    before = snapshot()
    for path, body in (
        ("/store/customers/me", {"first_name": "Eve"}),
        (UPDATE, {"password": NEW_PASSWORD}),
        (CHANGE, {"old_password": PASSWORD, "password": NEW_PASSWORD}),
        (f"{CONTACT}/verify", {"token": secret.value, "code": secret.code}),
    ):
        assert wallet.api.post(path, body, token=secret.value).status_code == 401
    assert snapshot() == before


def test_e8_e9_a_change_does_not_outlive_a_password_reset(wallet):
    change, reset = wallet.make("e-mail change"), wallet.make("reset link")
    assert use(reset, wallet).status_code == 200
    change.bearer = wallet.log_in("jane", NEW_PASSWORD)
    answer = use(change, wallet)
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    live = OtpVerification.objects.live(timezone.now())
    assert not live.exists()


@pytest.mark.parametrize("old", [{}, {"old_password": None}, {"old_password": ""}, {"old_password": "wrong password"}])
def test_e10_no_password_changes_without_the_old_one(verified, api, old):
    _, bearer = verified(JANE)
    before = snapshot()
    answer = api.post(CHANGE, {**old, "password": NEW_PASSWORD}, token=bearer)
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_password")
    assert snapshot() == before


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (601, 403)])
@pytest.mark.parametrize("stored", ["", "!unusable"], ids=["blank", "unusable"])
def test_e10_e11_a_first_password_needs_a_login_under_ten_minutes_old(wallet, seconds, status, stored):
    start = timezone.now().replace(microsecond=0)
    with time_machine.travel(start, tick=False):
        code = wallet.make("verification code")
        user = Customer.objects.get().user
        type(user).objects.filter(pk=user.pk).update(password=stored)
        bearer = use(code, wallet).json()["token"]  # whoever has no password logs in by a code
    with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
        answer = wallet.api.post(CHANGE, {"password": NEW_PASSWORD}, token=bearer)
        assert answer.status_code == status
        if status == 403:
            assert answer.json()["code"] == "reauthentication_required"
        assert log_in(wallet.api, NEW_PASSWORD) == (200 if status == 200 else 401)


@pytest.mark.parametrize("password", ["", None, " "])
def test_e11_nobody_logs_in_to_an_account_without_a_password(verified, api, password):
    person, _ = verified(JANE)
    user = person.row.user
    for stored in ("", "!unusable"):
        type(user).objects.filter(pk=user.pk).update(password=stored)
        assert log_in(api, password) == 401


def test_a_phone_that_a_stranger_registered_is_no_way_back_in_after_a_reset(wallet):
    """Pre-hijack: a stranger registers the victim's e-mail beside their own phone, and proves the phone later."""
    token = wallet.register(JANE)
    created = wallet.api.post("/store/customers", {"phone": PHONES["zoe"]}, token=token).json()["customer"]
    wallet.api.post(f"{LOGIN}/reset-password", {"identifier": JANE})
    reset = wallet.api.post(UPDATE, {"password": NEW_PASSWORD}, token=link_token(JANE))
    assert reset.status_code == 200  # the victim's: the account is theirs now
    asked = {"customer_id": created["id"], "type": "phone_verification"}
    flow = wallet.api.post("/store/customers/otp/send", asked).json()["token"]
    code = OtpVerification.objects.filter(purpose="phone_verification").latest("pk").code()
    answer = wallet.api.post("/store/customers/otp/verify", {"token": flow, "code": code})
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert Customer.objects.get(email=JANE).phone is None


def test_e13_a_reset_gives_no_token_and_no_cookie(wallet):
    secret = wallet.make("reset link")
    answer = use(secret, wallet)
    assert answer.json() == {"success": True}
    assert not answer.cookies
    asked = wallet.api.post(f"{LOGIN}/reset-password", {"identifier": JANE})
    assert (asked.content, asked.headers["Content-Type"]) == (b"Created", "text/plain; charset=utf-8")
    assert not asked.cookies
