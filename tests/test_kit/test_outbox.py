"""What a host project's tests see of the messages, with the account routes of this project."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from customer_registration.enums import ErasureStrategy
from customer_registration.messaging import delivery
from customer_registration.models import OutboxMessage
from customer_registration.receivers import publisher
from customer_registration.testing import Outbox, watch_outbox
from tests.deletion.due import due, purge

JANE, NUMBER = "jane@example.com", "+12025550123"
GENERATE, PRE_REGISTER = "/auth/customer/otp/generate", "/auth/customer/otp/pre-register"
RESET = "/auth/customer/emailpass/reset-password"


@pytest.fixture
def quiet(api):
    """The API in a test that commits nothing, as a host project's are."""
    return api.never_committing()


def test_a_message_is_there_before_it_is_delivered(quiet, customer_factory, otp_outbox, last_code):
    customer_factory(email=JANE, verified=False, first_name="Jane", language="de")
    assert len(otp_outbox) == 0
    quiet.post(GENERATE, {"identifier": JANE})
    [message] = otp_outbox
    assert (message.kind, message.channel, message.to, message.language) == ("code_login", "email", JANE, "de")
    assert message.customer.email == JANE
    assert not message.delivered
    assert message.code == last_code(JANE)
    assert message.code in message.text
    assert message.code in message.html
    assert message.code in message.subject
    assert "Hallo Jane" in message.text
    assert (message.link, message.token) == (None, None)
    assert mail.outbox == []


def test_what_was_delivered_reads_as_it_was_sent(api, configure, customer_factory, otp_outbox):
    customer = customer_factory(email=JANE, first_name="Jane")
    api.post(GENERATE, {"identifier": JANE})
    type(customer).objects.update(first_name="Mary")
    configure(OTP={"CODE_IN_SUBJECT": False})
    [message] = otp_outbox
    assert message.subject == mail.outbox[0].subject
    assert message.code in message.subject
    assert message.delivered
    assert message.text == mail.outbox[0].body
    assert "Jane" in message.text


def test_somebody_without_an_account_is_sent_a_code_too(api, otp_outbox, last_code):
    api.post(PRE_REGISTER, {"identifier": JANE})
    assert OutboxMessage.objects.get().destination == ""  # nothing stays of them
    [message] = otp_outbox
    assert (message.to, message.customer) == (JANE, None)
    assert message.text == mail.outbox[0].body
    assert last_code(JANE) in message.text


def test_another_process_may_have_delivered_it(api, customer_factory, otp_outbox, last_code):
    """There is no note of what it handed over."""
    api.post(PRE_REGISTER, {"identifier": JANE})
    other = Outbox()
    assert other[0].to == JANE
    assert other[0].text == mail.outbox[0].body
    assert other.last_code(JANE) == last_code(JANE)


@pytest.mark.parametrize("strategy", ErasureStrategy)
def test_of_the_erased_it_is_known_what_they_were_sent(db, strategy, otp_outbox):
    due("jane")
    purge(f"--strategy={strategy}")
    otp_outbox.deliver()
    assert not OutboxMessage.objects.exclude(destination="").exists()
    [message] = otp_outbox
    assert (message.kind, message.to, message.delivered) == ("account_erased", JANE, True)
    assert message.text == mail.outbox[0].body


def test_a_row_that_is_gone_was_sent_all_the_same(api, customer_factory, otp_outbox):
    customer = customer_factory(email=JANE)
    api.post(GENERATE, {"identifier": JANE})
    customer.user.delete()
    assert not OutboxMessage.objects.exists()
    [message] = otp_outbox
    assert (message.to, message.delivered, message.text) == (JANE, True, mail.outbox[0].body)


def test_links(quiet, customer_factory, otp_outbox, last_link):
    customer_factory(email=JANE)
    quiet.post(RESET, {"identifier": JANE})
    message = otp_outbox.last(JANE)
    assert message.code is None
    assert last_link(JANE) == message.link == f"https://shop.example.com/reset-password?token={message.token}"
    assert message.link in message.text
    assert otp_outbox.last_token(JANE) == message.token
    answer = quiet.post("/auth/customer/emailpass/update", {"password": "another horse"}, token=message.token)
    assert answer.json() == {"success": True}


