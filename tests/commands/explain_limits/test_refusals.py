"""manage.py explain_limits: whatever refuses somebody is told, with the moment from which it does no more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.flows import challenges
from customer_registration.flows.second_factor import proofs
from customer_registration.models import Customer
from customer_registration.models.ids import new_customer_id
from customer_registration.ratelimits import GuessBudget
from tests.commands.explain_limits.conftest import (
    GENERATE,
    IP,
    JANE,
    LOGIN,
    NOBODY,
    PHONE,
    VERIFY,
    explain,
    refusing,
)
from tests.conftest import last_code, wrong

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


def test_nothing_is_counted_against_a_stranger(db):
    said = explain(NOBODY)
    assert said.startswith("n***@example.com, who is no customer\n")
    assert said.endswith("\nNothing is counted, and nothing refuses them.\n")
    assert "(no --ip: limits by address are left out)" in said


@pytest.mark.parametrize("who", [JANE, NOBODY])
def test_wrong_passwords_refuse_until_then_and_no_longer(clock, elsewhere, verified, who):
    verified(JANE)
    clock.shift(timedelta(minutes=2))  # the resend throttle
    attempt = {"email": who, "password": "wrong"}
    assert [elsewhere.post(LOGIN, attempt).status_code for _ in range(6)] == [401] * 5 + [429]
    told = refusing(who, "--ip", IP)
    assert set(told) == {"login_failed 5/5m/key+ip"}
    assert refusing(who) == {}  # from elsewhere nothing stands in their way
    assert refusing(who, "--ip", "192.0.2.8") == {}
    clock.move_to(told["login_failed 5/5m/key+ip"] - timedelta(seconds=1))
    assert elsewhere.post(LOGIN, attempt).status_code == 429
    clock.shift(timedelta(seconds=2))
    assert elsewhere.post(LOGIN, attempt).status_code == 401
    assert refusing(who, "--ip", IP) == {}


def test_an_address_alone(clock, elsewhere):
    for number in range(10):
        elsewhere.post(LOGIN, {"email": f"p{number}@example.com", "password": "wrong"})
    assert "login 60/m/ip: 10 of 60, from 192.0.2.7; until 2031-05-14 12:01:00 UTC (in 60 s)" in explain(
        NOBODY, "--ip", IP
    )
    assert set(refusing(NOBODY, "--ip", IP)) == {"login_failed 10/m/ip"}


def test_a_client_without_an_address_is_nobody_elses_trouble(db):
    for _ in range(5):
        ratelimits.hit("login_failed", ip=None, key=NOBODY)
    assert refusing(NOBODY) == {}


def test_ipv6_counts_by_its_network(clock, api):
    far = api.another(REMOTE_ADDR="2001:db8::1")
    for _ in range(5):
        far.post(LOGIN, {"email": NOBODY, "password": "wrong"})
    assert set(refusing(NOBODY, "--ip", "2001:db8::ffff")) == {"login_failed 5/5m/key+ip"}
    assert "from 2001:db8::/64" in explain(NOBODY, "--ip", "2001:db8::ffff")


@pytest.mark.parametrize("who", [JANE, NOBODY])
def test_sends_of_the_hour_and_the_throttle(clock, elsewhere, verified, who):
    verified(JANE)
    clock.shift(timedelta(days=2))
    for _ in range(5):
        assert elsewhere.post(GENERATE, {"identifier": who}).status_code == 200
        clock.shift(timedelta(minutes=2))
    assert elsewhere.post(GENERATE, {"identifier": who}).status_code == 429
    told = refusing(who)
    assert set(told) == {"code_send 5/h/key"}
    clock.move_to(told["code_send 5/h/key"] + timedelta(seconds=1))
    assert elsewhere.post(GENERATE, {"identifier": who}).status_code == 200
    throttle = refusing(who)
    assert throttle == {"resend, code_login.customer, 90 s": timezone.now() + timedelta(seconds=90)}
    clock.shift(timedelta(seconds=89))
    assert elsewhere.post(GENERATE, {"identifier": who}).status_code == 429
    clock.shift(timedelta(seconds=2))
    assert elsewhere.post(GENERATE, {"identifier": who}).status_code == 200


def test_wrong_codes_refuse_once_the_trickle_is_used_up_too(clock, api, verified):
    verified(JANE)
    clock.shift(timedelta(days=2))
    codes = 0
    while refusing(JANE).get("code_failed 10/d/key") is None:
        if codes % 5 == 0:
            clock.shift(timedelta(minutes=2))
            assert api.another().post(GENERATE, {"identifier": JANE}).status_code == 200
        api.another().post(VERIFY, {"identifier": JANE, "otp": wrong(last_code(JANE))})
        codes += 1
    assert codes == 10
    told = refusing(JANE)
    opens = told["code_failed 10/d/key"]
    assert "code_failed 1/15m/key" not in told  # it is the burst that is used up; the trickle says when
    assert timedelta(minutes=14) < opens - timezone.now() <= timedelta(minutes=15)
    api.another().post(GENERATE, {"identifier": JANE})
    guess = {"identifier": JANE, "otp": last_code(JANE)}
    assert api.another().post(VERIFY, guess).json()["code"] == "otp_attempts_exceeded"
    clock.move_to(opens + timedelta(seconds=1))
    assert "code_failed 10/d/key" not in refusing(JANE)
    assert "code_failed 10/d/key: 10 of 10" in explain(JANE)
    api.another().post(GENERATE, {"identifier": JANE})
    assert "token" in api.another().post(VERIFY, {"identifier": JANE, "otp": last_code(JANE)}).json()


def test_the_ceiling_refuses_alone(db, configure):
    configure(RATE_LIMITS={"RULES": {"code_failed": "10/d/key,1/15m/key,3/30d/key"}})
    for _ in range(3):
        GuessBudget("code_login", challenges.person_of(NOBODY, "")).spend()
    assert set(refusing(NOBODY)) == {"code_failed 3/30d/key"}


@pytest.mark.parametrize("rule", ["2/d/key", ""])
def test_a_rule_of_fewer_limits(db, configure, rule):
    configure(RATE_LIMITS={"RULES": {"code_failed": rule}})
    for _ in range(2):
        GuessBudget("code_login", challenges.person_of(NOBODY, "")).spend()
    assert set(refusing(NOBODY)) == ({"code_failed 2/d/key"} if rule else set())


def test_second_factors_and_the_codes_themselves(clock, api, verified):
    person, _ = verified(JANE)
    for _ in range(4):
        proofs.budget_of(person.id).spend()
    assert f"code_failed 10/d/key: 4 of 10, wrong second factors of {person.id}" in explain(JANE)
    clock.shift(timedelta(minutes=2))
    api.post(GENERATE, {"identifier": JANE})
    for _ in range(5):
        api.post(VERIFY, {"identifier": JANE, "otp": wrong(last_code(JANE))})
    assert refusing(JANE)["code, code_login"] == timezone.now() + timedelta(minutes=5)
    assert "code, code_login: 5 of 5, wrong codes entered, sent to j***@example.com" in explain(person.id)


def test_a_code_to_register_with_has_no_customer_yet(api):
    api.post("/auth/customer/otp/pre-register", {"identifier": NOBODY})
    assert "code, code_registration: 0 of 5, wrong codes entered, sent to n***@example.com" in explain(NOBODY)


def test_an_id_that_is_nobodys(api, clock):
    stranger = new_customer_id()
    api.post("/store/customers/otp/send", {"customer_id": stranger, "type": "email_verification"})
    said = explain(stranger)
    assert said.startswith(f"{stranger}, who is no customer")
    assert f"code_send 5/h/key: 1 of 5, codes to a contact that {stranger} does not have" in said
    assert set(refusing(stranger)) == {"resend, email_verification, 90 s"}
    assert "code, email_verification: 0 of 5, nothing was sent" in said


def test_wrong_passwords_of_staff(clock, elsewhere):
    attempt = {"email": NOBODY, "password": "wrong"}
    assert [elsewhere.post("/auth/user/emailpass", attempt).status_code for _ in range(6)] == [401] * 5 + [429]
    assert "5 of 5, wrong passwords for n***@example.com as user from 192.0.2.7" in explain(NOBODY, "--ip", IP)
    assert refusing(NOBODY, "--ip", IP) == {"login_failed 5/5m/key+ip": timezone.now() + timedelta(minutes=5)}


def test_codes_of_staff(clock, api):
    generate, verify = "/auth/user/otp/generate", "/auth/user/otp/verify"
    assert api.post(generate, {"identifier": NOBODY}).status_code == 200
    assert refusing(NOBODY) == {"resend, code_login.user, 90 s": timezone.now() + timedelta(seconds=90)}
    assert api.post(generate, {"identifier": NOBODY}).status_code == 429
    said = explain(NOBODY)
    assert "code_send 5/h/key: 1 of 5, codes to n***@example.com as user" in said
    assert "code, code_login: 0 of 5, nothing was sent" in said
    for number in range(11):
        if number % 5 == 0:
            clock.shift(timedelta(minutes=2))
            api.post(generate, {"identifier": NOBODY})
        answer = api.post(verify, {"identifier": NOBODY, "otp": "000000"})
    assert answer.json()["code"] == "otp_attempts_exceeded"
    assert "REFUSES  code_failed 10/d/key: 10 of 10, wrong codes, code_login, to n***@example.com as user" in explain(
        NOBODY
    )


def test_actors_of_the_projects_own(db, configure):
    configure(PASSWORDLESS={"ACTORS": {"vendor": "tests.shop.actors.VendorActor"}})
    assert "code_send 5/h/key: 0 of 5, codes to n***@example.com as vendor" in explain(NOBODY, "--all")


def test_gates_of_the_account(clock, sign_up):
    person = sign_up(JANE)
    assert "claim: j***@example.com is unproven" in explain(JANE)
    assert refusing(JANE) == {"login": None}
    Customer.objects.filter(pk=person.id).update(
        email_verified_at=timezone.now(), deletion_scheduled_at=timezone.now() + timedelta(days=7)
    )
    assert refusing(JANE) == {"login": timezone.now() + timedelta(days=7)}
    type(person.row.user).objects.update(is_active=False, is_staff=True)
    said = explain(JANE)
    assert "REFUSES  login: the user is deactivated" in said
    assert "the user is staff, who are not customers" in said


@pytest.mark.parametrize(
    ("guard", "what"),
    [
        ({"COUNTRIES": ["CA"]}, "SMS_GUARD, numbers of US are not texted"),
        ({"HOURLY_BUDGET": 1}, "SMS_GUARD, the hourly budget of all"),
        ({"PREFIX_HOURLY_BUDGET": 1}, "SMS_GUARD, the hourly budget of +12025"),
        ({"MIN_CONVERSION": 1}, "SMS_GUARD, too few codes to +12025 are proven"),
    ],
)
def test_what_keeps_a_text_message_back(api, clock, configure, guard, what):
    configure(SMS_GUARD=guard, REGISTRATION={"IDENTIFIER": "phone"})
    for number in range(13):
        api.post("/auth/customer/otp/pre-register", {"identifier": f"+12025550{130 + number}"})
        clock.shift(timedelta(minutes=1))
    assert what in refusing(PHONE)
    assert what not in explain(NOBODY)
