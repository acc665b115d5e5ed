"""Rows C6 and C9 of ``security.md``: a guess is spent before it is compared, everywhere, and nothing forgets it."""

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import include, path
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback

from customer_registration.models import OtpVerification, SendSlot
from customer_registration.models.otp_verification import OtpVerificationQuerySet
from tests.conftest import wrong
from tests.security import roads
from tests.security.places import use
from tests.security.test_code_attacks import CODES, guess

TEXTS = roads.sources()
# Makes the hash that is stored of a recovery code; no typed one is looked for with it.
MAKER = "flows/second_factor/recovery_codes.py"
OF_ROWS, OF_FACTORS = {"matches_code", "code_matches", "fixed_code_matches"}, {"step_of", "hashes_of"}


@pytest.mark.parametrize(
    ("compared", "spender"),
    [
        (OF_ROWS, "spend_attempt"),  # the row's five
        (OF_ROWS, "spend"),  # the person's ten a day
        (OF_FACTORS, "spend"),  # authenticator apps and recovery codes have no row
    ],
)
def test_c9_every_road_that_compares_a_code_has_spent_a_guess_before(compared, spender):
    roads_without = roads.unpaid(compared, spender, TEXTS)
    assert roads_without <= {(MAKER.replace("recovery_codes", "recovery"), "make"), (MAKER, "hash_of")}


CARELESS = {
    "without": "return row.matches_code(typed)",
    "afterwards": "found = row.matches_code(typed); rows.spend_attempt(row.pk); return found",
    "one step down": "return _right(row, typed)\n\ndef _right(row, typed): return row.matches_code(typed)",
    "by the second factor's": "return proofs.of_app(row, typed, now=now)",
    "by itself": "return codes.code_matches(row, typed, secrets=(), length=6, charset='')",
}


@pytest.mark.parametrize("way", CARELESS)
def test_c9_a_road_that_does_not_is_found(way):
    texts = TEXTS | {"flows/careless.py": f"def confirm(row, typed): {CARELESS[way]}"}
    compared, spender = (OF_FACTORS, "spend") if "factor" in way else (OF_ROWS, "spend_attempt")
    assert ("flows/careless.py", "confirm") in roads.unpaid(compared, spender, texts)


def test_c9_a_code_is_compared_in_one_place_and_spent_by_one_method():
    assert roads.callers_of("constant_time_compare", TEXTS) == {
        ("codes/derivation.py", "code_matches"),
        ("codes/derivation.py", "fixed_code_matches"),  # of TEST_IDENTIFIERS
        ("codes/derivation.py", "link_value_matches"),  # 256 bits: nobody guesses
        ("flows/second_factor/authenticator.py", "step_of"),
        ("tokens/epoch.py", "epoch_matches"),
        ("tokens/epoch.py", "password_state_matches"),
        ("api/base.py", "_check_publishable_key"),
        ("monitoring/private.py", "dispatch"),  # a token of the shop's machines
    }
    assert roads.callers_of("derive_code", TEXTS) == {
        ("codes/derivation.py", "code_matches"),
        ("models/otp_verification.py", "code"),
    }
    # Derived to be sent, or to be handed to a project that sends itself; nobody compares with ``==``.
    assert roads.callers_of("code", TEXTS) == {
        ("messaging/content.py", "secrets_of"),
        ("one_time_passwords.py", "generate"),
    }
    assert roads.callers_of("fixed_code_matches", TEXTS) == {("models/otp_verification.py", "_matches_fixed_code")}
    spenders = [each for each in roads.functions_of(TEXTS) if each.name == "spend_attempt"]
    assert [each.file for each in spenders] == ["models/otp_verification.py"]


# Row C6. The whole suite runs with ATOMIC_REQUESTS too, see .ci/run; here a project adds a handler of its own.


def hosts_own(exc, context):
    """Answer as projects do, and roll back as DRF's own handler does."""
    set_rollback()
    return Response({"oops": str(exc)}, status=418)


class HostView(APIView):
    """A view of the project's: what it has written when it raises is rolled back."""

    authentication_classes = ()

    def post(self, request):
        SendSlot.objects.create(key="the host's")
        raise ValidationError("no")


urlpatterns = [path("host", HostView.as_view()), path("", include("example_project.urls"))]


@pytest.fixture
def atomic_host(settings, monkeypatch):
    """A project with ATOMIC_REQUESTS and an exception handler of its own."""
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)
    settings.REST_FRAMEWORK = {"EXCEPTION_HANDLER": f"{__name__}.hosts_own"}
    settings.ROOT_URLCONF = __name__


def test_c6_such_a_project_forgets_what_its_own_views_have_written(db, atomic_host):
    """Or the tests below would show nothing."""
    assert Client().post("/host").status_code == 418
    assert not SendSlot.objects.filter(key="the host's").exists()


@pytest.mark.parametrize("kind", CODES)
def test_c6_a_guess_is_spent_in_no_transaction_of_the_projects(wallet, atomic_host, monkeypatch, kind):
    """In autocommit, so that nothing that fails later in the request, or in the project's middleware, takes it back."""
    secret, depths, spend = wallet.make(kind), [], OtpVerificationQuerySet.spend_attempt

    def spy(self, *args, **options):
        depths.append(len(connection.savepoint_ids))
        return spend(self, *args, **options)

    monkeypatch.setattr(OtpVerificationQuerySet, "spend_attempt", spy)
    assert guess(secret, wallet, wrong(secret.code)).status_code == 400
    assert depths == [len(connection.savepoint_ids)]  # that of the test itself


@pytest.mark.parametrize("kind", CODES)
def test_c6_wrong_codes_stay_counted_whatever_the_project_does(wallet, atomic_host, kind):
    secret = wallet.make(kind)
    answers = [guess(secret, wallet, wrong(secret.code)) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {400}
    assert OtpVerification.objects.get(pk=secret.row.pk).attempts == 3
    for _ in range(2):
        guess(secret, wallet, wrong(secret.code))
    assert use(secret, wallet).status_code == 400
    row = OtpVerification.objects.get(pk=secret.row.pk)
    assert (row.attempts, row.consumed_at) == (5, None)


def test_c6_so_do_wrong_codes_of_a_second_factor(wallet, atomic_host):
    challenge = wallet.make("challenge")
    path = f"/auth/mfa/challenges/{challenge.path['challenge_id']}/verify"
    for left in (4, 3, 2, 1, 0):
        answer = wallet.api.post(path, {"method": "totp", "code": "000000"}, token=challenge.value)
        assert (answer.status_code, answer.json()["attempts_remaining"]) == (400, left)
    assert OtpVerification.objects.get(pk=challenge.row.pk).attempts == 5
