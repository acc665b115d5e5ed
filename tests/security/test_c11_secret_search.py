"""Rows C11 and C12: the search that ends every test finds each kind of leak, and takes nothing else for one."""

import hashlib
import logging

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu import Connection

from customer_registration.api import urls
from customer_registration.exceptions import InvalidData
from customer_registration.management.commands.export_customer import Command
from customer_registration.models import AccountDeletionRequest, AccountEvent, OtpVerification, OutboxMessage
from customer_registration.tasks import deliver_message
from customer_registration.tokens import signing
from example_project.inbox import urls as inbox_urls
from example_project.storefront import urls as storefront_urls
from tests.conftest import PASSWORD, last_code, new_user
from tests.second_steps import recovery_codes, with_app
from tests.secret_search import outputs
from tests.secret_search.allowed import ALLOWED
from tests.secret_search.findings import RECORD
from tests.secret_search.secrets import Secret, is_worth_searching

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("over_http")]  # the search is of the real road too

JANE, ME = "jane@example.com", "/store/customers/me"
logger = logging.getLogger("shop.orders")


@pytest.fixture
def code(sign_up, send_code):
    """Return a code that is on its way to Jane."""
    send_code(sign_up())
    return last_code(JANE)


def test_c11_a_code_in_a_log_line_is_found(code, leaks):
    logger.debug("the code is %s", code)
    assert leaks() == ["code in log shop.orders"]


def test_c11_a_code_in_what_a_log_record_carries_beside_its_text_is_found(code, leaks):
    logger.warning("wrong", extra={"typed": code})
    assert leaks() == ["code in log shop.orders"]


def test_c11_a_password_in_an_error_that_is_logged_is_found(verified, leaks):
    verified()
    try:
        raise ValueError(f"no such password: {PASSWORD}")
    except ValueError:
        logger.exception("failed")
    assert leaks() == ["password in log shop.orders"]


def test_c11_a_password_in_an_error_of_ours_is_found(verified, leaks):
    verified()
    InvalidData(f"Invalid request: {PASSWORD}")
    assert leaks() == ["password in error InvalidData"]


def test_c11_a_code_in_an_answer_and_in_a_column_is_found(api, verified, leaks):
    _, token = verified()
    api.post(ME, {"first_name": last_code(JANE)}, token=token)
    assert leaks() == ["code in answer POST me", "code in row customer_registration_customer"]


def test_c11_a_token_is_found_in_the_answer_of_another_route_and_under_another_key(api, verified, leaks):
    _, token = verified()
    answer = api.post(ME, {"metadata": {"token": token}}, token=token)
    assert token in answer.json()["customer"]["metadata"]["token"]
    assert leaks() == ["token login in answer POST me", "token login in row customer_registration_customer"]


def test_c11_a_token_in_a_page_of_the_admin_is_found(api, verified, leaks):
    _, token = verified()
    request = AccountDeletionRequest.objects.create(customer_ref="cus_x", reason="none")
    AccountDeletionRequest.objects.update(reason=token)
    boss = Client()
    boss.force_login(new_user("boss", "boss@example.com", is_staff=True, is_superuser=True))
    boss.get(reverse("admin:customer_registration_accountdeletionrequest_change", args=[request.pk]))
    assert leaks() == [
        "token login in answer GET admin:customer_registration_accountdeletionrequest_change",
        "token login in row customer_registration_accountdeletionrequest",
    ]


@pytest.mark.parametrize("written", ["{}", "the token {} was bad", "[{}]"])
def test_c11_a_token_in_the_detail_of_an_event_is_found(verified, leaks, written):
    _, token = verified()
    AccountEvent.objects.create(kind="noted", customer_ref="cus_x", detail={"why": written.format(token)})
    assert leaks() == ["token login in row customer_registration_accountevent"]


def test_c11_a_link_in_what_a_provider_said_is_found(verified, reset_link, leaks):
    verified()
    token = reset_link()
    OutboxMessage.objects.update(last_error=f"500: {token}")
    assert leaks() == ["token reset in row customer_registration_outboxmessage"]


def test_c11_a_code_in_a_task_is_found(code, leaks):
    with Connection("memory://") as broker:
        deliver_message.apply_async((code,), connection=broker)
    assert leaks() == ["code in task customer_registration.deliver_message"]


def test_c11_a_code_in_the_claims_of_a_token_is_found(code, leaks):
    signing.encode({"purpose": "receipt", "code": code, "exp": 1})
    assert leaks() == ["code in claims receipt"]


