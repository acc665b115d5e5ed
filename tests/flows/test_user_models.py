"""Each user model with Django's own roads: createsuperuser, the admin, a user table that was there before."""

import re
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from customer_registration.enums import IdentifierKind
from customer_registration.models import Customer
from customer_registration.models.ids import new_customer_id
from customer_registration.users import _SPELT_DIGITS, DefaultUserAdapter
from tests.conftest import PASSWORD, new_user

DOCS = Path(__file__).parents[2] / "docs" / "how-to" / "custom-user-model.md"
MODEL = get_user_model()
KINDS = {"username": None, "email": IdentifierKind.EMAIL, "phone": IdentifierKind.PHONE}
NAMES = {"username": "boss", "email": "boss@example.com", "phone": "+14155552671"}
NAME = NAMES[MODEL.USERNAME_FIELD]


@pytest.fixture
def superuser(db, monkeypatch):
    """Make a superuser by Django's command."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    fields = {MODEL.USERNAME_FIELD: NAME, "email": "boss@example.com"}
    call_command("createsuperuser", interactive=False, verbosity=0, **fields)
    return MODEL.objects.get()


def test_createsuperuser_and_the_admins_login(superuser):
    assert superuser.is_superuser
    assert not Customer.objects.exists()
    client = Client()
    answer = client.post("/django-admin/login/?next=/django-admin/", {"username": NAME, "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get("/django-admin/").status_code == 200
    assert Client().login(username=NAME, password="wrong password") is False


def test_create_superuser_of_the_manager(db):
    user = MODEL.objects.create_superuser(**{MODEL.USERNAME_FIELD: NAME, "email": "boss@example.com"}, password="x")
    assert user.is_superuser
    assert user.check_password("x")


def test_staff_log_in_by_the_models_address(api, superuser):
    answer = api.post("/auth/user/emailpass", {"email": "boss@example.com", "password": PASSWORD})
    assert answer.status_code == 200
    assert api.post("/auth/token/refresh", token=answer.json()["token"]).status_code == 200


def test_where_the_model_has_no_address_staff_do_not_log_in(api, superuser, monkeypatch):
    monkeypatch.setattr(DefaultUserAdapter, "field_for", lambda self, kind: None)
    answer = api.post("/auth/user/emailpass", {"email": "boss@example.com", "password": PASSWORD})
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid email or password")


def test_a_superuser_may_buy_under_their_address_unless_it_is_their_username(api, superuser):
    answer = api.post("/auth/customer/emailpass/register", {"email": "boss@example.com", "password": "x" * 12 + "!"})
    assert answer.status_code == (401 if MODEL.USERNAME_FIELD == "email" else 200)
    superuser.refresh_from_db()
    assert superuser.check_password(PASSWORD)


def test_the_adapter_knows_the_username():
    assert DefaultUserAdapter().username_kind() == KINDS[MODEL.USERNAME_FIELD]


@pytest.mark.parametrize("field", ["email", "phone"])
def test_a_contact_that_may_be_null_is_null_until_it_is_known(monkeypatch, field):
    other = "phone" if field == "email" else "email"
    value = {"email": "jane@example.com", "phone": "+14155552671"}[other]
    customer = Customer(**{other: value})
    if field in {each.name for each in MODEL._meta.concrete_fields}:
        monkeypatch.setattr(MODEL._meta.get_field(field), "null", True)
        assert getattr(DefaultUserAdapter().build(customer), field) is None
    assert getattr(DefaultUserAdapter().build(customer), other, value) == value


def test_what_closes_a_user_fits_the_field(db, monkeypatch):
    contacts = [field for _, field in DefaultUserAdapter()._contact_fields()]
    users = [new_user(f"user{number}", f"user{number}@example.com") for number in range(2)]
    for field in contacts:
        monkeypatch.setattr(field, "max_length", 8)
    for user in users:
        monkeypatch.setattr(user, "save", lambda **options: None)
        user.pk = f"3f9d7a52-0c1e-4d3b-9a55-00000000000{users.index(user)}"
        DefaultUserAdapter().close(user)
        assert all(len(getattr(user, field.name) or "") <= 8 for field in contacts)
        assert not user.has_usable_password()
    assert MODEL.USERNAME_FIELD == "username" or users[0].get_username() != users[1].get_username()


def test_what_stands_in_for_a_number_is_none_in_any_region(settings):
    from phonenumber_field.modelfields import PhoneNumberField

    settings.PHONENUMBER_DEFAULT_REGION = "IS"
    field = PhoneNumberField(unique=True, name="phone")
    assert field.get_prep_value("closed-5551234") == "+3545551234"
    for name in ("closed-5551234".translate(_SPELT_DIGITS), new_customer_id()):
        assert field.get_prep_value(name) == name


def test_a_username_beside_the_models_own_is_filled(monkeypatch):
    monkeypatch.setattr(MODEL, "USERNAME_FIELD", "email")
    customer = Customer(email="jane@example.com", phone="+14155552671")
    user = DefaultUserAdapter().build(customer)
    assert getattr(user, "username", customer.pk) == customer.pk
    assert user.email == "jane@example.com"


def test_the_adapter_of_the_docs_page(api, configure, monkeypatch, sign_up):
    [example] = re.findall(r"```python\n# accounts/adapters.py\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert len(example.strip().splitlines()) <= 14
    module = ModuleType("shop_users")
    exec(example, module.__dict__)
    monkeypatch.setitem(sys.modules, "shop_users", module)
    configure(USER_ADAPTER="shop_users.ShopUserAdapter")
    person = sign_up()
    assert person.row.user.is_active
    assert module.ShopUserAdapter().build(person.row).display_name == "jane"
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        sign_up(password="another one entirely")
    assert not person.row.user.is_active
