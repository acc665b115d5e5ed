"""Messages speak the language of whoever reads them, whoever caused them."""

import pytest
from django.core import mail
from django.middleware.locale import LocaleMiddleware
from django.test import RequestFactory
from django.utils import timezone, translation

from customer_registration import messaging, tasks
from customer_registration.api.languages import spoken
from customer_registration.enums import IdentifierKind
from customer_registration.flows import notices
from customer_registration.languages import active, supported
from customer_registration.models import Customer, OutboxMessage
from tests.conftest import PASSWORD, last_code, link_token
from tests.deletion.due import customer_named, due, purge
from tests.second_steps import pending, show, with_app

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]

EMAIL = "jane@example.com"
LOGIN = "/auth/customer/emailpass"


def language_of(email=EMAIL):
    """Return what is remembered of a person."""
    return Customer.objects.get(email=email).language


def newest():
    """Return the language of the newest message."""
    return OutboxMessage.objects.latest("pk").language


@pytest.mark.parametrize(
    ("code", "language"),
    [
        *[
            ("de", "de"),
            ("DE-at", "de"),
            ("pt-BR", "pt-br"),
            ("pt_BR", "pt-br"),
            ("zh-CN", "zh-hans"),
            ("zh", "zh-hans"),
        ],
        *[("", ""), (None, ""), ("xx", ""), ("*", ""), ("de\0", ""), ("../de", ""), ("y" * 600, "")],
        ("a-code-of-the-projects-own", ""),  # longer than the column
    ],
)
def test_a_code_names_the_nearest_language_that_the_project_speaks(settings, code, language):
    settings.LANGUAGES = [*settings.LANGUAGES, ("a-code-of-the-projects-own", "Plain speech")]
    assert supported(code) == language


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ({}, ""),
        ({"HTTP_ACCEPT_LANGUAGE": "de-AT,de;q=0.9,en;q=0.8"}, "de"),
        ({"HTTP_ACCEPT_LANGUAGE": "*"}, ""),
        ({"HTTP_ACCEPT_LANGUAGE": " "}, ""),
        ({"HTTP_ACCEPT_LANGUAGE": "xx"}, "en"),
        ({"HTTP_COOKIE": "django_language=fr"}, "fr"),
        ({"HTTP_COOKIE": "django_language=fr", "HTTP_ACCEPT_LANGUAGE": "de"}, "fr"),
        ({"HTTP_X_MEDUSA_LOCALE": "ja-JP", "HTTP_COOKIE": "django_language=fr", "HTTP_ACCEPT_LANGUAGE": "de"}, "ja"),
        ({"HTTP_X_MEDUSA_LOCALE": "xx-YY", "HTTP_ACCEPT_LANGUAGE": "de"}, "de"),
    ],
)
def test_what_a_request_names(said, language):
    request = RequestFactory().post("/", **said)
    LocaleMiddleware(lambda request: None).process_request(request)
    with translation.override("en"):
        assert spoken(request) == language


def test_without_the_middleware_only_the_sdks_header_names_one():
    assert spoken(RequestFactory().post("/", headers={"accept-language": "de"})) == ""
    assert spoken(RequestFactory().post("/", headers={"x-medusa-locale": "de"})) == "de"


def test_the_sdks_header_is_the_language_of_the_request_alone(api, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "locale" not in name]
    before = translation.get_language()
    body = {"identifier": EMAIL}
    assert api.post("/auth/customer/otp/pre-register", body, **{"x-medusa-locale": "pt-BR"}).status_code == 200
    assert (newest(), translation.get_language()) == ("pt-br", before)


def test_the_identity_is_remembered_with_its_language_and_the_customer_with_theirs(api, register):
    api.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    token = register()
    assert language_of() == "fr"
    assert api.post("/store/customers", {}, token=token, **{"x-medusa-locale": "it"}).status_code == 200
    assert language_of() == "it"


def test_a_sign_up_is_remembered_and_a_login_brings_it_up_to_date(api, sign_up, prove, cost):
    api.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    person = sign_up()
    prove(person, "email")
    assert language_of() == "fr"
    right, wrong = {"email": EMAIL, "password": PASSWORD}, {"email": EMAIL, "password": "a strangers guess"}
    usual = cost(LOGIN, right)
    del api.client.defaults["HTTP_ACCEPT_LANGUAGE"]
    assert cost(LOGIN, right) == usual
    assert language_of() == "fr", "nothing was named"
    api.client.defaults["HTTP_X_MEDUSA_LOCALE"] = "de"
    cost(LOGIN, wrong, status=401)
    assert language_of() == "fr"
    stamp = person.row.updated_at
    assert (cost(LOGIN, right), language_of()) == (usual + 1, "de")
    assert cost(LOGIN, right) == usual
    assert person.row.updated_at == stamp, "which storefronts see, and this is nothing of theirs"


