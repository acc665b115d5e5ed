"""E019: entries of TEST_IDENTIFIERS that do not work as they look."""

from datetime import date, datetime

import pytest

from customer_registration.checks import fixed_codes

pytestmark = pytest.mark.django_db  # some of Django's own checks ask the database
SOUND = {"code": "424242", "until": "2027-01-31"}
PHONE = "+12025550123"


@pytest.fixture
def found(configure):
    """Configure test identifiers; return what E019 says, hints included."""

    def run(entries):
        configure(TEST_IDENTIFIERS=entries)
        findings = list(fixed_codes.entries_can_be_used())
        assert {finding.id for finding in findings} <= {"customer_registration.E019"}
        return [f"{finding.msg} {finding.hint or ''}".strip() for finding in findings]

    return run


@pytest.mark.parametrize(
    "entry",
    [
        SOUND,
        {"code": "A1b2C3d4E5f6G7h8", "until": date(2027, 1, 31)},
        {"code": "000000", "until": "2020-01-01"},  # over: the deploy check says so
    ],
)
def test_a_sound_entry_is_silent(found, entry):
    assert found({PHONE: entry, "reviewer@example.com": entry, "e2e@shop.test": entry}) == []


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("Reviewer@Example.com", "reviewer@example.com"),
        (" reviewer@example.com", "reviewer@example.com"),
        ("reviewer@bücher.example", "reviewer@xn--bcher-kva.example"),
        ("+1 202-555-0123", PHONE),
        ("2025550123", PHONE),
    ],
)
def test_a_name_that_no_stored_contact_equals_is_found_with_the_one_to_write(found, name, canonical):
    [said] = found({name: SOUND})
    assert f"TEST_IDENTIFIERS[{name!r}] is not in canonical form" in said
    assert said.endswith(f"Write {canonical!r}.")


@pytest.mark.parametrize(
    "name", ["", "reviewer", "@example.com", "+1202555012", "+18005550123", "+1202555x123", None, 7]
)
def test_a_name_that_cannot_register_is_found(found, name):
    [said] = found({name: SOUND})
    assert f"TEST_IDENTIFIERS[{name!r}] is neither an e-mail address nor a phone number" in said


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("424242", "must be a dict"),
        (None, "must be a dict"),
        ({**SOUND, "untill": 1, "for": 2}, "has unknown keys: for, untill"),
        ({**SOUND, 7: 1}, "has unknown keys: 7"),
        ({"until": "2027-01-31"}, "needs a 'code'"),
        ({**SOUND, "code": 424242}, "needs a 'code'"),
        ({**SOUND, "code": "42424"}, "needs a 'code'"),
        ({**SOUND, "code": "4" * 17}, "needs a 'code'"),
        ({**SOUND, "code": "424 242"}, "needs a 'code'"),
        ({**SOUND, "code": "٤٢٤٢٤٢"}, "needs a 'code'"),
        ({**SOUND, "code": "424242\n"}, "needs a 'code'"),
        ({"code": "424242"}, "needs an 'until'"),
        ({**SOUND, "until": None}, "needs an 'until'"),
        ({**SOUND, "until": "2027-1-31"}, "needs an 'until'"),
        ({**SOUND, "until": "20270131"}, "needs an 'until'"),
        ({**SOUND, "until": "2027-W04-7"}, "needs an 'until'"),
        ({**SOUND, "until": "2027-02-30"}, "needs an 'until'"),
        ({**SOUND, "until": "2027-01-31T23:59:59Z"}, "needs an 'until'"),
        ({**SOUND, "until": datetime(2027, 1, 31)}, "needs an 'until'"),
    ],
)
def test_a_malformed_entry_is_found_by_its_name_without_its_code(found, entry, fault):
    [said] = found({PHONE: entry, "reviewer@example.com": SOUND})
    assert f"TEST_IDENTIFIERS['{PHONE}'] {fault}" in said
    assert "4242" not in said


def test_a_number_of_a_country_that_is_not_texted_is_found(configure, found):
    configure(SMS_GUARD={"COUNTRIES": ["GB"]})
    [said] = found({PHONE: SOUND, "+447400123457": SOUND})
    assert f"TEST_IDENTIFIERS['{PHONE}'] is neither" in said


def test_a_number_type_that_does_not_exist_is_another_rules_affair(configure, found):
    configure(SMS_GUARD={"NUMBER_TYPES": ["CARRIER_PIGEON"]})
    assert found({PHONE: SOUND}) == []
