"""System checks: each id fires for its fault, and a sound project is silent."""

from unittest.mock import Mock

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from limits.errors import ConfigurationError

from customer_registration.checks import start

pytestmark = pytest.mark.django_db  # some of Django's own checks ask the database

DEFAULT_ADAPTER = "customer_registration.users.DefaultUserAdapter"
SOUND = {
    "STOREFRONT_URL": "https://shop.example.com",
    "RATE_LIMITS": {"STORAGE_URI": "redis://localhost", "STOREFRONT_SERVERS": ["10.0.0.0/8"]},
    "CHANNELS": {"email": ["django"], "sms": ["customer_registration.messaging.backends.apprise.SMSBackend"]},
    # What the user model of this run takes to register by e-mail.
    "USER_ADAPTER": project.CUSTOMER_REGISTRATION.get("USER_ADAPTER", DEFAULT_ADAPTER),
}


def erase(customer, request):
    """Erase what a project keeps of a customer: a handler as E015 wants it."""


def ids(**options):
    """Return the ids of our own findings, sorted: Django runs its checks in no fixed order."""
    return sorted(message.id for message in run_checks(**options) if message.id.startswith("customer_registration"))


@pytest.fixture(autouse=True)
def sound(settings, mail_through):
    settings.CUSTOMER_REGISTRATION = SOUND
    settings.SESSION_COOKIE_SECURE = True
    mail_through("smtp", timeout=10)


