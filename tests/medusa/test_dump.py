"""A dump that Medusa 2.21 made, with its own hasher: who comes in, what they keep, and that they log in as ever."""

import csv
from datetime import datetime, timedelta

import pytest

from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage
from tests.conftest import Person, last_code
from tests.medusa.conftest import DUMP
from tests.medusa.people import (
    FACTOR,
    HOUSEMATE,
    JANE,
    LEFT,
    MARIA,
    NUMBERLESS,
    OTHER_LOGIN,
    OTHER_TWIN,
    ROOMMATE,
    SHOPPERS,
    SPACES,
    TWIN,
    UNFINISHED,
)

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]
LOGIN = "/auth/customer/emailpass"


def held(email):
    return Customer.objects.select_related("user").filter(email=email).first()


def in_dump(table, **wanted):
    with (DUMP / f"{table}.csv").open(newline="") as file:
        return next(row for row in csv.DictReader(file) if wanted.items() <= row.items())


@pytest.fixture
def told(run):
    return run("--csv", DUMP)


def test_everybody_is_accounted_for(told):
    assert "12 customers have an account there." in told
    assert "2 guests are left out." in told
    assert "1 deleted rows of customer are left out." in told
    assert "10 imported, 0 were here already" in told
    assert "1 of them with a proven e-mail address." in told
    assert "2 stayed out: they share an e-mail address but for its case or spelling." in told
    assert "1 came without a password: they have none there." in told
    assert "1 came without their password: the login it belongs to is not their address or number." in told
    assert "1 came without their password: it was half of a login with a second factor" in told
    assert "1 came without their phone number: it is none." in told
    assert "2 came without their phone number: others have it too." in told
    assert Customer.objects.count() == 10


def test_who_stayed_out_is_named_by_id_and_nobody_by_contact(told):
    twins = [line.strip() for line in told.splitlines() if line.startswith("  cus_")]
    assert len(twins) == 2 + 1 + 1 + 1 + 1 + 2
    for shopper in SHOPPERS:
        assert shopper.login.lower() not in told.lower()
    assert "@" not in told


def test_what_they_are_is_kept(told):
    jane = held(JANE.login)
    there = in_dump("customer", email=JANE.login)
    assert jane.pk == there["id"]
    assert (jane.first_name, jane.last_name, jane.company_name) == ("Jane", "Doe", "Acme, Inc.")
    assert jane.metadata == JANE.profile["metadata"]
    assert (jane.phone, jane.phone_verified_at) == ("+12125550134", None)
    proof = in_dump("auth_verification", entity_id=JANE.login)
    assert jane.email_verified_at == datetime.fromisoformat(proof["verified_at"])
    created, updated = (datetime.fromisoformat(there[name]) for name in ("created_at", "updated_at"))
    assert (jane.created_at, jane.updated_at, jane.registered_at) == (created, updated, created)
    assert jane.claim_expires_at is None
    assert jane.user.is_active
    assert not jane.is_staff


def test_those_of_whom_something_is_uncertain(told):
    assert held("twin@example.com") is None
    assert held(LEFT.login) is None
    assert held(UNFINISHED.login) is None
    assert held(NUMBERLESS.login).phone is None
    assert (held(HOUSEMATE.login).phone, held(ROOMMATE.login).phone) == (None, None)
    without = [OTHER_LOGIN.profile["email"], FACTOR.login, "google@example.com"]
    assert not any(held(email).user.has_usable_password() for email in without)
    assert held(OTHER_LOGIN.login) is None
    assert held("admin@example.com").first_name == "Ada"


def test_the_move_is_audited_and_nobody_is_written_to(told, mailoutbox):
    events = AccountEvent.objects.filter(detail__source="import_medusa")
    assert events.count() == 10
    assert not OutboxMessage.objects.exists()
    assert not OtpVerification.objects.exists()
    assert mailoutbox == []


