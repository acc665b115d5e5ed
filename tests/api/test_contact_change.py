"""POST /store/customers/me/contact and /me/contact/verify: what changes, and what dies with it."""

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone

from customer_registration.models import Customer
from customer_registration.tokens import LoginToken
from example_project.inbox.models import InboxMessage
from tests.conftest import PASSWORD, last_code, link_token, messages_to, new_user

URL, VERIFY, ME = "/store/customers/me/contact", "/store/customers/me/contact/verify", "/store/customers/me"
LOGIN, REFRESH = "/auth/customer/emailpass", "/auth/token/refresh"
OLD = {"email": "jane@example.com", "phone": "+12025550123"}
NEW = {"email": "new@example.com", "phone": "+14155552671"}
TYPED = {"email": " New@EXAMPLE.com ", "phone": "(415) 555-2671"}
KINDS = ["email", "phone"]
GUARD = {"message": "Unauthorized"}
INVALID_TOKEN = {"type": "unauthorized", "message": "Invalid token"}
MODEL = get_user_model()

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def jane(verified, prove, configure):
    """Sign up with both contacts proven, where either logs in; return the person and a token."""
    configure(LOGIN={"IDENTIFIER": "both"})
    person, token = verified(OLD["email"], phone=OLD["phone"])
    prove(person, "phone")
    return person, token


@pytest.fixture
def ask(api):
    """Ask for a change and return the flow token."""

    def run(token, **contact):
        answer = api.post(URL, contact, token=token)
        assert answer.status_code == 200, answer.content
        return answer.json()["token"]

    return run


