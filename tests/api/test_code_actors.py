"""Code login of actors that are no customers: vendors of a project's own, beside staff."""

from types import SimpleNamespace

import jwt
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_login_failed
from django.core import mail

from customer_registration.models import Customer, OtpVerification
from customer_registration.tokens import LoginToken
from tests import by_code
from tests.by_code import JANE, PHONE, STEPS, UNHURRIED, ask, bring, refused, url
from tests.conftest import last_code, new_user, wrong
from tests.shop.models import Vendor
from tests.shop.tables import installed

pytestmark = [pytest.mark.life_cycle, pytest.mark.urls("tests.shop.urls")]
shop = pytest.fixture(installed, scope="module", autouse=True)

BOSS, MARA, BILLS = "boss@example.com", "mara@example.com", "bills@example.com"
GUARD = {"message": "Unauthorized"}


@pytest.fixture
def boss(db):
    """Save a staff user."""
    return new_user("boss", BOSS, is_staff=True)


@pytest.fixture
def vendors(configure):
    """Configure vendors, and return one."""
    configure(PASSWORDLESS={"ACTORS": {"vendor": "tests.shop.actors.VendorActor"}}, **UNHURRIED)
    return lambda handle="mara", contact_email="Mara@example.com", **fields: Vendor.objects.create(
        handle=handle, contact_email=contact_email, **{"billing_email": BILLS, "contact_phone": PHONE, **fields}
    )


def opens(api, token, path="/stall"):
    return api.get(path, token=token).status_code == 200


@pytest.mark.parametrize("name", [MARA, "MARA@example.com", BILLS, PHONE])
@pytest.mark.parametrize("with_token", [True, False])
def test_a_vendor_logs_in_by_any_of_their_accessors(api, vendors, name, with_token):
    vendors()
    flow = ask(api, name, actor="vendor")
    to = name.lower()
    answer = bring(api, last_code(to), flow if with_token else None, identifier=name, actor="vendor")
    assert answer.status_code == 200
    token = answer.json()["token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["actor_type"], claims["actor_id"], claims["auth_provider"]) == ("vendor", "mara", "otp")
    assert claims["app_metadata"] == {"vendor_id": "mara", "stall": "7"}
    assert api.get("/stall", token=token).json() == {"handle": "mara", "actor_id": "mara"}
    for path in (by_code.ME, "/admin/account-deletion-requests"):
        assert api.get(path, token=token).status_code in (401, 403)
    renewed = api.post("/auth/token/refresh", token=token)
    assert renewed.status_code == 200
    assert opens(api, renewed.json()["token"])


def test_the_code_is_sent_to_the_one_address_that_was_named(api, vendors):
    vendors()
    ask(api, BILLS, actor="vendor")
    assert [message.to for message in mail.outbox] == [[BILLS]]


@pytest.mark.parametrize("who", ["nobody", "deactivated", "twins"])
def test_a_vendor_who_is_not_exactly_one_is_answered_as_unknown(api, vendors, who):
    vendors()
    vendors("gone", "deactivated@example.com", billing_email="", is_active=False)
    vendors("one", "twins@example.com", billing_email="")
    vendors("two", "other@example.com", billing_email="Twins@example.com")
    name = f"{who}@example.com"
    flow = ask(api, name, actor="vendor")
    assert mail.outbox == []
    assert refused(bring(api, OtpVerification.objects.latest("pk").code(), flow, identifier=name, actor="vendor"))


def test_a_vendors_token_dies_with_them_and_with_their_users_password(api, vendors):
    vendor = vendors()
    token = by_code.log_in(api, MARA, "vendor")
    assert opens(api, token)
    Vendor.objects.update(is_active=False)
    assert not opens(api, token)
    Vendor.objects.update(is_active=True)
    user = new_user("mara", "mara-user@example.com")
    Vendor.objects.filter(pk=vendor.pk).update(username=user.get_username())
    token = by_code.log_in(api, MARA, "vendor")
    assert opens(api, token)
    user.set_password("a new password entirely")
    user.save()
    assert not opens(api, token)
    token = by_code.log_in(api, MARA, "vendor")
    get_user_model().objects.update(is_active=False)
    assert not opens(api, token)
    assert api.post("/auth/token/refresh", token=token).json() == GUARD


def test_a_token_dies_with_its_actor_type(api, vendors, configure):
    vendors()
    token = by_code.log_in(api, MARA, "vendor")
    configure(PASSWORDLESS={"ACTORS": {"vendor": "tests.shop.actors.OpenVendorActor"}})
    assert not opens(api, token)  # whose entities are named by their key


def test_is_actor_lets_nobody_else_in(api, vendors, boss, verified):
    vendors()
    _, jane = verified()
    tokens = {
        "user": by_code.log_in(api, BOSS, "user"),
        "customer": jane,
        "vendor": by_code.log_in(api, MARA, "vendor"),
    }
    for actor, token in tokens.items():
        assert api.get("/market", token=token).json() == {"actor_type": actor}
        assert opens(api, token) is (actor == "vendor")
    assert api.get("/market").status_code in (401, 403)
    assert api.get("/market", token=by_code.register(api, "new@example.com")).status_code in (401, 403)  # no actor yet


def test_c8_a_code_for_one_actor_is_none_for_another(api, vendors, verified, boss):
    """One address, three people: each has codes of their own."""
    verified()
    new_user("jane-staff", "Jane@example.com", is_staff=True)
    vendors("jane", JANE)
    flows = {}
    for actor in ("customer", "user", "vendor"):
        flow = ask(api, actor=actor)
        flows[actor] = (flow, OtpVerification.objects.latest("pk").code())
    for actor, (flow, code) in flows.items():
        for other in set(flows) - {actor}:
            for brought in (flow, None):
                if code != flows[other][1]:
                    assert refused(bring(api, code, brought, actor=other))
    for actor, (_, code) in flows.items():  # the newest of their own, whoever has asked since
        token = LoginToken.read(bring(api, code, actor=actor).json()["token"])
        assert token.actor_type == actor


def test_throttles_and_days_of_actors_are_their_own(api, vendors, verified, configure):
    verified()
    vendors("jane", JANE)
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 90}, OTP={"MAX_ATTEMPTS": 10})
    flow = ask(api, actor="vendor")
    for _ in range(11):
        bring(api, wrong(last_code(JANE)), flow, actor="vendor")
    assert bring(api, last_code(JANE), flow, actor="vendor").json()["code"] == by_code.EXCEEDED
    assert by_code.log_in(api)


