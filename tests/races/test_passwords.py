"""New passwords at the same moment: one link, one old password, one winner whose password logs in."""

import pytest

from customer_registration.models import AccountEvent, OutboxMessage
from customer_registration.models.otp_verification import OtpVerificationQuerySet
from tests.races.at_once import THREADS, at_once, can_log_in, post, statuses

pytestmark = [pytest.mark.postgres, pytest.mark.life_cycle, pytest.mark.django_db(transaction=True)]

UPDATE = "/auth/customer/emailpass/update"
PASSWORD_CHANGE = "/store/customers/me/password"
NEW = [f"staple number {number} of many" for number in range(THREADS)]


def winners(answers):
    return [number for number, answer in enumerate(answers) if answer.status_code == 200]


def passwords_that_log_in(person):
    return [number for number, password in enumerate(NEW) if can_log_in(person.email, password)]


def resets(person, token, *, in_body):
    bearer, extra = (None, {"token": token}) if in_body else (token, {})
    return at_once(*(post(UPDATE, {"password": password, **extra}, token=bearer) for password in NEW))


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("in_body", [False, True], ids=["as bearer", "in the body"])
def test_e1_a_reset_link_used_twenty_four_times_at_once_sets_one_password(verified, reset_link, in_body):
    person, bearer = verified()
    answers = resets(person, reset_link(person.email), in_body=in_body)
    assert statuses(answers) == [200] + [401] * (THREADS - 1)
    refused = [answer.json() for answer in answers if answer.status_code == 401]
    assert refused == [{"type": "unauthorized", "message": "Invalid token"}] * (THREADS - 1)
    assert passwords_that_log_in(person) == winners(answers)
    assert not can_log_in(person.email, person.password)
    assert person.row.token_epoch == 1
    assert post("/auth/token/refresh", token=bearer)().status_code == 401
    assert AccountEvent.objects.filter(kind="password_reset").count() == 1
    assert OutboxMessage.objects.filter(kind="password_changed").count() == 1


@pytest.mark.usefixtures("unlimited", "read_committed", "unguarded")
def test_resets_that_are_read_then_written_succeed_twice(verified, reset_link):
    person, _ = verified()
    assert len(winners(resets(person, reset_link(person.email), in_body=False))) > 1


@pytest.mark.usefixtures("unlimited")
def test_two_reset_links_at_once_only_the_newer_works(configure, verified, reset_link):
    configure(PASSWORD_RESET={"RESEND_THROTTLE_SECONDS": 0})
    person, _ = verified()
    older, newer = reset_link(person.email), reset_link(person.email)
    acts = [post(UPDATE, {"password": NEW[n]}, token=newer if n % 2 else older) for n in range(THREADS)]
    answers = at_once(*acts)
    assert statuses(answers) == [200] + [401] * (THREADS - 1)
    assert winners(answers)[0] % 2 == 1
    assert passwords_that_log_in(person) == winners(answers)


def changes(person, bearer):
    """Return acts that change the password, each with the right old one."""
    return [post(PASSWORD_CHANGE, {"old_password": person.password, "password": new}, token=bearer) for new in NEW]


@pytest.mark.parametrize("limits", [True, False], ids=["limits on", "limits off"])
def test_a_password_changed_twenty_four_times_at_once_is_one_of_them(configure, verified, limits):
    configure(RATE_LIMITS={"ENABLED": limits})
    person, bearer = verified()
    answers = at_once(*changes(person, bearer))
    configure(RATE_LIMITS={"ENABLED": False})
    assert statuses(answers).count(200) == 1
    # With limits on, tries at the old password that are under way together count, as guesses would.
    assert set(statuses(answers)) <= {200, 401, 403, 429} - (set() if limits else {429})
    assert passwords_that_log_in(person) == winners(answers)
    assert not can_log_in(person.email, person.password)
    assert person.row.token_epoch == 1
    assert AccountEvent.objects.filter(kind="password_changed").count() == 1
    [fresh] = [answer.json()["token"] for answer in answers if answer.status_code == 200]
    assert post("/auth/token/refresh", token=fresh)().status_code == 200
    assert post("/auth/token/refresh", token=bearer)().status_code == 401


@pytest.mark.usefixtures("unlimited", "unguarded")
def test_password_changes_that_are_read_then_written_succeed_twice(verified):
    assert len(winners(at_once(*changes(*verified())))) > 1


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("round_", range(4))
def test_a_reset_and_password_changes_at_once_leave_one_password(verified, reset_link, round_):
    person, bearer = verified()
    reset = post(UPDATE, {"password": NEW[0]}, token=reset_link(person.email))
    answers = at_once(reset, *changes(person, bearer)[1:])
    assert statuses(answers).count(200) == 1
    assert set(statuses(answers)) <= {200, 401, 403}
    assert passwords_that_log_in(person) == winners(answers)
    assert person.row.token_epoch == 1


@pytest.mark.usefixtures("unlimited")
def test_a_password_changed_while_a_link_is_being_used_beats_the_link(verified, reset_link, between):
    """The link is still good when it is read, and dead when it is to be spent."""
    person, bearer = verified()
    token = reset_link(person.email)
    others = between(OtpVerificationQuerySet, "consume", changes(person, bearer)[1])
    assert post(UPDATE, {"password": NEW[0]}, token=token)().json()["message"] == "Invalid token"
    assert others[0].status_code == 200
    assert passwords_that_log_in(person) == [1]