def test_a_sound_project_is_silent():
    assert ids(include_deployment_checks=True) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"OTP": {"LENGTH": "6"}}, "E002"),
        ({"OTP": {"LENGTH": 4}}, "E003"),
        ({"STOREFRONT_URL": None, "PASSWORD_RESET": {}}, "E004"),
        ({"STOREFRONT_URL": None}, "W001"),
        ({"REGISTRATION": {"IDENTIFIER": "both"}, "CHANNELS": {"email": ["django"]}}, "E005"),
        ({"USER_ADAPTER": "nowhere.Adapter"}, "E006"),
        ({"USER_ADAPTER": "builtins.object"}, "E006"),
        ({"CHANNELS": {"email": ["nowhere.Backend"], "sms": ["django"]}}, "E008"),
        ({"CHANNELS": {"sms": ["django"]}}, "E008"),
        ({"CHANNELS": {"email": 5, "sms": ["django"]}}, "E008"),
        ({"RATE_LIMITS": {"RULES": {"logn": "1/m/ip"}}}, "E009"),
        ({"RATE_LIMITS": {"RULES": {"login": "often"}}}, "E009"),
        ({"RATE_LIMITS": {"RULES": {"login": 5}}}, "E009"),
        ({"TOKENS": {"SIGNING_KEY": "short"}}, "E010"),
        ({"USER_ADAPTER": "json"}, "E006"),
        ({"CHANNELS": {"email": "django", "sms": ["django"]}}, "E008"),
        ({"CHANNELS": {"email": ["django"], "sms": ["django"], "a-very-long-channel": ["django"]}}, "E008"),
        ({"CHANNELS": {"email": ["tests.flows.test_outbox.Unbuildable"]}}, "E008"),
        ({"RATE_LIMITS": {"RULES": {"code_failed": "10/d/ip"}}}, "E009"),
        ({"EMAIL_VERIFICATION": {"TEMPLATE": "nowhere.html"}}, "E014"),
        ({"PHONE_VERIFICATION": {"TEMPLATE": "nowhere.txt"}}, "E014"),
        ({"CONTACT_CHANGE": {"SUBJECT": "{% nonsense %}"}}, "E014"),
        ({"PASSWORD_RESET": {"SMS_BODY": "{{ reset_url"}}, None),  # text to Django, not an open tag
        ({"PASSWORD_RESET": {"SMS_BODY": "{% if link %}"}}, "E014"),
        ({"OTP": {"CODE_IN_SUBJECT": False}, "CONTACT_CHANGE": {"SUBJECT": "{{ otp }} is yours"}}, "E021"),
        ({"OTP": {"CODE_IN_SUBJECT": False}, "CONTACT_CHANGE": {"SUBJECT": "Your code"}}, None),
        ({"CONTACT_CHANGE": {"SUBJECT": "{{ otp }} is yours"}}, None),
        ({"ACCOUNT_DELETION_REQUEST": {"TEMPLATE": "nowhere.html"}}, "E014"),
        ({"ACCOUNT_DELETION_REQUEST": {"SUBJECT": "{% nonsense %}"}}, "E014"),
        ({"ACCOUNT_DELETION_CANCEL": {"TEMPLATE": "nowhere.html"}}, "E014"),
        ({"ACCOUNT_DELETION_CANCEL": {"SUBJECT": "{% nonsense %}"}}, "E014"),
        ({"ACCOUNT_DELETION_REQUEST": {"HANDLER": "nowhere.erase"}}, "E015"),
        ({"ACCOUNT_DELETION_REQUEST": {"HANDLER": "nonsense"}}, "E015"),
        ({"ACCOUNT_DELETION_REQUEST": {"HANDLER": "tests.unit.test_checks.SOUND"}}, "E015"),
        ({"ACCOUNT_DELETION_REQUEST": {"HANDLER": "tests.unit.test_checks.erase"}}, None),
        ({"ACCOUNT_DELETION_REQUEST": {"REMINDER_DAYS": [3, 0]}}, "E015"),
        ({"ACCOUNT_DELETION_REQUEST": {"REMINDER_DAYS": [-1]}}, "E015"),
        ({"ACCOUNT_DELETION_REQUEST": {"REMINDER_DAYS": [3, 1]}}, None),
        ({"ACCOUNT_DELETION_REQUEST": {"REMINDER_DAYS": []}}, None),
        ({"ACCOUNT_DELETION_REQUEST": {"REMINDER_DAYS": 1}}, "E002"),
        ({"ACCOUNT_DELETION_REQUEST": {"SCHEDULED_DAYS": -1}}, "E003"),
        ({"ACCOUNT_DELETION_REQUEST": {"STRATEGY": "shred"}}, "E003"),
        ({"ACCOUNT_DELETION_REQUEST": {"SCHEDULED_DAYS": 6}}, "W002"),
        ({"ACCOUNT_DELETION_REQUEST": {"SCHEDULED_DAYS": 0}}, "W002"),
        ({"ACCOUNT_DELETION_REQUEST": {"SCHEDULED_DAYS": 7}}, None),
        ({"CONTACT_CHANGE": {"UNDO_DAYS": 8}}, "W002"),
        ({"CONTACT_CHANGE": {"UNDO_DAYS": 3}, "ACCOUNT_DELETION_REQUEST": {"SCHEDULED_DAYS": 3}}, None),
        ({"REGISTRATION": {"EXISTING_ACCOUNT": "conceal", "REQUIRE_VERIFICATION": False}}, "E020"),
        ({"REGISTRATION": {"EXISTING_ACCOUNT": "conceal"}}, None),
        ({"PROVIDERS": {"customer": ["emailpas"]}}, "E011"),
        ({"PROVIDERS": {"customer": None}}, "E011"),
        ({"RATE_LIMITS": {"STORAGE_URI": "junk://x"}}, "E012"),
        ({"SMS_GUARD": {"COUNTRIES": ["US", "CA"]}}, None),
        ({"SMS_GUARD": {"COUNTRIES": []}}, "E013"),
        ({"SMS_GUARD": {"COUNTRIES": "US"}}, "E002"),
        ({"SMS_GUARD": {"HOURLY_BUDGET": 0}}, "E003"),
        ({"SMS_GUARD": {"PREFIX_HOURLY_BUDGET": 0}}, "E003"),
        ({"SMS_GUARD": {"MIN_CONVERSION": 1.5}}, "E003"),
        ({"RATE_LIMITS": {"STORAGE_URI": "async+memory://"}}, "E012"),
        ({"RATE_LIMITS": {"STOREFRONT_SERVERS": ["10.0.0.0/33"]}}, "E012"),
    ],
)
def test_a_fault_is_found_at_start(settings, change, expected):
    settings.CUSTOMER_REGISTRATION = {**SOUND, **change}
    assert ids() == ([f"customer_registration.{expected}"] if expected else [])