def test_vendors_do_not_register_unless_they_may(api, vendors):
    vendors()
    for name in (MARA, "newcomer@example.com"):
        flow = ask(api, name, "pre-register", "vendor")
        row = OtpVerification.objects.latest("pk")
        assert refused(bring(api, row.code(), flow, identifier=name, step="register", actor="vendor"))
    assert mail.outbox == []


@pytest.fixture
def open_vendors(vendors, configure):
    """Let vendors sign up."""
    configure(PASSWORDLESS={"ACTORS": {"vendor": "tests.shop.actors.OpenVendorActor"}})
    return vendors


def sign_up(api):
    """Register a vendor by a code; return the registration token and the code."""
    flow = ask(api, MARA, "pre-register", "vendor")
    code = last_code(MARA)
    answer = bring(api, code, flow, identifier=MARA, step="register", actor="vendor")
    assert answer.status_code == 200
    return SimpleNamespace(token=answer.json()["token"], flow=flow, code=code)


def test_a_vendor_signs_up_and_the_project_makes_the_row(api, open_vendors):
    from customer_registration.flows.sessions import open_session

    new = sign_up(api)
    token = LoginToken.read(new.token)
    assert (token.actor_id, token.actor_type, token.app_metadata) == ("", "vendor", {})
    assert not Customer.objects.exists()
    session = open_session(new.token)
    assert (session.identifier.kind, session.identifier.value) == ("email", MARA)
    assert not opens(api, new.token)
    assert LoginToken.read(api.post("/auth/token/refresh", token=new.token).json()["token"]).actor_id == ""
    vendor = open_vendors(contact_email=session.identifier.value)
    renewed = api.post("/auth/token/refresh", token=new.token).json()["token"]
    assert LoginToken.read(renewed).actor_id == str(vendor.pk)
    assert LoginToken.read(renewed).app_metadata == {"vendor_id": str(vendor.pk)}
    assert opens(api, renewed)
    granted = bring(api, new.code, new.flow, identifier=MARA, step="", actor="vendor")
    assert granted.status_code == 200
    assert opens(api, granted.json()["token"])
    assert refused(bring(api, new.code, new.flow, identifier=MARA, step="", actor="vendor"))
    assert api.post("/store/customers", {}, token=new.token).json() == GUARD


def test_a_vendor_who_is_there_cannot_sign_up_again(api, open_vendors):
    open_vendors()
    ask(api, MARA, "pre-register", "vendor")
    assert mail.outbox == []


def test_a_vendor_who_appears_meanwhile_is_a_duplicate(api, open_vendors):
    flow = ask(api, MARA, "pre-register", "vendor")
    open_vendors()
    answer = bring(api, last_code(MARA), flow, identifier=MARA, step="register", actor="vendor")
    assert (answer.status_code, answer.json()["type"]) == (422, "duplicate_error")


@pytest.mark.parametrize("who", ["deactivated", "two of a name"])
def test_d1_who_may_not_come_in_does_not_sign_up_anew(api, open_vendors, who):
    """Else a vendor who was shut out would be back by the same address."""
    open_vendors(is_active=who != "deactivated")
    if who == "two of a name":
        open_vendors("other", "Mara@example.com")
    ask(api, MARA, "pre-register", "vendor")
    assert mail.outbox == []


def test_where_nothing_is_concealed_vendors_are_told_too(api, open_vendors, configure):
    configure(PASSWORDLESS={"CONCEAL": False})
    answer = api.post(url("generate", "vendor"), {"identifier": MARA})
    assert (answer.status_code, answer.json()["type"]) == (404, "not_found")
    open_vendors()
    answer = api.post(url("pre-register", "vendor"), {"identifier": MARA})
    assert (answer.status_code, answer.json()["type"]) == (422, "duplicate_error")


def test_f4_a_wrong_code_of_any_actor_is_a_failed_login(api, vendors, boss, hear):
    vendors()
    failed = hear(user_login_failed)
    for actor, name in (("user", BOSS), ("vendor", MARA)):
        flow = ask(api, name, actor=actor)
        bring(api, wrong(last_code(name)), flow, identifier=name, actor=actor)
    assert len(failed) == 2


def test_a_vendor_may_be_switched_off_by_the_providers(api, vendors, configure):
    vendors()
    assert [each["id"] for each in api.get("/auth/vendor/providers").json()["providers"]] == ["otp"]
    configure(PROVIDERS={"vendor": []})
    assert api.get("/auth/vendor/providers").json()["providers"] == []
    for step in STEPS:
        answer = api.post(url(step, "vendor"), {"identifier": MARA, "otp": "123456"})
        assert (answer.status_code, answer.json()["type"]) == (400, "not_allowed")
