"""Settings: typed, live, and strict about what they are given."""

import dataclasses

import pytest
from django.core.exceptions import ImproperlyConfigured

from customer_registration.conf import Config, config, load


def leaves(section, path=()):
    """Yield every option with its path and default."""
    for field in dataclasses.fields(section):
        value = getattr(section, field.name)
        if dataclasses.is_dataclass(value):
            yield from leaves(value, (*path, field.name.upper()))
        else:
            yield (*path, field.name.upper()), value


# One other valid value for every option there is.
OTHERS = {
    "STOREFRONT_URL": "https://x.example",
    "PUBLISHABLE_API_KEYS": ["pk"],
    "USER_ADAPTER": "a.B",
    "PROVIDERS": {"customer": []},
    "TOKENS.LIFETIME_MINUTES": 5,
    "TOKENS.SIGNING_KEY": "k" * 40,
    "RETENTION_DAYS": 1,
    "REGISTRATION.IDENTIFIER": "both",
    "REGISTRATION.REQUIRE_VERIFICATION": False,
    "REGISTRATION.UNVERIFIED_TTL_MINUTES": 3,
    "REGISTRATION.PURGE_UNVERIFIED_DAYS": 3,
    "LOGIN.IDENTIFIER": "phone",
    "LOGIN.UNVERIFIED_RESPONSE": "challenge",
    "LOGIN.SECOND_STEP": "otp",
    "LOGIN.ALLOW_PASSWORD_IN_QUERY": True,
    "LOGIN.SESSION_MAX_DAYS": 3,
    "OTP.LENGTH": 8,
    "OTP.CHARSET": "alphanumeric",
    "OTP.EXPIRY_MINUTES": 3,
    "OTP.MAX_ATTEMPTS": 3,
    "OTP.CODE_IN_SUBJECT": False,
    "EMAIL_VERIFICATION.CHANNEL": "mail",
    "EMAIL_VERIFICATION.TEMPLATE": "a.html",
    "EMAIL_VERIFICATION.SUBJECT": "a",
    "EMAIL_VERIFICATION.RESEND_THROTTLE_SECONDS": 0,
    "EMAIL_VERIFICATION.AUTO_SEND_ON_REGISTRATION": True,
    "PHONE_VERIFICATION.CHANNEL": "whatsapp",
    "PHONE_VERIFICATION.TEMPLATE": "a.txt",
    "PHONE_VERIFICATION.RESEND_THROTTLE_SECONDS": 0,
    "PHONE_VERIFICATION.AUTO_SEND_ON_REGISTRATION": True,
    "CONTACT_CHANGE.TEMPLATE": "a",
    "CONTACT_CHANGE.SUBJECT": "a",
    "CONTACT_CHANGE.UNDO_DAYS": 1,
    "PASSWORD_RESET.TEMPLATE": "a",
    "PASSWORD_RESET.SUBJECT": "a",
    "PASSWORD_RESET.SMS_BODY": "a",
    "PASSWORD_RESET.EXPIRY_MINUTES": 1,
    "PASSWORD_RESET.RESEND_THROTTLE_SECONDS": 0,
    "PASSWORDLESS.DIGITS": 8,
    "PASSWORDLESS.TTL_SECONDS": 60,
    "PASSWORDLESS.CONCEAL": False,
    "PASSWORDLESS.SEND": False,
    "PASSWORDLESS.ACTORS": {"vendor": "a.B"},
    "TWO_STEP_LOGIN.DIGITS": 8,
    "TWO_STEP_LOGIN.TTL_SECONDS": 90,
    "TWO_STEP_LOGIN.RESEND_THROTTLE_SECONDS": 0,
    "SECOND_FACTOR.ISSUER": "Shop",
    "SECOND_FACTOR.CHALLENGE_SECONDS": 60,
    "SECOND_FACTOR.MAX_ATTEMPTS": 3,
    "SECOND_FACTOR.RECOVERY_CODES": 8,
    "ACCOUNT_DELETION_REQUEST.TEMPLATE": "a",
    "ACCOUNT_DELETION_REQUEST.SUBJECT": "a",
    "ACCOUNT_DELETION_REQUEST.SCHEDULED_DAYS": 30,
    "ACCOUNT_DELETION_REQUEST.REMINDER_DAYS": [3, 1],
    "ACCOUNT_DELETION_REQUEST.STRATEGY": "delete",
    "ACCOUNT_DELETION_REQUEST.HANDLER": "a.b",
    "ACCOUNT_DELETION_CANCEL.TEMPLATE": "a",
    "ACCOUNT_DELETION_CANCEL.SUBJECT": "a",
    "CHANNELS": {"email": ["django:other"]},
    "RATE_LIMITS.ENABLED": False,
    "RATE_LIMITS.STORAGE_URI": "redis://x",
    "RATE_LIMITS.TRUSTED_PROXIES": 1,
    "RATE_LIMITS.STOREFRONT_SERVERS": ["10.0.0.0/8"],
    "RATE_LIMITS.RULES": {"login": "1/m/ip"},
    "REGISTRATION.EXISTING_ACCOUNT": "conceal",
    "SMS_GUARD.COUNTRIES": ["US", "CA"],
    "SMS_GUARD.NUMBER_TYPES": ["MOBILE"],
    "SMS_GUARD.HOURLY_BUDGET": 500,
    "SMS_GUARD.PREFIX_HOURLY_BUDGET": 50,
    "SMS_GUARD.MIN_CONVERSION": 0.25,
    "TEST_IDENTIFIERS": {"+12025550123": {"code": "424242", "until": "2027-01-31"}},
}


def nested(path, value):
    """Return the dict that sets one option."""
    *sections, name = path.split(".")
    tree = {name: value}
    for section in reversed(sections):
        tree = {section: tree}
    return tree


