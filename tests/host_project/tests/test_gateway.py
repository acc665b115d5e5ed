"""The shop's own backend, to which the app hands its text messages."""

import json

import pytest
from rest_framework.test import APIClient

from shop import gateway

NUMBER = "+14155552671"


@pytest.fixture
def posted(monkeypatch):
    bodies = []
    monkeypatch.setattr(gateway, "post", lambda request: bodies.append(json.loads(request.data)))
    return bodies


@pytest.fixture
def text_me(customer_factory):
    def run():
        customer = customer_factory(phone=NUMBER, verified=False)
        body = {"customer_id": customer.pk, "type": "phone_verification"}
        return APIClient().post("/store/customers/otp/send", body, format="json")

    return run


def test_the_gateway_is_given_the_code(posted, text_me, otp_outbox, last_code):
    assert text_me().status_code == 200
    assert otp_outbox.deliver() == 1
    assert posted == [{"to": NUMBER, "text": otp_outbox[-1].text}]
    assert last_code(NUMBER)[:3] in posted[0]["text"]


def test_a_gateway_that_is_down_keeps_no_code_from_a_test(text_me, otp_outbox, last_code, monkeypatch):
    def refuse(request):
        raise ConnectionRefusedError

    monkeypatch.setattr(gateway, "post", refuse)
    assert text_me().status_code == 200
    assert otp_outbox.deliver() == 0
    [message] = otp_outbox
    assert not message.delivered
    assert "ConnectionRefusedError" in message.error
    assert last_code(NUMBER).isdigit()


def test_nobody_texts_from_a_test(posted, text_me, last_code):
    assert text_me().status_code == 200
    assert last_code(NUMBER)
    assert posted == []
