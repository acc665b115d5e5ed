"""Segment arithmetic of GSM 03.38 and UCS-2."""

import pytest

from customer_registration.messaging.segments import BASIC, EXTENSION, Size, measure, segments

# 3GPP TS 23.038, table 6.2.1, row by row; the escape at 0x1B is no character.
TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)


def test_the_tables_are_those_of_the_standard():
    assert frozenset(TABLE) == BASIC
    assert len(TABLE) == len(BASIC) == 127
    assert frozenset("\f^{}\\[~]|€") == EXTENSION


@pytest.mark.parametrize("character", sorted(BASIC))
def test_a_basic_character_is_one_septet(character):
    assert [segments(character * count) for count in (160, 161, 306, 307)] == [1, 2, 2, 3]


@pytest.mark.parametrize("character", sorted(EXTENSION))
def test_an_extended_character_is_two_septets_that_stay_together(character):
    # 153 septets hold 76 pairs and one septet to spare.
    assert [segments(character * count) for count in (80, 81, 152, 153)] == [1, 2, 2, 3]


@pytest.mark.parametrize("character", ["ç", "ё", "“", "`", "á", "\t", "漢", "\u00a0"])
def test_any_other_character_makes_it_ucs2(character):
    assert [segments(character * count) for count in (70, 71, 134, 135)] == [1, 2, 2, 3]
    assert [segments("a" * count + character) for count in (69, 70)] == [1, 2]


def test_a_surrogate_pair_is_two_units_that_stay_together():
    # 67 units hold 33 pairs and one unit to spare.
    assert [segments("😀" * count) for count in (35, 36, 66, 67)] == [1, 2, 2, 3]


def test_an_empty_text_is_a_message():
    assert segments("") == 1


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", Size("GSM-7", 0, 1)),
        ("5 €", Size("GSM-7", 4, 1)),
        ("a" * 161, Size("GSM-7", 161, 2)),
        ("رمز", Size("UCS-2", 3, 1)),
        ("😀" * 36, Size("UCS-2", 72, 2)),
    ],
)
def test_a_text_is_measured_in_the_units_of_its_alphabet(text, size):
    assert measure(text) == size
