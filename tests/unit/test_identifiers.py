"""Text typed by a person becomes one canonical identifier, or none at all."""

import string

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import InvalidIdentifier
from customer_registration.flows.identify import identify
from customer_registration.identifiers import Identifier, kind_of, mask, parse_email, parse_phone, redact
from customer_registration.models import Customer

LOCAL_64, LOCAL_65 = "a" * 64, "a" * 65
LONGEST_DOMAIN = ".".join(["b" * 63, "c" * 63, "d" * 57, "com"])  # 189 + "a" * 64 + "@" = 254


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("jane@example.com", "jane@example.com"),
        ("  Jane.Doe+Shop@EXAMPLE.Com\n", "jane.doe+shop@example.com"),
        ("ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", "jane@example.com"),
        ("mi\u212ae@example.com", "mike@example.com"),  # the Kelvin sign
        ("o\ufb03ce@example.com", "office@example.com"),  # one character for "ffi"
        ("jane@straße.de", "jane@xn--strae-oqa.de"),
        ("jane@例え。jp", "jane@xn--r8jz45g.jp"),
        ("jane@XN--R8JZ45G.jp", "jane@xn--r8jz45g.jp"),
        (f"{LOCAL_64}@example.com", f"{LOCAL_64}@example.com"),
        (f"{LOCAL_64}@{LONGEST_DOMAIN}", f"{LOCAL_64}@{LONGEST_DOMAIN}"),
    ],
)
def test_an_address_has_one_canonical_form(typed, canonical):
    assert parse_email(typed) == Identifier(IdentifierKind.EMAIL, canonical)


REFUSED_ADDRESSES = {
    "empty": "",
    "only spaces": "   ",
    "no at sign": "jane.example.com",
    "no local part": "@example.com",
    "no domain": "jane@",
    "two at signs": "jane@doe@example.com",
    "one label": "jane@localhost",
    "special use": "jane@printer.local",
    "dotless i look-alike": "mıke@example.com",
    "cyrillic look-alike": "j\u0430ne@example.com",
    "accented local part": "jané@example.com",
    "combining accent": "jane\u0301@example.com",
    "sharp s in the local part": "straße@example.com",
    "NUL": "jane\0@example.com",
    "newline inside": "jane\n@example.com",
    "header injection": "jane@example.com\nBcc: eve@example.com",
    "delete": "jane\x7f@example.com",
    "right-to-left override": "jane\u202e@example.com",
    "isolate": "\u2066jane@example.com\u2069",
    "zero-width space": "jane\u200b@example.com",
    "zero-width joiner in the domain": "jane@exam\u200dple.com",
    "byte order mark": "\ufeffjane@example.com",
    "soft hyphen": "jane@exam\xadple.com",
    "space inside": "ja ne@example.com",
    "no-break space inside": "ja\xa0ne@example.com",
    "ideographic space inside": "jane@exam\u3000ple.com",
    "unassigned": "jane@exam\u0378ple.com",
    "lone surrogate": "jane\ud800@example.com",
    "quoted local part": '"jane doe"@example.com',
    "quoted without need": '"jane"@example.com',
    "domain literal": "jane@[192.0.2.1]",
    "bare address": "jane@192.0.2.1",
    "display name": "Jane <jane@example.com>",
    "angle brackets": "<jane@example.com>",
    "mailto": "mailto:jane@example.com?cc=eve@example.com",
    "two addresses": "jane@example.com,eve@example.com",
    "semicolon": "jane@example.com;eve@example.com",
    "comment": "jane(shop)@example.com",
    "double dot": "jane..doe@example.com",
    "leading dot": ".jane@example.com",
    "hyphen at a label's edge": "jane@-example.com",
    "underscore in the domain": "jane@exam_ple.com",
    "final dot": "jane@example.com.",
    "broken punycode": "jane@xn--a.com",
    "local part of 65": f"{LOCAL_65}@example.com",
    "address of 255": f"{LOCAL_64}@b{LONGEST_DOMAIN[1:-4]}e.com",
    "short as typed, long as IDNA": f"{LOCAL_64}@{'.'.join(['ü' + 'b' * 52] * 3)}.ü.com",  # 232 and 259
    "short as typed, long as NFKC": "\ufdfa" * 200 + "@example.com",
    "a megabyte": "a" * 1_000_000 + "@example.com",
}


@pytest.mark.parametrize("typed", REFUSED_ADDRESSES.values(), ids=REFUSED_ADDRESSES)
def test_text_that_mail_cannot_safely_be_sent_to_is_refused(typed):
    with pytest.raises(InvalidIdentifier) as refused:
        parse_email(typed)
    assert refused.value.message == "Invalid request: Invalid email address"


def test_test_domains_are_for_development_alone(settings):
    with pytest.raises(InvalidIdentifier):
        parse_email("jane@shop.test")
    assert parse_email("jane@shop.test", allow_test_domains=True).value == "jane@shop.test"
    settings.DEBUG = True
    assert identify("jane@shop.test", IdentifierKind.EMAIL).value == "jane@shop.test"
    settings.DEBUG = False
    with pytest.raises(InvalidIdentifier):
        identify("jane@shop.test", IdentifierKind.EMAIL)


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("jane@example.com", "j***@example.com"),
        ("j@example.com", "j***@example.com"),
        ("+12015550123", "+12*****0123"),
        ("123456789", "123**6789"),
        ("12345678", "********"),
        ("", ""),
    ],
)
def test_masks_hide_who_it_is(value, masked):
    assert mask(value) == masked


