"""Row E17: a full life, then the erasure; after that no column of any table knows who it was."""

import base64
import json
from datetime import timedelta
from hashlib import sha256
from html import escape
from urllib.parse import quote

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.test import RequestFactory
from django.utils import timezone

from customer_registration.identifiers import mask
from customer_registration.models import AccountDeletionRequest, Customer, OtpVerification, OutboxMessage
from tests.conftest import PASSWORD, last_code, link_token, messages_to, new_user, wrong
from tests.deletion import life
from tests.deletion.conftest import CANCEL_CONFIRM, CANCEL_REQUEST, CONFIRM, REQUEST
from tests.deletion.life import FIRST_EMAIL, FIRST_PHONE, LAST_EMAIL, LAST_PHONE, SECOND_EMAIL
from tests.shop.tables import installed

pytestmark = pytest.mark.life_cycle

LOGIN, ME = "/auth/customer/emailpass", "/store/customers/me"
NEW_PASSWORD = "another battery staple"

shop = pytest.fixture(installed, scope="module", autouse=True)


class Regular(Customer):
    """A customer as a project's admin shows the good ones, by name and address."""

    class Meta:
        proxy = True
        app_label = "shop"

    def __str__(self):
        return f"{self.first_name} {self.last_name} <{self.email}> {self.phone}"


class Shopper(get_user_model()):
    """A user as a project's admin shows those who are customers."""

    class Meta:
        proxy = True
        app_label = "shop"

    def __str__(self):
        return f"{self.email} {self.get_username()}"


@pytest.fixture(autouse=True)
def fresh_content_types():
    """Forget the content types of the proxies, whose rows go with the test."""
    ContentType.objects.clear_cache()
    yield
    ContentType.objects.clear_cache()


@pytest.fixture
def unlimited(configure):
    """Count as ever, and stop nobody."""
    many, throttle = "1000/d/key,1000/d/ip", {"RESEND_THROTTLE_SECONDS": 0}
    rules = dict.fromkeys(("code_send", "contact_change", "account_deletion", "password_reset"), many)
    configure(
        EMAIL_VERIFICATION=throttle, PHONE_VERIFICATION=throttle, PASSWORD_RESET=throttle, RATE_LIMITS={"RULES": rules}
    )


@pytest.fixture
def staff(db):
    """Return somebody whose deeds Django's admin writes down: ``edit(row, message)``."""
    request = RequestFactory().post("/")
    request.user = new_user("boss", "boss@example.com", is_staff=True)

    def edit(row, message):
        admin.ModelAdmin(type(row), admin.site).log_change(request, row, message)

    return edit


