"""Compare what a page shows of an answer with the real one.

Every word and number counts, but for what differs from one run to the next: ids, tokens, codes, dates. Such a value
must look the same, and be the same wherever the page shows the same one. ``…`` stands for whatever is left out, and a
line that a page breaks for its reader may be whole in the answer.
"""

import re
from dataclasses import dataclass, field

# Each kind of value that differs: how a page shows it, perhaps cut short by an ellipsis, and how a real one looks.
KINDS = {
    "jwt": (r"eyJ[\w-]*(?:\.[\w-]+)*…?[\w.-]*", r"eyJ[\w-]+\.[\w-]+\.[\w-]+"),
    "prefixed_id": (r"\b[a-z]+_(?:[0-9A-HJKMNP-TV-Z]{26}|[0-9A-HJKMNP-TV-Z]+…)", r"[a-z]+_[0-9A-HJKMNP-TV-Z]{26}"),
    "id": (r"\b[0-9A-HJKMNP-TV-Z]{26}(?:\.[0-9a-f]+…?)?", r"[0-9A-HJKMNP-TV-Z]{26}(?:\.[0-9a-f]+)?"),
    "uuid": (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", r"[0-9a-f-]{36}"),
    "instant": (
        r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+\d\d:\d\d)?",
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+\d\d:\d\d)?",
    ),
    "http_date": (
        r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
        r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
    ),
    "totp_secret": (r"\b[A-Z2-7]{32}\b", r"[A-Z2-7]{32}"),
    "recovery_code": (r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}"),
    "session": (r"(?<=sessionid=)[0-9a-z]{32}", r"[0-9a-z]{32}"),
    "digest": (r"\b[0-9a-f]{32,64}\b", r"[0-9a-f]{32,64}"),
    "duration": (r"\b\d+\.\d+(?= s\b)", r"\d+\.\d+"),
    "rate": (r"\b\d+(?= a second\b)", r"\d+"),
    "wait": (r"(?<=\bin )\d+ (?:s|min|h|d)\b", r"\d+ (?:s|min|h|d)"),
    "seconds": (r"(?<=_seconds )[1-9]\d*|(?<= due for )\d+(?= s\b)", r"\d+"),
    "row": (r'(?<="id": )\d+(?=,)', r"\d+"),
    "code": (r"(?<![\w+(.-])(?!000000)\d{6}(?![\w.])", r"\d{6}"),
}
SHOWN = re.compile(
    "|".join(f"(?P<{kind}>{shown})" for kind, (shown, _) in KINDS.items()) + r"|(?P<gap>…)|(?P<turn>\s*\n)"
)
COUNTED = ("duration", "rate", "wait", "seconds", "row", "instant")  # may be shown alike by chance
SAME_EVERYWHERE = ("prefixed_id", "totp_secret")


class Differs(AssertionError):
    """The real answer is not what the page shows."""


@dataclass
class Memory:
    """What the values that a page shows are in this run."""

    real: dict[str, str] = field(default_factory=dict)

    def put_into(self, text: str) -> str:
        """Replace every value that the page has shown by the real one."""
        names = sorted(self.real, key=len, reverse=True)
        if not names:
            return text
        return re.sub("|".join(map(re.escape, names)), lambda found: self.real[found[0]], text)


def compare(shown: str, real: str, memory: Memory) -> None:
    """Assert that an answer looks as the page shows it, and remember its values.

    Raises:
        Differs: with the first place where it does not.
    """
    pattern, values = _pattern(shown.strip())
    real = real.replace("\r\n", "\n").strip()
    found = re.fullmatch(pattern, real, re.DOTALL)
    if not found:
        raise Differs(f"The page shows\n{shown.strip()}\nand the answer is\n{real}\n{_agreement(shown.strip(), real)}")
    for index, (kind, value) in enumerate(values):
        meant = memory.real.get(value)
        if kind in SAME_EVERYWHERE and meant and meant != found[f"v{index}"]:
            raise Differs(f"{value} was {meant} before, and is {found[f'v{index}']} now")
        memory.real[value] = found[f"v{index}"]


def _pattern(shown: str) -> tuple[str, list[tuple[str, str]]]:
    """Return an expression for what a page shows, and the values in it, each with its kind, in order."""
    parts: list[str] = []
    values: list[tuple[str, str]] = []
    place = 0
    for found in SHOWN.finditer(shown):
        parts.append(re.escape(shown[place : found.start()]))
        place = found.end()
        kind = str(found.lastgroup)
        if kind == "gap":
            parts.append(".*?" if place < len(shown) else ".*")
        elif kind == "turn":
            parts.append(r"\s*")
        elif (kind, found[0]) in values and kind not in COUNTED and "…" not in found[0]:
            parts.append(f"(?P=v{values.index((kind, found[0]))})")
        else:
            parts.append(f"(?P<v{len(values)}>{KINDS[kind][1]})")
            values.append((kind, found[0]))
    return "".join([*parts, re.escape(shown[place:])]), values


def _agreement(shown: str, real: str) -> str:
    """Say how far the two agree."""
    for end in range(len(shown), 0, -1):
        pattern, _ = _pattern(shown[:end])
        try:
            if re.match(pattern, real, re.DOTALL):
                before, after = shown[max(0, end - 60) : end], shown[end : end + 60]
                return f"They agree up to: {before!r}, where the page goes on: {after!r}"
        except re.error:
            continue
    return "They do not agree anywhere."
