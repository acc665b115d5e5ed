"""What a hostile review of codes by identifier found about customers. Each was seen red."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.utils import timezone

from customer_registration.enums import DeletionStatus, Provider
from customer_registration.flows import password_reset
from customer_registration.flows.passwordless import open_codes
from customer_registration.models import AccountDeletionRequest, Customer, OtpVerification, OutboxMessage
from customer_registration.signals import pre_register_otp_generated
from customer_registration.tokens import LoginToken
from tests import by_code
from tests.by_code import EXCEEDED, JANE, ME, PHONE, UNHURRIED, ask, bring
from tests.conftest import PASSWORD, last_code, messages_to, wrong
from tests.deletion.conftest import CONFIRM, REQUEST
from tests.deletion.due import purge
from tests.security.hostile import GUARD

pytestmark = pytest.mark.life_cycle
LOGIN, CREATE, REFRESH = "/auth/customer/emailpass", "/store/customers", "/auth/token/refresh"
AUTH, OTP = "/store/auth", "/store/auth/otp"
COOKIE = django_settings.SESSION_COOKIE_NAME
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def register_by_code(api):
    """Register; return the registration token, the flow token and the code."""
    flow = ask(api, step="pre-register")
    code = OtpVerification.objects.latest("pk").code()
    answer = bring(api, code, flow, step="register")
    assert answer.status_code == 200, answer.content
    return answer.json()["token"], flow, code


# 1. Nobody who signed up by a code could be erased before their code was cleared away.


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("strategy", ["anonymize", "delete"])
@pytest.mark.parametrize("state", ["sent", "queued"])
def test_somebody_who_signed_up_by_code_can_be_erased_the_same_day(api, configure, monkeypatch, strategy, state):
    configure(ACCOUNT_DELETION_REQUEST={"SCHEDULED_DAYS": 0, "REMINDER_DAYS": [], "STRATEGY": strategy})
    with monkeypatch.context() as broker:
        if state == "queued":
            broker.setattr("customer_registration.messaging.deliver", lambda message_id: None)
        token, _, _ = register_by_code(api)
    message = OutboxMessage.objects.get()
    assert (message.state, message.customer_id, message.otp_id is None) == (state, None, False)
    assert api.post(CREATE, {}, token=token).status_code == 200
    token = api.post(REFRESH, token=token).json()["token"]
    flow = api.post(REQUEST, {}, token=token).json()["token"]
    assert api.post(CONFIRM, {"token": flow, "code": last_code(JANE)}).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        purge()
    assert AccountDeletionRequest.objects.get().status == DeletionStatus.COMPLETED
    assert not OtpVerification.objects.exists()
    assert not OutboxMessage.objects.filter(pk=message.pk).exists()
    assert not Customer.objects.filter(email=JANE).exists()


# 2. A registration token of long ago opened the account that the contact's next holder made of the identity.


@pytest.mark.parametrize("again", [by_code.register, by_code.log_in])
def test_an_old_registration_token_dies_when_the_contacts_holder_proves_it_anew(api, configure, again):
    configure(**UNHURRIED)
    start, old = timezone.now(), by_code.register(api)
    with time_machine.travel(start + timedelta(hours=23)):
        old = api.post(REFRESH, token=old).json()["token"]
    with time_machine.travel(start + timedelta(hours=40)):
        new = again(api)
        for _ in range(2):  # before the customer exists and after
            assert api.post(REFRESH, token=old).json() == GUARD
            assert api.post(CREATE, {}, token=old).json() == GUARD
            api.post(CREATE, {"first_name": "Jane"}, token=new)
        assert api.post(REFRESH, token=new).status_code == 200
    assert Customer.objects.get().is_registered


def test_the_callers_own_registration_token_outlives_their_code_login(api, configure):
    configure(**UNHURRIED)
    own = by_code.register(api)
    flow = ask(api)
    assert bring(api, last_code(JANE), flow, bearer=own).status_code == 200
    assert api.post(CREATE, {}, token=own).status_code == 200


def test_the_grant_after_a_registration_leaves_its_token_alive(api):
    token, flow, code = register_by_code(api)
    assert bring(api, code, flow, step="").status_code == 200
    assert api.post(CREATE, {}, token=token).status_code == 200


# 3. A number that was added between the look at the account and its take-over stayed, for the stranger to prove.


@pytest.fixture
def add_a_number_before(api, configure, register, monkeypatch):
    """Let a stranger, who has claimed the address, add a number right before a step."""
    configure(REGISTRATION={"IDENTIFIER": "both"}, **UNHURRIED)
    stranger = register()

    def arrange(owner, name):
        step = getattr(owner, name)

        def run(*args, **options):
            monkeypatch.setattr(owner, name, step)  # once
            assert api.post(CREATE, {"email": JANE, "phone": PHONE}, token=stranger).status_code == 200
            return step(*args, **options)

        monkeypatch.setattr(owner, name, run)

    return arrange


def number_is_gone(api):
    row = Customer.objects.get(email=JANE)
    sent = api.post("/store/customers/otp/send", {"customer_id": row.pk, "type": "phone_verification"})
    return sent.status_code == 200 and (row.phone, row.phone_verified_at, messages_to(PHONE)) == (None, None, [])


@pytest.mark.parametrize("step", ["verify", ""])
def test_a_number_that_comes_before_the_take_over_goes_with_it(api, add_a_number_before, step):
    flow, code = ask(api), last_code(JANE)
    add_a_number_before(open_codes, "use")
    assert bring(api, code, flow, step=step).status_code == 200
    assert number_is_gone(api)


def test_a_number_that_comes_before_the_reset_goes_with_it(api, add_a_number_before, reset_link):
    link = reset_link()
    add_a_number_before(password_reset, "_save")
    assert api.post(f"{LOGIN}/update", {"password": "another battery staple"}, token=link).status_code == 200
    assert number_is_gone(api)


def test_nor_is_that_number_left_on_the_django_user(api, configure, add_a_number_before):
    """Where the user model has a phone that must be unique, its owner could register by it no more."""
    flow, code = ask(api), last_code(JANE)
    add_a_number_before(open_codes, "use")
    assert bring(api, code, flow).status_code == 200
    assert getattr(Customer.objects.get(email=JANE).user, "phone", None) != PHONE
    configure(REGISTRATION={"IDENTIFIER": "phone"})
    by_code.register(api, PHONE)


# 6. A stranger's wrong codes to log in with alone closed the two-step login too.


def test_wrong_codes_of_strangers_do_not_close_the_two_steps(api, configure, verified):
    verified()
    configure(**UNHURRIED, OTP={"MAX_ATTEMPTS": 10})
    ask(api)
    assert api.post(AUTH, {"email": JANE, "password": PASSWORD}).status_code == 200
    code, stranger = last_code(JANE), api.another(**ELSEWHERE)
    answers = [bring(stranger, wrong(code)).json()["code"] for _ in range(11)]
    assert answers == ["otp_invalid"] * 10 + [EXCEEDED]
    answer = api.post(OTP, {"email": JANE, "otp": code})
    assert (answer.status_code, COOKIE in answer.cookies) == (200, True)


# 8. A project that sends the codes itself needed a backend of ours for a channel that it does not use.


def test_a_project_that_sends_itself_needs_no_backend(api, configure, hear):
    configure(REGISTRATION={"IDENTIFIER": "phone"}, PASSWORDLESS={"SEND": False}, CHANNELS={"sms": []})
    heard = hear(pre_register_otp_generated)
    flow = ask(api, PHONE, "pre-register")
    [told] = heard
    assert (told["channel"], messages_to(PHONE)) == ("sms", [])
    assert bring(api, told["get_code"](), flow, identifier=PHONE, step="register").status_code == 200


# 9. Codes to register with could be tried without a limit on the address of whoever tries.


@pytest.mark.parametrize("actor", ["customer", "user"])
def test_codes_to_register_with_count_on_the_rule_of_logins(api, configure, actor):
    configure(RATE_LIMITS={"RULES": {"login": "3/m/ip"}})

    def tried(device, number):
        return bring(device, "000000", identifier=f"n{number}@example.com", step="register", actor=actor).status_code

    assert [tried(api, number) for number in range(4)] == [400, 400, 400, 429]
    assert tried(api.another(**ELSEWHERE), 4) == 400


# 10. A right code whose address was taken meanwhile used guesses up.


@pytest.mark.parametrize("with_token", [True, False])
def test_a_right_code_for_a_taken_address_is_no_guess(api, configure, sign_up, with_token):
    configure(**UNHURRIED)
    flow, code = ask(api, step="pre-register"), last_code(JANE)
    sign_up()
    answers = [bring(api, code, flow if with_token else None, step="register") for _ in range(11)]
    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {(422, "duplicate_error")}
    row = OtpVerification.objects.get(purpose="code_registration")
    assert (row.attempts, row.attempts_open, row.consumed_at) == (0, 0, None)
    by_code.log_in(api)  # the family is the same


# 14. A token of before the second step said that it had been taken, and a refresh believed it.


def test_an_unproven_address_at_the_first_step_is_no_way_around_the_second(api, configure, sign_up, prove):
    login = {"IDENTIFIER": "both", "UNVERIFIED_RESPONSE": "challenge", "SECOND_STEP": "otp"}
    configure(REGISTRATION={"IDENTIFIER": "both"}, LOGIN=login)
    prove(sign_up(phone=PHONE), "phone")
    body = api.post(AUTH, {"email": JANE, "password": PASSWORD}).json()
    assert body["verification_required"] is True
    token = LoginToken.read(body["token"])
    assert (token.actor_id, token.mfa_at) == ("", None)
    answer = api.post(REFRESH, token=body["token"]).json()
    assert answer["mfa_required"] is True
    assert LoginToken.read(answer["token"]).actor_id == ""
    assert api.get(ME, token=answer["token"]).json() == GUARD


def test_no_actorless_token_says_that_a_second_factor_was_shown(verified):
    person, _ = verified()
    built = {
        actorless: LoginToken.for_customer(
            person.row, provider=Provider.EMAILPASS, auth_time=7, actorless=actorless, mfa_at=7
        )
        for actorless in (True, False)
    }
    assert (built[True].mfa_at, built[False].mfa_at) == (None, 7)
    claims = built[True].payload(now=timezone.now())
    assert (claims["mfa_at"], claims["mfa_challenge_completed_at"]) == (None, None)


@pytest.mark.parametrize("seconds", [300, 45])
def test_a_challenges_token_expires_with_it(api, configure, verified, seconds):
    _, bearer = verified()
    configure(LOGIN={"SECOND_STEP": "otp"}, SECOND_FACTOR={"CHALLENGE_SECONDS": seconds})
    with time_machine.travel(timezone.now(), tick=False):
        token = api.post(LOGIN, {"email": JANE, "password": PASSWORD}).json()["token"]
        challenge = OtpVerification.objects.get(purpose="second_factor_challenge")
        expires = LoginToken.read(token).claims["exp"]
    assert expires == int(challenge.expires_at.timestamp())
    assert LoginToken.read(bearer).claims["exp"] > expires


# 15. A shop whose customers log in by number and password had no two-step login.


def test_a_shop_of_numbers_and_passwords_has_the_two_steps(api, configure):
    configure(REGISTRATION={"IDENTIFIER": "phone"}, PROVIDERS={"customer": ["phonepass"]})
    body = {"phone": PHONE, "password": PASSWORD}
    token = api.post("/auth/customer/phonepass/register", body).json()["token"]
    person = api.post(CREATE, {}, token=token).json()["customer"]["id"]
    flow = api.post("/store/customers/otp/send", {"customer_id": person, "type": "phone_verification"}).json()["token"]
    assert api.post("/store/customers/otp/verify", {"token": flow, "code": last_code(PHONE)}).status_code == 200
    assert api.post(AUTH, {**body, "password": "wrong password"}).status_code == 401
    assert api.post(AUTH, body).json()["customer"]["id"] == person
    answer = api.post(OTP, {"phone": PHONE, "otp": last_code(PHONE)})
    assert (answer.status_code, COOKIE in answer.cookies) == (200, True)
    assert api.get(AUTH).json()["customer"]["id"] == person
