"""adopt_users beside a second operator, sign-ups and deletions, and killed: everybody once, nobody merged."""

import io
import re
import signal
import subprocess
import sys
import time

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from customer_registration.flows.adoption import survey, writing
from customer_registration.models import AccountEvent, Customer
from tests.commands.users import adopt, customer_of, log_in, user
from tests.flows.test_worker import ROOT
from tests.races.at_once import at_once, post

pytestmark = [pytest.mark.postgres, pytest.mark.life_cycle, pytest.mark.django_db(transaction=True)]

MANY = 400
REGISTER = "/auth/customer/emailpass/register"


@pytest.fixture(autouse=True)
def limits_out_of_the_way(unlimited):
    """Everybody signs up from one address."""


@pytest.fixture
def crowd():
    """Save users by the hundred; return their keys."""

    def make(count):
        model = get_user_model()
        model.objects.bulk_create(
            model(**{model.USERNAME_FIELD: f"+1202555{number:04}", "email": f"shopper{number}@example.com"})
            if model.USERNAME_FIELD != "email"
            else model(email=f"shopper{number}@example.com")
            for number in range(count)
        )
        return set(model.objects.values_list("pk", flat=True))

    return make


def everybody_once(keys):
    """Whether every user has a customer, each one is audited, and there is nobody else."""
    rows = Customer.objects.values_list("user_id", flat=True)
    events = AccountEvent.objects.filter(kind="customer_adopted").values_list("customer_ref", flat=True)
    assert sorted(events) == sorted(Customer.objects.values_list("pk", flat=True))
    return set(rows) == keys and len(rows) == len(keys)


def adopted(said):
    return int(re.search(r"^(\d+) adopted", said, re.MULTILINE)[1])


def run(size):
    """Return an act that adopts everybody."""

    def act():
        out = io.StringIO()
        call_command("adopt_users", "--batch-size", str(size), stdout=out, stderr=io.StringIO())
        return out.getvalue()

    return act


@pytest.mark.parametrize("sizes", [(7, 7), (5, 50), (100, 1)])
def test_two_operators_at_once_adopt_everybody_once(crowd, sizes):
    keys = crowd(60)
    said = at_once(*map(run, sizes))
    assert everybody_once(keys)
    assert sum(map(adopted, said)) == 60


def test_a_second_operator_between_the_look_and_the_write(crowd, between):
    keys = crowd(10)
    between(writing._Batch, "_insert", run(100))
    out, err = adopt()
    assert adopted(out) == 0
    assert "10 present" in out
    assert err.count("by now") == 10
    assert everybody_once(keys)


@pytest.mark.parametrize("place", [0, 4, 9])
def test_whoever_signs_up_between_the_look_and_the_write_is_the_winner(crowd, between, place):
    crowd(10)
    address = f"shopper{place}@example.com"
    if get_user_model().USERNAME_FIELD == "email":
        pytest.skip("this model has no two of one address; unset TEST_USER_MODEL")
    between(writing._Batch, "_insert", post(REGISTER, {"email": address, "password": "correct horse"}))
    out, err = adopt()
    assert "9 adopted, 1 left out" in out
    winner = Customer.objects.get(email=address)
    assert not winner.is_registered
    assert f"(s***@example.com): customer {winner.pk} signs up with this e-mail address" in err
    assert Customer.objects.count() == 10
    assert AccountEvent.objects.filter(kind="customer_adopted").count() == 9


def test_a_user_who_is_deleted_between_the_look_and_the_write_is_left_out(crowd, between):
    crowd(5)
    gone = get_user_model().objects.get(email="shopper2@example.com")
    between(writing._Batch, "_insert", lambda: get_user_model().objects.filter(pk=gone.pk).delete())
    out, err = adopt()
    assert "4 adopted, 1 left out" in out
    assert err == f"user {gone.pk} (s***@example.com): has been deleted meanwhile\n"
    assert everybody_once(set(get_user_model().objects.values_list("pk", flat=True)))


def test_an_address_that_changes_between_the_passes_is_taken_as_it_is_then(between):
    jane = user("jane@example.com")
    between(survey.Survey, "compare", lambda: get_user_model().objects.update(email="Other@example.com"))
    assert "1 adopted" in adopt()[0]
    assert customer_of(jane).email == "other@example.com"


def test_sign_ups_while_everybody_is_adopted(crowd):
    keys = crowd(60)
    people = [{"email": f"new{number}@example.com", "password": "correct horse"} for number in range(8)]
    newcomers = [post(REGISTER, person) for person in people]
    said, *answers = at_once(run(5), *newcomers)
    assert adopted(said) == 60
    assert {answer.status_code for answer in answers} == {200}
    assert Customer.objects.filter(user__in=keys).count() == 60
    assert Customer.objects.count() == 68


def test_it_is_killed_again_and_again_and_everybody_is_adopted_once(crowd, environment):
    keys = crowd(MANY)
    command = [sys.executable, "manage.py", "adopt_users", "--verified", "--batch-size", "4"]
    killed = []
    for few in (1, MANY // 4):
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while Customer.objects.count() < few and time.monotonic() < deadline:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        killed.append(process.wait() == -signal.SIGKILL)
        assert 0 < Customer.objects.count() < MANY
        assert Customer.objects.count() % 4 == 0
    assert all(killed)
    left = MANY - Customer.objects.count()
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert adopted(finished.stdout) == left
    assert everybody_once(keys)
    jane = get_user_model().objects.get(email="shopper7@example.com")
    jane.set_password("old password")
    jane.save()
    assert log_in("shopper7@example.com", "old password").status_code == 200
