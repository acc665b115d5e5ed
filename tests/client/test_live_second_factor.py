"""Both clients against the app: authenticator apps, codes to a contact, recovery codes."""

from datetime import timedelta

import pyotp
import pytest
import time_machine
from django.utils import timezone

from customer_registration.client import CodeRefused, StorefrontError, Unauthorized
from tests.conftest import PASSWORD, last_code, wrong

JANE = "jane@example.com"


@pytest.fixture
def jane(live):
    """A customer who is logged in."""
    visitor = live()
    visitor.register(email=JANE, password=PASSWORD)
    challenge = visitor.send_code(visitor.create_customer().id, type="email_verification")
    visitor.verify_code(challenge.token, code=last_code(JANE))
    return visitor


@pytest.fixture
def clock():
    """A clock that the test moves."""
    with time_machine.travel(timezone.now(), tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def shown(clock):
    """What an app shows, half a minute after the last time: a step serves once."""

    def run(setup):
        clock.shift(30)
        return pyotp.TOTP(setup.secret).at(timezone.now())

    return run


@pytest.fixture
def app(jane, shown):
    """An authenticator app that Jane has set up."""
    setup = jane.add_mfa_factor(label="Phone", issuer="Shop")
    jane.verify_mfa_factor(setup.mfa_factor.id, code=shown(setup))
    return setup


def log_in(live):
    """Log in by password; return the visitor and the challenge."""
    visitor = live()
    result = visitor.login(email=JANE, password=PASSWORD)
    assert result.mfa_required
    return visitor, result.mfa_challenge


def test_an_app_is_set_up_and_shown_at_the_next_login(jane, live, shown):
    assert jane.list_mfa_factors() == []
    setup = jane.add_mfa_factor(label="Phone", issuer="Shop")
    assert (setup.mfa_factor.provider, setup.mfa_factor.status) == ("totp", "pending")
    assert setup.secret in setup.otpauth_url
    assert "issuer=Shop" in setup.otpauth_url
    assert "<svg" in setup.qr_svg
    assert live().login(email=JANE, password=PASSWORD).token, "nothing is asked for yet"
    enabled = jane.verify_mfa_factor(setup.mfa_factor.id, code=shown(setup))
    assert (enabled.id, enabled.status) == (setup.mfa_factor.id, "enabled")
    assert jane.list_mfa_factors() == [enabled]
    visitor, challenge = log_in(live)
    assert "totp" in challenge.methods
    with pytest.raises(Unauthorized):
        visitor.me()
    assert visitor.verify_mfa_challenge(challenge.id, method="totp", code=shown(setup)).token == visitor.token
    assert visitor.me().email == JANE


def test_a_wrong_code_is_refused_and_counted(app, live, shown):
    visitor, challenge = log_in(live)
    with pytest.raises(CodeRefused) as caught:
        visitor.verify_mfa_challenge(challenge.id, method="totp", code=wrong(shown(app)))
    assert (caught.value.status, caught.value.type) == (400, "not_allowed")
    assert visitor.verify_mfa_challenge(challenge.id, method="totp", code=shown(app)).token


def test_a_challenge_serves_once_and_its_own_login_alone(app, live, shown):
    visitor, challenge = log_in(live)
    other, _ = log_in(live)
    with pytest.raises(StorefrontError) as caught:
        other.verify_mfa_challenge(challenge.id, method="totp", code=shown(app))
    assert (caught.value.status, caught.value.code) == (404, "not_found")
    visitor.verify_mfa_challenge(challenge.id, method="totp", code=shown(app))
    with pytest.raises(StorefrontError):
        visitor.verify_mfa_challenge(challenge.id, method="totp", code=shown(app))


def test_a_recovery_code_stands_in_once(app, jane, live, shown):
    codes = jane.make_recovery_codes(count=3, method="totp", code=shown(app))
    assert len(set(codes)) == 3
    visitor, challenge = log_in(live)
    assert "recovery_code" in challenge.methods
    visitor.verify_mfa_challenge(challenge.id, method="recovery_code", code=codes[0])
    assert visitor.me().email == JANE
    visitor, challenge = log_in(live)
    with pytest.raises(CodeRefused):
        visitor.verify_mfa_challenge(challenge.id, method="recovery_code", code=codes[0])


def test_a_stolen_session_cannot_take_the_factor_away(app, jane, shown, clock):
    clock.shift(timedelta(minutes=11))
    for name, arguments in (("remove_mfa_factor", {"factor_id": app.mfa_factor.id}), ("make_recovery_codes", {})):
        with pytest.raises(StorefrontError) as caught:
            getattr(jane, name)(**arguments)
        assert (caught.value.status, caught.value.code) == (403, "reauthentication_required")
    removed = jane.remove_mfa_factor(app.mfa_factor.id, method="totp", code=shown(app))
    assert removed.status == "disabled"


def test_without_a_factor_a_login_asks_for_nothing_again(app, jane, live, shown):
    jane.remove_mfa_factor(app.mfa_factor.id, method="totp", code=shown(app))
    assert not live().login(email=JANE, password=PASSWORD).mfa_required
    with pytest.raises(StorefrontError) as caught:
        jane.make_recovery_codes()
    assert caught.value.code == "factor_required"


def test_codes_to_the_contact_are_a_factor_too(jane, live, clock):
    setup = jane.add_mfa_factor("otp")
    assert (setup.secret, setup.otpauth_url, setup.qr_svg) == (None, None, None)
    jane.verify_mfa_factor(setup.mfa_factor.id, code=last_code(JANE))
    clock.shift(90)  # before, no further code is sent
    visitor, challenge = log_in(live)
    assert challenge.methods == ("otp",)
    assert visitor.verify_mfa_challenge(challenge.id, method="otp", code=last_code(JANE)).token
    assert visitor.me().email == JANE


def test_every_road_asks_for_the_factor(app, jane, live, shown):
    assert jane.refresh().mfa_required
    visitor = live()
    visitor.send_login_code(JANE)
    assert visitor.login_with_code(JANE, code=last_code(JANE)).mfa_required
    visitor = live()
    step = visitor.start_two_step_login(email=JANE, password=PASSWORD)
    assert (step.customer, step.mfa_required) == (None, True)
    visitor.verify_mfa_challenge(step.mfa_challenge.id, method="totp", code=shown(app))
    assert visitor.me().email == JANE


def test_the_shop_may_ask_everybody_for_a_second_step(jane, live, configure):
    configure(LOGIN={"SECOND_STEP": "otp"})
    visitor, challenge = log_in(live)
    assert challenge.methods == ("otp",)
    visitor.verify_mfa_challenge(challenge.id, method="otp", code=last_code(JANE))
    assert visitor.me().email == JANE


def test_a_visitor_who_is_not_logged_in_has_no_factors(live):
    for name, arguments in (
        ("list_mfa_factors", {}),
        ("add_mfa_factor", {}),
        ("verify_mfa_factor", {"factor_id": "authmfa_1", "code": "123456"}),
        ("remove_mfa_factor", {"factor_id": "authmfa_1"}),
        ("make_recovery_codes", {}),
        ("verify_mfa_challenge", {"challenge_id": "c", "method": "totp", "code": "123456"}),
    ):
        with pytest.raises(Unauthorized):
            getattr(live(), name)(**arguments)
