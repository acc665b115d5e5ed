"""SQL statements of the second factor, exactly, transaction control left out. A change here is a change of cost."""

import pytest

from customer_registration.models import OtpVerification
from tests.conftest import PASSWORD, wrong
from tests.second_steps import FACTORS, JANE, LOGIN, PHONE, RECOVERY, REFRESH, enable, enrol, ok, pending, with_app

pytestmark = [pytest.mark.usefixtures("clock"), pytest.mark.life_cycle]

CREDENTIALS = {"email": JANE, "password": PASSWORD}


@pytest.fixture(autouse=True)
def messages_stay_queued(monkeypatch):
    """As with a broker: the request publishes a task and delivers nothing."""
    monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)


def newest(**fields):
    """Return the code that was sent last."""
    return OtpVerification.objects.filter(**fields).latest("pk").code()


@pytest.fixture
def jane(api, sign_up, send_code):
    """A customer whose e-mail is proven; return a token."""
    person = sign_up(phone=PHONE)
    proof = {"token": send_code(person), "code": newest()}
    return ok(api.post("/store/customers/otp/verify", proof))["token"]


def test_a_right_code_of_an_app(api, cost, jane):
    app = with_app(api, jane)
    assert cost(LOGIN, CREDENTIALS) == 4
    login = pending(api)
    body = {"method": "totp", "code": app.code()}
    assert cost(login.path, {**body, "code": wrong(body["code"])}, token=login.token, status=400) == 4
    assert cost(login.path, body, token=login.token) == 6
    assert cost(login.path, body, token=login.token, status=404) == 3


def test_a_recovery_code(api, cost, jane):
    app = with_app(api, jane)
    [code] = ok(api.post(RECOVERY, {"count": 1, "method": "totp", "code": app.code()}, token=jane))["recovery_codes"]
    login = pending(api)
    assert cost(login.path, {"method": "recovery_code", "code": "CCCC"}, token=login.token, status=400) == 5
    assert cost(login.path, {"method": "recovery_code", "code": code}, token=login.token) == 6


def test_a_code_that_was_sent(api, cost, jane, configure):
    configure(LOGIN={"SECOND_STEP": "otp"})
    assert cost(LOGIN, CREDENTIALS) == 7
    login = pending(api)
    code = newest(purpose="second_factor")
    assert cost(login.path, {"method": "otp", "code": wrong(code)}, token=login.token, status=400) == 5
    assert cost(login.path, {"method": "otp", "code": code}, token=login.token) == 6


def test_without_a_factor_nothing_costs_more(api, cost, jane):
    assert cost(LOGIN, CREDENTIALS) == 2
    assert cost(REFRESH, token=jane) == 1


def test_setting_up_and_taking_away(api, cost, jane, clock):
    assert cost(FACTORS, token=jane, method="get") == 2
    assert cost(FACTORS, {"provider": "totp"}, token=jane) == 5
    app = enrol(api, jane)
    assert cost(f"{FACTORS}/{app.factor_id}/verify", {"code": app.code()}, token=jane) == 7
    proof = {"method": "totp", "code": app.code(steps=1)}
    assert cost(RECOVERY, proof, token=jane) == 10
    clock.shift(60)
    proof = {"method": "totp", "code": app.code()}
    assert cost(f"{FACTORS}/{app.factor_id}", proof, token=jane, method="delete") == 14
    assert cost(FACTORS, {"provider": "otp"}, token=jane) == 10
    made = ok(api.get(FACTORS, token=jane))["mfa_factors"][0]["id"]
    enable(api, jane, made, newest(purpose="second_factor"))
