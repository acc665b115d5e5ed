"""`OneTimePasswordService`: a project's own one-time passwords, on the engine of ours."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from customer_registration.models import OtpVerification
from customer_registration.one_time_passwords import OneTimePasswordService
from customer_registration.signals import one_time_password_deleted, one_time_password_generated
from tests import by_code
from tests.by_code import JANE
from tests.conftest import wrong

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]
KEY = "locker 7"


@pytest.fixture
def service():
    return OneTimePasswordService()


def test_a_password_is_good_once(service):
    code = service.generate(KEY)
    assert re.fullmatch("[0-9]{6}", code)
    assert service.verify(KEY, code) is True
    assert service.verify(KEY, code) is False


def test_a_wrong_password_and_another_keys_are_refused(service):
    code = service.generate(KEY)
    assert service.verify(KEY, wrong(code)) is False
    assert service.verify("locker 8", code) is False
    assert service.verify("", code) is False
    assert service.verify(KEY, code) is True


@pytest.mark.parametrize(
    "typed", ["{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}", " {0} ", "{0[0]}-{0[1]}{0[2]}{0[3]}{0[4]}{0[5]}"]
)
def test_spaces_and_hyphens_are_ignored(service, typed):
    code = service.generate(KEY)
    assert service.verify(KEY, typed.format(code)) is True


def test_digits_of_other_scripts_are_digits(service):
    code = service.generate(KEY)
    assert service.verify(KEY, code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))) is True


@pytest.mark.parametrize("typed", ["", " ", "x" * 100_000, "\0", "\ud800", None, 123456, ["1"], b"123456"])
def test_what_is_no_password_is_refused(service, typed):
    code = service.generate(KEY)
    assert service.verify(KEY, typed) is False
    assert service.verify(KEY, code) is True


def test_ttl_and_digits_are_the_two_step_logins_unless_given(service, configure):
    assert (service.ttl, service.digits) == (60, 6)
    configure(TWO_STEP_LOGIN={"TTL_SECONDS": 90, "DIGITS": 8})
    assert (service.ttl, service.digits) == (90, 8)
    assert re.fullmatch("[0-9]{8}", service.generate(KEY))
    own = OneTimePasswordService(ttl=600, digits=10)
    assert (own.ttl, own.digits) == (600, 10)
    code = own.generate(KEY)
    assert re.fullmatch("[0-9]{10}", code)
    assert service.verify(KEY, code) is True  # the row knows its digits


@pytest.mark.parametrize("options", [{"ttl": 0}, {"ttl": -1}, {"digits": 5}, {"digits": 17}])
def test_what_makes_no_safe_password_is_refused_at_once(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        OneTimePasswordService(**options)


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_a_password_is_good_until_its_last_second(seconds, good):
    service, start = OneTimePasswordService(ttl=100), timezone.now()
    with time_machine.travel(start, tick=False):
        code = service.generate(KEY)
    with time_machine.travel(start + timedelta(seconds=100 + seconds), tick=False):
        assert service.verify(KEY, code) is good


def test_a_secret_is_64_hex_digits_and_mixed_in(service):
    secret, other = service.generate_secret(), service.generate_secret()
    assert re.fullmatch("[0-9a-f]{64}", secret)
    assert secret != other
    service.generate(KEY, secret)
    row = OtpVerification.objects.get(purpose="service")
    codes = {row.code()}
    for mixed in (None, other):
        service.generate(f"{KEY} of {mixed}", mixed)
        made = OtpVerification.objects.latest("pk")
        made.pk, made.nonce = row.pk, row.nonce  # all else alike
        codes.add(made.code())
    assert len(codes) == 3


def test_a_newer_password_of_a_key_replaces_the_older_and_no_other_keys(service):
    beside = service.generate("locker 8")
    first = service.generate(KEY)
    second = service.generate(KEY)
    assert first == second or service.verify(KEY, first) is False
    assert service.verify(KEY, second) is True
    assert service.verify("locker 8", beside) is True


def test_c5_a_newer_password_starts_with_the_guesses_of_the_older(service):
    for guesses in (3, 2):
        code = service.generate(KEY)
        for _ in range(guesses):
            assert service.verify(KEY, wrong(code)) is False
    assert service.verify(KEY, code) is False


def test_c2_after_five_guesses_the_right_one_is_refused(service):
    code = service.generate(KEY)
    for typed in [wrong(code)] * 5 + [code]:
        assert service.verify(KEY, typed) is False
    assert OtpVerification.objects.get().attempts == 5


def test_the_guesses_follow_their_setting(service, configure):
    configure(OTP={"MAX_ATTEMPTS": 2})
    code = service.generate(KEY)
    for typed in [wrong(code)] * 2 + [code]:
        assert service.verify(KEY, typed) is False


def test_c4_a_key_has_ten_wrong_passwords_a_day_and_other_keys_their_own(service):
    start = timezone.now()
    for turn in range(4):
        with time_machine.travel(start + timedelta(seconds=61 * turn)):  # the older one is over, and its guesses
            code = service.generate(KEY)
            for _ in range(3):
                service.verify(KEY, wrong(code))
    with time_machine.travel(start + timedelta(minutes=5)):
        assert service.verify(KEY, service.generate(KEY)) is False
        assert service.verify("locker 8", service.generate("locker 8")) is True


def test_a_success_clears_the_day(service):
    start = timezone.now()
    for turn in range(5):
        with time_machine.travel(start + timedelta(seconds=61 * turn)):
            code = service.generate(KEY)
            for _ in range(4):
                service.verify(KEY, wrong(code))
            assert service.verify(KEY, code) is True


def test_c8_it_is_no_code_of_ours_and_ours_is_none_of_its(service, api, verified):
    verified()
    code = service.generate(JANE)
    for step in ("verify", "register", ""):
        assert by_code.refused(by_code.bring(api, code, step=step))
    by_code.ask(api)
    ours = OtpVerification.objects.get(purpose="code_login").code()
    assert ours == code or service.verify(JANE, ours) is False
    assert service.verify(JANE, code) is True


def test_c12_neither_password_nor_secret_nor_key_is_stored(service):
    secret = service.generate_secret()
    code = service.generate(KEY, secret)
    rows = [
        str(list(row)) for model in apps.get_models(include_auto_created=True) for row in model.objects.values_list()
    ]
    assert rows
    for hidden in (code, secret, KEY):
        assert not [row for row in rows if hidden in row]


def test_signals_tell_of_a_password_and_its_end(service, hear, django_capture_on_commit_callbacks):
    generated, deleted = hear(one_time_password_generated), hear(OneTimePasswordService.deleted)
    assert OneTimePasswordService.generated is one_time_password_generated
    assert OneTimePasswordService.deleted is one_time_password_deleted
    with django_capture_on_commit_callbacks(execute=True):
        code = service.generate(KEY)
        assert generated == []  # not before the commit
    [told] = generated
    assert (set(told), told["key"], told["get_code"]()) == ({"key", "get_code"}, KEY, code)
    assert code not in repr(told)
    with django_capture_on_commit_callbacks(execute=True):
        service.verify(KEY, wrong(code))
    assert deleted == []
    with django_capture_on_commit_callbacks(execute=True):
        service.verify(KEY, code)
    assert deleted == [{"key": KEY}]


def test_it_costs_a_handful_of_statements(service, counted):
    with counted() as queries:
        code = service.generate(KEY)
    assert len(queries.statements) <= 4
    with counted() as queries:
        assert service.verify(KEY, code)
    assert len(queries.statements) <= 4


def test_a_key_may_be_any_text(service):
    for key in ("", "x" * 10_000, "\0", "schlüssel", "'; --", "a:b"):
        code = service.generate(key)
        assert service.verify(key, code) is True
