"""What ``docs/passwordless.md`` says: its examples run, its tables are right."""

import re
import sys
from functools import partial, reduce
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from rest_framework.test import APIRequestFactory

from customer_registration import actors, signals
from customer_registration.api.authentication import CookieAuthentication
from customer_registration.conf import config
from customer_registration.models import OtpVerification
from customer_registration.one_time_passwords import OneTimePasswordService
from customer_registration.ratelimits.rules import DEFAULT_RULES
from tests import by_code
from tests.by_code import PHONE, UNHURRIED, ask, bring
from tests.conftest import last_code, messages_to, new_user, wrong
from tests.pages import run_example
from tests.shop.models import Vendor
from tests.shop.tables import installed

DOCS = (Path(__file__).parents[2] / "docs" / "passwordless.md").read_text()
MARA = "mara@example.com"

pytestmark = [pytest.mark.django_db]
shop = pytest.fixture(installed, scope="module", autouse=True)


@pytest.fixture
def example(monkeypatch):
    """Import an example of the page by its path, in a project whose tables are the shop's."""
    return partial(run_example, monkeypatch, DOCS)


@pytest.fixture
def vendors(example, configure):
    """The page's vendors, of whom there is one."""
    example("shop/actors.py")
    configure(PASSWORDLESS={"ACTORS": {"vendor": "shop.actors.VendorActor"}}, **UNHURRIED)
    return Vendor.objects.create(handle="mara", contact_email=MARA, billing_email="b@example.com", contact_phone=PHONE)


