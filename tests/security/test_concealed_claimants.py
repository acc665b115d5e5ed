"""Rule 4 for whoever claims an address beside a phone of their own, and looks for a sign whether somebody holds it.

Every test has two such people: one claims an address that is held, the other one that is free. Both see the same.
"""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.signals import user_login_failed
from django.utils import timezone

from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import IdentityExists
from customer_registration.flows import housekeeping, registration
from tests.conftest import last_code, link_token, messages_to, wrong

LOGIN, CHANGE = "/auth/customer/emailpass", "/store/customers/me/contact"
SEND, VERIFY = "/store/customers/otp/send", "/store/customers/otp/verify"
HELD, FREE = "jane@example.com", "free@example.com"
MINE = "the newcomer's own password"
ADDRESSES = {HELD: "192.0.2.1", FREE: "192.0.2.2"}
PHONES = {HELD: "+12025550177", FREE: "+12025550178"}

pytestmark = pytest.mark.life_cycle


@pytest.fixture(autouse=True)
def conceal(configure, verified):
    """Let somebody hold an address, and conceal it; phones log in too."""
    verified(HELD)
    configure(
        REGISTRATION={"EXISTING_ACCOUNT": "conceal"},
        LOGIN={"IDENTIFIER": "both"},
        RATE_LIMITS={"RULES": {"register": "", "code_send": ""}},
    )


class Claimant:
    """Somebody who claims an address, and has proven a phone of their own or not."""

    def __init__(self, api, address, token, customer_id):
        self.api, self.address, self.phone = api, address, PHONES[address]
        self.token, self.id = token, customer_id

    def send(self, kind):
        return self.api.post(SEND, {"customer_id": self.id, "type": f"{kind}_verification"}).json()["token"]

    def prove_phone(self):
        proof = {"token": self.send("phone"), "code": last_code(self.phone)}
        self.token = self.api.post(VERIFY, proof).json()["token"] or self.token

    def me(self):
        return self.api.get("/store/customers/me", token=self.token).json()["customer"]


@pytest.fixture
def claim(api, register):
    """Sign up with an address and a phone that is free."""

    def run(address, *, proven=True):
        token = register(address, MINE)
        customer = api.post("/store/customers", {"phone": PHONES[address]}, token=token).json()["customer"]
        claimant = Claimant(api.another(), address, token, customer["id"])
        if proven:
            claimant.prove_phone()
        return claimant

    return run


@pytest.fixture
def both(claim):
    """Return what a function returns for each of the two people."""
    return lambda see, **options: [see(claim(address, **options)) for address in (HELD, FREE)]


def once_it_is_over(**more):
    """Travel to when the claims are over."""
    return time_machine.travel(timezone.now() + timedelta(minutes=16, **more), tick=False)


def test_a9_a_lapsed_claim_does_not_show_that_somebody_takes_it(both, register):
    def see(person):
        before = person.me()["updated_at"]
        with once_it_is_over():
            register(person.address, MINE)
            return person.me()["updated_at"] == before, person.me()["email"]

    assert both(see) == [(True, None)] * 2


def test_a9_nor_does_a_change_to_the_address_that_was_asked_for_before(both, register, api):
    def see(person):
        with once_it_is_over():
            flow = api.post(CHANGE, {"email": person.address}, token=person.token).json()["token"]
            register(person.address, MINE)
            answer = api.post(f"{CHANGE}/verify", {"token": flow, "code": wrong("000000")}, token=person.token)
            return answer.json()["code"], answer.json()["attempts_remaining"]

    assert both(see) == [("otp_invalid", 4)] * 2


def test_a9_a_phone_beside_the_address_brings_nothing_once_the_claim_is_over(both, register, api):
    """A claim that gives way closes its row, a shadow gives nothing way: a link that still came would tell."""

    def see(person):
        with once_it_is_over():
            register(person.address, MINE)
            api.post(f"{LOGIN}/reset-password", {"identifier": person.phone})
            api.post("/auth/customer/otp/generate", {"identifier": person.phone})
            return messages_to(person.phone)

    assert both(see, proven=False) == [[], []]


def test_a9_wrong_old_passwords_count_on_the_login_that_the_person_believes_in(both, api):
    def see(person):
        asked = {"old_password": "not mine", "password": "another password of mine"}
        client = api.another(REMOTE_ADDR=ADDRESSES[person.address])
        for _ in range(5):
            assert client.post("/store/customers/me/password", asked, token=person.token).status_code == 403
        return client.post(LOGIN, {"email": person.address, "password": MINE}).status_code

    assert both(see) == [429, 429]


def test_a9_a_reset_takes_the_address_that_the_person_believes_to_hold(both, api):
    def see(person):
        api.post(f"{LOGIN}/reset-password", {"identifier": person.phone})
        asked = {"password": "another password of mine", "email": person.address}
        return api.post(f"{LOGIN}/update", asked, token=link_token(person.phone)).status_code

    assert both(see, proven=False) == [200, 200]


@pytest.mark.parametrize(("over", "status"), [(False, 400), (True, 200)])
def test_a9_validators_compare_a_new_password_with_what_the_person_sees(both, api, settings, over, status):
    similar = "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"

    def see(person):
        settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": similar}]
        with time_machine.travel(timezone.now() + timedelta(minutes=16 if over else 1)):
            asked = {"old_password": MINE, "password": f"{person.address}1"}
            return api.post("/store/customers/me/password", asked, token=person.token).status_code

    assert both(see) == [status, status]


