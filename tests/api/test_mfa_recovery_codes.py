"""POST /auth/mfa/recovery-codes, and the codes themselves: shown once, used once, stored as keyed hashes."""

import re

import pytest
from django.utils import timezone

from customer_registration.models import AccountEvent, Customer, RecoveryCode, SecondFactor
from tests.conftest import wrong
from tests.second_steps import (
    AGAIN,
    EXCEEDED,
    RECOVERY,
    WRONG,
    come_in,
    enrol,
    ok,
    pending,
    recovery_codes,
    show,
    with_app,
)

pytestmark = [pytest.mark.usefixtures("clock"), pytest.mark.life_cycle]

NO_FACTOR = {
    "type": "not_allowed",
    "code": "factor_required",
    "message": "Recovery codes require an enabled factor",
}
SHAPE = re.compile("[2-9CDFGHJKMNPQRTVWXY]{4}(-[2-9CDFGHJKMNPQRTVWXY]{4}){2}")


@pytest.fixture
def jane(api, verified):
    """A customer with an app in force, who has just shown it."""
    return come_in(api, with_app(api, verified()[1]).code())


def test_ten_codes_are_made_and_stored_as_hashes(api, jane):
    made = recovery_codes(api, jane)
    assert len(set(made)) == 10
    assert all(SHAPE.fullmatch(code) for code in made)
    stored = list(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in stored)
    assert len(set(stored)) == 10
    assert AccountEvent.objects.get(kind="recovery_codes_made").detail == {"count": 10}


def test_how_many_is_a_setting_and_the_callers_choice(api, jane, configure):
    configure(SECOND_FACTOR={"RECOVERY_CODES": 3})
    assert len(recovery_codes(api, jane)) == 3
    assert len(recovery_codes(api, jane, count=1)) == 1
    assert len(recovery_codes(api, jane, count=20)) == 20
    assert len(recovery_codes(api, jane, count=None)) == 3
    assert RecoveryCode.objects.count() == 3


@pytest.mark.parametrize("count", [0, -1, 21, 2.5, "10", True, [10], 10**400, float("1e308")])
def test_bad_counts_are_invalid(api, jane, count):
    answer = api.post(RECOVERY, {"count": count}, token=jane)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert not RecoveryCode.objects.exists()


def test_the_bounds_are_worded_as_the_reference_does(api, jane):
    small, big = (api.post(RECOVERY, {"count": count}, token=jane).json()["message"] for count in (0, 21))
    assert small == "Invalid request: Value for field 'count' too small, expected at least: '1'"
    assert big == "Invalid request: Value for field 'count' too big, expected at most: '20'"


def test_they_need_a_factor_in_force(api, verified):
    _, bearer = verified()
    for _ in range(2):
        answer = api.post(RECOVERY, token=bearer)
        assert (answer.status_code, answer.json()) == (400, NO_FACTOR)
        enrol(api, bearer)


def test_they_need_proof(api, verified, clock):
    _, bearer = verified()
    app = with_app(api, bearer)
    assert api.post(RECOVERY, token=bearer).json() == AGAIN
    assert api.post(RECOVERY, {"method": "totp", "code": wrong(app.code())}, token=bearer).json() == WRONG
    assert len(recovery_codes(api, bearer, method="totp", code=app.code())) == 10
    answer = api.post(RECOVERY, {"method": "totp", "code": app.code()}, token=bearer)
    assert (answer.status_code, answer.json()) == (400, WRONG), "the step was used"
    token = come_in(api, app.code(steps=1))
    clock.shift(600)
    assert api.post(RECOVERY, token=token).json() == AGAIN


def test_a_new_set_replaces_the_old_one(api, jane):
    old, new = recovery_codes(api, jane), recovery_codes(api, jane)
    assert show(api, pending(api), old[0], "recovery_code").status_code == 400
    ok(show(api, pending(api), new[0], "recovery_code"))


def test_a_code_logs_in_once(api, jane):
    first, second, *_ = recovery_codes(api, jane)
    login = pending(api)
    assert login.challenge["methods"] == ["totp", "recovery_code"]
    ok(show(api, login, first, "recovery_code"))
    row = RecoveryCode.objects.get(used_at__isnull=False)
    assert row.used_at == timezone.now()
    assert AccountEvent.objects.filter(kind="recovery_code_used").count() == 1
    answer = show(api, pending(api), first, "recovery_code")
    assert (answer.status_code, answer.json()) == (400, {**WRONG, "attempts_remaining": 4})
    ok(show(api, pending(api), second, "recovery_code"))


def test_once_all_are_used_they_are_no_method_any_more(api, jane):
    [only] = recovery_codes(api, jane, count=1)
    ok(show(api, pending(api), only, "recovery_code"))
    assert pending(api).challenge["methods"] == ["totp"]


def full_width(code):
    return "".join(chr(ord(each) + 0xFEE0) for each in code)


@pytest.mark.parametrize(
    "write",
    [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code.replace('-', ' ')} ", full_width],
    ids=["lower case", "no hyphens", "spaces", "full-width"],
)
def test_case_spaces_and_hyphens_do_not_matter(api, jane, write):
    code = recovery_codes(api, jane)[0]
    ok(show(api, pending(api), write(code), "recovery_code"))
    assert show(api, pending(api), code, "recovery_code").status_code == 400


def test_somebody_elses_codes_are_wrong(api, jane, verified):
    other = come_in(api, with_app(api, verified("other@example.com")[1]).code(), email="other@example.com")
    theirs = recovery_codes(api, other)
    recovery_codes(api, jane)
    assert show(api, pending(api), theirs[0], "recovery_code").status_code == 400


def test_five_guesses_and_ten_a_day_hold_here_too(api, jane):
    made = recovery_codes(api, jane)
    for _ in range(2):
        login = pending(api)
        for left in (4, 3, 2, 1, 0):
            answer = show(api, login, "CCCC-CCCC-CCCC", "recovery_code")
            assert answer.json() == {**WRONG, "attempts_remaining": left}
        assert show(api, login, made[0], "recovery_code").json() == EXCEEDED
    assert show(api, pending(api), made[0], "recovery_code").json() == EXCEEDED
    assert not RecoveryCode.objects.exclude(used_at=None).exists()


def test_after_a_key_rotation_they_work_as_long_as_the_fallback_does(api, jane, settings):
    made = recovery_codes(api, jane)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key" * 5
    ok(show(api, pending(api), made[0], "recovery_code"))
    settings.SECRET_KEY_FALLBACKS = []
    assert show(api, pending(api), made[1], "recovery_code").status_code == 400


def test_a_factor_that_is_lost_from_the_table_makes_no_codes(api, jane):
    """The flag alone is not enough."""
    SecondFactor.objects.all().delete()
    assert Customer.objects.get().has_second_factor
    answer = api.post(RECOVERY, token=jane)
    assert (answer.status_code, answer.json()) == (400, NO_FACTOR)
    assert not RecoveryCode.objects.exists()