def read(loaded, path):
    """Return an option by its path."""
    for name in path.split("."):
        loaded = getattr(loaded, name.lower())
    return loaded


def test_every_option_is_listed_here():
    assert {".".join(path) for path, _ in leaves(Config())} == set(OTHERS)


@pytest.mark.parametrize("path", OTHERS)
def test_an_option_is_read_live_under_override(settings, path):
    before = read(config(), path)
    value = OTHERS[path]
    settings.CUSTOMER_REGISTRATION = nested(path, value)
    after = read(config(), path)
    assert after == (tuple(value) if isinstance(value, list) else value)
    assert after != before


@pytest.mark.parametrize("path", OTHERS)
def test_an_option_of_another_type_is_refused(path):
    _, problems = load(nested(path, object()))
    assert [problem.path for problem in problems] == [path]
    assert problems[0].kind in ("type", "value")


@pytest.mark.parametrize(
    ("raw", "kind", "path", "message", "hint"),
    [
        (
            {"REGISTRATON": {}},
            "unknown",
            "REGISTRATON",
            "is not a setting of customer_registration.",
            "Did you mean 'REGISTRATION'?",
        ),
        (
            {"OTP": {"LENGHT": 8}},
            "unknown",
            "OTP.LENGHT",
            "is not a setting of customer_registration.",
            "Did you mean 'LENGTH'?",
        ),
        (
            {"otp": {}},
            "unknown",
            "otp",
            "is not a setting of customer_registration.",
            "Did you mean 'OTP'?",
        ),
        ({"ZZZZ": 1}, "unknown", "ZZZZ", "is not a setting of customer_registration.", None),
        ({"OTP": 5}, "type", "OTP", "must be a dict, not int.", None),
        ({"OTP": {"LENGTH": "8"}}, "type", "OTP.LENGTH", "must be int, not '8'.", None),
        ({"OTP": {"LENGTH": True}}, "type", "OTP.LENGTH", "must be int, not True.", None),
        ({"OTP": {"LENGTH": 5}}, "value", "OTP.LENGTH", "must be at least 6, not 5.", None),
        ({"OTP": {"LENGTH": 17}}, "value", "OTP.LENGTH", "must be at most 16, not 17.", None),
        ({"OTP": {"MAX_ATTEMPTS": 11}}, "value", "OTP.MAX_ATTEMPTS", "must be at most 10, not 11.", None),
        ({"PUBLISHABLE_API_KEYS": "pk"}, "type", "PUBLISHABLE_API_KEYS", "must be a list of str, not 'pk'.", None),
        (
            {"REGISTRATION": {"IDENTIFIER": "fax"}},
            "value",
            "REGISTRATION.IDENTIFIER",
            "must be one of 'email', 'phone', 'both', not 'fax'.",
            None,
        ),
        (
            {"REGISTRATION": {"EXISTING_ACCOUNT": "hide"}},
            "value",
            "REGISTRATION.EXISTING_ACCOUNT",
            "must be one of 'reveal', 'conceal', not 'hide'.",
            None,
        ),
        (
            {"SMS_GUARD": {"COUNTRIES": "US"}},
            "type",
            "SMS_GUARD.COUNTRIES",
            "must be a list of str or None, not 'US'.",
            None,
        ),
        (
            {"SMS_GUARD": {"HOURLY_BUDGET": 0}},
            "value",
            "SMS_GUARD.HOURLY_BUDGET",
            "must be at least 1, not 0.",
            None,
        ),
        (
            {"SMS_GUARD": {"PREFIX_HOURLY_BUDGET": -1}},
            "value",
            "SMS_GUARD.PREFIX_HOURLY_BUDGET",
            "must be at least 1, not -1.",
            None,
        ),
        (
            {"SMS_GUARD": {"MIN_CONVERSION": 25}},
            "value",
            "SMS_GUARD.MIN_CONVERSION",
            "must be at most 1, not 25.",
            None,
        ),
        (
            {"SMS_GUARD": {"MIN_CONVERSION": -0.1}},
            "value",
            "SMS_GUARD.MIN_CONVERSION",
            "must be at least 0, not -0.1.",
            None,
        ),
        ([], "type", "CUSTOMER_REGISTRATION", "must be a dict, not list.", None),
    ],
)
def test_what_is_wrong_is_said_with_its_place(raw, kind, path, message, hint):
    _, problems = load(raw)
    assert [tuple(problem) for problem in problems] == [(kind, path, message, hint)]


def test_several_mistakes_are_reported_together_and_the_rest_is_read():
    loaded, problems = load({"OTP": {"LENGTH": 99, "CHARSET": "alphanumeric"}, "X": 1})
    assert len(problems) == 2
    assert (loaded.otp.length, loaded.otp.charset) == (6, "alphanumeric")


def test_a_broken_dict_stops_the_app_with_a_clear_error(settings):
    settings.CUSTOMER_REGISTRATION = {"OTP": {"LENGTH": 1}}
    with pytest.raises(ImproperlyConfigured, match=r"OTP\.LENGTH: must be at least 6, not 1\."):
        config()


def test_options_cannot_be_changed_in_place():
    with pytest.raises(dataclasses.FrozenInstanceError):
        config().otp.length = 4


def test_login_follows_registration_unless_told(settings):
    settings.CUSTOMER_REGISTRATION = {"REGISTRATION": {"IDENTIFIER": "phone"}}
    assert config().login_mode == "phone"
    settings.CUSTOMER_REGISTRATION = {"REGISTRATION": {"IDENTIFIER": "phone"}, "LOGIN": {"IDENTIFIER": "both"}}
    assert config().login_mode == "both"