def everything_sent():
    return len(mail.outbox) + InboxMessage.objects.count()


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_goes_to_the_new_contact_alone_and_nothing_changes_yet(api, jane, kind):
    _, token = jane
    before, sent = Customer.objects.values().get(), everything_sent()
    answer = api.post(URL, {kind: TYPED[kind]}, token=token)
    assert answer.status_code == 200
    assert list(answer.json()) == ["token", "expires_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer.json()["expires_at"])
    expires = datetime.fromisoformat(answer.json()["expires_at"])
    assert timedelta(minutes=14) < expires - timezone.now() <= timedelta(minutes=15)
    assert everything_sent() == sent + 1
    assert len(last_code(NEW[kind])) == 6
    assert last_code(NEW[kind]) not in answer.content.decode()
    assert Customer.objects.values().get() == before
    assert api.get(ME, token=token).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_the_code_changes_the_contact_and_ends_every_older_session(api, jane, ask, kind):
    person, token = jane
    renewed = api.post(REFRESH, token=token).json()["token"]
    before, start = person.row, timezone.now()
    flow = ask(token, **{kind: TYPED[kind]})
    answer = api.post(VERIFY, {"token": flow, "code": last_code(NEW[kind])}, token=token)
    assert answer.status_code == 200
    assert list(answer.json()) == ["customer", "token"]
    assert answer.json()["customer"] == api.get(ME, token=answer.json()["token"]).json()["customer"]
    assert (answer.json()["customer"][kind], answer.json()["customer"][f"{kind}_verified"]) == (NEW[kind], True)
    customer = person.row
    assert getattr(customer, kind) == NEW[kind]
    assert start <= getattr(customer, f"{kind}_verified_at") <= timezone.now()
    assert customer.token_epoch > before.token_epoch
    assert getattr(customer.user, kind, NEW[kind]) == NEW[kind]
    if MODEL.USERNAME_FIELD in KINDS:
        assert customer.user.get_username() == getattr(customer, MODEL.USERNAME_FIELD)
    for dead in (token, renewed, person.token):
        assert api.get(ME, token=dead).json() == GUARD
        assert api.post(REFRESH, token=dead).json() == GUARD
    fresh = LoginToken.read(answer.json()["token"])
    assert fresh.actor_id == person.id


@pytest.mark.parametrize("kind", KINDS)
def test_the_new_contact_logs_in_and_the_old_one_does_not(api, jane, change_contact, kind):
    _, token = jane
    change_contact(token, **{kind: NEW[kind]})
    assert api.post(LOGIN, {kind: TYPED[kind], "password": PASSWORD}).status_code == 200
    old = api.post(LOGIN, {kind: OLD[kind], "password": PASSWORD})
    assert (old.status_code, old.json()["message"]) == (401, f"Invalid {kind} or password")
    (other,) = set(KINDS) - {kind}
    assert api.post(LOGIN, {other: OLD[other], "password": PASSWORD}).status_code == 200


def test_a_phone_is_added_where_there_was_none(api, verified, change_contact):
    person, token = verified()
    fresh = change_contact(token, phone=NEW["phone"])
    customer = api.get(ME, token=fresh).json()["customer"]
    assert (customer["phone"], customer["phone_verified"], customer["email"]) == (NEW["phone"], True, person.email)
    assert getattr(person.row.user, "phone", NEW["phone"]) == NEW["phone"]
    assert api.get(ME, token=token).json() == GUARD


def test_an_address_is_added_where_there_was_none(api, configure, prove):
    configure(REGISTRATION={"IDENTIFIER": "phone"}, USER_ADAPTER="tests.user_models.adapters.NamedByIdAdapter")
    token = api.post(f"{LOGIN}/register", {"phone": OLD["phone"], "password": PASSWORD}).json()["token"]
    api.post("/store/customers", {}, token=token)
    Customer.objects.update(phone_verified_at=timezone.now())
    token = api.post(REFRESH, token=token).json()["token"]
    flow = api.post(URL, {"email": TYPED["email"]}, token=token).json()["token"]
    answer = api.post(VERIFY, {"token": flow, "code": last_code(NEW["email"])}, token=token)
    assert (answer.json()["customer"]["email"], answer.json()["customer"]["email_verified"]) == (NEW["email"], True)
    assert MODEL.objects.get().email == NEW["email"]


@pytest.mark.parametrize("kind", KINDS)
def test_ones_own_unproven_contact_is_proven_by_it(api, verified, change_contact, kind, configure):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    _, token = verified(phone=OLD["phone"])
    Customer.objects.update(**{f"{kind}_verified_at": None})
    fresh = change_contact(token, **{kind: OLD[kind]})
    customer = api.get(ME, token=fresh).json()["customer"]
    assert (customer[kind], customer[f"{kind}_verified"]) == (OLD[kind], True)
    assert not [text for text in messages_to(OLD[kind]) if "token=" in text]


@pytest.mark.parametrize("typed", ["jane@example.com", " JANE@Example.Com", "+12025550123", "202-555-0123"])
def test_ones_own_proven_contact_is_refused(api, jane, typed):
    _, token = jane
    sent = everything_sent()
    answer = api.post(URL, {"email" if "@" in typed else "phone": typed}, token=token)
    assert (answer.status_code, answer.json()["type"]) == (400, "not_allowed")
    assert answer.json()["code"] == "already_verified"
    assert everything_sent() == sent


@pytest.mark.parametrize(
    "body",
    [{}, NEW, {"email": None}, {"email": ""}, {"phone": ""}, {"email": "", "phone": None}, {"phone": None}, OLD],
)
def test_exactly_one_contact_is_asked_for(api, jane, body):
    answer = api.post(URL, body, token=jane[1])
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert answer.json()["message"].startswith("Invalid request: ")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"email": "no address"}, "Invalid email address"),
        ({"phone": "12"}, "Invalid phone number"),
        ({"phone": "+18005550123"}, "Invalid phone number"),
        ({"email": 5}, "Expected type: 'string' for field 'email', got: '5'"),
        ({"email": "new@example.com", "password": "x"}, "Unrecognized fields: 'password'"),
        ({"email": "x", "b": 1, "a": 1}, "Invalid email address; Unrecognized fields: 'b, a'"),
    ],
)
def test_a_bad_request_says_why(api, jane, body, message):
    answer = api.post(URL, body, token=jane[1])
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": f"Invalid request: {message}"}


@pytest.mark.parametrize("path", [URL, VERIFY])
def test_only_a_customer_may(api, sign_up, path):
    for token in (None, "junk", sign_up().token):
        answer = api.post(path, {"email": NEW["email"]}, token=token)
        assert (answer.status_code, answer.json()) == (401, GUARD)