def test_redis_without_its_extra_is_told_which_it_is(settings, monkeypatch):
    monkeypatch.setattr(start, "find_spec", lambda name: None)
    monkeypatch.setattr(start, "build_storage", Mock(side_effect=ConfigurationError("'redis' is not available.")))
    settings.CUSTOMER_REGISTRATION = {**SOUND, "RATE_LIMITS": {"STORAGE_URI": "redis://localhost"}}
    [finding] = start.rate_limits_can_be_built()
    assert finding.id == "customer_registration.E012"
    assert finding.hint == "pip install 'django-customer-registration[redis]'"
    settings.CUSTOMER_REGISTRATION = {**SOUND, "RATE_LIMITS": {"STORAGE_URI": "junk://x"}}
    assert [finding.hint for finding in start.rate_limits_can_be_built()] == [None]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"LOGIN": {"IDENTIFIER": "both"}, "CHANNELS": {"email": ["django"], "sms": ["django"]}}, "W102"),
        ({"RATE_LIMITS": {"STORAGE_URI": "redis://localhost"}}, "W103"),
    ],
)  # fmt: skip
def test_a_risk_is_found_before_deployment(settings, change, expected):
    settings.CUSTOMER_REGISTRATION = {**SOUND, **change}
    assert ids(include_deployment_checks=True) == [f"customer_registration.{expected}"]
    assert ids() == []


@pytest.mark.parametrize(
    ("named", "hint"),
    [
        ("UK", "Did you mean 'GB'?"),
        ("us", "Did you mean 'US'?"),
        ("GBR", "Two letters of ISO 3166-1, as in 'US'."),
    ],
)
def test_a_country_that_does_not_exist_is_found_with_what_was_meant(settings, named, hint):
    settings.CUSTOMER_REGISTRATION = {**SOUND, "SMS_GUARD": {"COUNTRIES": ["US", named]}}
    [finding] = start.text_messages_can_go_somewhere()
    assert (finding.id, finding.hint) == ("customer_registration.E013", hint)
    assert f"COUNTRIES has no '{named}'" in finding.msg


@pytest.mark.parametrize(
    "bound", [{"COUNTRIES": ["US"]}, {"HOURLY_BUDGET": 500}, {"PREFIX_HOURLY_BUDGET": 50}, {"MIN_CONVERSION": 0.2}]
)
def test_text_messages_have_a_bound_with_a_budget_or_a_list_of_countries(settings, bound):
    texts = {"LOGIN": {"IDENTIFIER": "both"}, "CHANNELS": {"email": ["django"], "sms": ["django"]}}
    settings.CUSTOMER_REGISTRATION = {**SOUND, **texts, "SMS_GUARD": bound}
    unbounded = "MIN_CONVERSION" in bound  # a brake on what nobody proves bounds nothing by itself
    assert ids(include_deployment_checks=True) == (["customer_registration.W102"] if unbounded else [])


def test_a_grace_period_shorter_than_the_undo_of_a_contact_change_is_a_warning_that_says_what_to_set(settings):
    """A thief would change the contact, then delete the account before its owner can object."""
    grace = {"ACCOUNT_DELETION_REQUEST": {"SCHEDULED_DAYS": 3}, "CONTACT_CHANGE": {"UNDO_DAYS": 5}}
    settings.CUSTOMER_REGISTRATION = {**SOUND, **grace}
    [message] = start.owners_can_object_to_a_deletion()
    assert (message.id, message.is_serious()) == ("customer_registration.W002", False)
    assert "after 3 days, a contact change can be undone for 5" in message.msg
    assert "SCHEDULED_DAYS" in message.hint


