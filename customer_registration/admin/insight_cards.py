"""What the insights page says: one card a question, each a chart and a table of the same numbers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import date_format, get_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from customer_registration.admin import charts
from customer_registration.admin.charts import Series, number
from customer_registration.admin.country_names import country_name
from customer_registration.conf import config
from customer_registration.enums import Channel, Outcome
from customer_registration.flows.insights.reading import Insights, Road

MOST_BARS = 12  # of countries in the chart; the table has them all
CODES = {Channel.EMAIL: gettext_lazy("Codes by e-mail"), Channel.SMS: gettext_lazy("Codes by text message")}
RULES = {
    "login": gettext_lazy("Logins"),
    "login_failed": gettext_lazy("Wrong passwords"),
    "register": gettext_lazy("Sign-ups"),
    "code_send": gettext_lazy("Codes asked for"),
    "code_failed": gettext_lazy("Wrong codes"),
    "password_reset": gettext_lazy("Password resets"),
    "contact_change": gettext_lazy("Contact changes"),
    "account_deletion": gettext_lazy("Account deletions"),
    "resend": gettext_lazy("New code too soon"),
    "busy": gettext_lazy("Another request at work"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number above a chart, which names a colour of it."""

    name: str
    value: str
    look: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One question and its answer; ``empty`` is said where there is nothing to show."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    lead: str = ""
    figures: Sequence[Figure] = ()
    chart: SafeString | str = ""
    empty: str = ""
    is_wide: bool = field(default=False)


def cards(insights: Insights) -> Iterator[Card]:
    """Yield the cards in the order of the page."""
    draws = charts.can_draw()
    for channel, totals in insights.totals.items():
        yield _road(insights, channel, totals, draws=draws)
    if not insights.totals:
        head = [_("Day"), _("Sent"), _("Delivered"), _("Verified")]
        yield Card(_("Codes"), head, [], empty=_("No codes were sent in these days."), is_wide=True)
    yield _conversion(insights, draws=draws)
    yield _reasons(
        _("Why messages were not delivered"),
        insights.undelivered,
        "undelivered",
        empty=_("Every message was delivered, or is on its way."),
        draws=draws,
    )
    yield _reasons(
        _("Why codes were not verified"),
        insights.unverified,
        "unverified",
        empty=_("Every code that was delivered has been verified, or may still be."),
        draws=draws,
    )
    yield _refusals(insights, draws=draws)
    yield _deletions(insights, draws=draws)


def _road(insights: Insights, channel: str, totals: Road, *, draws: bool) -> Card:
    by_day = insights.by_day[channel]
    roads = list(by_day.values())
    days = [date_format(day, "SHORT_DATE_FORMAT") for day in by_day]
    chart = charts.columns([_short(day) for day in by_day], _stacked(roads)) if draws else ""
    return Card(
        str(CODES.get(Channel(channel))) if channel in Channel else _("Codes by %(channel)s") % {"channel": channel},
        [_("Day"), _("Sent"), _("Delivered"), _("Verified"), _("Share verified")],
        [
            [day, number(road.sent), number(road.delivered), number(road.verified), percent(road.conversion)]
            for day, road in reversed(list(zip(days, roads, strict=True)))
        ],
        figures=[
            Figure(_("Sent"), number(totals.sent), "sent"),
            Figure(_("Delivered"), number(totals.delivered), "delivered", _part(totals.delivered, totals.sent)),
            Figure(_("Verified"), number(totals.verified), "verified", _part(totals.verified, totals.sent)),
        ],
        chart=chart,
        is_wide=True,
    )


def _stacked(roads: Sequence[Road]) -> list[Series]:
    """Return the parts of a column, the lowest first: each reaches up to the number that it is named by."""
    # A code whose delivery nobody has confirmed may have been entered all the same.
    arrived = [max(road.delivered, road.verified) for road in roads]
    heights = (
        [road.verified for road in roads],
        [reached - road.verified for reached, road in zip(arrived, roads, strict=True)],
        [road.sent - reached for reached, road in zip(arrived, roads, strict=True)],
    )
    return [
        Series(name, look, values, [number(getattr(road, look)) for road in roads])
        for name, look, values in zip(
            (_("Verified"), _("Delivered"), _("Sent")), ("verified", "delivered", "sent"), heights, strict=True
        )
    ]


def _conversion(insights: Insights, *, draws: bool) -> Card:
    countries = [(country_name(code), code, road) for code, road in insights.countries.items()]
    shown = [(name, road.conversion, percent(road.conversion)) for name, _code, road in countries[:MOST_BARS]]
    return Card(
        _("Conversion by country"),
        [_("Country"), _("Sent"), _("Verified"), _("Share verified")],
        [
            [_named(name, code), number(road.sent), number(road.verified), percent(road.conversion)]
            for name, code, road in countries
        ],
        lead=_("How many of the codes sent to phone numbers came back. The country with the most codes comes first."),
        chart=charts.bars(shown, "verified", most=1) if draws and shown else "",
        empty=_("No codes were sent to phone numbers in these days."),
    )


def _reasons(title: str, counts: Mapping[str, int], look: str, *, empty: str, draws: bool) -> Card:
    return _bars(title, counts, lambda reason: str(Outcome(reason).label), look, empty=empty, draws=draws)


def _refusals(insights: Insights, *, draws: bool) -> Card:
    in_memory = config().rate_limits.storage_uri.startswith("memory://")
    lead = _("Each server process counts its own. With several processes, or after a restart, some are missing.")
    return _bars(
        _("Requests refused by a limit"),
        insights.refusals,
        lambda rule: str(RULES.get(rule, rule)),
        "refused",
        lead=lead if in_memory else "",
        empty=_("No request was refused in these days."),
        draws=draws,
    )


def _deletions(insights: Insights, *, draws: bool) -> Card:
    begins = [_short(week.begin) for week in insights.weeks]
    counts = [week.count for week in insights.weeks]
    overdue = [Figure(_("Overdue"), number(insights.overdue), "overdue")] if insights.overdue else []
    weeks = zip(insights.weeks, counts, strict=True)
    return Card(
        _("Accounts to be deleted"),
        [_("Week from"), _("Accounts")],
        [[date_format(week.begin, "SHORT_DATE_FORMAT"), number(count)] for week, count in weeks] if any(counts) else [],
        lead=_("By the week in which they are due."),
        figures=overdue,
        chart=charts.columns(begins, [Series("", "deletions", counts, list(map(number, counts)))], few=True)
        if draws and any(counts)
        else "",
        empty=_("No account is due in the coming weeks."),
    )


def _bars(
    title: str,
    counts: Mapping[str, int],
    name: Callable[[str], str],
    look: str,
    *,
    empty: str,
    draws: bool,
    lead: str = "",
) -> Card:
    rows = [(name(key), count, number(count)) for key, count in counts.items()]
    return Card(
        title,
        [_("Reason"), pgettext("how many", "Number")],
        [[text, written] for text, _count, written in rows],
        lead=lead,
        chart=charts.bars(rows, look) if draws and rows else "",
        empty=empty,
    )


def percent(part: float) -> str:
    """Return a part of one as a percentage, as the reader writes it."""
    return _("%(number)s%%") % {"number": number_format(round(part * 100), use_l10n=True)}


def _part(some: int, total: int) -> str:
    return percent(some / total) if total else ""


def _short(day: Any) -> str:
    """Return a day and its month as short as the reader's language has them."""
    return date_format(day, get_format("MONTH_DAY_FORMAT").replace("F", "M"))


def _named(name: str, code: str) -> str:
    return name if name == code else f"{name} ({code})"