@pytest.fixture
def somebody(api, sign_up, send_code, change_contact, reset_link, leave, stay, verified, staff, unlimited):
    """Live a full life up to the confirmed wish to leave; return the customer's id and every secret they ever held."""
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=60)) as clock:
        person = sign_up(FIRST_EMAIL, **life.PROFILE)
        flow = send_code(person)
        _guess(api, "/store/customers/otp/verify", flow, wrong(last_code(FIRST_EMAIL)))
        bearer = _guess(api, "/store/customers/otp/verify", flow, last_code(FIRST_EMAIL)).json()["token"]
        bearers, browser = [person.token, bearer], api.another()
        assert browser.post("/auth/session", token=bearer).status_code == 200
        for password in ("not mine", "Želmíra1"):
            api.another(REMOTE_ADDR=life.ADDRESS).post(LOGIN, {"email": FIRST_EMAIL, "password": password})
        for contact in ({"phone": FIRST_PHONE}, {"email": SECOND_EMAIL}, {"phone": LAST_PHONE}):
            bearers.append(change_contact(bearers[-1], **contact))
        undo = link_token(FIRST_EMAIL)

        clock.shift(timedelta(days=10))
        _with_headers(api, life.FIRST_ADDRESS, life.FIRST_BROWSER)
        bearers.append(_log_in(api, SECOND_EMAIL, PASSWORD))
        leave(bearers[-1], SECOND_EMAIL, reason=life.FIRST_REASON)
        flow = api.post(CANCEL_REQUEST, {"phone": LAST_PHONE}).json()["token"]
        api.post(CANCEL_REQUEST, {"email": FIRST_EMAIL})
        assert _guess(api, CANCEL_CONFIRM, flow, last_code(LAST_PHONE)).status_code == 200
        _with_headers(api, life.NETWORK, life.FIRST_BROWSER)
        bearers.append(_log_in(api, SECOND_EMAIL, PASSWORD))
        api.post(REQUEST, {"reason": life.FIRST_REASON}, token=bearers[-1])
        stay(email=SECOND_EMAIL)

        clock.move_to(now - timedelta(days=2))
        _, stranger = verified("stranger@example.com")
        bearers.append(_log_in(api, SECOND_EMAIL, PASSWORD))
        bearers.append(change_contact(bearers[-1], email=LAST_EMAIL))
        api.post(f"{ME}/contact", {"email": LAST_EMAIL}, token=stranger)
        api.post(f"{LOGIN}/reset-password", {"identifier": FIRST_EMAIL})
        answer = api.post(f"{LOGIN}/update", {"password": NEW_PASSWORD}, token=reset_link(LAST_EMAIL))
        assert answer.status_code == 200, answer.content
        unused = reset_link(LAST_EMAIL)
        row = Customer.objects.get(pk=person.id)
        for model, key in (
            (Customer, row.pk),
            (Regular, row.pk),
            (get_user_model(), row.user_id),
            (Shopper, row.user_id),
        ):
            said = f"{life.PROFILE['first_name']} called: {FIRST_EMAIL} is {LAST_EMAIL} now, and {LAST_PHONE}"
            staff(model._base_manager.get(pk=key), [{"changed": {"object": said, "fields": ["Email"]}}])
    _with_headers(api, life.ADDRESS, life.BROWSER)
    bearers.append(_log_in(api, LAST_EMAIL, NEW_PASSWORD))
    flow = api.post(REQUEST, {"reason": life.REASON}, token=bearers[-1]).json()["token"]
    _guess(api, CONFIRM, flow, wrong(last_code(LAST_EMAIL)))
    assert _guess(api, CONFIRM, flow, last_code(LAST_EMAIL)).status_code == 200
    keep = api.post(CANCEL_REQUEST, {"email": LAST_EMAIL}).json()["token"]
    secrets = {"bearers": bearers, "browser": browser, "links": [undo, link_token(SECOND_EMAIL)], "reset": unused}
    return person.id, {**secrets, "keep": (keep, last_code(LAST_EMAIL))}


def _guess(api, path, token, code):
    return api.post(path, {"token": token, "code": code})


def _log_in(api, email, password):
    answer = api.post(LOGIN, {"email": email, "password": password})
    assert answer.status_code == 200, answer.content
    return answer.json()["token"]


def _with_headers(api, address, browser):
    # As a server hands bytes on: one character each.
    api.client.defaults |= {"REMOTE_ADDR": address, "HTTP_USER_AGENT": browser.encode().decode("latin-1")}


def erase(strategy):
    """Let the grace period pass, purge, and deliver what waits."""
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        call_command("purge_accounts", "--strategy", strategy)
        call_command("deliver_messages")


@pytest.mark.parametrize(
    ("trace", "written"),
    [
        (life.REASON, json.dumps({"reason": life.REASON})),
        (life.REASON, base64.b64encode(f"session: {life.REASON}".encode()).decode()),
        (LAST_EMAIL, base64.urlsafe_b64encode(f"?{LAST_EMAIL}&".encode()).decode()),
        (LAST_EMAIL, f"/inbox?to={quote(LAST_EMAIL, safe='')}"),
        (LAST_EMAIL, f"550 <{LAST_EMAIL.upper()}>: unknown"),
        (LAST_EMAIL, f"changed to {mask(LAST_EMAIL)}"),
        (LAST_EMAIL, sha256(LAST_EMAIL.encode()).hexdigest()),
        (LAST_PHONE, f"changed to {mask(LAST_PHONE)}"),
        (LAST_PHONE, f"tel:{quote(LAST_PHONE)}"),
        (life.PROFILE["company_name"], f"<b>{escape(life.PROFILE['company_name'])}</b>"),
        (life.BROWSER, life.BROWSER.encode().hex()),
    ],
)
def test_the_search_finds_a_trace_however_it_is_written(trace, written):
    assert life.found_in([("somewhere", "nothing"), ("here", written)])[trace] == {"here"}
    assert life.found_in([("somewhere", "nothing")]) == {}