def test_a_proven_customer_logs_in_with_the_old_password_which_is_hashed_anew(told, api):
    assert held(JANE.login).user.password.startswith("medusa_scrypt$15$8$1$")
    wrong = api.post(LOGIN, {"email": JANE.login, "password": JANE.password + "!"})
    assert wrong.status_code == 401
    answer = api.post(LOGIN, {"email": "Jane@Example.com", "password": JANE.password})
    assert answer.status_code == 200, answer.content
    me = api.get("/store/customers/me", token=answer.json()["token"]).json()["customer"]
    assert (me["id"], me["email_verified"], me["metadata"]["vip"]) == (held(JANE.login).pk, True, True)
    assert held(JANE.login).user.password.startswith("argon2$argon2id$")
    assert api.post(LOGIN, {"email": JANE.login, "password": JANE.password}).status_code == 200


@pytest.mark.parametrize("shopper", [MARIA, SPACES], ids=["in other letters", "with spaces"])
def test_an_unproven_customer_proves_the_address_first(told, api, send_code, shopper):
    answer = api.post(LOGIN, {"email": shopper.login.lower(), "password": shopper.password})
    assert (answer.status_code, answer.json()["code"]) == (403, "verification_required")
    person = Person(shopper.login.lower(), shopper.password, "", answer.json()["customer_id"])
    proof = {"token": send_code(person), "code": last_code(person.email)}
    assert api.post("/store/customers/otp/verify", proof).status_code == 200
    assert api.post(LOGIN, {"email": shopper.login, "password": shopper.password}).status_code == 200
    assert api.post(LOGIN, {"email": shopper.login, "password": shopper.password.strip() + " "}).status_code == 401


def test_addresses_are_taken_as_proven_where_the_operator_says_so(run, api):
    run("--csv", DUMP, "--verified")
    for shopper in (MARIA, SPACES):
        assert api.post(LOGIN, {"email": shopper.login, "password": shopper.password}).status_code == 200
    # Those with which nobody has logged in are not.
    assert held(OTHER_LOGIN.profile["email"]).email_verified_at is None
    assert held("google@example.com").email_verified_at is None


@pytest.mark.parametrize("shopper", [OTHER_LOGIN, FACTOR, TWIN, OTHER_TWIN, LEFT, UNFINISHED], ids=lambda s: s.login)
def test_who_has_left_their_password_behind_cannot_log_in_with_it(run, api, shopper):
    run("--csv", DUMP, "--verified")
    for email in {shopper.login, shopper.profile.get("email") or shopper.login}:
        assert api.post(LOGIN, {"email": email, "password": shopper.password}).status_code == 401


def test_who_has_no_password_sets_one_by_a_reset(told, api, reset_link):
    token = reset_link(FACTOR.login)
    answer = api.post("/auth/customer/emailpass/update", {"password": "brand new 4711 words"}, token=token)
    assert answer.status_code == 200, answer.content


def test_a_contact_that_came_in_never_lapses(told, api, clock):
    clock.shift(timedelta(days=400))
    answer = api.post("/auth/customer/emailpass/register", {"email": SPACES.login, "password": "somebody else's"})
    assert (answer.status_code, answer.json()["type"]) == (401, "unauthorized")
    assert held(SPACES.login) is not None


def test_another_run_leaves_everybody_alone(told, run):
    before = {row["id"]: row for row in Customer.objects.values()}
    Customer.objects.filter(email=JANE.login).update(first_name="Janet")
    again = run("--csv", DUMP)
    assert "0 imported, 10 were here already" in again
    assert held(JANE.login).first_name == "Janet"
    assert set(before) == set(Customer.objects.values_list("pk", flat=True))


def test_a_dry_run_says_the_same_and_writes_nothing(run):
    from django.contrib.auth import get_user_model

    rehearsed = run("--csv", DUMP, "--dry-run")
    assert (Customer.objects.count(), get_user_model().objects.count(), AccountEvent.objects.count()) == (0, 0, 0)
    assert "10 would be imported, nothing was written, 0 were here already" in rehearsed
    done = run("--csv", DUMP)

    def findings(text):
        return [line for line in text.splitlines() if " s, " not in line]

    assert findings(rehearsed) == findings(done)
