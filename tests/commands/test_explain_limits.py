"""manage.py explain_limits: whatever refuses somebody is told, with the moment from which it does no more."""

import io
import os
import re
import socket
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from limits.storage import RedisStorage

from customer_registration import keys, ratelimits
from customer_registration.flows import challenges
from customer_registration.flows.second_factor import proofs
from customer_registration.flows.standing.rules import OF_CONTACTS, OF_IDS
from customer_registration.models import Customer
from customer_registration.models.ids import new_customer_id
from customer_registration.ratelimits import GuessBudget
from customer_registration.ratelimits.engine import build_storage
from customer_registration.ratelimits.rules import DEFAULT_RULES, limits_of, parse
from tests.conftest import last_code, wrong

JANE, NOBODY, PHONE, IP = "jane@example.com", "nobody@example.com", "+12025550123", "192.0.2.7"
LOGIN, RESET = "/auth/customer/emailpass", "/auth/customer/emailpass/reset-password"
GENERATE, VERIFY = "/auth/customer/otp/generate", "/auth/customer/otp/verify"
REDIS_URL = os.environ.get("TEST_REDIS_URL", "")

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


def explain(*arguments):
    """Run the command and return what it says."""
    out = io.StringIO()
    call_command("explain_limits", *arguments, stdout=out)
    return out.getvalue()


def refusing(*arguments):
    """Return what refuses, with the moment until which it does, or ``None``."""
    found = {}
    for line in explain(*arguments).splitlines():
        if line.startswith("  REFUSES"):
            what, _, rest = line.removeprefix("  REFUSES").strip().partition(": ")
            until = re.search(r"until (\S+ \S+) UTC", rest)
            found[what] = datetime.fromisoformat(f"{until[1]}+00:00") if until else None
    return found


@pytest.fixture
def clock(db):
    """Stand still at noon."""
    with time_machine.travel(datetime(2031, 5, 14, 12, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def elsewhere(api):
    """The API as it is asked from `IP`."""
    return api.another(REMOTE_ADDR=IP)


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


def test_all_tells_every_rule_and_no_contact_or_key(configure, verified):
    configure(REGISTRATION={"IDENTIFIER": "both"})
    person, _ = verified(JANE, phone=PHONE)
    said = explain(JANE, "--all", "--ip", IP)
    for rule in DEFAULT_RULES:
        for limit in limits_of(rule):
            assert f" {rule} {limit}: " in said
    assert JANE not in said
    assert PHONE not in said
    for _, _, whose in OF_CONTACTS:
        assert whose.format("j***@example.com") in said
        assert whose.format("+12*****0123") in said
    for _, _, whose in OF_IDS:
        assert whose.format(person.id) in said


@pytest.mark.parametrize("text", ["5/5m/key+ip", "10/d/key", "1/30d/ip", "7/s/key", "20/2h/ip"])
def test_a_limit_is_spelled_as_it_is_written(text):
    assert [str(limit) for limit in parse(text)] == [text]


def test_looking_counts_and_writes_nothing(api, clock, verified):
    person, _ = verified(JANE)
    api.post(LOGIN, {"email": JANE, "password": "wrong"})
    api.post(RESET, {"identifier": JANE})
    store = build_storage("memory://")
    before = dict(store.storage), dict(store.expirations)
    with CaptureQueriesContext(connection) as seen:
        first, second = explain(JANE, "--ip", "127.0.0.1"), explain(person.id, "--ip", "127.0.0.1")
    assert first == second
    assert (dict(store.storage), dict(store.expirations)) == before
    assert {query["sql"].split()[0] for query in seen} == {"SELECT"}
    assert len(seen) / 2 <= 5


def test_rules_that_are_off_refuse_nothing(api, clock, configure, verified):
    verified(JANE)
    clock.shift(timedelta(minutes=2))
    for _ in range(5):
        api.post(LOGIN, {"email": JANE, "password": "wrong"})
    assert refusing(JANE, "--ip", "127.0.0.1")
    configure(RATE_LIMITS={"ENABLED": False})
    assert "(RATE_LIMITS.ENABLED is off: no rule refuses anything)" in explain(JANE, "--ip", "127.0.0.1")
    assert refusing(JANE, "--ip", "127.0.0.1") == {}


def test_memory_is_said_to_be_this_processs_own(db):
    assert "memory of each process (memory://): those of others cannot be seen" in explain(NOBODY)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["jane"], "'jane' is no id, no e-mail address and no phone number"),
        (["cus_0"], "'cus_0' is no id"),
        ([NOBODY, "--ip", "somewhere"], "'somewhere' is no IP address"),
    ],
)
def test_what_names_nothing_is_said(db, arguments, said):
    with pytest.raises(CommandError, match=re.escape(said)):
        explain(*arguments)


def test_a_store_that_is_down_is_said(db, configure):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    configure(RATE_LIMITS={"STORAGE_URI": f"redis://127.0.0.1:{port}/0"})
    with pytest.raises(CommandError, match="store is down: nothing can be read"):
        explain(NOBODY)


@pytest.mark.redis
@pytest.mark.skipif(not REDIS_URL, reason="TEST_REDIS_URL names no Redis server")
def test_counters_of_other_processes_are_seen_on_redis_and_left_as_they_are(db, configure):
    configure(RATE_LIMITS={"STORAGE_URI": REDIS_URL})
    who, ip = f"{uuid.uuid4()}@example.com", f"198.51.100.{uuid.uuid4().int % 256}"
    for _ in range(5):
        ratelimits.hit("login_failed", ip=ip, key=who)
    store = build_storage(REDIS_URL)
    assert isinstance(store, RedisStorage)
    whose = f"*{keys.keyed_hash('ratelimits', who)}*"
    counted = {key: store.get_connection().get(key) for key in store.get_connection().keys(whose)}
    told = refusing(who, "--ip", ip)
    assert set(told) == {"login_failed 5/5m/key+ip"}
    left = told["login_failed 5/5m/key+ip"] - timezone.now()
    assert timedelta(minutes=4, seconds=50) < left <= timedelta(minutes=5)
    assert "memory" not in explain(who)
    assert {key: store.get_connection().get(key) for key in store.get_connection().keys(whose)} == counted
    assert list(counted.values()) == [b"5"]
