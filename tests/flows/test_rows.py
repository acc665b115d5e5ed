"""People whom tests write as rows are those that the real road leaves, with the same tokens."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection, transaction

from customer_registration import ratelimits
from customer_registration.models import Customer, OtpVerification
from customer_registration.ratelimits.engine import build_storage
from customer_registration.signals import customer_registered
from customer_registration.users import DefaultUserAdapter
from tests import rows
from tests.conftest import last_code
from tests.flushing import KEPT

pytestmark = pytest.mark.life_cycle

EMAIL = "jane@example.com"
BOTH = {"REGISTRATION": {"IDENTIFIER": "both"}}
NAMES = {"first_name": "Jane", "last_name": "Doe", "company_name": "Acme"}
FULL = {"phone": "+12025550123", **NAMES, "metadata": {"shoe": {"eu": 38}}}


class OwnAdapter(DefaultUserAdapter):
    """Makes users in a way of its own."""

    def create(self, customer, *, password):
        """Save a user."""
        return super().create(customer, password=password)


@pytest.fixture
def nothing_random(monkeypatch, clock):
    """Stand still, and draw everything anew that is drawn, the same each time."""
    for model, name, value in (
        (Customer, "id", lambda: f"cus_{'0' * 26}"),
        (OtpVerification, "id", lambda: "0" * 26),
        (OtpVerification, "nonce", lambda: bytes(16)),
    ):
        monkeypatch.setattr(model._meta.get_field(name), "_get_default", value)
    monkeypatch.setattr(MD5PasswordHasher, "salt", lambda self: "salt" * 6)


def left_behind():
    """Return every row of every table, the limiter's counters, and who got mail with which code."""
    found = []
    with connection.cursor() as cursor:
        for table in sorted({*connection.introspection.table_names(cursor)} - KEPT):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                # Numbers of rows go on where a transaction is rolled back.
                values = {
                    name: "number" if name.endswith("id") and isinstance(value, int) else value
                    for name, value in zip(names, row, strict=True)
                }
                found.append((table, values))
    store = build_storage("memory://")
    counters = {key: store.get(key) for key in list(store.storage) if store.get(key)}
    return found, counters, [(message.to, last_code(message.to[0])) for message in mail.outbox]


@pytest.mark.parametrize(
    ("fixture", "profile", "options"),
    [
        ("register", {}, {}),
        ("sign_up", {}, {}),
        ("sign_up", FULL, BOTH),
        ("verified", {}, {}),
        ("verified", FULL, BOTH),
        ("verified", {}, {"LOGIN": {"SECOND_STEP": "otp"}}),
        ("verified", {}, {"REGISTRATION": {"REQUIRE_VERIFICATION": False}, "OTP": {"MAX_ATTEMPTS": 3}}),
        ("verified", {}, {"RATE_LIMITS": {"ENABLED": False}}),
    ],
)
def test_rows_are_what_the_road_leaves(request, api, monkeypatch, configure, nothing_random, fixture, profile, options):
    configure(**options)
    take, seen = request.getfixturevalue(fixture), []
    with monkeypatch.context() as patch:
        for by_rows in (True, False):
            patch.setattr(rows, "equal_the_road", lambda *_, by_rows=by_rows: by_rows)
            with transaction.atomic():
                answer = take(EMAIL, **profile)
                seen.append((answer, *left_behind()))
                transaction.set_rollback(True)
            ratelimits.reset()
            mail.outbox.clear()
    for by_rows, over_http in zip(*seen, strict=True):
        assert by_rows == over_http


@pytest.mark.parametrize(
    "options",
    [
        {"REGISTRATION": {"IDENTIFIER": "phone"}, "USER_ADAPTER": "tests.user_models.adapters.NamedByIdAdapter"},
        {"REGISTRATION": {"EXISTING_ACCOUNT": "conceal"}},
        {"EMAIL_VERIFICATION": {"AUTO_SEND_ON_REGISTRATION": True}},
        {"PHONE_VERIFICATION": {"AUTO_SEND_ON_REGISTRATION": True}},
        {"TEST_IDENTIFIERS": {EMAIL: {"code": "424242", "until": "2027-01-31"}}},
        {"PROVIDERS": {"customer": ["otp"]}},
        {"USER_ADAPTER": "tests.flows.test_rows.OwnAdapter"},
    ],
)
def test_a_setting_that_bears_on_the_road_has_it_taken(db, configure, options):
    assert rows.equal_the_road(EMAIL, {})
    configure(**options)
    assert not rows.equal_the_road(EMAIL, {})


def test_the_road_is_taken_where_somebody_watches_or_stands_in_it(api, sign_up, hear):
    for email, profile in (("Jane@example.com", {}), (EMAIL, {"metadata": {}}), (EMAIL, {"first_name": ""})):
        assert not rows.equal_the_road(email, profile)
    sign_up(EMAIL)
    assert not rows.equal_the_road(EMAIL, {})
    assert rows.equal_the_road("eve@example.com", {})
    hear(customer_registered)
    assert not rows.equal_the_road("eve@example.com", {})


def test_who_comes_from_elsewhere_takes_the_road(request, api):
    by_rows = request.getfixturevalue("by_rows")
    assert by_rows(EMAIL, {})
    api.client = api.another(REMOTE_ADDR="192.0.2.1").client
    assert not by_rows(EMAIL, {})