def test_c11_a_token_in_a_session_is_found(api, verified, leaks):
    _, token = verified()
    session = Client().session
    session["token"] = token
    session.save()
    assert leaks() == ["token login in session claims"]


def test_c11_a_code_that_a_command_prints_is_found(code, leaks):
    Command().stdout.write(f"The code is {code}.")
    assert leaks() == ["code in printed export_customer"]


def test_c11_a_message_carries_its_own_secret_and_no_other(api, verified, leaks, configure):
    configure(PASSWORD_RESET={"RESEND_THROTTLE_SECONDS": 0})
    _, token = verified()
    api.post(ME, {"first_name": last_code(JANE)}, token=token)
    leaks()
    OtpVerification.objects.get().code()
    api.post("/auth/customer/emailpass/reset-password", {"email": JANE})
    assert leaks() == ["code in message password_reset"]


def test_c11_the_search_names_the_few_places_where_a_secret_may_be(api, verified, reset_link, configure, leaks):
    configure(OTP={"CHARSET": "alphanumeric"}, RATE_LIMITS={"ENABLED": False})
    _, token = verified()
    reset_link()
    app = with_app(api, token)
    recovery_codes(api, token, method="totp", code=app.code())
    seen = {secret.kind for secret in RECORD.secrets}
    assert seen > {"code", "token login", "token reset", "password", "seed", "app code", "recovery code"}
    assert leaks() == []


def test_c11_every_route_that_may_give_a_secret_out_is_one():
    named = {name.partition(" ")[2] for entry in ALLOWED if entry.place == "answer" for name in entry.names}
    pages = {f"page:{page.name}" for page in (*inbox_urls.urlpatterns, *storefront_urls.urlpatterns)}
    assert named <= pages | {route.name for route in urls.urlpatterns}
    assert all(entry.because for entry in ALLOWED)


CODE = Secret("code", "314159")
BY_CHANCE = [
    "2026-11-25T17:19:12.314159Z", "12.314159", "1314159", "3141592", "01KAY314159ZQ8VJ4N3R2M7XQC",
    "cus_01KAY314159ZQ8VJ4N3R2M7XQC",
    "4b314159cbda41e7aa28ed7b5f3a1c22", "3:ab314159cdef", "eyJhbGciOiJIUzI1NiJ9.eyJ-314159-ifQ.sig-314159-x",
]  # fmt: skip
TOLD = [
    "314159", '{"code":"314159"}', "code=314159&x", "Invalid code: 314159.", "('314159',)", "G-314159", "code_314159",
    "<b>314159</b>", "tried 314159, 271828", "id 12: 314159", "customer_registration_code_of_the_row_314159",
]  # fmt: skip


@pytest.mark.parametrize("text", BY_CHANCE)
def test_c11_digits_that_are_there_by_chance_are_no_code(text):
    assert not CODE.is_in(text)


@pytest.mark.parametrize("text", TOLD)
def test_c11_digits_that_stand_alone_are_the_code(text):
    assert CODE.is_in(text)


@pytest.mark.parametrize(
    "text", ['{"a":"p\\u00e4ss w\\"rd"}', "p%C3%A4ss%20w%22rd", "p%C3%A4ss+w%22rd", "päss w&quot;rd"]
)
def test_c11_a_password_is_found_as_others_write_it(text):
    assert Secret("password", 'päss w"rd').is_in(text)


@pytest.mark.parametrize("word", ["password", "12345678", "old_password", "short", "!x4Kf8 unusable"])
def test_c11_what_is_no_password_in_earnest_is_not_searched_for(word):
    assert not is_worth_searching(word)


def test_c11_a_password_that_is_said_elsewhere_too_is_none(api, leaks):
    api.post("/auth/customer/emailpass/register", {"email": JANE, "password": JANE})
    assert leaks() == []


@pytest.mark.parametrize("value", [["a", "314159"], {"a": ["314159"]}, b"314159", memoryview(b"x 314159"), 314159])
def test_c12_a_code_in_a_column_of_any_type_is_found(value):
    assert CODE.is_in(outputs.row('INSERT INTO "shop_order" ("a") VALUES (%s)', (timezone.now(), value)).text)


@pytest.mark.parametrize("hash_name", ["md5", "sha1", "sha256"])
def test_c12_a_plain_hash_of_a_code_in_a_column_is_found(code, leaks, hash_name):
    digest = hashlib.new(hash_name, code.encode()).hexdigest()
    AccountEvent.objects.create(kind="noted", customer_ref="cus_x", detail={"code": digest})
    assert leaks() == ["plain hash of code in row customer_registration_accountevent"]
