"""The shop's tests that want no pytest."""

import json
from urllib.request import Request, urlopen

from django.core import mail
from django.test import LiveServerTestCase, TestCase, TransactionTestCase

from customer_registration.testing import CustomerRegistrationTestMixin
from shop.models import Order, Voucher

EMAIL, PASSWORD = "jane@example.com", "correct horse"


class Story(CustomerRegistrationTestMixin):
    """What these tests have in common."""

    def send(self, path, body, token=None):
        """Post a body and return the answer's."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = self.client.post(path, body, content_type="application/json", headers=headers)
        self.assertEqual(answer.status_code, 200, answer.content)
        return answer.json()

    def sign_up(self, email=EMAIL, phone="+14155552671"):
        """Sign up, and ask for a code; return the flow's token."""
        token = self.send("/auth/customer/emailpass/register", {"email": email, "password": PASSWORD})["token"]
        customer = self.send("/store/customers", {"phone": phone}, token)["customer"]
        return self.send("/store/customers/otp/send", {"customer_id": customer["id"], "type": "email_verification"})[
            "token"
        ]

    def verify(self, flow, code):
        """Bring a code back."""
        return self.send("/store/customers/otp/verify", {"token": flow, "code": code})


class OrderTests(Story, TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.joe = cls.make_customer(email="joe@example.com", first_name="Joe")
        Order.objects.create(customer=cls.joe, item="coffee")

    def test_a_customer_orders(self):
        self.customer_client.post("/orders", {"item": "tea"}, format="json")
        self.assertEqual(self.customer_client.get("/orders").json(), {"orders": ["tea"]})
        self.assertEqual(self.customer_client.customer.orders.get().item, "tea")

    def test_another_customer(self):
        self.assertEqual(self.client_of(self.joe).get("/orders").json(), {"orders": ["coffee"]})

    def test_somebody_signs_up(self):
        flow = self.sign_up()
        self.assertEqual(mail.outbox, [])
        self.assertTrue(self.verify(flow, self.last_code(EMAIL))["email_verified"])

    def test_somebody_resets_their_password(self):
        body = {"identifier": self.joe.email}
        self.client.post("/auth/customer/emailpass/reset-password", body, content_type="application/json")
        self.assertIn(self.otp_outbox.last_token(self.joe.email), self.last_link(self.joe.email))

    def test_a_code_that_is_known_beforehand(self):
        with self.frozen_codes("777777") as code:
            self.assertTrue(self.verify(self.sign_up(), code)["email_verified"])

    def test_every_test_counts_from_none(self):
        for number in range(20):
            self.sign_up(f"person{number}@example.com", f"+141555501{number:02}")

    def test_so_does_the_next_one(self):
        self.test_every_test_counts_from_none()

    def test_nobody_has_to_wait(self):
        self.enterContext(self.no_rate_limits())
        for number in range(30):
            self.sign_up(f"person{number}@example.com", f"+141555501{number:02}")


class CommittingTests(Story, TransactionTestCase):
    def test_messages_and_signals_go_out(self):
        flow = self.sign_up()
        self.assertIn(self.last_code(EMAIL), mail.outbox[0].body)
        self.assertTrue(self.otp_outbox[0].delivered)
        self.verify(flow, self.last_code())
        self.assertEqual(Voucher.objects.count(), 1)


class BrowserTests(Story, LiveServerTestCase):
    def test_a_server_that_runs(self):
        self.enterContext(self.frozen_codes())
        body = json.dumps({"token": self.sign_up(), "code": "123456"}).encode()
        url, headers = f"{self.live_server_url}/store/customers/otp/verify", {"content-type": "application/json"}
        request = Request(url, data=body, headers=headers)
        with urlopen(request) as answer:
            self.assertTrue(json.load(answer)["email_verified"])
