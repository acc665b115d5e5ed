"""Count the segments of a text message: what the provider bills, and what a phone has to put together again.

GSM 03.38 (3GPP TS 23.038 §6.2.1): 160 septets in one message, 153 in each part of a longer one. One character outside
its tables turns the whole text into UCS-2: 70 units, or 67 a part.
"""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")  # two septets each, the first of them an escape


def segments(text: str) -> int:
    """Return how many segments a text takes; an empty one is a message too."""
    if BASIC.union(EXTENSION).issuperset(text):
        costs, alone, part = [1 + (character in EXTENSION) for character in text], 160, 153
    else:
        costs, alone, part = [1 + (character > "\uffff") for character in text], 70, 67
    if sum(costs) <= alone:
        return 1
    count, room = 1, part
    for cost in costs:
        if cost > room:  # neither an escape nor a surrogate pair is cut in two
            count, room = count + 1, part
        room -= cost
    return count
