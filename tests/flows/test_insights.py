"""The insights: each message counts once, for what came of it, whatever is cleared away meanwhile."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import product

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Sum
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.flows import housekeeping
from customer_registration.flows.deletion.executor import Run
from customer_registration.flows.insights import days, kept, rollup
from customer_registration.models import CountedDay, DailyFigure, KeptFigure, OtpVerification, OutboxMessage
from tests.conftest import last_code, wrong
from tests.deletion.due import due

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]
NOW = timezone.now().replace(hour=12)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
# state, outcome written down, kind
MESSAGES = [
    ("queued", "", "phone_verification"), ("sent", "", "phone_verification"), ("sent", "", "contact_undo"),
    ("sent", "", "password_changed"), ("sent", "verified", "code_login"), ("failed", "refused", "code_login"),
    ("failed", "", "code_login"), ("suppressed", "held_budget", "code_login"), ("suppressed", "", "code_login"),
]  # fmt: skip
# proven, consumed, guesses of five by token and by identifier, expires in minutes; or no code at all
CODES = [
    None, (True, True, 1, 0, 9), (False, True, 5, 0, 9), (False, True, 2, 0, -9), (False, False, 5, 0, 9),
    (False, False, 0, 5, -9), (False, False, 0, 1, -9), (False, False, 0, 0, -9), (False, False, 0, 0, -2),
]  # fmt: skip
PLACES = [("email", ""), ("sms", "DE")]


def expected(state, outcome, kind, code):
    """Say in Python what came of a message; ``None`` if it counts for nothing."""
    if state == "suppressed" and not outcome:
        return None
    if state == "queued":
        return "waiting"
    if outcome or state == "failed":
        return outcome or "error"
    if kind in ("contact_undo", "password_changed"):
        return "delivered"
    if code is None:
        return "expired"
    proven, consumed, by_token, openly, minutes = code
    over = minutes <= -5
    if proven:
        return "verified"
    if (consumed or over) and max(by_token, openly) == 5:
        return "used_up"
    if consumed:
        return "replaced"
    if over:
        return "wrong" if by_token or openly else "expired"
    return "open"


@pytest.fixture
def written():
    """Write a message of every kind on each of two days; return what must be counted."""
    counts = Counter()
    otps, messages = [], []
    for age, place, message, code in product((0, 1), PLACES, MESSAGES, CODES):
        created = NOW - age * DAY
        (channel, country), (state, outcome, kind) = place, message
        otp = None
        if code is not None:
            proven, consumed, by_token, openly, minutes = code
            otp = OtpVerification(
                purpose="code_login",
                channel=channel,
                destination="x@example.com",
                max_attempts=5,
                created_at=created,
                attempts=by_token,
                attempts_open=openly,
                expires_at=NOW + minutes * MINUTE,
                consumed_at=NOW if consumed else None,
                proven_at=NOW if proven else None,
            )
            otps.append(otp)
        messages.append(
            OutboxMessage(
                kind=kind,
                channel=channel,
                country=country,
                state=state,
                outcome=outcome,
                otp=otp,
                created_at=created,
                next_attempt_at=created,
            )
        )
        if reason := expected(state, outcome, kind, code):
            figure = "notice" if kind in ("contact_undo", "password_changed") else "code"
            counts[created.date(), figure, channel, country, reason] += 1
    OtpVerification.objects.bulk_create(otps)
    OutboxMessage.objects.bulk_create(messages)
    return counts


def counted(at=NOW):
    """Count at a moment; return the figures."""
    with time_machine.travel(at, tick=False):
        rollup.bring_up_to_date()
    return shown()


def shown():
    """Return the figures as they stand."""
    rows = DailyFigure.objects.values_list("day", "figure", "channel", "country", "reason", "count")
    return {tuple(key): count for *key, count in rows}


def outcomes():
    """Return how many there are of each outcome of codes."""
    return dict(DailyFigure.objects.filter(figure="code").values_list("reason").annotate(total=Sum("count")))


def test_every_message_counts_once_for_what_came_of_it(written):
    assert counted() == dict(written)
    assert counted() == dict(written)


def test_figures_stay_as_rows_are_cleared_away_and_days_are_counted_anew(written):
    first, later = counted(), NOW + 2 * DAY
    with time_machine.travel(later, tick=False):
        OutboxMessage.objects.filter(state="queued").update(state="sent")
        OtpVerification.objects.update(expires_at=NOW)
    ended = counted(later)
    assert sum(ended.values()) == sum(first.values())
    for clear in (
        lambda: kept.delete_messages(OutboxMessage.objects.filter(pk__in=every_other(OutboxMessage)), now=later),
        lambda: kept.delete_codes(every_other(OtpVerification), now=later),
        housekeeping.purge,
        lambda: kept.delete_free_messages(OutboxMessage.objects.all(), 1000, now=later),
    ):
        CountedDay.objects.update(is_settled=False)
        with time_machine.travel(later, tick=False):
            clear()
        assert counted(later) == ended
    assert not OutboxMessage.objects.exists()
    assert KeptFigure.objects.count() == len(ended)


def test_nothing_is_kept_of_a_message_whose_day_is_settled(written, django_assert_num_queries):
    later = NOW + 2 * DAY
    with time_machine.travel(later, tick=False):
        OutboxMessage.objects.filter(state="queued").update(state="sent")
        OtpVerification.objects.update(expires_at=NOW)
    ended = counted(later)
    assert ended
    with django_assert_num_queries(3):  # what is settled, its messages, those that are not: there are none
        kept.delete_messages(OutboxMessage.objects.all(), now=later)
    assert not OutboxMessage.objects.exists()
    assert not KeptFigure.objects.exists()
    assert counted(later) == ended


def every_other(model):
    """Return the ids of every other row."""
    return list(model.objects.order_by("pk").values_list("pk", flat=True))[::2]


def test_what_is_deleted_while_it_is_open_will_never_be_answered(written):
    with time_machine.travel(NOW, tick=False):
        kept.delete_messages(OutboxMessage.objects.all(), now=NOW)
    reasons = {key[-1] for key in counted()}
    assert not {"open", "waiting"} & reasons


def test_a_day_is_counted_until_nothing_of_it_can_change(written):
    counted()
    assert not CountedDay.objects.filter(is_settled=True).exists()
    OutboxMessage.objects.filter(state="queued").delete()
    with time_machine.travel(NOW.replace(hour=0, minute=30) + DAY, tick=False):
        assert rollup.bring_up_to_date() == (3, 0)
    assert sorted(CountedDay.objects.values_list("is_settled", flat=True)) == [False, False, True]
    with time_machine.travel(NOW + DAY, tick=False):
        assert rollup.bring_up_to_date() == (2, 0)
        assert rollup.bring_up_to_date() == (1, 0)


def test_what_is_kept_of_settled_days_grows_with_the_kinds_and_not_with_the_messages(written):
    counted()
    OutboxMessage.objects.filter(state="queued").delete()
    figures = counted(NOW + 2 * DAY)
    with time_machine.travel(NOW + 40 * DAY, tick=False):
        assert housekeeping.purge(batch_size=100)["messages"]
    assert counted(NOW + 40 * DAY) == figures
    assert KeptFigure.objects.count() == len(figures)


def test_who_has_no_patience_counts_the_newest_days(written):
    with time_machine.travel(NOW, tick=False):
        assert rollup.bring_up_to_date(patience=timedelta(0)) == (1, 1)
        assert {key[0] for key in shown()} == {NOW.date()}
        rollup.bring_up_to_date()
    assert shown() == dict(written)


def test_days_are_those_of_the_project_whoever_looks(settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    late = datetime.fromisoformat("2026-09-27T10:59:00+00:00")  # the day on which the clocks go forward, 23 hours long
    for moment in (late, late + 2 * MINUTE):
        OutboxMessage.objects.create(kind="password_changed", channel="email", state="sent", created_at=moment)
    with timezone.override("America/New_York"):
        kept.delete_messages(OutboxMessage.objects.filter(created_at=late), now=late)
        found = counted(late + MINUTE)
    assert sorted(str(key[0]) for key in found) == ["2026-09-27", "2026-09-28"]


def test_the_story_of_codes_as_people_live_it(api, sign_up, send_code, configure):
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    people = [sign_up(f"{name}@example.com") for name in ("ann", "bob", "cyd", "dee")]
    tokens = {person.email: send_code(person) for person in people}

    def enter(person, code):
        return api.post("/store/customers/otp/verify", {"token": tokens[person.email], "code": code}).status_code

    ann, bob, cyd, dee = people
    assert enter(ann, last_code(ann.email)) == 200
    assert [enter(bob, wrong(last_code(bob.email))) for _ in range(5)] == [400] * 5
    assert enter(cyd, wrong(last_code(cyd.email))) == 400
    send_code(dee)
    now = timezone.now()
    counted(now)
    assert outcomes() == {"verified": 1, "open": 3, "replaced": 1}
    counted(now + timedelta(hours=1))
    assert outcomes() == {"verified": 1, "used_up": 1, "wrong": 1, "replaced": 1, "expired": 1}


def test_an_erasure_takes_the_person_and_leaves_the_figures(db):
    jane = due("jane").customer
    for kind in ("password_changed", "code_login"):
        OutboxMessage.objects.create(kind=kind, channel="email", customer=jane, destination=jane.email, state="sent")
    before = counted(timezone.now())
    assert Run().work().erased == 1
    assert not OutboxMessage.objects.filter(customer=jane.pk).exists()
    after = counted(timezone.now())
    assert {key: after[key] for key in before} == before  # beside them the last message to her
    everything = str([list(model.objects.values_list()) for model in (DailyFigure, KeptFigure, CountedDay)])
    assert KeptFigure.objects.exists()
    assert not any(each in everything for each in (jane.email, jane.pk, "jane"))


def test_refused_requests_are_counted_by_rule_and_taken_over_once(api, sign_up, send_code):
    person = sign_up()
    send_code(person)
    body = {"customer_id": person.id, "type": "email_verification"}
    for _ in range(3):
        assert api.post("/store/customers/otp/send", body).status_code == 429
    now = timezone.now()
    for _ in range(2):
        refusals = {key[-1]: count for key, count in counted(now).items() if key[1] == "refusal"}
        assert refusals == {"resend": 3}
    assert api.post("/store/customers/otp/send", body).status_code == 429
    counted(now)
    assert DailyFigure.objects.get(figure="refusal").count == 4


def test_refusals_that_could_not_be_written_are_not_lost(monkeypatch):
    ratelimits.refusals.note("login")
    with monkeypatch.context() as patched:
        patched.setattr(rollup, "_add", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rollup.bring_up_to_date()
    rollup.bring_up_to_date()
    assert DailyFigure.objects.get(figure="refusal").count == 1


def test_refusals_are_not_lost_to_a_race_and_a_second_try(monkeypatch):
    def lost_once_then_held_by_another(work):
        with monkeypatch.context() as patched:
            patched.setattr(rollup, "_add", lambda *arguments: None)  # rolled back
            work()
        with monkeypatch.context() as patched:
            patched.setattr(rollup, "_held", lambda day: None)
            work()

    ratelimits.refusals.note("login")
    with monkeypatch.context() as patched:
        patched.setattr(rollup, "_open", lambda days: None)
        patched.setattr(rollup, "atomically", lost_once_then_held_by_another)
        CountedDay.objects.create(day=days.today())
        rollup.bring_up_to_date()
    rollup.bring_up_to_date()
    assert DailyFigure.objects.get(figure="refusal").count == 1


def test_the_command_counts_and_says_how_many_days(written, capsys):
    with time_machine.travel(NOW, tick=False):
        call_command("update_insights")
    assert capsys.readouterr().out == "2 days counted\n"
    assert shown() == dict(written)
