"""A phone number has one canonical form, E.164, however it is spelled."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import InvalidIdentifier
from customer_registration.flows.identify import identify
from customer_registration.identifiers import Identifier, parse_phone, phone_prefix

MOBILE = "+447400123456"


@pytest.mark.parametrize(
    "typed",
    [
        "+447400123456",
        " +44 7400 123456 ",
        "+44-7400-123-456",
        "+44.7400.123456",
        "+44/7400/123456",
        "+44 (7400) 123456",
        "+44 (0)7400 123456",
        "+(44)7400123456",
        "\t+447400123456\n",
    ],
)
def test_separators_do_not_make_another_number(typed):
    assert parse_phone(typed) == Identifier(IdentifierKind.PHONE, MOBILE)


REFUSED_NUMBERS = {
    "empty": "",
    "only a plus": "+",
    "only separators": "()-./",
    "letters": "+1-800-FLOWERS",
    "extension": "+44 7400 123456 ext. 5",
    "x extension": "+447400123456x5",
    "hash extension": "+447400123456#5",
    "RFC 3966": "tel:+447400123456",
    "RFC 3966 parameters": "+447400123456;ext=5",
    "RFC 3966 context": "7400123456;phone-context=+44",
    "pause": "+447400123456,5",
    "full-width digits": "+４４７４００１２３４５６",
    "full-width plus": "＋447400123456",
    "Arabic digits": "+٤٤٧٤٠٠١٢٣٤٥٦",
    "superscript": "+44740012345⁶",
    "no-break space": "+44\xa07400123456",
    "en dash": "+44–7400–123456",
    "right-to-left mark": "\u200f+447400123456",
    "NUL": "+447400\x00123456",
    "line break inside": "+447400\n123456",
    "two numbers": "+447400123456+447400123457",
    "two pluses": "++447400123456",
    "star": "*21*+447400123456",
    "too short": "+4474",
    "too long": "+4474001234567890",
    "unknown country": "+999 7400 123456",
    "33 characters": "+44 7400 123456" + " " * 17 + "7",
    "a megabyte": "+" + "4" * 1_000_000,
}


@pytest.mark.parametrize("typed", REFUSED_NUMBERS.values(), ids=REFUSED_NUMBERS)
def test_text_that_no_message_can_safely_be_sent_to_is_refused(typed):
    with pytest.raises(InvalidIdentifier) as refused:
        parse_phone(typed, region="GB")
    assert refused.value.message == "Invalid request: Invalid phone number"


def test_national_input_is_read_in_the_region():
    assert parse_phone("07400 123456", region="GB").value == MOBILE
    assert parse_phone("(201) 555-0123", region="US").value == "+12015550123"


def test_the_region_does_not_touch_international_input():
    assert parse_phone(MOBILE, region="US").value == MOBILE


def test_without_a_region_only_international_input_passes(settings):
    settings.PHONENUMBER_DEFAULT_REGION = "GB"  # the parser is pure: a project's setting must not reach it
    assert parse_phone(MOBILE).value == MOBILE
    with pytest.raises(InvalidIdentifier):
        parse_phone("07400 123456")


def test_the_door_reads_national_input_in_the_projects_region(settings):
    settings.PHONENUMBER_DEFAULT_REGION = "GB"
    assert identify("07400 123456", IdentifierKind.PHONE).value == MOBILE
    settings.PHONENUMBER_DEFAULT_REGION = None
    with pytest.raises(InvalidIdentifier):
        identify("07400 123456", IdentifierKind.PHONE)


@pytest.mark.parametrize(
    ("typed", "its_type"),
    [
        ("+1 900 234 5678", "PREMIUM_RATE"),
        ("+1 800 234 5678", "TOLL_FREE"),
        ("+33 884 01 23 45", "SHARED_COST"),
        ("+44 20 7946 0958", "FIXED_LINE"),
        ("+44 56 1234 5678", "VOIP"),
    ],
)
def test_only_the_types_that_take_messages_are_accepted(typed, its_type):
    with pytest.raises(InvalidIdentifier):
        parse_phone(typed)
    assert parse_phone(typed, number_types=[its_type]).value.startswith("+")


def test_the_projects_number_types_hold_at_the_door(configure):
    with pytest.raises(InvalidIdentifier):
        identify("+44 20 7946 0958", IdentifierKind.PHONE, to_text=True)
    configure(SMS_GUARD={"NUMBER_TYPES": ["FIXED_LINE"]})
    assert identify("+44 20 7946 0958", IdentifierKind.PHONE, to_text=True).value == "+442079460958"
    with pytest.raises(InvalidIdentifier):
        identify(MOBILE, IdentifierKind.PHONE, to_text=True)


def test_whoever_is_there_already_is_found_whatever_may_be_texted_today(configure):
    configure(SMS_GUARD={"NUMBER_TYPES": ["FIXED_LINE"], "COUNTRIES": ["US"]})
    assert identify(MOBILE, IdentifierKind.PHONE).value == MOBILE


@pytest.mark.parametrize(
    ("number", "its_country"),
    [
        ("+12025550123", "US"),
        ("+14165550123", "CA"),
        ("+18765550123", "JM"),
        ("+447400123456", "GB"),
        ("+447797712345", "JE"),
        ("+77012345678", "KZ"),
    ],
)
def test_a_number_is_of_the_country_it_is_of_whoever_shares_its_calling_code(number, its_country):
    others = {"US", "CA", "JM", "GB", "JE", "RU", "KZ"} - {its_country}
    assert parse_phone(number, number_types=None, countries=[its_country]).value == number
    with pytest.raises(InvalidIdentifier):
        parse_phone(number, number_types=None, countries=others)


@pytest.mark.parametrize(
    ("number", "prefix"),
    [("+12025550123", "+12025"), ("+447400123456", "+447400"), ("+390612345678", "+390612"), ("+6834123", "+6834123")],
)
def test_a_prefix_is_the_calling_code_and_four_digits(number, prefix):
    assert phone_prefix(number) == prefix


_mobiles = [
    phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (example := phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE))
]


@st.composite
def numbers(draw):
    """Draw a mobile number of some region, with other last digits, bare and spelled with separators."""
    digits = draw(st.sampled_from(_mobiles))[:-3]
    digits += draw(st.text("0123456789", min_size=3, max_size=3))
    gaps = draw(st.lists(st.sampled_from(["", "", " ", "-", "."]), min_size=len(digits), max_size=len(digits)))
    return digits, digits[0] + "".join(a + b for a, b in zip(digits[1:], gaps, strict=False))


@hypothesis_settings(deadline=None)  # the first example pays for loading the metadata
@given(numbers())
def test_spelling_a_number_otherwise_and_reading_it_twice_change_nothing(drawn):
    digits, spelled = drawn
    try:
        value = parse_phone(digits).value
    except InvalidIdentifier:
        return
    assert len(value) <= 16
    assert parse_phone(value).value == value
    if len(spelled) <= 32:
        assert parse_phone(spelled).value == value
