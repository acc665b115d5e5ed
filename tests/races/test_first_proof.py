"""The first proof of an account at the same moment as somebody else's doing: never half a take-over (decision 9)."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.flows.passwordless import login
from customer_registration.models import AccountEvent, Customer, OtpVerification
from customer_registration.models.customer import CustomerQuerySet
from customer_registration.models.otp_verification import OtpVerificationQuerySet
from tests.by_code import JANE, ME, UNHURRIED, ask, url
from tests.conftest import PASSWORD, last_code
from tests.races.at_once import above_read_committed, at_once, post, statuses

pytestmark = [pytest.mark.postgres, pytest.mark.life_cycle, pytest.mark.django_db(transaction=True)]

# Above read committed a database may refuse a write that another one overtook; then nothing was compared.
REFUSED = {400, 503}
LOGIN = "/auth/customer/emailpass"


def bring(code, flow=None, step="verify", **options):
    """Return an act that brings a code."""
    return post(url(step), {"identifier": JANE, "otp": code} | ({"token": flow} if flow else {}), **options)


def asked(api, step="generate"):
    """Ask for a code; return the flow token and the code."""
    return ask(api, step=step), last_code(JANE)


def winners(answers):
    return [answer for answer in answers if answer.status_code == 200]


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("round_", range(4))
def test_a_code_and_a_password_that_register_one_address_at_once_make_one_identity(api, round_):
    flow, code = asked(api, "pre-register")
    claim = post(f"{LOGIN}/register", {"email": JANE, "password": PASSWORD})
    by_password, by_a_code = at_once(claim, bring(code, flow, "register"))
    assert Customer.objects.count() == get_user_model().objects.count() == 1
    row = Customer.objects.select_related("user").get()
    if by_a_code.status_code == 200:
        assert by_password.status_code == 401
        assert row.email_verified_at is not None
        assert not row.user.has_usable_password()
    else:
        assert (by_password.status_code, by_a_code.status_code) in ((200, 422), (200, 400), (200, 503))
        assert row.email_verified_at is None
        assert row.user.check_password(PASSWORD)
        assert not AccountEvent.objects.filter(kind="contact_verified").exists()


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("round_", range(4))
def test_an_owner_who_proves_and_one_who_registers_anew_at_once_leave_one_holder(api, configure, sign_up, round_):
    configure(**{name: UNHURRIED[name] for name in ("EMAIL_VERIFICATION",)})
    claim = sign_up()
    Customer.objects.update(claim_expires_at=timezone.now() - timedelta(seconds=1))
    to_log_in, to_register = asked(api), asked(api, "pre-register")
    proven, registered = at_once(bring(to_log_in[1], to_log_in[0]), bring(to_register[1], to_register[0], "register"))
    holder = Customer.objects.select_related("user").get(email=JANE)
    assert holder.email_verified_at is not None
    assert not holder.user.has_usable_password()
    assert 200 in (proven.status_code, registered.status_code)
    if holder.pk == claim.id:
        assert registered.status_code in (422, 400, 503)
    else:
        assert (proven.status_code in (400, 503), claim.row.email) == (True, None)


@pytest.mark.usefixtures("unlimited")
def test_the_first_proof_twenty_four_times_at_once_discards_one_password(configure, api, sign_up):
    configure(**{name: UNHURRIED[name] for name in ("EMAIL_VERIFICATION",)})
    person = sign_up()
    flows = [asked(api) for _ in range(8)]
    answers = at_once(*(bring(code, flow) for flow, code in flows * 3))
    assert statuses(answers).count(200) == 1
    assert set(statuses(answers)) <= {200, *REFUSED}
    assert AccountEvent.objects.filter(kind="password_discarded").count() == 1
    assert AccountEvent.objects.filter(kind="contact_verified").count() == 1
    assert person.row.token_epoch == 1
    assert api.get(ME, token=winners(answers)[0].json()["token"]).status_code == 200


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("round_", range(4))
def test_a_first_proof_and_the_strangers_login_at_once_leave_the_stranger_outside(api, configure, sign_up, round_):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    sign_up()
    flow, code = asked(api)
    strangers = post(LOGIN, {"email": JANE, "password": PASSWORD})
    proven, *others = at_once(bring(code, flow), *[strangers] * 8)
    if proven.status_code != 200:  # above read committed the database may prefer the stranger, and the code stays good
        assert above_read_committed()
        proven = bring(code, flow)()
    assert proven.status_code == 200
    for answer in winners(others):
        assert api.get(ME, token=answer.json()["token"]).status_code == 401
    assert strangers().status_code == 401
    assert api.get(ME, token=proven.json()["token"]).status_code == 200


@pytest.mark.usefixtures("unlimited")
def test_an_account_that_changes_while_it_is_taken_over_is_not_half_taken(api, sign_up, between):
    person = sign_up()
    flow, code = asked(api)
    others = between(login, "_take_over", lambda: Customer.objects.raise_epoch(person.id, now=timezone.now()))
    answer = bring(code, flow)()
    assert others
    assert answer.status_code in REFUSED
    assert person.row.email_verified_at is None
    assert person.row.user.check_password(PASSWORD)
    assert OtpVerification.objects.get(purpose="code_login").consumed_at is None  # both or neither


def test_a_take_over_that_is_read_then_written_discards_the_password_twice(
    unlimited, read_committed, configure, api, sign_up, meeting, monkeypatch
):
    def end_sessions(self, customer, *, now, **values):
        everybody = Customer.objects.all()  # without the condition that the contact is still unproven
        everybody.filter(pk=customer.pk).update(**values, updated_at=now, token_epoch=customer.token_epoch + 1)
        return everybody.select_related("user").get(pk=customer.pk)

    def retire_codes(self, customer_id, *, now, sent_to=None):
        meeting()
        return 0

    monkeypatch.setattr(CustomerQuerySet, "end_sessions", end_sessions)
    monkeypatch.setattr(OtpVerificationQuerySet, "retire_codes", retire_codes)
    configure(**{name: UNHURRIED[name] for name in ("EMAIL_VERIFICATION",)})
    sign_up()
    flows = [asked(api) for _ in range(8)]
    answers = at_once(*(bring(code, flow) for flow, code in flows))
    assert statuses(answers).count(200) > 1
