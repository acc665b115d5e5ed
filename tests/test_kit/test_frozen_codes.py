"""Codes that a test knows beforehand: nothing else about them changes."""

import pytest

from customer_registration import codes
from customer_registration.codes import derivation
from customer_registration.models import OtpVerification
from customer_registration.one_time_passwords import OneTimePasswordService
from customer_registration.testing import frozen_codes

pytestmark = pytest.mark.django_db
JANE = "jane@example.com"
VERIFY, CODE_LOGIN, GENERATE = "/store/customers/otp/verify", "/auth/customer/otp", "/auth/customer/otp/generate"


def test_every_code_is_the_chosen_one(api, freeze_codes, customer_factory, last_code):
    code = freeze_codes("424242")
    assert code == "424242"
    customer_factory(email=JANE)
    api.post(GENERATE, {"identifier": JANE})
    assert last_code(JANE) == code
    assert api.post(CODE_LOGIN, {"identifier": JANE, "otp": code}).status_code == 200
    service = OneTimePasswordService()
    assert service.generate("locker 7") == code
    assert service.verify("locker 7", code)


def test_the_message_shows_it(api, freeze_codes, customer_factory, otp_outbox):
    freeze_codes("777777")
    customer_factory(email=JANE)
    api.post(GENERATE, {"identifier": JANE})
    assert "777777" in otp_outbox[0].text


@pytest.mark.usefixtures("freeze_codes")
def test_asked_for_by_name_alone_it_is_a_sequence_as_long_as_codes_are(api, configure, customer_factory, last_code):
    customer_factory(email=JANE)
    api.post(GENERATE, {"identifier": JANE})
    assert last_code(JANE) == "123456"
    configure(PASSWORDLESS={"DIGITS": 12})
    assert last_code(JANE) == "123456789012"
    assert api.post(CODE_LOGIN, {"identifier": JANE, "otp": "123456789012"}).status_code == 200


def test_wrong_codes_are_wrong_and_count(api, freeze_codes, sign_up, send_code):
    code = freeze_codes()
    flow = send_code(sign_up())
    for left in (4, 3, 2, 1, 0):
        answer = api.post(VERIFY, {"token": flow, "code": "654321"})
        assert answer.json()["attempts_remaining"] == left
    answer = api.post(VERIFY, {"token": flow, "code": code})
    assert answer.json()["code"] == "otp_attempts_exceeded"


def test_a_code_works_once(api, freeze_codes, sign_up, send_code):
    code = freeze_codes()
    flow = send_code(sign_up())
    assert api.post(VERIFY, {"token": flow, "code": code}).status_code == 200
    assert api.post(VERIFY, {"token": flow, "code": code}).status_code == 400


def test_it_opens_nothing_for_a_stranger(api, freeze_codes):
    code = freeze_codes()
    api.post(GENERATE, {"identifier": "nobody@example.com"})
    assert OtpVerification.objects.get().is_decoy
    assert api.post(CODE_LOGIN, {"identifier": "nobody@example.com", "otp": code}).json()["code"] == "otp_invalid"


def test_letters_are_typed_in_any_case(api, freeze_codes, customer_factory, last_code):
    assert freeze_codes("review1") == "REVIEW1"
    customer_factory(email=JANE)
    api.post(GENERATE, {"identifier": JANE})
    assert api.post(CODE_LOGIN, {"identifier": JANE, "otp": "Review-1"}).status_code == 200


@pytest.mark.parametrize("wrong", ["", "12345", "1" * 17, "12 456", "١٢٣٤٥٦", "123-456"])
def test_what_is_no_code_is_refused(freeze_codes, wrong):
    with pytest.raises(ValueError, match="6 to 16"):
        freeze_codes(wrong)
    assert codes.derive_code(None, secret="", length=6, charset="numeric") == "123456"


def test_it_ends_with_the_test():
    before = codes.derive_code, derivation.derive_code
    with frozen_codes() as outer, frozen_codes("222222") as inner:
        assert (outer, inner) == ("123456", "222222")
        assert codes.derive_code(None, secret="", length=6, charset="numeric") == "222222"
    assert (codes.derive_code, derivation.derive_code) == before


def test_a_failure_ends_it_too():
    before = codes.derive_code
    with pytest.raises(RuntimeError), frozen_codes():
        raise RuntimeError
    assert codes.derive_code is before