def call(view, token=None, *, session=None, **body):
    """Call a view of the page's with a bearer, or with a session and its cookie."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    factory = APIRequestFactory()
    request = factory.post("/", body, headers=headers) if body else factory.get("/", headers=headers)
    if session is not None:
        request.session, request.COOKIES["sessionid"] = session, session.session_key
    return view(request)


def rows(header):
    """Return the table below a header, as lists of cells without their code marks."""
    below = DOCS.partition(f"{header}\n")[2].partition("\n\n")[0].splitlines()[1:]
    assert below, header
    return [[cell.strip().replace("`", "") for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in below]


# Examples


@pytest.mark.parametrize("name", [MARA, "b@example.com", PHONE])
def test_a_vendor_reads_their_stall(api, example, vendors, name):
    view = example("shop/views.py").stall
    token = by_code.log_in(api, name, "vendor")
    answer = call(view, token)
    assert (answer.status_code, answer.data) == (200, {"stall": "mara"})
    shown = re.search(r"```json\n\{(.*?), …\}", DOCS)[1]
    claims = api.post("/auth/session", token=token).json()["user"]
    assert all(part in str(claims).replace("'", '"') for part in re.split(r", (?=\"a)", shown))


def test_nobody_else_reads_it(api, example, vendors, verified):
    view = example("shop/views.py").stall
    _, jane = verified()
    for token in (None, "junk", jane):
        assert call(view, token).status_code == 401
    token = by_code.log_in(api, MARA, "vendor")
    Vendor.objects.update(is_active=False)
    assert call(view, token).status_code == 401


def test_a_cookie_serves_too(api, example, vendors):
    view = example("shop/views.py").stall
    view.cls.authentication_classes = [*view.cls.authentication_classes, CookieAuthentication]
    api.post("/auth/session", token=by_code.log_in(api, MARA, "vendor"))
    answer = call(view, session=api.client.session)
    assert (answer.status_code, answer.data) == (200, {"stall": "mara"})


def test_vendors_sign_up(api, example, vendors, configure):
    view = example("shop/sign_up.py").sign_up
    sys.modules["shop.actors"].VendorActor.can_register = True
    new = "new@example.com"
    flow = ask(api, new, "pre-register", "vendor")
    code = last_code(new)
    token = bring(api, code, flow, identifier=new, step="register", actor="vendor").json()["token"]
    assert call(view, token, handle="new").data == {"handle": "new"}
    assert Vendor.objects.get(handle="new").contact_email == new
    stall = example("shop/views.py").stall
    assert call(stall, token).status_code == 401, "the token has no actor"
    for answer in (
        api.post("/auth/token/refresh", token=token),
        bring(api, code, flow, identifier=new, step="", actor="vendor"),
    ):
        assert call(stall, answer.json()["token"]).data == {"stall": "new"}


def test_only_who_has_just_proven_an_identifier_signs_up(api, example, vendors, verified):
    view = example("shop/sign_up.py").sign_up
    _, jane = verified()
    assert call(view, jane, handle="jane").status_code == 403
    assert call(view, by_code.log_in(api, MARA, "vendor"), handle="again").status_code == 403
    assert call(view, handle="nobody").status_code == 403


def test_the_notifier_sends_and_we_do_not(api, example, configure, verified):
    pushed = []
    module = example("shop/notifier.py", push={"push": lambda **message: pushed.append(message)})
    try:
        verified()
        configure(PASSWORDLESS={"SEND": False}, **UNHURRIED)
        call_command("check", verbosity=0)
        before = messages_to(by_code.JANE)
        flow = ask(api)
        [message] = pushed
        assert message["to"] == by_code.JANE
        assert messages_to(by_code.JANE) == before
        assert bring(api, message["text"].removeprefix("Your code: "), flow).status_code == 200
        ask(api, "new@example.com", "pre-register")
        assert pushed[-1]["to"] == "new@example.com"
        ask(api, "nobody@example.com")
        assert len(pushed) == 2
    finally:
        for signal in (signals.otp_generated, signals.pre_register_otp_generated):
            assert signal.disconnect(module.send_code)


def test_a_parcel_is_handed_over_once(example):
    module = example("shop/pickup.py")
    order = SimpleNamespace(pk=7, pickup_secret=OneTimePasswordService().generate_secret())
    first, code = module.new_code(order), module.new_code(order)
    assert re.fullmatch(r"\d{6}", code)
    assert re.fullmatch(r"[0-9a-f]{64}", order.pickup_secret)
    assert not module.hand_over(order, wrong(code))
    assert first == code or not module.hand_over(order, first)
    assert module.hand_over(order, code)
    assert not module.hand_over(order, code)
    row = OtpVerification.objects.latest("pk")
    assert (row.expires_at - row.created_at).total_seconds() == 600
    assert module.pickup.generated is signals.one_time_password_generated
    assert module.pickup.deleted is signals.one_time_password_deleted


def test_its_defaults_are_those_of_the_two_step_login(configure):
    service = OneTimePasswordService()
    configure(TWO_STEP_LOGIN={"TTL_SECONDS": 77, "DIGITS": 8})
    assert (service.ttl, service.digits) == (77, 8)


# Tables


def test_the_defaults_are_those_of_the_settings(settings):
    settings.CUSTOMER_REGISTRATION = {}
    told = set()
    for names, default, _ in rows("| Option | Default | What it does |"):
        path = names.partition(" / ")[0]
        if found := re.match(r"RATE_LIMITS\.RULES\[\"(\w+)\"\]", path):
            assert default == DEFAULT_RULES[found[1]]
        elif path != "PROVIDERS":
            value = reduce(getattr, path.lower().split("."), config())
            assert default.partition(" / ")[0] == str(value), path
        told.add(path)
    ours = {"PASSWORDLESS": config().passwordless, "TWO_STEP_LOGIN": config().two_step_login}
    assert told >= {f"{group}.{name.upper()}" for group, options in ours.items() for name in options.__slots__}


def test_everything_of_an_actor_type_has_a_row():
    told = {re.match(r"\w+", name)[0] for name, *_ in rows("| Of `ActorType` | Default | |")}
    public = {name for name in vars(actors.ActorType) if not name.startswith("_")}
    assert told == public - {"actor_id", "kinds", "fields_of"}


def test_the_messages_are_the_contracts():
    assert DOCS.count(f'"{by_code.SENT}"') >= 2
    assert DOCS.count(f'"{by_code.VALIDATE}"') >= 2


def test_staff_are_found_as_the_page_says(api):
    new_user("boss", "boss@example.com", is_staff=True)
    assert by_code.log_in(api, "boss@example.com", "user")
