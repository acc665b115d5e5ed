"""C17, static codes: what a fixed code never opens, whoever's contact it is. There messages go as ever."""

import pytest
from django.core import mail

from customer_registration.enums import EventKind
from customer_registration.models import AccountEvent, OutboxMessage
from customer_registration.one_time_passwords import OneTimePasswordService
from tests.by_code import UNHURRIED, ask, bring, refused
from tests.conftest import PASSWORD, last_code, link_token, messages_to, new_user
from tests.deletion.conftest import CANCEL_CONFIRM, CONFIRM
from tests.second_steps import FACTORS, enable, ok, pending, show
from tests.security.fixed import CODE, PHONE, REVIEWER, TWO_STEPS, VERIFY, entries
from tests.security.kinds import Vendor

pytestmark = pytest.mark.django_db
CONTACT = "/store/customers/me/contact"


class Guest(Vendor):
    """Whoever proves an address; nobody has one yet."""

    can_register = True

    def holders(self, identifier):
        """Return nobody."""
        return []


@pytest.fixture
def reviewer(configure, verified):
    """Sign a reviewer up; from then on the codes of their address and of the number are fixed."""
    person, bearer = verified(REVIEWER)
    mail.outbox.clear()
    configure(TEST_IDENTIFIERS=entries(), **UNHURRIED)
    return person, bearer


def is_no_way(bring_code, to):
    """Whether the fixed code is refused and the one that was sent as ever is taken; no use is told."""
    answer = bring_code(CODE)
    assert answer.status_code in (400, 401, 404), answer.content
    assert OutboxMessage.objects.latest("pk").state == "sent"
    assert bring_code(last_code(to)).status_code == 200
    return not AccountEvent.objects.filter(kind=EventKind.TEST_CODE_USED).exists()


def test_c17_a_reset_goes_by_its_mailed_link_alone(api, reviewer, reset_link):
    link, update = reset_link(REVIEWER), "/auth/customer/emailpass/update"
    assert api.post(update, {"password": "another battery staple"}, token=CODE).status_code == 401
    assert api.post(update, {"password": "another battery staple"}, token=link).status_code == 200


def test_c17_a_contact_is_changed_to_a_test_identifier_by_the_code_that_was_sent(api, reviewer):
    flow = ok(api.post(CONTACT, {"phone": PHONE}, token=reviewer[1]))["token"]
    proof = {"token": flow}
    assert is_no_way(lambda code: api.post(f"{CONTACT}/verify", proof | {"code": code}, token=reviewer[1]), PHONE)


def test_c17_a_change_away_from_one_is_taken_back_by_the_mailed_link(api, reviewer, change_contact):
    change_contact(reviewer[1], email="new@example.com")
    undo, link = "/store/customers/contact/undo", link_token(REVIEWER)
    row_id = link.partition(".")[0]
    for forged in (CODE, f"{row_id}.{CODE}"):
        assert api.post(undo, {"token": forged}).status_code == 401
    assert api.post(undo, {"token": link}).status_code == 200


def test_c17_an_account_is_deleted_and_kept_by_codes_that_were_sent(api, reviewer, ask_to_leave, ask_to_stay):
    leaving = {"token": ask_to_leave(reviewer[1])}
    assert is_no_way(lambda code: api.post(CONFIRM, leaving | {"code": code}), REVIEWER)
    staying = {"token": ask_to_stay(email=REVIEWER)}
    assert is_no_way(lambda code: api.post(CANCEL_CONFIRM, staying | {"code": code}), REVIEWER)


def test_c17_a_second_factor_is_set_up_and_shown_by_codes_that_were_sent(api, clock, reviewer):
    made = ok(api.post(FACTORS, {"provider": "otp"}, token=reviewer[1]))["mfa_factor"]
    assert api.post(f"{FACTORS}/{made['id']}/verify", {"code": CODE}, token=reviewer[1]).status_code == 400
    enable(api, reviewer[1], made["id"], last_code(REVIEWER))
    clock.shift(61)
    login = pending(api, REVIEWER)
    assert is_no_way(lambda code: show(api, login, code, "otp"), REVIEWER)