def test_a_shop_that_sends_no_texts_says_so(settings):
    settings.CUSTOMER_REGISTRATION = {**SOUND, "CHANNELS": {"email": ["django"], "sms": []}}
    assert ids(include_deployment_checks=True) == []


def test_a_mail_server_that_would_be_waited_for_is_found(mail_through):
    mail_through("smtp", timeout=None)
    assert ids(include_deployment_checks=True) == ["customer_registration.W104"]


def test_a_slow_hasher_is_found(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    assert ids(include_deployment_checks=True) == ["customer_registration.W101"]


@pytest.mark.parametrize("backends", [["django.contrib.auth.backends.ModelBackend"], ["nowhere.Backend"]])
def test_a_missing_backend_is_found(settings, backends):
    settings.AUTHENTICATION_BACKENDS = backends
    found = [message.id for message in start.backend_is_installed()]
    assert found == ["customer_registration.E007"]


def test_a_user_model_that_registration_cannot_fill_is_found(settings, monkeypatch):
    from customer_registration.users import DefaultUserAdapter

    settings.CUSTOMER_REGISTRATION = {**SOUND, "USER_ADAPTER": DEFAULT_ADAPTER}
    monkeypatch.setattr(DefaultUserAdapter, "username_kind", lambda self: checks_kind("phone"))
    assert ids() == ["customer_registration.E006"]


def test_a_username_too_short_for_a_customer_id_is_found(settings, monkeypatch):
    settings.CUSTOMER_REGISTRATION = {**SOUND, "REGISTRATION": {"IDENTIFIER": "both"}}
    assert ids() == []
    name = get_user_model()._meta.get_field(get_user_model().USERNAME_FIELD)
    monkeypatch.setattr(name, "max_length", 29)
    assert ids() == ["customer_registration.E006"]
    monkeypatch.setattr(name, "max_length", 30)
    assert ids() == []


def test_a_username_that_registration_fills_or_that_may_be_null_can_be_short(settings, monkeypatch):
    name = get_user_model()._meta.get_field(get_user_model().USERNAME_FIELD)
    monkeypatch.setattr(name, "max_length", 20)
    if name.name == "username":
        assert ids() == ["customer_registration.E006"]  # whatever registers, it holds the customer id
        return
    change = {"USER_ADAPTER": DEFAULT_ADAPTER, "REGISTRATION": {"IDENTIFIER": name.name}}
    settings.CUSTOMER_REGISTRATION = {**SOUND, **change}
    assert ids() == []
    settings.CUSTOMER_REGISTRATION = {**SOUND, **change, "REGISTRATION": {"IDENTIFIER": "both"}}
    assert ids() == ["customer_registration.E006"]
    monkeypatch.setattr(name, "null", True)
    assert ids() == []


def checks_kind(name):
    from customer_registration.enums import IdentifierKind

    return IdentifierKind(name)


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        ("admin_first", ["customer_registration.E016"]),
        ("admin_first_under_a_prefix", ["customer_registration.E016"]),
        ("admin_last", []),
        ("admin_elsewhere", []),
        ("no_api", []),
    ],
)
def test_an_admin_that_answers_in_place_of_the_staff_routes_is_found(settings, urls, expected):
    settings.ROOT_URLCONF = f"tests.unit.urls.{urls}"
    assert ids() == expected


def test_every_finding_can_be_silenced(settings):
    settings.CUSTOMER_REGISTRATION = {
        **SOUND,
        "TEST_IDENTIFIERS": {"a@example.com": {"code": "424242", "until": "2027-01-31"}},
    }
    settings.SILENCED_SYSTEM_CHECKS = ["customer_registration.E104"]
    [finding] = [
        message
        for message in run_checks(include_deployment_checks=True)
        if message.id.startswith("customer_registration")
    ]
    assert finding.is_silenced()
