"""``otp_generated`` and ``pre_register_otp_generated``: a project hears of a code, and may send it itself."""

import pytest
from django.core import mail

from customer_registration.models import OtpVerification, OutboxMessage
from customer_registration.signals import otp_generated, pre_register_otp_generated
from tests.by_code import JANE, PHONE, UNHURRIED, ask, bring
from tests.conftest import last_code, messages_to

pytestmark = pytest.mark.life_cycle
STEPS = [("generate", "verify"), ("pre-register", "register")]


@pytest.fixture
def jane(verified, configure):
    """Let nobody wait, and return how Jane becomes known where a step is for those who are."""
    configure(**UNHURRIED)
    return lambda step: verified() if step == "generate" else None


def of(step):
    """Return the signal of a step and the other one."""
    signals = (otp_generated, pre_register_otp_generated)
    return signals if step == "generate" else signals[::-1]


@pytest.mark.parametrize(("step", "proof"), STEPS)
@pytest.mark.parametrize("sending", [True, False], ids=["by our channels", "by the project"])
def test_a_code_is_told_with_callables_that_no_log_spells(api, jane, configure, hear, step, proof, sending):
    jane(step)
    configure(PASSWORDLESS={"SEND": sending})
    heard, others = (hear(signal) for signal in of(step))
    before = len(mail.outbox)
    flow = ask(api, step=step)
    assert len(mail.outbox) == before + sending
    [told] = heard
    assert others == []
    assert set(told) == {"actor_type", "identifier", "channel", "get_identifier", "get_code"}
    assert [told[name] for name in ("actor_type", "channel")] == ["customer", "email"]
    assert str(told["identifier"]) == "j***@example.com"
    assert told["get_identifier"]() == JANE
    code = told["get_code"]()
    assert not sending or code == last_code(JANE)
    assert code not in repr(told)
    assert "jane" not in repr(told)
    assert bring(api, code, flow, step=proof).status_code == 200


def test_the_sender_is_the_row_of_the_code(api, jane):
    jane("generate")
    senders = []

    def note(sender, **arguments):
        senders.append(sender)

    otp_generated.connect(note)
    try:
        ask(api)
    finally:
        otp_generated.disconnect(note)
    assert senders == [OtpVerification]


@pytest.mark.parametrize(("step", "_"), STEPS)
def test_nothing_is_told_where_there_is_no_code(api, jane, hear, step, _):
    verified_only = jane(step)
    heard = [hear(signal) for signal in of(step)]
    if step == "generate":
        ask(api, "nobody@example.com")
        ask(api, PHONE)  # of a kind that does not log in
    else:
        assert verified_only is None
        ask(api, PHONE, step)
    assert heard == [[], []]


def test_a_taken_address_is_told_to_nobody(api, verified, hear):
    verified()
    heard = hear(pre_register_otp_generated)
    ask(api, step="pre-register")
    assert heard == []


@pytest.mark.parametrize(("step", "_"), STEPS)
def test_it_is_told_when_the_code_is_committed(api, jane, hear, step, _):
    jane(step)
    heard = hear(of(step)[0])
    ask(api.never_committing(), step=step)
    assert heard == []
    ask(api, step=step)
    assert [told["get_code"]() for told in heard] == [last_code(JANE)]


@pytest.mark.parametrize(("step", "proof"), STEPS)
def test_a_receiver_that_fails_fails_nobodys_login(api, jane, step, proof):
    jane(step)

    def fail(**arguments):
        raise RuntimeError("the notifier is down")

    signal = of(step)[0]
    signal.connect(fail)
    try:
        flow = ask(api, step=step)
    finally:
        signal.disconnect(fail)
    assert bring(api, last_code(JANE), flow, step=proof).status_code == 200


def test_a_number_is_told_by_its_own_channel(api, configure, hear):
    configure(REGISTRATION={"IDENTIFIER": "phone"}, PASSWORDLESS={"SEND": False})
    heard = hear(pre_register_otp_generated)
    flow = ask(api, PHONE, "pre-register")
    [told] = heard
    assert (told["channel"], str(told["identifier"]), told["get_identifier"]()) == ("sms", "+12*****0123", PHONE)
    assert messages_to(PHONE) == []
    assert bring(api, told["get_code"](), flow, identifier=PHONE, step="register").status_code == 200


@pytest.mark.parametrize("step", ["generate", "pre-register"])
def test_what_the_project_sends_leaves_a_suppressed_row(api, jane, configure, step):
    jane(step)
    configure(PASSWORDLESS={"SEND": False})
    ask(api, step=step)
    message = OutboxMessage.objects.latest("pk")
    assert message.state == "suppressed"
    assert message.sent_at is None
