"""POST /store/customers/account-deletion/cancel-request tells nobody who is leaving, or who is there."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone

from customer_registration.flows.deletion.executor import Run
from customer_registration.models import Customer, OtpVerification, OutboxMessage
from customer_registration.signals import message_queued
from example_project.inbox.models import InboxMessage
from tests.conftest import last_code
from tests.deletion.conftest import CANCEL_CONFIRM, CANCEL_REQUEST, EMAIL, PHONE

UNKNOWN = {"email": "nobody@example.com", "phone": "+12025550199"}
WHO = {
    "unknown": {"email": UNKNOWN["email"]},
    "unknown number": {"phone": UNKNOWN["phone"]},
    "not leaving": {"email": "joe@example.com"},
    "stays by now": {"email": EMAIL},
    "erased": {"email": EMAIL},
    "unproven beside a proven one": {"phone": PHONE},
    "staff": {"email": EMAIL},
    "superuser": {"email": EMAIL},
    "deactivated": {"email": EMAIL},
}

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def nobody(leaving, verified, stay):
    """Make a person who is not to be sent a code; return how they would ask for one."""

    def make(who):
        if who == "not leaving":
            verified("joe@example.com")
        elif "unknown" not in who:
            leaving(phone=PHONE)
        if who == "stays by now":
            stay()
        elif who == "erased":
            with time_machine.travel(timezone.now() + timedelta(days=8)):
                assert Run().work().erased == 1
        flags = {"staff": {"is_staff": True}, "superuser": {"is_superuser": True}, "deactivated": {"is_active": False}}
        get_user_model().objects.update(**flags.get(who, {"is_active": True}))
        return WHO[who]

    return make


def everything_sent():
    return len(mail.outbox) + InboxMessage.objects.count()


@pytest.mark.parametrize("who", WHO)
def test_everybody_is_answered_as_somebody_who_is_leaving(api, nobody, leaving, hear, who):
    contact = nobody(who)
    leaving("zoe@example.com")
    queued, sent, start = hear(message_queued), everything_sent(), timezone.now() + timedelta(seconds=91)
    with time_machine.travel(start, tick=False):
        answer = api.post(CANCEL_REQUEST, contact)
        assert everything_sent() == sent
        known = api.post(CANCEL_REQUEST, {"email": "zoe@example.com"})
    assert everything_sent() == sent + 1
    assert (
        (answer.status_code, list(answer.json())) == (known.status_code, list(known.json())) == (200, [*known.json()])
    )
    assert len(answer.json()["token"]) == len(known.json()["token"])
    assert answer.json()["expires_at"] == known.json()["expires_at"]
    assert answer.headers == known.headers
    assert len(queued) == 2
    decoy, _ = OutboxMessage.objects.filter(pk__in=[each["message_id"] for each in queued]).order_by("pk")
    assert (decoy.state, decoy.destination, decoy.customer) == ("suppressed", "", None)
    assert decoy.otp.is_decoy


@pytest.mark.parametrize("who", WHO)
def test_the_code_that_was_never_sent_proves_nothing(api, nobody, who):
    contact = nobody(who)
    before = list(Customer.objects.values("pk", "deletion_scheduled_at"))
    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        flow = api.post(CANCEL_REQUEST, contact).json()["token"]
        decoy = OtpVerification.objects.filter(purpose="account_deletion_cancel").latest("pk")
        answers = [api.post(CANCEL_CONFIRM, {"token": flow, "code": decoy.code()}) for _ in range(6)]
    assert {answer.status_code for answer in answers} == {400}
    remaining = [answer.json().get("attempts_remaining") for answer in answers]
    assert remaining == [4, 3, 2, 1, 0, None]
    assert answers[-1].json()["code"] == "otp_attempts_exceeded"
    assert list(Customer.objects.values("pk", "deletion_scheduled_at")) == before


def test_whoever_stays_leaves_the_others_where_they_are(api, leaving):
    leaving()
    leaving("joe@example.com")
    flow = api.post(CANCEL_REQUEST, {"email": EMAIL}).json()["token"]
    assert api.post(CANCEL_CONFIRM, {"token": flow, "code": last_code(EMAIL)}).status_code == 200
    assert Customer.objects.get(email="joe@example.com").deletion_scheduled_at is not None
