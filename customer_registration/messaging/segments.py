"""Count the segments of a text message: what the provider bills, and what a phone has to put together again.

GSM 03.38 (3GPP TS 23.038 §6.2.1): 160 septets in one message, 153 in each part of a longer one. One character outside
its tables turns the whole text into UCS-2: 70 units, or 67 a part.
"""

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")  # two septets each, the first of them an escape


@dataclass(frozen=True, slots=True)
class Size:
    """What a text message takes: its alphabet, its units in that, and the segments that they make."""

    alphabet: str  # "GSM-7" or "UCS-2"
    units: int
    segments: int


def measure(text: str) -> Size:
    """Return the size of a text; an empty one is a message too."""
    if BASIC.union(EXTENSION).issuperset(text):
        alphabet, costs, alone, part = "GSM-7", [1 + (character in EXTENSION) for character in text], 160, 153
    else:
        alphabet, costs, alone, part = "UCS-2", [1 + (character > "\uffff") for character in text], 70, 67
    if sum(costs) <= alone:
        return Size(alphabet, sum(costs), 1)
    count, room = 1, part
    for cost in costs:
        if cost > room:  # neither an escape nor a surrogate pair is cut in two
            count, room = count + 1, part
        room -= cost
    return Size(alphabet, sum(costs), count)


def segments(text: str) -> int:
    """Return how many segments a text takes."""
    return measure(text).segments