def test_before_the_erasure_the_search_finds_everything(somebody):
    """Or it would prove nothing that it finds nothing after."""
    found = life.found_in(life.whole_database())
    assert set(found) == set(life.TRACES)
    places = set().union(*found.values())
    assert {place.partition(".")[0] for place in places} >= {
        get_user_model()._meta.db_table,
        "customer_registration_customer",
        "customer_registration_otpverification",
        "customer_registration_outboxmessage",
        "customer_registration_accountevent",
        "customer_registration_accountdeletionrequest",
        "django_admin_log",
    }
    assert {"django_admin_log.object_repr", "django_admin_log.change_message"} <= places


@pytest.mark.parametrize("strategy", ["anonymize", "delete"])
def test_e17_after_it_no_column_of_any_table_holds_anything_of_the_person(somebody, strategy):
    customer_id, _ = somebody
    erase(strategy)
    assert "This is the last message" in messages_to(LAST_EMAIL)[0]
    assert Customer.objects.filter(pk=customer_id).exists() is (strategy == "anonymize")
    assert set(AccountDeletionRequest.objects.values_list("status", flat=True)) == {"cancelled", "completed"}
    assert life.found_in(life.whole_database()) == {}
    assert not OutboxMessage.objects.filter(customer=customer_id).exists()
    assert not OtpVerification.objects.filter(customer=customer_id).exists()


def test_e17_nor_does_the_limiter(somebody):
    assert dict(life.limiter())
    erase("anonymize")
    with time_machine.travel(timezone.now() + timedelta(days=8, hours=1)):
        assert life.found_in(life.limiter()) == {}


def test_what_others_did_at_the_same_time_is_still_there(somebody):
    erase("anonymize")
    stranger = Customer.objects.get(email="stranger@example.com")
    assert stranger.events.exclude(contact="").exists()
    assert OutboxMessage.objects.filter(customer=stranger, destination="stranger@example.com").exists()
    assert stranger.user.has_usable_password()


@pytest.mark.parametrize("strategy", ["anonymize", "delete"])
def test_the_contacts_are_free_and_what_opened_the_old_account_opens_nothing_of_the_new_one(
    somebody, strategy, api, verified, prove
):
    customer_id, old = somebody
    erase(strategy)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        api.another(REMOTE_ADDR="192.0.2.1").post(LOGIN, {"email": LAST_EMAIL, "password": NEW_PASSWORD})
        person, _ = verified(LAST_EMAIL, password="a third battery staple", phone=LAST_PHONE)
        prove(person, "phone")
        assert person.id != customer_id
        new = Customer.objects.filter(pk=person.id).values()
        before, password = new.get(), person.row.user.password
        assert all(before[name] is None for name in (*life.PROFILE, "deletion_scheduled_at"))
        for bearer in old["bearers"]:
            assert api.get(ME, token=bearer).status_code == 401
            assert api.post("/auth/token/refresh", token=bearer).status_code == 401
            assert api.post("/store/customers", token=bearer).status_code == 401
        assert old["browser"].get(ME).status_code == 401
        for link in old["links"]:
            assert api.post("/store/customers/contact/undo", {"token": link}).status_code == 401
        assert api.post(f"{LOGIN}/update", {"password": NEW_PASSWORD}, token=old["reset"]).status_code == 401
        assert _guess(api, CANCEL_CONFIRM, *old["keep"]).status_code in (400, 401)
        for spent in (PASSWORD, NEW_PASSWORD):
            assert api.post(LOGIN, {"email": LAST_EMAIL, "password": spent}).status_code == 401
        assert new.get() == before
        assert person.row.user.password == password