def test_half_a_login_changes_nothing(api, verified, clock):
    _, token = verified()
    app = with_app(api, token)
    clock.shift(30)
    api.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    half = pending(api)
    assert language_of() == ""
    assert show(api, half, app.code()).status_code == 200
    assert language_of() == "fr"


def test_a_strangers_requests_speak_the_owners_language_and_leave_it(api, configure):
    configure(RATE_LIMITS={"RULES": {"code_send": "", "password_reset": ""}})
    owner, thief = customer_named("jane", language="de"), customer_named("thief", language="fr")
    stranger = {"accept-language": "fr"}
    for path, body in [
        ("/auth/customer/otp/generate", {"identifier": EMAIL}),
        ("/auth/customer/emailpass/reset-password", {"identifier": EMAIL}),
        ("/auth/customer/emailpass/register", {"email": EMAIL, "password": PASSWORD}),
        (LOGIN, {"email": EMAIL, "password": "a strangers guess"}),
    ]:
        api.post(path, body, **stranger)
    configure(REGISTRATION={"EXISTING_ACCOUNT": "conceal"})
    assert (
        api.post("/auth/customer/emailpass/register", {"email": EMAIL, "password": PASSWORD}, **stranger).status_code
        == 200
    )
    token = api.post(LOGIN, {"email": thief.email, "password": "a password"}, **stranger).json()["token"]
    assert api.post("/store/customers/me/contact", {"email": EMAIL}, token=token, **stranger).status_code == 200
    told = dict(OutboxMessage.objects.filter(destination=EMAIL).values_list("kind", "language"))
    assert told == dict.fromkeys(("code_login", "password_reset", "existing_account", "contact_taken"), "de")
    assert language_of() == owner.language == "de"


def test_what_staff_or_a_worker_causes_speaks_the_customers_language():
    customer = customer_named("jane", language="de")
    contact = customer.contact(IdentifierKind.EMAIL)
    with translation.override("ja"):
        message = notices.to(
            contact, "account_deletion_reminder", customer, now=timezone.now(), context={"scheduled_on": "2027-05-10"}
        )
        messaging.queue(message)
        tasks.deliver_message(message.pk)
        assert active() == "ja"
    [sent] = mail.outbox
    assert "10. Mai 2027" in sent.body
    assert '<html lang="de"' in sent.alternatives[0][0]


@pytest.mark.parametrize(("stored", "spoken_now"), [("", "fr"), ("de", "fr")])
def test_a_language_that_is_unknown_or_spoken_no_more_falls_back(settings, stored, spoken_now):
    customer = customer_named("jane", language=stored)
    settings.LANGUAGES = [("en", "English"), ("fr", "French")]
    contact = customer.contact(IdentifierKind.EMAIL)
    with translation.override(spoken_now):
        message = notices.to(contact, "account_erased", customer, now=timezone.now())
    assert message.language == "fr"
    messaging.queue(message)
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("es", "Spanish")], "es"
    messaging.deliver(message.pk)
    assert '<html lang="es"' in mail.outbox[0].alternatives[0][0]


def test_a_code_that_a_session_asks_for_speaks_as_its_page_and_the_notice_as_the_owner(api, verified):
    _, token = verified()
    Customer.objects.update(language="de")
    page = {"accept-language": "fr"}
    flow = api.post("/store/customers/me/contact", {"email": "new@example.com"}, token=token, **page).json()["token"]
    assert newest() == "fr"
    proof = {"token": flow, "code": last_code("new@example.com")}
    assert api.post("/store/customers/me/contact/verify", proof, token=token, **page).status_code == 200
    assert set(OutboxMessage.objects.filter(otp__purpose="contact_undo").values_list("language", flat=True)) == {"de"}
    assert language_of("new@example.com") == "de", "a session may be stolen; a login takes a proof"


def test_the_first_proof_of_an_address_forgets_what_a_stranger_signed_up_in(api, sign_up, reset_link):
    api.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    sign_up()
    token = reset_link()
    assert newest() == "fr", "nobody knows better yet"
    assert api.post(f"{LOGIN}/update", {"password": "the owners own"}, token=token).status_code == 200
    assert language_of() == ""
    assert link_token(EMAIL) == token


@pytest.mark.parametrize("strategy", ["anonymize", "delete"])
def test_it_is_erased_with_the_account_after_the_last_message(strategy):
    request = due(language="fr")
    type(request).objects.update(language="fr")
    purge("--strategy", strategy)
    assert newest() == "fr"
    request.refresh_from_db()
    assert request.language == ""
    assert set(Customer.objects.values_list("language", flat=True)) <= {""}
