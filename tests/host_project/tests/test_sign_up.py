"""The shop's own pages would do this by the storefront protocol."""

import pytest
from django.core import mail
from rest_framework.test import APIClient

from customer_registration.models import Customer
from shop.models import Voucher

EMAIL, NUMBER, PASSWORD = "jane@example.com", "+14155552671", "correct horse"


@pytest.fixture
def api(db):
    return APIClient()


def post(api, path, body=None, *, token=None, status=200):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = api.post(path, body or {}, format="json", headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content.startswith(b"{") else answer.content


def sign_up(api, email=EMAIL, phone=NUMBER):
    token = post(api, "/auth/customer/emailpass/register", {"email": email, "password": PASSWORD})["token"]
    profile = {"first_name": "Jane", "phone": phone}
    return post(api, "/store/customers", profile, token=token)["customer"]["id"]


def send(api, customer_id, kind="email"):
    body = {"customer_id": customer_id, "type": f"{kind}_verification"}
    return post(api, "/store/customers/otp/send", body)["token"]


def test_a_code_by_mail_proves_the_address(api, last_code, otp_outbox):
    flow = send(api, sign_up(api))
    login = post(api, "/store/customers/otp/verify", {"token": flow, "code": last_code(EMAIL)})
    assert login["email_verified"]
    [message] = otp_outbox
    assert (message.kind, message.channel, message.to) == ("email_verification", "email", EMAIL)
    assert message.code in message.text
    assert message.code in message.html
    assert message.subject == f"{message.code} is your verification code"
    assert message.customer == Customer.objects.get(email=EMAIL)


def test_a_code_by_text_message_is_found_wherever_the_shop_s_template_puts_it(api, last_code, otp_outbox):
    flow = send(api, sign_up(api), "phone")
    code = last_code("(415) 555-2671")
    assert otp_outbox[0].text == f"Shop: {code[:3]} {code[3:]} - Jane"
    assert post(api, "/store/customers/otp/verify", {"token": flow, "code": code})["phone_verified"]


def test_nothing_is_delivered_in_a_test_that_commits_nothing(api, otp_outbox):
    send(api, sign_up(api))
    assert not otp_outbox[0].delivered
    assert mail.outbox == []
    assert otp_outbox.deliver() == 1
    assert otp_outbox[0].delivered
    assert [message.to for message in mail.outbox] == [[EMAIL]]


def test_signals_and_messages_go_out_on_commit(api, otp_outbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        customer_id = sign_up(api)
        send(api, customer_id)
    assert Voucher.objects.get(customer=customer_id).percent == 10
    assert otp_outbox[0].delivered
    assert otp_outbox[0].text == mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_sees_both(last_code):
    api = APIClient()
    customer_id = sign_up(api)
    flow = send(api, customer_id)
    assert last_code(EMAIL) in mail.outbox[0].body
    assert post(api, "/store/customers/otp/verify", {"token": flow, "code": last_code()})["email_verified"]
    assert Voucher.objects.filter(customer=customer_id).exists()


def test_a_link_sets_a_new_password(api, customer_factory, otp_outbox, last_link):
    customer_factory(email=EMAIL)
    post(api, "/auth/customer/emailpass/reset-password", {"identifier": EMAIL}, status=201)
    token = otp_outbox.last_token(EMAIL)
    assert last_link(EMAIL) == f"https://shop.example.com/reset-password?token={token}"
    assert post(api, "/auth/customer/emailpass/update", {"password": "another horse"}, token=token)["success"]
    assert post(api, "/auth/customer/emailpass", {"email": EMAIL, "password": "another horse"})["token"]


def test_many_people_sign_up_from_one_address(api):
    for number in range(20):  # as many as the default limit lets in an hour
        sign_up(api, f"person{number}@example.com", f"+141555501{number:02}")


def test_every_test_begins_with_limits_of_its_own(api):
    test_many_people_sign_up_from_one_address(api)


def test_nobody_has_to_wait(api, no_rate_limits, last_code):
    customer_id = sign_up(api)
    for number in range(30):
        sign_up(api, f"person{number}@example.com", f"+141555501{number:02}")
    send(api, customer_id)
    flow = send(api, customer_id)
    assert post(api, "/store/customers/otp/verify", {"token": flow, "code": last_code(EMAIL)})["email_verified"]


def test_a_code_that_is_known_beforehand(api, freeze_codes):
    customer_id = sign_up(api)
    flow = send(api, customer_id)
    assert post(api, "/store/customers/otp/verify", {"token": flow, "code": "123456"})["email_verified"]
    number = freeze_codes("777777")
    flow = send(api, customer_id, "phone")
    post(api, "/store/customers/otp/verify", {"token": flow, "code": "123456"}, status=400)
    assert post(api, "/store/customers/otp/verify", {"token": flow, "code": number})["phone_verified"]
