"""Code login of Django's staff: by e-mail, for exactly one active staff user, and never to register."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core import mail

from customer_registration.models import OtpVerification
from customer_registration.signals import otp_generated, pre_register_otp_generated
from customer_registration.tokens import LoginToken
from tests import by_code
from tests.by_code import PHONE, STEPS, ask, bring, refused, url
from tests.conftest import PASSWORD, last_code, messages_to, new_user, wrong

pytestmark = pytest.mark.life_cycle
BOSS = "boss@example.com"
GUARD = {"message": "Unauthorized"}
DESK = "/admin/account-deletion-requests"


@pytest.fixture
def boss(db):
    """Save a staff user."""
    return new_user("boss", BOSS, is_staff=True)


@pytest.mark.parametrize("step", ["verify", ""])
def test_staff_log_in_by_a_code_to_their_mail(api, boss, hear, step):
    told, came_in = hear(otp_generated), hear(user_logged_in)
    flow = ask(api, " Boss@Example.com ", actor="user")
    assert [message.to for message in mail.outbox] == [[BOSS]]
    assert told[0]["actor_type"] == "user"
    answer = bring(api, last_code(BOSS), flow, identifier=BOSS, step=step, actor="user")
    assert answer.status_code == 200
    token = LoginToken.read(answer.json()["token"])
    assert (token.actor_type, token.actor_id, token.auth_provider) == ("user", str(boss.pk), "otp")
    assert token.app_metadata == {"user_id": str(boss.pk)}
    assert came_in[0]["user"] == boss
    boss.refresh_from_db()
    assert boss.check_password(PASSWORD)  # decision 9 is about customers
    assert api.get(DESK, token=answer.json()["token"]).status_code == 200
    assert api.get(by_code.ME, token=answer.json()["token"]).json() == GUARD


@pytest.mark.parametrize("who", ["nobody", "shopper", "deactivated", "twins", "by phone"])
def test_whoever_is_not_exactly_one_active_staff_user_is_answered_as_unknown(api, boss, who):
    new_user("shopper", "shopper@example.com")
    new_user("deactivated", "deactivated@example.com", is_staff=True, is_active=False)
    new_user("twin1", "twins@example.com", is_staff=True)
    new_user("twin2", "Twins@example.com", is_staff=True)
    name = PHONE if who == "by phone" else f"{who}@example.com"
    known = api.post(url("generate", "user"), {"identifier": BOSS})
    sent = len(mail.outbox)
    answer = api.post(url("generate", "user"), {"identifier": name})
    assert (answer.status_code, answer.json()["message"]) == (200, known.json()["message"])
    assert len(answer.json()["token"]) == len(known.json()["token"])
    assert (len(mail.outbox), messages_to(PHONE)) == (sent, [])
    row = OtpVerification.objects.latest("pk")
    for flow in (answer.json()["token"], None):
        assert refused(bring(api, row.code(), flow, identifier=name, actor="user"))


def test_staff_never_register_here(api, boss, hear):
    told = hear(pre_register_otp_generated)
    for name in (BOSS, "newcomer@example.com"):
        answer = api.post(url("pre-register", "user"), {"identifier": name})
        assert (answer.status_code, answer.json()["message"]) == (200, by_code.VALIDATE)
        row = OtpVerification.objects.latest("pk")
        for flow in (answer.json()["token"], None):
            assert refused(bring(api, row.code(), flow, identifier=name, step="register", actor="user"))
    assert (mail.outbox, told) == ([], [])
    for path in ("/auth/user/otp/reset-password", "/auth/user/emailpass/register"):
        answer = api.post(path, {"identifier": BOSS, "email": BOSS, "password": PASSWORD})
        assert (answer.status_code, answer.json()["type"]) == (400, "not_allowed")
    answer = api.post("/auth/user/otp/update", {"password": PASSWORD}, token="a.b.c")
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid token")


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, {"password": "!x"}])
def test_a_staff_token_dies_with_the_right_to_it(api, boss, change):
    token = by_code.log_in(api, BOSS, "user")
    get_user_model().objects.update(**change)
    assert api.post("/auth/token/refresh", token=token).json() == GUARD
    assert api.get(DESK, token=token).json() == GUARD


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_d1_a_staff_code_dies_with_the_right_to_it(api, boss, change):
    flow = ask(api, BOSS, actor="user")
    get_user_model().objects.update(**change)
    assert refused(bring(api, last_code(BOSS), flow, identifier=BOSS, actor="user"))


def test_providers_switch_code_login_of_staff_off(api, configure, boss):
    configure(PROVIDERS={"user": ["emailpass"]})
    for step in STEPS:
        answer = api.post(url(step, "user"), {"identifier": BOSS, "otp": "123456"})
        assert (answer.status_code, answer.json()["type"]) == (400, "not_allowed")
        assert answer.json()["message"] == "The actor type user is not allowed to use the auth provider otp"


def test_f4_a_wrong_code_is_a_failed_login(api, boss, hear):
    failed = hear(user_login_failed)
    flow = ask(api, BOSS, actor="user")
    bring(api, wrong(last_code(BOSS)), flow, identifier=BOSS, actor="user")
    assert len(failed) == 1


def test_a_code_for_staff_is_none_for_the_customer_of_the_same_address(api, verified):
    person, _ = verified(BOSS)
    new_user("other", "Boss@example.com", is_staff=True)
    flows = {actor: (ask(api, BOSS, actor=actor), last_code(BOSS)) for actor in ("customer", "user")}
    for actor, other in (("customer", "user"), ("user", "customer")):
        flow, code = flows[actor]
        for brought in (flow, None):
            assert refused(bring(api, code, brought, identifier=BOSS, actor=other))
    for actor, (_, code) in flows.items():  # the newest of their own, whoever has asked since
        answer = bring(api, code, identifier=BOSS, actor=actor)
        assert LoginToken.read(answer.json()["token"]).actor_type == actor
    assert person.row.user.check_password(PASSWORD)