@pytest.mark.parametrize("first", KINDS)
def test_a11_two_changes_at_once_each_set_their_own_contact(api, jane, ask, first):
    person, token = jane
    (second,) = set(KINDS) - {first}
    flows = {kind: ask(token, **{kind: NEW[kind]}) for kind in KINDS}
    codes = {kind: last_code(NEW[kind]) for kind in KINDS}
    crossed = api.post(VERIFY, {"token": flows[first], "code": codes[second]}, token=token)
    assert crossed.json()["code"] == "otp_invalid"
    answer = api.post(VERIFY, {"token": flows[first], "code": codes[first]}, token=token)
    assert [getattr(person.row, kind) for kind in (first, second)] == [NEW[first], OLD[second]]
    answer = api.post(VERIFY, {"token": flows[second], "code": codes[second]}, token=answer.json()["token"])
    assert answer.status_code == 200
    assert [getattr(person.row, kind) for kind in KINDS] == [NEW[kind] for kind in KINDS]


@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupted_change_leaves_everything_as_it_was(api, jane, ask, monkeypatch, kind):
    _, token = jane
    flow, before, sent = ask(token, **{kind: NEW[kind]}), Customer.objects.values().get(), everything_sent()
    proof = {"token": flow, "code": last_code(NEW[kind])}

    api.client.raise_request_exception = False

    def fail(self, user, identifier):
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr("customer_registration.users.DefaultUserAdapter.set_contact", fail)
        assert api.post(VERIFY, proof, token=token).status_code == 500
    assert Customer.objects.values().get() == before
    assert everything_sent() == sent
    assert api.get(ME, token=token).status_code == 200
    assert api.post(VERIFY, proof, token=token).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_another_user_has_as_username_is_422(api, jane, ask, kind):
    _, token = jane
    named = kind == MODEL.USERNAME_FIELD
    new_user(NEW[kind] if named else "boss", NEW["email"] if kind == "email" else "boss@example.com")
    proof = {"token": ask(token, **{kind: NEW[kind]}), "code": last_code(NEW[kind])}
    answer = api.post(VERIFY, proof, token=token)
    assert answer.status_code == (422 if named else 200)
    if named:
        assert answer.json()["message"] == f"Customer with this {kind} already has an account"
        assert Customer.objects.values_list(kind, flat=True).get() == OLD[kind]
        assert api.get(ME, token=token).status_code == 200


# What dies


def test_c10_codes_for_the_replaced_address_die(api, verified, send_code, change_contact):
    person, token = verified(phone=OLD["phone"])
    proof = {"token": send_code(person, "phone"), "code": last_code(OLD["phone"])}
    change_contact(token, phone=NEW["phone"])
    answer = api.post("/store/customers/otp/verify", proof)
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")


@pytest.mark.parametrize("road", ["change", "there and back", "shell"])
def test_e2_a_reset_link_to_the_replaced_address_dies(api, verified, reset_link, change_contact, configure, road):
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    _, token = verified()
    link = reset_link()
    if road == "shell":
        Customer.objects.update(email=NEW["email"])
    else:
        token = change_contact(token, email=NEW["email"])
    if road == "there and back":
        change_contact(token, email=OLD["email"])
    answer = api.post(f"{LOGIN}/update", {"password": "a new password entirely"}, token=link)
    assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("road", ["change", "reset"])
def test_e8_e9_a_change_that_has_begun_dies_with_the_password(api, jane, ask, reset_link, kind, road):
    person, token = jane
    flow, code = ask(token, **{kind: NEW[kind]}), last_code(NEW[kind])
    new = {"password": "a new password entirely"}
    if road == "change":
        token = api.post(f"{ME}/password", {"old_password": PASSWORD, **new}, token=token).json()["token"]
    else:
        assert api.post(f"{LOGIN}/update", new, token=reset_link()).status_code == 200
        token = api.post(LOGIN, {"email": OLD["email"], **new}).json()["token"]
    answer = api.post(VERIFY, {"token": flow, "code": code}, token=token)
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert getattr(person.row, kind) == OLD[kind]


def test_the_undo_link_is_no_way_to_confirm(api, jane, ask, change_contact):
    _, token = jane
    token = change_contact(token, email=NEW["email"])
    proof = {"token": link_token(OLD["email"]), "code": "123456"}
    assert api.post(VERIFY, proof, token=token).json() == INVALID_TOKEN


def test_a_cookie_session_will_do(api, jane, ask):
    _, token = jane
    api.post("/auth/session", token=token)
    flow = ask(None, email=NEW["email"])
    answer = api.post(VERIFY, {"token": flow, "code": last_code(NEW["email"])})
    assert answer.json()["customer"]["email"] == NEW["email"]
    assert api.get(ME).json() == GUARD