@pytest.mark.parametrize("value", ["jane.doe@example.com", "+12015550123"])
def test_str_and_repr_show_no_contact(value):
    identifier = Identifier(kind_of(value), value)
    assert str(identifier) == mask(value)
    assert f"{identifier}" == mask(value)
    assert value not in repr(identifier)
    assert mask(value)[-3:] not in repr(identifier)


def test_nobody_equals_no_one_and_shows_nothing():
    nobody = Identifier.nobody(IdentifierKind.EMAIL)
    assert nobody.value == ""
    assert str(nobody) == ""
    assert nobody != parse_email("jane@example.com")


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("jane@example.com", IdentifierKind.EMAIL),
        ("@", IdentifierKind.EMAIL),
        ("+1@2", IdentifierKind.EMAIL),
        ("+12015550123", IdentifierKind.PHONE),
        ("jane", IdentifierKind.PHONE),
        ("", IdentifierKind.PHONE),
    ],
)
def test_an_at_sign_means_an_address_and_anything_else_a_number(typed, kind):
    assert kind_of(typed) is kind


# Properties

# The first example pays for loading the metadata of phone numbers.
relaxed = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

_words = st.text(string.ascii_letters + string.digits + "+-_", min_size=1, max_size=12)
_labels = st.text(string.ascii_letters + string.digits + "äöüßéñ例え", min_size=1, max_size=12)
_addresses = st.builds(
    lambda local, label, tld, pad: f"{pad}{local}@{label}.{tld}{pad}",
    _words,
    _labels,
    st.sampled_from(["com", "DE", "jp", "co.uk"]),
    st.sampled_from(["", " ", "\n"]),
)
_anything = st.one_of(
    st.text(max_size=80), st.text(max_size=300), _addresses, st.text("+0123456789 ()-./", max_size=20)
)


def canonical(text, parse=parse_email):
    """Return the canonical value, or ``None`` for text that is refused."""
    try:
        return parse(text).value
    except InvalidIdentifier:
        return None


@relaxed
@given(_anything)
def test_no_text_raises_anything_but_invalid_identifier(text):
    canonical(text, parse_email)
    canonical(text, parse_phone)
    mask(text)
    kind_of(text)


@relaxed
@given(_anything)
def test_reading_a_canonical_address_again_changes_nothing(text):
    once = canonical(text)
    if once is not None:
        assert once.isascii()
        assert once == once.lower()
        assert len(once) <= 254
        assert canonical(once) == once


def spellings(text):
    """Draw another way to type ``text``: case, width, space around it, or another text altogether."""
    wide = {ord(letter): ord(letter) + 0xFEE0 for letter in string.ascii_letters + string.digits}
    ways = [text, text.upper(), text.lower(), text.swapcase(), f" {text}\t", text.translate(wide)]
    return st.one_of(st.sampled_from(ways), _addresses)


@pytest.mark.django_db
@pytest.mark.life_cycle
@relaxed
@given(pair=_addresses.flatmap(lambda text: st.tuples(st.just(text), spellings(text))))
def test_two_texts_are_one_person_exactly_when_the_database_says_so(pair):
    first, second = map(canonical, pair)
    if first is None or second is None:
        return
    with transaction.atomic():
        Customer.objects.create(email=first)
        assert held_twice(second) == (first == second)
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.life_cycle
@pytest.mark.parametrize(
    "variant", ["ádmin@example.com", "ADMIN@example.com", "ａｄｍｉｎ@example.com", "admin@exámple.com"]
)
def test_case_accent_and_width_give_one_answer_here_and_in_the_database(variant):
    Customer.objects.create(email="admin@example.com")
    value = canonical(variant)
    if value is not None:
        assert held_twice(value) == (value == "admin@example.com")


def held_twice(email):
    """Say whether the unique constraint refuses another row with this address."""
    try:
        with transaction.atomic():
            Customer.objects.create(email=email)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize(
    "spelt",
    [
        "+14155552671", "14155552671", "4155552671", "0014155552671", "%2B14155552671", "+1 415-555-2671",
        "+1.415.555.2671", "415 555 2671", "1-415-5552671",
    ],
)  # fmt: skip
def test_a_number_is_taken_out_of_a_providers_words_however_they_spell_it(spelt):
    """Gateways leave out the plus, or write it as at home."""
    said = redact(f"error 21211: to {spelt} (not valid), see 21211", "+14155552671", shown="***")
    assert said == "error 21211: to *** (not valid), see 21211"


@pytest.mark.parametrize("spelt", ["jane+x@example.com", "JANE+X@example.com", "jane%2Bx%40example.com"])
def test_an_address_is_too(spelt):
    assert redact(f"<{spelt}>: unknown", "jane+x@example.com", shown="***") == "<***>: unknown"
