"""What the user adapter leaves of a user: every kind of field, files, and the project's own user model."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage
from django.db import connection

from customer_registration.users import DefaultUserAdapter
from tests.deletion.due import customer_named
from tests.shop.models import CaselessUser, WideUser
from tests.shop.tables import installed

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]
shop = pytest.fixture(installed, scope="module", autouse=True)
FILES = ("avatar", "contract", "badge")


@pytest.fixture(autouse=True)
def storage(monkeypatch):
    """Keep files in memory."""
    kept = InMemoryStorage()
    for name in FILES:
        monkeypatch.setattr(WideUser._meta.get_field(name), "storage", kept)
    return kept


@pytest.fixture
def wide():
    """Save a wide user, every field of it filled."""

    def save(number, **fields):
        values = {
            "handle": f"jane{number}",
            "password": "a hash",
            "tenant": "acme",
            "nickname": f"jj{number}",
            "street": "Main Street",
            "city": f"Town {number}",
            "code": f"J{number:05}",
            "phone": f"+1202555{number:04}",
            "mobile": f"+1303555{number:04}",
            "biography": f"Jane was born {number} years ago.",
            "title": "Dr.",
            "preferences": {"colour": "red"},
            "tags": ["vip"],
            "answers": [1, {"secret": "cat"}],
            "fingerprint": b"\x00jane\xff",
            "last_ip": "192.0.2.7",
            "born": date(1990, 5, 17),
            "joined": date(2020, 1, 2),
        }
        return WideUser.objects.create(**values | fields)

    return save


def erase(*users):
    """Erase users by the adapter; return them as stored."""
    chosen = WideUser.objects.filter(pk__in=[user.pk for user in users])
    DefaultUserAdapter().erase(chosen)
    return list(chosen.order_by("pk"))


def test_every_field_that_may_be_null_is_null(wide):
    [user] = erase(wide(1))
    assert (user.mobile, user.answers, user.last_ip, user.born, user.contract.name) == (None, None, None, None, None)
    assert user.last_login is None


def test_text_json_binary_and_files_are_empty_where_they_cannot_be_null(wide):
    [user] = erase(wide(1, avatar="avatars/jane.png"))
    assert (user.biography, user.title, user.preferences, user.tags, user.avatar.name) == ("", "", {}, [], "")
    assert bytes(user.fingerprint) == b""
    assert not user.has_usable_password()


def test_an_ip_address_that_cannot_be_null_is_nobodys_and_one_that_must_be_unique_stays(wide, monkeypatch):
    field = WideUser._meta.get_field("last_ip")
    jane, joe = wide(1), wide(2, last_ip="192.0.2.8")
    monkeypatch.setattr(field, "null", False)
    monkeypatch.setitem(field.__dict__, "unique", True)
    assert [user.last_ip for user in erase(jane, joe)] == ["192.0.2.7", "192.0.2.8"]
    monkeypatch.setitem(field.__dict__, "unique", False)
    assert [user.last_ip for user in erase(jane, joe)] == ["0.0.0.0"] * 2


def test_unique_text_is_each_users_own_stand_in(wide):
    users = erase(*(wide(number) for number in range(3)))
    for user in users:
        assert user.handle == user.tenant == user.nickname == user.street == user.city == f"deleted-{user.pk}"
    assert len({user.handle for user in users}) == 3


def test_a_stand_in_is_cut_in_front_to_fit(wide):
    users = erase(*(wide(number) for number in range(3)))
    assert [user.code for user in users] == [f"deleted-{user.pk}"[-6:] for user in users]


def test_the_stand_in_for_a_number_is_no_number(wide, settings):
    settings.PHONENUMBER_DEFAULT_REGION = "IS"
    users = erase(wide(1), wide(2))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT phone FROM {WideUser._meta.db_table} ORDER BY id")
        stored = [phone for (phone,) in cursor.fetchall()]
    spelt = str.maketrans("0123456789", "ghijklmnop")
    assert stored == [f"deleted-{str(user.pk).translate(spelt)}" for user in users]


def test_keys_relations_and_other_values_that_cannot_be_null_stay(wide):
    manager = wide(1)
    [user] = erase(wide(2, manager=manager))
    assert (user.manager_id, user.joined) == (manager.pk, date(2020, 1, 2))
    manager.refresh_from_db()
    assert (manager.handle, manager.biography) == ("jane1", "Jane was born 1 years ago.")


def test_a_field_that_the_database_computes_follows(wide):
    jane = wide(1)
    jane.refresh_from_db()
    assert jane.shouted == "JANE WAS BORN 1 YEARS AGO."
    assert erase(jane)[0].shouted == ""


def test_erasing_again_changes_nothing(wide):
    [once] = erase(wide(1))
    [twice] = erase(once)
    kept = {field.attname for field in WideUser._meta.concrete_fields} - {"password"}
    assert {name: getattr(once, name) for name in kept} == {name: getattr(twice, name) for name in kept}


def test_no_value_of_theirs_is_left_in_the_table(wide):
    user = wide(1, avatar="avatars/jane.png", contract="contracts/jane.pdf")
    erase(user)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {WideUser._meta.db_table}")
        [row] = cursor.fetchall()
    left = repr([bytes(value) if isinstance(value, memoryview) else value for value in row]).lower()
    for trace in ("jane", "acme", "j00001", "2025550001", "3035550001", "main", "town", "red", "vip", "cat", "192.0"):
        assert trace not in left


def test_several_are_erased_in_as_many_statements_as_one(wide, counted):
    one, many = wide(1), [wide(number) for number in range(2, 6)]
    with counted() as few:
        DefaultUserAdapter().erase(WideUser.objects.filter(pk=one.pk))
    with counted() as more:
        DefaultUserAdapter().erase(WideUser.objects.filter(pk__in=[user.pk for user in many]))
    assert len(few.statements) == len(more.statements) == 2


def test_an_address_that_is_unique_whatever_its_case_is_a_stand_in():
    users = [CaselessUser.objects.create(email=f"jane{number}@example.com") for number in range(2)]
    DefaultUserAdapter().erase(CaselessUser.objects.all())
    for user in users:
        user.refresh_from_db()
        assert user.email == f"deleted-{user.pk}"


def save_files(storage, user):
    for name in ("avatar", "contract"):
        getattr(user, name).save(f"{name}-{user.pk}", ContentFile(b"a face"))
    return [getattr(user, name).name for name in ("avatar", "contract")]


@pytest.mark.parametrize("action", ["erase", "delete"])
def test_stored_files_are_deleted_after_the_commit(wide, storage, action, django_capture_on_commit_callbacks):
    user, other = wide(1), wide(2)
    names, others = save_files(storage, user), save_files(storage, other)
    with django_capture_on_commit_callbacks(execute=True):
        getattr(DefaultUserAdapter(), action)(WideUser.objects.filter(pk=user.pk))
        assert all(map(storage.exists, names))
    assert not any(map(storage.exists, names))
    assert all(map(storage.exists, others))


@pytest.mark.parametrize("action", ["erase", "delete"])
def test_a_file_that_everybody_has_by_default_stays(wide, storage, action, django_capture_on_commit_callbacks):
    storage.save("badges/everybody.png", ContentFile(b"a badge"))
    user = wide(1)
    with django_capture_on_commit_callbacks(execute=True):
        getattr(DefaultUserAdapter(), action)(WideUser.objects.filter(pk=user.pk))
    assert storage.exists("badges/everybody.png")


def test_a_storage_that_fails_harms_nobody(wide, storage, monkeypatch, django_capture_on_commit_callbacks):
    def refuse(name):
        raise OSError(name)

    first, second = wide(1), wide(2)
    save_files(storage, first)
    [name, _] = save_files(storage, second)
    monkeypatch.setattr(storage, "delete", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        users = erase(first, second)
    assert [user.avatar.name for user in users] == ["", ""]
    assert storage.exists(name)


def test_the_projects_own_user_model():
    user, stranger = customer_named("jane").user, customer_named("stranger").user
    model = get_user_model()
    type(user).objects.filter(pk=user.pk).update(is_active=True)
    DefaultUserAdapter().erase(model.objects.filter(pk=user.pk))
    user.refresh_from_db()
    spelt = str(user.pk).translate(str.maketrans("0123456789", "ghijklmnop"))
    name = f"deleted-{spelt if model.USERNAME_FIELD == 'phone' else user.pk}"
    assert (user.get_username(), user.is_active, user.has_usable_password()) == (name, False, False)
    assert "@" not in (user.email or "")
    stranger.refresh_from_db()
    assert stranger.is_active
    assert stranger.email == "stranger@example.com"


def test_names_of_auth_user_go_too():
    user = customer_named("jane").user
    fields = {"first_name", "last_name"} & {field.name for field in user._meta.concrete_fields}
    type(user).objects.filter(pk=user.pk).update(**dict.fromkeys(fields, "Jane"))
    DefaultUserAdapter().erase(type(user).objects.all())
    user.refresh_from_db()
    assert [getattr(user, name) for name in fields] == [""] * len(fields)


def test_files_go_to_the_storage_of_their_field():
    assert WideUser._meta.get_field("avatar").storage is not default_storage
