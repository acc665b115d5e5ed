"""Users whose hashes no hasher of the project reads could not log in, once adopted, and both commands say so."""

import json

import pytest
from django.contrib.auth import get_user_model

from tests.commands.users import adopt, check, log_in, user

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]

PBKDF2 = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
OURS = "customer_registration.hashers.OWASPArgon2PasswordHasher"
HINT = (
    f"1 cannot log in with their passwords, made by pbkdf2_sha256: add {PBKDF2} to PASSWORD_HASHERS, after the first."
)


@pytest.fixture
def jane(settings):
    settings.PASSWORD_HASHERS = [PBKDF2]
    jane = user("jane@example.com")
    settings.PASSWORD_HASHERS = [OURS]
    return jane


def keep(person, encoded):
    get_user_model().objects.filter(pk=person.pk).update(password=encoded)


@pytest.mark.usefixtures("jane")
def test_the_look_before_says_which_hasher_is_missing():
    said, status = check()
    assert status == 1
    assert HINT in said.splitlines()
    assert json.loads(check("--format", "json")[0])["summary"]["passwords_unread"] == {"pbkdf2_sha256": 1}


@pytest.mark.usefixtures("jane")
def test_adopting_says_so_and_the_hint_lets_them_in(settings):
    assert HINT in adopt("--dry-run")[1].splitlines()
    out, err = adopt("--verified")
    assert "1 adopted" in out
    assert err.splitlines() == [HINT]
    assert log_in("jane@example.com").status_code == 401
    settings.PASSWORD_HASHERS = [OURS, PBKDF2]
    assert log_in("jane@example.com").status_code == 200


def test_a_hasher_that_is_there_is_not_asked_for(jane, settings):
    settings.PASSWORD_HASHERS = [OURS, PBKDF2]
    assert check()[1] == 0
    assert adopt()[1] == ""
    assert jane.password.startswith("pbkdf2_sha256$")


@pytest.mark.parametrize("encoded", ["!unusable", ""])
def test_whoever_has_no_password_misses_no_hasher(jane, encoded):
    keep(jane, encoded)
    assert check()[1] == 0


def test_nothing_of_a_password_that_was_stored_in_plain_text_is_shown(jane):
    keep(jane, "hunter$2")
    said = "".join((check()[0], check("--format", "json")[0], *adopt()))
    assert "made by an algorithm that is not Django's: add the hasher that made them to PASSWORD_HASHERS" in said
    assert "hunter" not in said


def test_staff_and_whoever_is_left_out_anyway_are_not_counted(jane):
    get_user_model().objects.filter(pk=jane.pk).update(is_active=False)
    assert check()[1] == 0
