"""Draw charts as SVG by pygal, where it is installed; colours and fonts are those of the page's style sheet.

What pygal adds for pages of its own is taken out: its style sheet, its scripts and the numbers that they would show. So
the page needs no exception from a strict Content-Security-Policy, and light and dark are one drawing.
"""

import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe

TEXT_SIZE = 12
ROW_HEIGHT = 34
LABEL_WIDTH = 0.55  # of a letter, in its height: what a proportional font takes on average
WIDTH = 360  # as on a phone; where there is more room the drawing grows a little with its letters
NAMES = 165  # what names may take of it


def number(value: float) -> str:
    """Return a number as the reader writes it."""
    return number_format(int(value), use_l10n=True, force_grouping=True)


class Series(NamedTuple):
    """A row of numbers and how they are written; ``look`` names its colour in the style sheet."""

    name: str
    look: str
    values: Sequence[float]
    written: Sequence[str]


def can_draw() -> bool:
    """Whether the extra ``charts`` is installed."""
    return find_spec("pygal") is not None


def columns(labels: Sequence[str], series: Sequence[Series], *, few: bool = False) -> SafeString:
    """Draw columns from left to right, the series of each stacked.

    Args:
        labels: below the columns; as many are written as there is room for.
        series: the lowest first.
        few: so few columns that each has its number on top, and no scale.
    """
    highest = max((sum(values) for values in zip(*(each.values for each in series), strict=True)), default=0)

    room = WIDTH // (48 if few else 84)
    step = max(1, -(-len(labels) // room))
    shown = [label if not index % step else "" for index, label in enumerate(labels)]
    chart = _library().StackedBar(
        **_common(height=230),
        x_labels=shown,
        y_labels=[] if few else _scale(highest),
        range=(0, max(1, highest)),
        show_y_labels=not few,
        truncate_label=-1,
        margin=4,
        margin_top=18,
        print_values=few,
        print_values_position="top",
    )
    for each in series:
        chart.add(each.name, list(each.values))
    return _drawing(chart.render_tree(), series, labels)


def bars(rows: Sequence[tuple[str, float, str]], look: str, *, most: float | None = None) -> SafeString:
    """Draw bars from left to right, one below the other, each with its name before and its number behind.

    Args:
        rows: name, number and how that is written.
        look: names their colour in the style sheet.
        most: what the whole width stands for; the greatest number if not given.
    """
    rows = rows[::-1]  # pygal begins at the bottom
    values = [value for _, value, _ in rows]

    letters = int(NAMES / TEXT_SIZE / LABEL_WIDTH)
    names = [_cut(name, letters) for name, _, _ in rows]
    chart = _library().HorizontalBar(
        **_common(height=ROW_HEIGHT * len(rows) + 8),
        x_labels=names,
        range=(0, (most or max(values) or 1) * 1.0),
        show_x_guides=False,
        show_y_guides=False,
        show_x_labels=False,
        truncate_label=-1,
        margin=0,
        margin_right=56,
        print_values=True,
        print_values_position="top",
    )
    chart.add("", [{"value": value, "formatter": _always(text)} for _, value, text in rows])
    root = chart.render_tree()
    for text in root.iterfind(".//text[@class='value']"):
        text.set("text-anchor", "start")  # behind the bar, not half upon it
    series = Series("", look, values, [text for _, _, text in rows])
    return _drawing(root, [series], [name for name, _, _ in rows])


def _library() -> Any:
    """Return pygal, without the hook for plug-ins of maps that it leaves in the import of every module.

    It is of a kind that Python 3.12 asks no more, and that 3.11 warns of at each import that finds nothing.
    """
    is_new = "pygal" not in sys.modules
    import pygal

    if is_new:
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]
    return pygal


def _common(*, height: int) -> dict[str, Any]:
    from pygal.style import Style

    style = Style(label_font_size=TEXT_SIZE, major_label_font_size=TEXT_SIZE, value_font_size=TEXT_SIZE)
    return {
        "width": WIDTH,
        "height": height,
        "style": style,
        "js": [],
        "show_legend": False,
        "no_prefix": True,
        "rounded_bars": 2,
        "formatter": number,
        "value_formatter": number,
        "no_data_text": "",
    }


def _always(text: str) -> Callable[[Any], str]:
    return lambda value: text


def _scale(highest: float) -> list[float]:
    """Return round numbers for the lines of a scale: no more than five."""
    step = 1
    while highest / step > 4:
        step = step * 2 if str(step)[0] in "15" else step // 2 * 5
    return [step * number for number in range(int(highest // step) + 1)]


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def _drawing(root: Any, series: Sequence[Series], labels: Sequence[str]) -> SafeString:
    """Return the drawing alone, with a title on each bar for who points at it."""
    from pygal.etree import etree  # lxml's where that is installed, else Python's own

    for parent in list(root.iter()):
        for child in list(parent):
            if _is_extra(child):
                parent.remove(child)
    for drawn, each in zip(root.iterfind(".//g[@class='bars']"), series, strict=True):
        drawn.set("class", f"bars {each.look}")
        for bar, label, text in zip(drawn, labels, each.written, strict=True):
            etree.SubElement(bar, "title").text = " · ".join(filter(None, (label, each.name, text)))
    root.attrib.pop("id", None)
    for name, value in {"class": "insights-chart", "aria-hidden": "true", "focusable": "false"}.items():
        root.set(name, value)
    drawing: str = etree.tostring(root, encoding="unicode")
    return mark_safe(drawing)  # noqa: S308  # nosec B308 B703  # the tree has escaped its texts


def _is_extra(node: Any) -> bool:
    """Whether pygal has added a node for pages of its own: comments, styles, scripts, backgrounds, tooltips."""
    if not isinstance(node.tag, str) or node.tag in ("defs", "title", "desc"):
        return True
    return node.get("class") in ("background", "plot tooltip-overlay")
