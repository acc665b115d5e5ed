"""What counts as the same answer."""

import pytest

from tests.docs.shapes import Differs, Memory, compare

ID, OTHER = "cus_01M80655N5S20P73KBD8NAWJ10", "cus_01M80VF9D1HGZP5A8GYED0D5V3"


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        ('{"token":"eyJhbGci…"}', '{"token":"eyJhbGci.eyJhY3Rv.c2lnbmF0dXJl"}'),
        ('{"a":1,…}', '{"a":1,"b":2}'),
        ('{"a":1,\n"b":2}', '{"a":1,"b":2}'),
        (f'{{"id":"{ID}"}}', f'{{"id":"{OTHER}"}}'),
        ('"468890 is your code"', '"123456 is your code"'),
        ('"at":"2026-11-21T23:13:10.821Z"', '"at":"2027-01-01T00:00:00.000Z"'),
        ('{"messages": [{"id": 54, "to": …', '{"messages": [{"id": 1, "to": "jane@example.com"}]}'),
    ],
)
def test_alike(shown: str, real: str) -> None:
    compare(shown, real, Memory())


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        ('{"token":"eyJhbGci…"}', '{"token":null}'),
        ('{"a":1,…}', '{"a":1}'),
        ('{"a":1}', '{"a":1,"b":2}'),
        ('{"a":1}', '{"a":2}'),
        ('{"message":"Invalid code"}', '{"message":"Invalid OTP"}'),
        ('"code 468890, again 468890"', '"code 123456, again 654321"'),
        ('"at":"2026-11-21T23:13:10.821Z"', '"at":null'),
        ("1 erased", "2 erased"),
        ('"code": "000000"', '"code": "123456"'),
        ('"phone":"+14155552671"', '"phone":"+14155552672"'),
    ],
)
def test_not_alike(shown: str, real: str) -> None:
    with pytest.raises(Differs):
        compare(shown, real, Memory())


def test_an_id_stays_whose_it_is() -> None:
    memory = Memory()
    compare(ID, OTHER, memory)
    with pytest.raises(Differs, match="was"):
        compare(ID, ID, memory)


def test_what_was_shown_is_put_into_the_next_command() -> None:
    memory = Memory()
    compare(f"{ID} 468890", f"{OTHER} 123456", memory)
    assert memory.put_into(f'{{"id": "{ID}", "code": "468890"}}') == f'{{"id": "{OTHER}", "code": "123456"}}'
