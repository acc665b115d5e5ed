"""What a hostile review of codes by identifier found about staff and a project's own actors. Each was seen red."""

from datetime import timedelta
from typing import ClassVar

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from customer_registration.actors import ActorType, load_actor_type
from customer_registration.identifiers import Identifier, kind_of
from customer_registration.models import OtpVerification
from customer_registration.tokens import LoginToken
from tests import by_code
from tests.by_code import EXCEEDED, JANE, UNHURRIED, ask, bring, refused, url
from tests.conftest import PASSWORD, last_code, new_user, wrong
from tests.security.hostile import GUARD
from tests.shop.models import Cart, Vendor, Wishlist
from tests.shop.tables import installed

pytestmark = [pytest.mark.life_cycle, pytest.mark.urls("tests.shop.urls")]
shop = pytest.fixture(installed, scope="module", autouse=True)

BOSS, MARA = "boss@example.com", "mara@example.com"
REFRESH = "/auth/token/refresh"
HERE = "tests.security.test_code_review_actors."


class CartActor(ActorType):
    """Somebody with a cart, by the address of its user."""

    model = "shop.Cart"
    accessors: ClassVar = {"email": "user__email"}


class WishlistActor(CartActor):
    """Somebody with a wish list, whose owner may be gone."""

    model = "shop.Wishlist"
    accessors: ClassVar = {"email": ("owner__email",)}


@pytest.fixture
def vendors(configure):
    """Configure vendors, who may sign up."""

    def run(actor="tests.shop.actors.OpenVendorActor", **options):
        configure(PASSWORDLESS={"ACTORS": {"vendor": actor}}, **{**UNHURRIED, **options})

    return run


def register(api):
    """Register Mara by a code; return the registration token, the flow token and the code."""
    flow = ask(api, MARA, "pre-register", "vendor")
    code = last_code(MARA)
    answer = bring(api, code, flow, identifier=MARA, step="register", actor="vendor")
    assert answer.status_code == 200, answer.content
    return answer.json()["token"], flow, code


# 4. A newcomer's registration token lived for ninety days, and became whoever had the address by then.


def test_a_newcomers_token_ends_when_it_would_have_without_a_refresh(api, vendors):
    vendors()
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        token, _, _ = register(api)
    ends = LoginToken.read(token).claims["exp"]
    assert ends == int(start.timestamp()) + 24 * 60 * 60
    with time_machine.travel(start + timedelta(hours=23), tick=False):
        token = api.post(REFRESH, token=token).json()["token"]
        assert LoginToken.read(token).claims["exp"] == ends
        Vendor.objects.create(handle="mara", contact_email=MARA)
        gained = api.post(REFRESH, token=token).json()["token"]
        assert api.get("/stall", token=gained).json()["handle"] == "mara"
    with time_machine.travel(start + timedelta(hours=24), tick=False):
        assert api.post(REFRESH, token=token).json() == GUARD
        assert api.get("/stall", token=gained).status_code == 200


def test_it_follows_the_lifetime_of_the_settings(api, vendors):
    vendors(TOKENS={"LIFETIME_MINUTES": 30})
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        token, _, _ = register(api)
    with time_machine.travel(start + timedelta(minutes=29), tick=False):
        token = api.post(REFRESH, token=token).json()["token"]
    Vendor.objects.create(handle="mara", contact_email=MARA)
    with time_machine.travel(start + timedelta(minutes=31), tick=False):
        assert api.post(REFRESH, token=token).json() == GUARD


# 5. Whoever knew an address could use up the codes that its owner may have sent.


@pytest.fixture
def use_up(api):
    """Let strangers, each from elsewhere, ask for codes until no more are sent to Jane's address."""

    def run(*actors):
        for actor in actors:
            for step in ("generate", "pre-register"):
                strangers = [api.another(REMOTE_ADDR=f"203.0.113.{number}") for number in range(10)]
                answers = [one.post(url(step, actor), {"identifier": JANE}).status_code for one in strangers]
                assert answers[-1] == 429, (actor, step)

    return run


