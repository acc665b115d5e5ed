"""What a project's settings must not leave open: typos, limits of one process, codes to be read, loose cookies."""

import pytest
import time_machine
from django.core.checks import run_checks

from customer_registration.checks import fixed_codes
from customer_registration.messaging.backends import console
from tests.unit.test_checks import SOUND, ids, sound  # noqa: F401  # fixture

pytestmark = pytest.mark.django_db  # some of Django's own checks ask the database
PHONE = "+12025550123"
HERE = "tests.security.test_configuration."


def found(number, **options):
    """Return our findings of a number that nobody silenced."""
    findings = run_checks(**options)
    return [each for each in findings if each.id == f"customer_registration.{number}" and not each.is_silenced()]


@pytest.mark.parametrize(
    ("typo", "path", "suggestion"),
    [
        ({"REGISTRATON": {}}, "REGISTRATON", "REGISTRATION"),
        ({"OTP": {"MAX_ATEMPTS": 3}}, "OTP.MAX_ATEMPTS", "MAX_ATTEMPTS"),
        ({"otp": {"LENGTH": 8}}, "otp", "OTP"),
        ({"TEST_IDENTIFIER": {}}, "TEST_IDENTIFIER", "TEST_IDENTIFIERS"),
    ],
)
def test_f1_a_misspelt_setting_stops_the_start_with_a_suggestion(settings, typo, path, suggestion):
    settings.CUSTOMER_REGISTRATION = {**SOUND, **typo}
    [finding] = found("E001")
    assert finding.is_serious()
    assert f" {path} is not a setting" in finding.msg
    assert finding.hint == f"Did you mean '{suggestion}'?"


@pytest.mark.parametrize(
    ("limits", "number"),
    [({"STORAGE_URI": "memory://"}, "E101"), ({}, "E101"), ({"STORAGE_URI": "redis://db", "ENABLED": False}, "E102")],
)
def test_f2_limits_that_several_processes_do_not_share_are_an_error_before_a_deployment(settings, limits, number):
    settings.CUSTOMER_REGISTRATION = {**SOUND, "RATE_LIMITS": {"STOREFRONT_SERVERS": ["10.0.0.0/8"], **limits}}
    assert ids(include_deployment_checks=True) == [f"customer_registration.{number}"]
    [finding] = found(number, include_deployment_checks=True)
    assert finding.is_serious()
    assert ids() == []


class Printer(console.SMSBackend):
    """A project's own, which prints as well."""


@pytest.mark.parametrize(
    "backend",
    [
        *(f"customer_registration.messaging.backends.{name}.SMSBackend" for name in ("console", "file", "locmem")),
        "example_project.inbox.backends.SMSBackend",
        f"{HERE}Printer",
    ],
)
def test_f3_texts_that_can_be_read_where_they_are_logged_are_an_error_before_a_deployment(settings, backend):
    sms = ["customer_registration.messaging.backends.apprise.SMSBackend", backend]  # the last resort counts too
    settings.CUSTOMER_REGISTRATION = {**SOUND, "CHANNELS": {"email": ["django"], "sms": sms}}
    [finding] = found("E103", include_deployment_checks=True)
    assert finding.is_serious()
    assert f"sends through {backend}, a development backend" in finding.msg
    assert ids() == []


@pytest.mark.parametrize("backend", ["console", "filebased", "locmem", "dummy"])
def test_f3_mail_that_can_be_read_where_it_is_logged_is_one_too(mail_through, backend):
    mail_through(backend)
    assert ids(include_deployment_checks=True) == ["customer_registration.E103"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("SESSION_COOKIE_SECURE", False), ("SESSION_COOKIE_HTTPONLY", False), ("SESSION_COOKIE_SAMESITE", False)],
)
def test_d19_a_session_cookie_without_its_flags_is_an_error_before_a_deployment(settings, name, value):
    setattr(settings, name, value)
    assert ids(include_deployment_checks=True) == ["customer_registration.E105"]
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "Session" not in each]
    assert "customer_registration.E105" not in ids(include_deployment_checks=True)


def test_c17_before_a_deployment_it_says_until_when_each_works_and_what_to_remove(configure):
    ends = {"a@example.com": "2027-01-31", "b@example.com": "2026-12-31", "c@example.com": None}
    configure(TEST_IDENTIFIERS={name: {"code": "424242", "until": until} for name, until in ends.items()})
    with time_machine.travel("2027-01-31T23:59:59Z", tick=False):
        [finding] = fixed_codes.no_fixed_codes()
    assert finding.id == "customer_registration.E104"
    assert "'a@example.com' works until 2027-01-31" in finding.msg
    assert "'b@example.com' expired after 2026-12-31" in finding.msg
    assert "'c@example.com' is malformed and opens nothing" in finding.msg
    assert finding.hint.startswith("Remove what has expired.")
    assert "424242" not in finding.msg


def test_c17_they_are_a_deploy_error_that_only_its_id_silences(settings, configure):
    def loud():
        return found("E104", include_deployment_checks=True)

    assert loud() == []
    configure(TEST_IDENTIFIERS={PHONE: {"code": "424242", "until": "2020-01-01"}})  # expired ones stay told
    for silenced in ([], ["customer_registration.E019", "customer_registration", "E104", "security.W004"]):
        settings.SILENCED_SYSTEM_CHECKS = silenced
        [finding] = loud()
        assert finding.is_serious()
    settings.SILENCED_SYSTEM_CHECKS = ["customer_registration.E104"]
    assert loud() == []
