"""The mixin of unittest's test cases. Most of it is used in `tests/host_project/shop/tests.py`; here are its edges."""

import subprocess
import sys
import unittest
from pathlib import Path

from django.test import SimpleTestCase, TestCase, TransactionTestCase

from customer_registration import codes, ratelimits
from customer_registration.conf import config
from customer_registration.messaging import delivery
from customer_registration.testing import CustomerRegistrationTestMixin

ROOT = Path(__file__).parents[2]
JANE = "jane@example.com"
GENERATE, RESET = "/auth/customer/otp/generate", "/auth/customer/emailpass/reset-password"


class Stories(CustomerRegistrationTestMixin):
    """What holds whether a test commits or not."""

    def test_messages_codes_and_links(self):
        customer = self.make_customer(email=JANE)
        self.client.post(GENERATE, {"identifier": JANE}, content_type="application/json")
        self.client.post(RESET, {"identifier": JANE}, content_type="application/json")
        assert [message.kind for message in self.otp_outbox] == ["code_login", "password_reset"]
        assert self.otp_outbox[0].customer == customer
        assert self.last_code(JANE) == self.otp_outbox[0].code
        assert self.last_link(JANE, kind="password_reset") == self.otp_outbox[1].link
        body = {"identifier": JANE, "otp": self.last_code()}
        answer = self.client.post("/auth/customer/otp", body, content_type="application/json")
        assert answer.status_code == 200, answer.content

    def test_clients(self):
        assert self.customer_client is self.customer_client
        assert self.customer_client.get("/store/customers/me").status_code == 200
        jane = self.make_customer(email=JANE)
        assert self.client_of(jane).get("/store/customers/me").json()["customer"]["email"] == JANE

    def test_an_authenticator_app(self):
        assert len(self.authenticator_code(self.make_customer(second_factor=True))) == 6

    def test_codes_and_limits_for_the_rest_of_the_test(self):
        assert self.enterContext(self.frozen_codes("777777")) == "777777"
        self.enterContext(self.no_rate_limits())
        assert codes.derive_code(None, secret="", length=6, charset="numeric") == "777777"
        assert not config().rate_limits.enabled


class TestWithinATransaction(Stories, TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.joe = cls.make_customer(email="joe@example.com")

    def test_what_was_made_for_all_tests_is_there(self):
        assert self.client_of(self.joe).get("/store/customers/me").status_code == 200

    def test_nothing_is_left_of_the_other_tests(self):
        assert len(self.otp_outbox) == 0
        assert config().rate_limits.enabled
        assert codes.derive_code.__module__ == "customer_registration.codes.derivation"


class TestCommitting(Stories, TransactionTestCase):
    pass


class TestWithoutADatabase(CustomerRegistrationTestMixin, SimpleTestCase):
    def test_it_asks_for_none(self):
        with self.frozen_codes() as code, self.no_rate_limits():
            assert codes.derive_code(None, secret="", length=6, charset="numeric") == code


def run(case):
    """Run a test case as unittest does, and return the result."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    assert result.testsRun == 1
    assert result.errors == result.failures == []


def test_a_set_up_that_calls_no_other_is_forgiven(db):
    class Careless(CustomerRegistrationTestMixin, unittest.TestCase):
        def setUp(self):
            pass

        def test_it(self):
            self.make_customer(email=JANE)
            assert len(self.otp_outbox) == 0

    before = delivery.render
    run(Careless)
    assert delivery.render is before


def test_counters_are_forgotten_and_the_outbox_is_left_alone_afterwards(db):
    class Counting(CustomerRegistrationTestMixin, unittest.TestCase):
        def test_it(self):
            assert delivery.render is not before
            for _ in range(20):
                ratelimits.hit("register", ip="192.0.2.1")

    before = delivery.render
    for _ in range(2):
        run(Counting)
    assert delivery.render is before


def test_pytest_is_not_needed():
    program = """
import os, sys, unittest
sys.modules["pytest"] = None
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from django.test.utils import setup_test_environment
setup_test_environment()
from customer_registration import testing
print(all(getattr(testing, name) for name in testing.__all__))
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout == "True\n", run.stderr