def test_strangers_do_not_use_up_the_codes_of_the_two_steps(api, vendors, verified, use_up):
    verified()
    vendors(RATE_LIMITS={})
    use_up("user", "vendor", "customer")
    assert api.post("/store/auth", {"email": JANE, "password": PASSWORD}).status_code == 200
    assert api.post("/store/auth/otp", {"email": JANE, "otp": last_code(JANE)}).status_code == 200


@pytest.mark.parametrize(("others", "own"), [(("user", "vendor"), "customer"), (("customer", "user"), "vendor")])
def test_the_codes_of_other_actors_are_not_ones_own(api, vendors, verified, use_up, others, own):
    verified()
    Vendor.objects.create(handle="jane", contact_email=JANE)
    vendors(RATE_LIMITS={})
    use_up(*others)
    assert LoginToken.read(by_code.log_in(api, JANE, own)).actor_type == own


# 7. A path over a foreign key, which the checks allowed, ended in a server error.


def test_an_actor_is_found_by_the_address_of_a_related_row(api, vendors):
    vendors(f"{HERE}CartActor")
    cart = Cart.objects.create(user=new_user("mara", "Mara@example.com"))
    token = LoginToken.read(by_code.log_in(api, MARA, "vendor"))
    assert (token.actor_type, token.actor_id) == ("vendor", str(cart.pk))
    mail.outbox.clear()
    ask(api, "nobody@example.com", actor="vendor")
    assert mail.outbox == []


def test_a_missing_row_on_the_way_is_nobody(db):
    actor = load_actor_type("vendor", f"{HERE}WishlistActor")
    Wishlist.objects.create(owner=None)
    kept = Wishlist.objects.create(owner=new_user("mara", MARA))
    assert actor.holders(Identifier(kind_of(MARA), MARA)) == [kept]


# 11. A right password did not give staff their codes back.


def test_a_staff_password_clears_the_wrong_codes_of_their_code_login(api, configure):
    configure(**UNHURRIED, OTP={"MAX_ATTEMPTS": 10})
    new_user("boss", BOSS, is_staff=True)
    stranger = api.another(REMOTE_ADDR="203.0.113.9")
    flow, code = ask(api, BOSS, actor="user"), last_code(BOSS)
    for _ in range(10):
        assert refused(bring(stranger, wrong(code), identifier=BOSS, actor="user"))
    assert bring(api, code, flow, identifier=BOSS, actor="user").json()["code"] == EXCEEDED
    assert api.post("/auth/user/emailpass", {"email": BOSS, "password": PASSWORD}).status_code == 200
    assert bring(api, code, flow, identifier=BOSS, actor="user").status_code == 200


# 12. Housekeeping took a code away whose grant was still good.


@pytest.mark.parametrize(("seconds", "status"), [(57, 200), (60, 400)])
def test_housekeeping_leaves_a_grant_until_it_ends(api, vendors, seconds, status):
    vendors()
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        flow = ask(api, MARA, "pre-register", "vendor")
    code, late = last_code(MARA), start + timedelta(seconds=298)  # the code itself lives for five minutes
    with time_machine.travel(late, tick=False):
        assert bring(api, code, flow, identifier=MARA, step="register", actor="vendor").status_code == 200
    Vendor.objects.create(handle="mara", contact_email=MARA)
    with time_machine.travel(late + timedelta(seconds=seconds), tick=False):
        call_command("purge_expired", verbosity=0)
        assert bring(api, code, flow, identifier=MARA, step="", actor="vendor").status_code == status
    with time_machine.travel(late + timedelta(seconds=61), tick=False):
        call_command("purge_expired", verbosity=0)
    assert not OtpVerification.objects.exists()


# 16. Behind five who had left, the one who had the address now was nobody.


def test_six_who_left_do_not_hide_who_has_the_address_now(api, vendors):
    vendors("tests.shop.actors.VendorActor")
    for number in range(6):
        Vendor.objects.create(handle=f"gone{number}", contact_email=MARA, is_active=False)
    Vendor.objects.create(handle="mara", contact_email=MARA)
    assert LoginToken.read(by_code.log_in(api, MARA, "vendor")).actor_id == "mara"