@pytest.mark.parametrize("delivered", [False, True])
def test_a_link_that_was_read_stays_as_it_was(quiet, customer_factory, otp_outbox, delivered):
    """It is bound to the password that it is to replace: read anew, it would open what the mailed one does not."""
    customer = customer_factory(email=JANE)
    quiet.post(RESET, {"identifier": JANE})
    if delivered:
        otp_outbox.deliver()
    else:
        otp_outbox.last(JANE)
    customer.user.set_password("another horse")
    customer.user.save()
    answer = quiet.post("/auth/customer/emailpass/update", {"password": "third horse"}, token=otp_outbox.last_token())
    assert answer.status_code == 401
    assert otp_outbox[0].token in otp_outbox[0].text


def test_the_link_is_empty_without_a_storefront(quiet, configure, customer_factory, otp_outbox, last_link):
    configure(STOREFRONT_URL=None)
    customer_factory(email=JANE)
    quiet.post(RESET, {"identifier": JANE})
    assert last_link(JANE) == ""
    assert otp_outbox.last_token(JANE) in otp_outbox[0].text


def test_contacts_are_found_in_any_spelling(quiet, configure, settings, customer_factory, otp_outbox, last_code):
    configure(REGISTRATION={"IDENTIFIER": "both"})
    settings.PHONENUMBER_DEFAULT_REGION = "US"
    customer_factory(email=JANE, phone=NUMBER)
    quiet.post(GENERATE, {"identifier": NUMBER})
    quiet.post(GENERATE, {"identifier": JANE})
    assert last_code("(202) 555-0123") == otp_outbox[0].code == otp_outbox.last_code(NUMBER)
    assert last_code(" Jane@Example.COM ") == otp_outbox[1].code
    assert [message.to for message in otp_outbox.to("(202) 555-0123")] == [NUMBER]
    assert last_code() == otp_outbox[1].code
    assert otp_outbox.last().to == JANE


def test_the_newest_of_a_kind(quiet, customer_factory, otp_outbox, last_code, last_link, no_rate_limits):
    customer_factory(email=JANE)
    quiet.post(GENERATE, {"identifier": JANE})
    quiet.post(GENERATE, {"identifier": JANE})
    quiet.post(RESET, {"identifier": JANE})
    assert [message.kind for message in otp_outbox] == ["code_login", "code_login", "password_reset"]
    assert last_code(JANE) == last_code(JANE, kind="code_login") == otp_outbox[1].code
    assert otp_outbox[0].code != otp_outbox[1].code
    assert [message.kind for message in otp_outbox[1:]] == ["code_login", "password_reset"]
    assert last_link(JANE, kind="password_reset")
    with pytest.raises(AssertionError, match="No email_change code was sent to jane@"):
        last_code(JANE, kind="email_change")


def test_the_failure_says_what_there_is(quiet, customer_factory, otp_outbox, last_code):
    customer_factory(email=JANE)
    quiet.post(GENERATE, {"identifier": JANE})
    with pytest.raises(AssertionError) as failure:
        last_code("joe@example.com")
    assert str(failure.value) == (
        "No code was sent to joe@example.com. Sent: [<SentMessage: code_login to jane@example.com, not delivered yet>]."
        " Not sent: []."
    )
    assert last_code() not in str(failure.value)


def test_nobody_is_sent_what_was_asked_for_a_stranger(quiet, last_code, otp_outbox):
    quiet.post(GENERATE, {"identifier": JANE})
    assert list(otp_outbox) == []
    for nobody in (JANE, None):
        with pytest.raises(AssertionError, match=r"Not sent: \[code_login: there is no such person"):
            last_code(nobody)


def test_a_message_that_the_guard_holds_back_was_not_sent(api, configure, customer_factory, last_code, otp_outbox):
    configure(REGISTRATION={"IDENTIFIER": "both"}, SMS_GUARD={"HOURLY_BUDGET": 1})
    for number in ("+12025550124", NUMBER):
        customer_factory(phone=number)
        assert api.post(GENERATE, {"identifier": number}).status_code == 200
    assert [message.to for message in otp_outbox] == ["+12025550124"]
    with pytest.raises(AssertionError, match=r"Not sent: \[code_login: Held back: .*budget"):
        last_code(NUMBER)