def test_c17_a_mailed_verification_link_is_mailed_as_ever(api, configure, register):
    configure(TEST_IDENTIFIERS=entries())
    asked = {"entity_id": REVIEWER, "entity_type": "email", "code_provider": "token"}
    assert api.post("/auth/verification/request", asked, token=register(REVIEWER)).status_code == 201
    assert api.post("/auth/verification/confirm", {"code_provider": "token", "code": CODE}).status_code == 400
    assert link_token(REVIEWER)


@pytest.mark.parametrize("key", [REVIEWER, PHONE])
def test_c17_a_one_time_password_of_the_project_is_its_own(configure, key):
    configure(TEST_IDENTIFIERS=entries())
    service = OneTimePasswordService()
    password = service.generate(key)
    assert service.verify(key, CODE) is False
    assert service.verify(key, password) is True


@pytest.mark.parametrize("actor", ["user", "vendor", "guest"])
def test_c17_no_other_actor_comes_in_by_it_with_the_same_contact(api, configure, actor):
    if actor != "guest":
        new_user("boss", REVIEWER, is_staff=True)
    actors = {"vendor": "tests.security.kinds.Vendor", "guest": "tests.security.test_fixed_codes_elsewhere.Guest"}
    configure(TEST_IDENTIFIERS=entries(), PASSWORDLESS={"ACTORS": actors}, **UNHURRIED)
    flow = ask(api, REVIEWER, "pre-register" if actor == "guest" else "generate", actor)
    step = "register" if actor == "guest" else "verify"
    assert is_no_way(lambda code: bring(api, code, flow, identifier=REVIEWER, actor=actor, step=step), REVIEWER)


@pytest.mark.parametrize("flags", [{"is_staff": True}, {"is_superuser": True}])
class TestStaffWhoAreCustomers:
    """Whoever may do more than a customer never gets in by a fixed code."""

    @pytest.fixture
    def promote(self, flags):
        """Make a customer's user staff."""

        def run(person):
            user = person.row.user
            for name, value in flags.items():
                setattr(user, name, value)
            user.save()

        return run

    def test_c17_they_verify_and_log_in_in_two_steps_by_codes_that_were_sent(
        self, api, configure, sign_up, send_code, promote
    ):
        configure(TEST_IDENTIFIERS=entries(), **UNHURRIED)
        person = sign_up(REVIEWER)
        promote(person)
        proof = {"token": send_code(person)}
        assert is_no_way(lambda code: api.post(VERIFY, proof | {"code": code}), REVIEWER)
        ok(api.post(TWO_STEPS, {"email": REVIEWER, "password": PASSWORD}))
        assert is_no_way(lambda code: api.post(f"{TWO_STEPS}/otp", {"email": REVIEWER, "otp": code}), REVIEWER)

    def test_c17_they_have_no_code_to_log_in_or_register_with_at_all(self, api, reviewer, promote):
        promote(reviewer[0])
        for step, proof in (("generate", "verify"), ("pre-register", "register"), ("generate", "")):
            assert refused(bring(api, CODE, ask(api, REVIEWER, step), identifier=REVIEWER, step=proof))
        assert messages_to(REVIEWER) == []

    def test_c17_a_fixed_code_dies_when_they_become_staff(self, api, configure, sign_up, send_code, reviewer, promote):
        newcomer = sign_up("new@example.com")
        configure(TEST_IDENTIFIERS=entries("new@example.com"))
        flow, verification = ask(api, REVIEWER), {"token": send_code(newcomer), "code": CODE}
        ok(api.post(TWO_STEPS, {"email": REVIEWER, "password": PASSWORD}))
        promote(reviewer[0])
        promote(newcomer)
        assert api.post(VERIFY, verification).status_code == 400
        assert refused(bring(api, CODE, flow, identifier=REVIEWER))
        assert api.post(f"{TWO_STEPS}/otp", {"email": REVIEWER, "otp": CODE}).status_code == 400