def test_a9_a_wrong_code_is_a_failed_login_of_the_address(both, api, hear):
    """Else a project's lock-out by name would shut one address and not the other."""
    failed = hear(user_login_failed)

    def see(person):
        api.post(VERIFY, {"token": person.send("email"), "code": "000000"})
        return failed[-1]["credentials"]["identifier"].value

    assert both(see) == [HELD, FREE]


def test_a9_what_was_asked_for_is_forgotten_with_the_claim(both, api, configure):
    configure(LOGIN={"IDENTIFIER": "email", "UNVERIFIED_RESPONSE": "challenge"})

    def see(person):
        asked = {"entity_id": person.address, "entity_type": "email", "code_provider": "otp"}
        assert api.post("/auth/verification/request", asked, token=person.token).status_code == 201
        seen = []
        for clear in (lambda: None, housekeeping.purge):
            with once_it_is_over():
                clear()
                seen.append(sorted(api.post("/auth/token/refresh", token=person.token).json()))
        return seen

    assert both(see) == [[["token", "verification_required"]] * 2] * 2


def test_a9_nor_can_its_codes_be_told_apart_after_housekeeping(both, api, sign_up, send_code):
    def see(person):
        person.send("email")
        with time_machine.travel(timezone.now() + timedelta(minutes=10)):
            for _ in range(2):  # ten wrong codes of other claims use up the guesses of the address
                flow = send_code(sign_up(person.address, MINE))
                for _ in range(5):
                    api.post(VERIFY, {"token": flow, "code": "000000"})
        with once_it_is_over():
            housekeeping.purge()
            asked = {"code": "000000", "code_provider": "otp"}
            return api.post("/auth/verification/confirm", asked, token=person.token).json()["message"]

    assert both(see) == ["Verification code has expired"] * 2


def test_a9_changing_the_address_takes_the_same_statements(both, api, counted):
    def see(person):
        mine = f"mine-{person.address}"
        flow = api.post(CHANGE, {"email": mine}, token=person.token).json()["token"]
        proof = {"token": flow, "code": last_code(mine)}
        with counted() as queries:
            assert api.post(f"{CHANGE}/verify", proof, token=person.token).status_code == 200
        return len(queries.statements)

    held, free = both(see)
    assert held == free


def test_a9_a_reset_by_the_phone_takes_the_same_statements(both, api, counted):
    def see(person):
        api.post(f"{LOGIN}/reset-password", {"identifier": person.phone})
        link = link_token(person.phone)
        with counted() as queries:
            assert api.post(f"{LOGIN}/update", {"password": "another of mine"}, token=link).status_code == 200
        return len(queries.statements)

    held, free = both(see, proven=False)
    assert held == free


def test_a9_an_address_beside_a_number_takes_the_same_round_trips(configure, api, counted, monkeypatch):
    """Savepoints too: a Django user has a field for the address, and a shadow writes none."""
    configure(REGISTRATION={"IDENTIFIER": "phone"})
    monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)  # a worker does that

    def see(address):
        body = {"phone": PHONES[address], "password": MINE}
        token = api.post("/auth/customer/phonepass/register", body).json()["token"]
        with counted() as queries:
            assert api.post("/store/customers", {"email": address}, token=token).status_code == 200
        return [query["sql"].partition(" ")[0] for query in queries.captured_queries]

    assert see(HELD) == see(FREE)


def test_a_second_contact_that_comes_late_can_still_be_proven(api, register):
    """Its claim begins when it is made; that of the first one, which is proven, is over by then."""
    token = register("eve@example.com", MINE)
    customer = f"cus_{api.post('/auth/session', token=token).json()['user']['auth_identity_id'][7:]}"
    flow = api.post(SEND, {"customer_id": customer, "type": "email_verification"}).json()["token"]
    assert api.post(VERIFY, {"token": flow, "code": last_code("eve@example.com")}).status_code == 200
    with once_it_is_over():
        created = api.post("/store/customers", {"phone": PHONES[FREE]}, token=token).json()["customer"]
        assert created["phone"] == PHONES[FREE]
        flow = api.post(SEND, {"customer_id": customer, "type": "phone_verification"}).json()["token"]
        assert api.post(VERIFY, {"token": flow, "code": last_code(PHONES[FREE])}).json()["phone_verified"]


def test_a_try_that_is_rolled_back_leaves_no_contact_that_codes_are_sent_to(api, register, configure, monkeypatch):
    configure(PHONE_VERIFICATION={"AUTO_SEND_ON_REGISTRATION": True})
    token, queue, tries = register("eve@example.com", MINE), registration.queue, []

    def fail_once(*messages):
        tries.append(messages)
        if len(tries) == 1:
            raise IdentityExists(IdentifierKind.PHONE)  # as where somebody else takes the number this very moment
        queue(*messages)

    monkeypatch.setattr(registration, "queue", fail_once)
    assert api.post("/store/customers", {"phone": PHONES[FREE]}, token=token).json()["customer"]["phone"]
    assert (len(tries), messages_to(PHONES[FREE])) == (2, [])
