"""Read a dict into dataclasses: every key known, every value of its type and in its range, whatever is not reported."""

import difflib
import types
from collections.abc import Mapping
from dataclasses import field, fields, is_dataclass
from functools import cache
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

SETTING = "CUSTOMER_REGISTRATION"


class Problem(NamedTuple):
    """One thing wrong with the project's dict; ``kind`` is ``"unknown"``, ``"type"`` or ``"value"``."""

    kind: str
    path: str
    message: str
    hint: str | None = None


def option(default: Any, *, choices: tuple[Any, ...] | None = None, low: int | None = None, high: int | None = None):  # type: ignore[no-untyped-def]
    """Declare an option with its default and the values it may take."""
    metadata = {"choices": choices, "low": low, "high": high}
    if isinstance(default, Mapping):
        return field(default_factory=lambda: default, metadata=metadata)
    return field(default=default, metadata=metadata)


def build(section: Any, raw: Any, path: str, problems: list[Problem]) -> Any:
    """Return a section with the values of a dict; whatever is wrong keeps its default and is added to ``problems``."""
    if not isinstance(raw, Mapping):
        problems.append(Problem("type", path or SETTING, f"must be a dict, not {type(raw).__name__}."))
        return section()
    hints = _hints(section)
    known = {declared.name.upper(): declared for declared in fields(section)}
    values = {}
    for key, value in raw.items():
        where = f"{path}.{key}" if path else str(key)
        declared = known.get(key)
        if declared is None:
            close = difflib.get_close_matches(str(key).upper(), known, n=1)
            hint = f"Did you mean '{close[0]}'?" if close else None
            problems.append(Problem("unknown", where, "is not a setting of customer_registration.", hint))
            continue
        hint_type = hints[declared.name]
        if is_dataclass(hint_type):
            values[declared.name] = build(hint_type, value, where, problems)
        elif not _is_a(value, hint_type):
            problems.append(Problem("type", where, f"must be {_spell(hint_type)}, not {value!r}."))
        elif reason := _out_of_range(value, declared.metadata):
            problems.append(Problem("value", where, reason))
        else:
            values[declared.name] = tuple(value) if isinstance(value, (list, tuple)) else value
    return section(**values)


@cache
def _hints(section: Any) -> dict[str, Any]:
    return get_type_hints(section)


def _is_a(value: Any, expected: Any) -> bool:
    origin = get_origin(expected)
    if origin in (Union, types.UnionType):
        return any(_is_a(value, member) for member in get_args(expected))
    if origin is tuple:
        return isinstance(value, (list, tuple)) and all(_is_a(item, get_args(expected)[0]) for item in value)
    if origin is not None:
        return isinstance(value, Mapping)
    if isinstance(value, bool):
        return expected is bool
    if expected is float:
        return isinstance(value, (int, float))
    return isinstance(value, expected)


def _spell(expected: Any) -> str:
    origin = get_origin(expected)
    if origin in (Union, types.UnionType):
        return " or ".join(_spell(member) for member in get_args(expected))
    if origin is tuple:
        return f"a list of {get_args(expected)[0].__name__}"
    if origin is not None:
        return "a dict"
    return "None" if expected is type(None) else str(expected.__name__)


def _out_of_range(value: Any, metadata: Mapping[str, Any]) -> str | None:
    choices, low, high = metadata.get("choices"), metadata.get("low"), metadata.get("high")
    if choices and value not in choices:
        return f"must be one of {', '.join(repr(choice) for choice in choices)}, not {value!r}."
    if value is None:
        return None
    if low is not None and value < low:
        return f"must be at least {low}, not {value!r}."
    if high is not None and value > high:
        return f"must be at most {high}, not {value!r}."
    return None
