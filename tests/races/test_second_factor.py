"""A second factor at the same moment: one token for one code, and what guards an account is never lost between two."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration.flows.second_factor import challenges, completion, proofs, removal
from customer_registration.models import AccountEvent, Customer, OtpVerification, RecoveryCode, SecondFactor
from customer_registration.models.otp_verification import OtpVerificationQuerySet
from customer_registration.models.second_factor import RecoveryCodeQuerySet, SecondFactorQuerySet
from tests.conftest import PASSWORD, last_code, wrong
from tests.races.at_once import THREADS, at_once, post, statuses
from tests.second_steps import (
    FACTORS,
    JANE,
    LOGIN,
    PHONE,
    RECOVERY,
    come_in,
    enable,
    enrol,
    ok,
    pending,
    recovery_codes,
    with_app,
)

pytestmark = [
    pytest.mark.usefixtures("clock"),
    pytest.mark.postgres,
    pytest.mark.life_cycle,
    pytest.mark.django_db(transaction=True),
]

# Used up by another request, wrong by then, or out of guesses; or the database gave up.
LOST = {400, 404, 503}


@pytest.fixture
def many_guesses(configure):
    """Let every thread guess: what decides is not the limit."""
    configure(RATE_LIMITS={"ENABLED": False})


@pytest.fixture
def jane(api, verified, prove):
    """A customer whose e-mail and phone are proven; return a token."""
    person, token = verified(phone=PHONE)
    prove(person, "phone")
    return token


def answer_at_once(login, code, method="totp", times=THREADS):
    """Show one code for one challenge many times at once; return the answers."""
    return at_once(*(post(login.path, {"method": method, "code": code}, token=login.token) for _ in range(times)))


def tokens(answers):
    """Return the tokens that were given, none of which may be empty."""
    given = [answer.json()["token"] for answer in answers if answer.status_code == 200]
    assert all(given)
    return given


def let_all_guess():
    """Let challenges and codes have as many guesses as there are threads."""
    OtpVerification.objects.update(max_attempts=THREADS)


def test_one_right_code_many_times_at_once_is_one_token(api, jane, many_guesses):
    app = with_app(api, jane)
    login = pending(api)
    let_all_guess()
    answers = answer_at_once(login, app.code())
    assert len(tokens(answers)) == 1
    assert set(statuses(answers)) <= {200, *LOST}
    assert OtpVerification.objects.get(purpose="second_factor_challenge").consumed_at is not None


def test_with_the_limits_in_force_it_is_one_token_too(api, jane):
    app = with_app(api, jane)
    answers = answer_at_once(pending(api), app.code())
    assert len(tokens(answers)) == 1
    assert set(statuses(answers)) <= {200, *LOST}


def test_one_code_for_many_challenges_at_once_is_one_token(api, jane, many_guesses):
    """The time step is what is used once, whatever login it is shown for."""
    app = with_app(api, jane)
    logins = [pending(api) for _ in range(8)]
    body = {"method": "totp", "code": app.code()}
    answers = at_once(*(post(login.path, body, token=login.token) for login in logins))
    assert len(tokens(answers)) == 1
    assert set(statuses(answers)) <= {200, *LOST}


def test_one_recovery_code_at_once_is_one_token(api, jane, many_guesses):
    app = with_app(api, jane)
    [code] = recovery_codes(api, come_in(api, app.code()), count=1)
    logins = [pending(api) for _ in range(8)]
    body = {"method": "recovery_code", "code": code}
    answers = at_once(*(post(login.path, body, token=login.token) for login in logins))
    assert len(tokens(answers)) == 1
    assert set(statuses(answers)) <= {200, *LOST}
    assert AccountEvent.objects.filter(kind="recovery_code_used").count() == 1


def test_one_code_that_was_sent_at_once_is_one_token(api, jane, many_guesses):
    made = ok(api.post(FACTORS, {"provider": "otp"}, token=jane))["mfa_factor"]["id"]
    enable(api, jane, made, last_code(PHONE))
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        logins = [pending(api) for _ in range(5)]
        let_all_guess()
        body = {"method": "otp", "code": last_code(PHONE)}
        answers = at_once(*(post(login.path, body, token=login.token) for login in logins * 4))
        assert len(tokens(answers)) == 1
        assert set(statuses(answers)) <= {200, *LOST}


def test_wrong_codes_at_once_are_five_guesses(api, jane, monkeypatch):
    compared, real = [], proofs.of_app

    def spy(*arguments, **options):
        compared.append(None)
        return real(*arguments, **options)

    app = with_app(api, jane)
    login = pending(api)
    monkeypatch.setattr(proofs, "of_app", spy)
    answers = answer_at_once(login, wrong(app.code()))
    assert set(statuses(answers)) <= LOST
    assert 1 <= len(compared) <= 5
    assert OtpVerification.objects.get(purpose="second_factor_challenge").attempts == len(compared)


def test_a_factor_is_put_in_force_once(api, jane, many_guesses):
    app = enrol(api, jane)
    verify = post(f"{FACTORS}/{app.factor_id}/verify", {"code": app.code()}, token=jane)
    answers = at_once(*[verify] * 12)
    assert statuses(answers).count(200) == 1
    assert set(statuses(answers)) <= {200, *LOST}
    assert AccountEvent.objects.filter(kind="factor_enabled").count() == 1
    assert SecondFactor.objects.get().enabled_key


def test_a_factor_goes_once(api, jane):
    app = with_app(api, jane)
    token = come_in(api, app.code())

    def remove():
        return api.another().client.delete(f"{FACTORS}/{app.factor_id}", headers={"authorization": f"Bearer {token}"})

    answers = at_once(*[remove] * 12)
    assert set(statuses(answers)) <= {200, 503}
    assert AccountEvent.objects.filter(kind="factor_removed").count() == 1
    assert not Customer.objects.get().has_second_factor


def test_of_two_sets_made_at_once_one_is_left(api, jane):
    app = with_app(api, jane)
    token = come_in(api, app.code())
    answers = at_once(*[post(RECOVERY, {"count": 3}, token=token)] * 8)
    assert 200 in statuses(answers)
    assert set(statuses(answers)) <= {200, 503}
    assert RecoveryCode.objects.count() == 3


def one_goes_while_another_comes(api, jane, between, owner, name):
    """Take an app away, and put codes to the phone in force at a moment of that."""
    app = with_app(api, jane)
    made = ok(api.post(FACTORS, {"provider": "otp"}, token=jane))["mfa_factor"]["id"]
    token, code = come_in(api, app.code()), last_code(PHONE)
    between(owner, name, post(f"{FACTORS}/{made}/verify", {"code": code}, token=token))
    headers = {"authorization": f"Bearer {token}"}
    removed = api.client.delete(f"{FACTORS}/{app.factor_id}", headers=headers)
    return removed.status_code, list(SecondFactor.objects.enabled().values_list("provider", flat=True))


def test_a_factor_that_comes_while_another_goes_is_asked_for(api, jane, between):
    """If the one that goes did not see the one that comes, the login would ask for none."""
    outcome = one_goes_while_another_comes(api, jane, between, proofs, "keep_session")
    assert outcome == (200, ["otp"])
    assert Customer.objects.get().has_second_factor
    assert pending(api).challenge["methods"] == ["otp"]


def test_a_look_at_the_others_before_the_row_is_held_would_lose_it(api, jane, between, monkeypatch, read_committed):
    """The broken variant: the look comes first, then the other one comes into force, then the row is written."""
    real = removal.disable

    def disable(factor, *, now):
        done = real(factor, now=now)
        others = SecondFactor.objects.enabled().filter(customer=factor.customer).exists()
        monkeypatch.setattr(removal, "settle", lambda factor, customer, *, now: write(customer, others))
        return done

    def write(customer, others):
        Customer.objects.filter(pk=customer.pk).update(has_second_factor=others)

    monkeypatch.setattr(removal, "disable", disable)
    outcome = one_goes_while_another_comes(api, jane, between, proofs, "keep_session")
    assert outcome == (200, ["otp"])
    assert not Customer.objects.get().has_second_factor


def test_whoever_was_deleted_at_that_moment_gets_no_challenge(api, jane, monkeypatch):
    with_app(api, jane)
    user, real = Customer.objects.select_related("user").get().user, challenges.methods_of

    def deleted_then(customer):
        found = real(customer)
        at_once(user.delete)
        return found

    monkeypatch.setattr(challenges, "methods_of", deleted_then)
    answer = post(LOGIN, {"email": JANE, "password": PASSWORD})()
    assert answer.status_code == 429
    assert not Customer.objects.exists()


# The same races against code that reads, then writes: the tests above must be able to fail.


def test_challenges_that_are_read_then_written_give_two_tokens(api, jane, many_guesses, meeting, monkeypatch):
    def use_up(proof, row_id, *, now):
        assert OtpVerification.objects.live(now).filter(pk=row_id).exists()
        meeting()
        OtpVerification.objects.filter(pk=row_id).update(consumed_at=now)

    app = with_app(api, jane)
    login = pending(api)
    let_all_guess()
    monkeypatch.setattr(completion, "_use_up", use_up)
    assert len(tokens(answer_at_once(login, app.code()))) > 1


def test_steps_that_are_read_then_written_give_two_tokens(
    api, jane, many_guesses, read_committed, meeting, monkeypatch
):
    def use_step(self, factor_id, step, *, secret):
        unused = not self.filter(pk=factor_id, last_step__gte=step).exists()
        meeting()
        return unused

    app = with_app(api, jane)
    logins = [pending(api) for _ in range(8)]
    monkeypatch.setattr(SecondFactorQuerySet, "use_step", use_step)
    body = {"method": "totp", "code": app.code()}
    answers = at_once(*(post(login.path, body, token=login.token) for login in logins))
    assert len(tokens(answers)) > 1


def test_recovery_codes_that_are_read_then_written_give_two_tokens(
    api, jane, many_guesses, read_committed, meeting, monkeypatch
):
    def use(self, customer_id, hashes, *, now):
        unused = self.filter(customer_id=customer_id, code_hash__in=hashes, used_at=None).exists()
        meeting()
        return unused

    app = with_app(api, jane)
    [code] = recovery_codes(api, come_in(api, app.code()), count=1)
    logins = [pending(api) for _ in range(8)]
    monkeypatch.setattr(RecoveryCodeQuerySet, "use", use)
    body = {"method": "recovery_code", "code": code}
    answers = at_once(*(post(login.path, body, token=login.token) for login in logins))
    assert len(tokens(answers)) > 1


def test_guesses_that_are_read_then_written_get_past_the_limit(api, jane, meeting, monkeypatch):
    def spend_attempt(self, row_id, *, now, counter="attempts"):
        row = OtpVerification.objects.get(pk=row_id)
        meeting()
        OtpVerification.objects.filter(pk=row_id).update(attempts=row.attempts + 1)
        return row.attempts < row.max_attempts

    compared, real = [], proofs.of_app

    def spy(*arguments, **options):
        compared.append(None)
        return real(*arguments, **options)

    app = with_app(api, jane)
    login = pending(api)
    monkeypatch.setattr(OtpVerificationQuerySet, "spend_attempt", spend_attempt)
    monkeypatch.setattr(proofs, "of_app", spy)
    answer_at_once(login, wrong(app.code()))
    assert len(compared) > 5