def test_a_fixed_code_is_sent_to_nobody(quiet, configure, customer_factory, last_code):
    until = (timezone.now() + timedelta(days=3)).date().isoformat()
    configure(TEST_IDENTIFIERS={JANE: {"code": "424242", "until": until}})
    customer_factory(email=JANE)
    quiet.post(GENERATE, {"identifier": JANE})
    with pytest.raises(AssertionError, match="its code is that of TEST_IDENTIFIERS"):
        last_code(JANE)


def test_a_code_that_the_project_sends_itself(quiet, configure, customer_factory, last_code, otp_outbox):
    configure(PASSWORDLESS={"SEND": False})
    customer_factory(email=JANE)
    quiet.post(GENERATE, {"identifier": JANE})
    assert list(otp_outbox) == []
    answer = quiet.post("/auth/customer/otp", {"identifier": JANE, "otp": last_code(JANE)})
    assert answer.status_code == 200, answer.content


def test_a_provider_that_fails_keeps_no_code_from_a_test(api, configure, customer_factory, last_code, otp_outbox):
    configure(CHANNELS={"email": ["django:no-such-mailer"]})
    customer_factory(email=JANE)
    api.post(GENERATE, {"identifier": JANE})
    [message] = otp_outbox
    assert not message.delivered
    assert message.error
    assert message.code == last_code(JANE)


def test_delivering_hands_over_what_waits(quiet, customer_factory, otp_outbox):
    customer_factory(email=JANE)
    quiet.post(GENERATE, {"identifier": JANE})
    assert otp_outbox.deliver() == 1
    assert otp_outbox.deliver() == 0
    assert [message.to for message in mail.outbox] == [[JANE]]
    assert otp_outbox[0].delivered


def test_what_was_there_before_is_not_of_this_test(quiet, customer_factory, no_rate_limits):
    customer_factory(email=JANE)
    quiet.post(GENERATE, {"identifier": JANE})
    with watch_outbox() as later, watch_outbox(since=0) as everything:
        assert (len(later), len(everything)) == (0, 1)
        quiet.post(GENERATE, {"identifier": JANE})
        assert (len(later), len(everything)) == (1, 2)
        later.clear()
        assert (len(later), len(everything)) == (0, 2)


def test_watching_ends(db):
    before = delivery.render
    with watch_outbox(), watch_outbox():
        assert delivery.render is not before
    assert delivery.render is before


def test_reading_costs_one_statement(quiet, customer_factory, otp_outbox, django_assert_num_queries):
    customer_factory(email=JANE)
    quiet.post(GENERATE, {"identifier": JANE})
    with django_assert_num_queries(1):
        otp_outbox.last_code(JANE)
    with django_assert_num_queries(1):
        assert otp_outbox.last(JANE).text


@pytest.fixture
def celery_conf(monkeypatch):
    from customer_registration.tasks import deliver_message

    conf = deliver_message.app.conf
    monkeypatch.setitem(conf, "broker_url", "redis://127.0.0.1:1/0")  # where nobody listens
    return conf


def test_an_eager_celery_delivers_on_commit(api, celery_conf, monkeypatch, customer_factory, otp_outbox):
    monkeypatch.setitem(celery_conf, "task_always_eager", True)
    customer_factory(email=JANE)
    api.post(GENERATE, {"identifier": JANE})
    assert otp_outbox[0].delivered


def test_a_broker_that_nobody_listens_to_keeps_no_code_from_a_test(
    api, celery_conf, monkeypatch, customer_factory, otp_outbox, last_code
):
    published = []
    monkeypatch.setattr(publisher, "publish", lambda task, message_id: published.append(message_id))
    customer_factory(email=JANE)
    api.post(GENERATE, {"identifier": JANE})
    assert len(published) == 1
    assert not otp_outbox[0].delivered
    assert api.post("/auth/customer/otp", {"identifier": JANE, "otp": last_code(JANE)}).status_code == 200
