"""The plugin in projects of every kind, most of which have nothing to do with this package."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = "customer_registration.testing.plugin"
FIXTURES = (
    "authenticator_code", "customer_client", "customer_factory", "freeze_codes", "last_code", "last_link",
    "no_rate_limits", "otp_outbox",
)  # fmt: skip
OTHER_SETTINGS = """
SECRET_KEY = "other"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"{more}]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}}
USE_TZ = True
"""


@pytest.fixture
def project(tmp_path):
    """Write a project of files, and run pytest there as it would be with the plugin installed."""

    def run(*arguments, **files):
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
        (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
        (tmp_path / "elsewhere").mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}
        environment = {**kept, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
        # Named, for the entry point may be there or not; nothing else is loaded by itself.
        command = [sys.executable, "-m", "pytest", "-p", PLUGIN, "-p", "no:cacheprovider", *arguments]
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        finished = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        return finished.returncode, finished.stdout + finished.stderr

    return run


def test_a_project_without_django_pays_nothing(project):
    test = """
import sys

def test_it():
    assert "customer_registration.testing.plugin" in sys.modules
    assert [name for name in sys.modules if name.partition(".")[0] in ("django", "rest_framework", "celery")] == []
    assert {name for name in sys.modules if name.startswith("customer_registration")} == {
        "customer_registration",
        "customer_registration.testing",
        "customer_registration.testing.counters",
        "customer_registration.testing.plugin",
    }
"""
    status, said = project(test_it=test)
    assert status == 0, said
    assert "1 passed" in said


@pytest.mark.parametrize("name", sorted({"last_code", "customer_client"}))
def test_without_pytest_django_pytest_says_what_is_missing(project, name):
    status, said = project(test_it=f"def test_it({name}):\n    pass\n")
    assert status == 1
    assert "fixture 'db' not found" in said


def test_a_django_project_that_is_not_configured_is_left_alone(project):
    status, said = project("-p", "pytest_django.plugin", test_it="def test_it():\n    pass\n")
    assert status == 0, said


def test_a_django_project_without_the_app_is_left_alone_and_told(project):
    test = """
import sys
import pytest

@pytest.mark.django_db
def test_its_own():
    from django.contrib.auth.models import User
    User.objects.create(username="joe")
    assert not [name for name in sys.modules if name.startswith("customer_registration.models")]

def test_ours(FIXTURE):
    pass
"""
    files = {"other_settings": OTHER_SETTINGS.format(more=""), "test_it": test.replace("FIXTURE", "customer_factory")}
    status, said = project("-p", "pytest_django.plugin", "--ds=other_settings", **files)
    assert status == 1
    assert "1 passed, 1 error" in said
    assert "customer_registration is not in INSTALLED_APPS" in said


def test_one_that_has_the_app_and_nothing_else_of_ours(project):
    test = """
def test_it(customer_factory, otp_outbox, freeze_codes, no_rate_limits):
    customer_factory()
    assert list(otp_outbox) == []
"""
    files = {"other_settings": OTHER_SETTINGS.format(more=', "customer_registration"'), "test_it": test}
    status, said = project("-p", "pytest_django.plugin", "--ds=other_settings", **files)
    assert status == 0, said


def test_one_that_makes_customers_of_another_kind_by_a_fixture_of_this_name(project):
    test = """
import pytest

@pytest.fixture
def customer_factory():
    return lambda: "a row of the project's own"

def test_it(customer_client):
    assert customer_client.customer.email_verified_at
"""
    files = {"other_settings": OTHER_SETTINGS.format(more=', "customer_registration"'), "test_it": test}
    status, said = project("-p", "pytest_django.plugin", "--ds=other_settings", **files)
    assert status == 0, said


def test_every_fixture_says_what_it_is_for(project):
    status, said = project("--fixtures", test_it="")
    assert status in (0, 5)
    ours = said.partition(f"fixtures defined from {PLUGIN}")[2].partition("fixtures defined from")[0]
    for name in FIXTURES:
        assert f"\n{name} -- " in ours, said
    assert "no docstring available" not in ours


def test_workers_of_xdist_have_limits_and_people_of_their_own(project):
    pytest.importorskip("xdist")
    test = """
import pytest
from customer_registration import ratelimits

@pytest.mark.parametrize("number", range(6))
def test_it(customer_factory, number):
    customer_factory()
    for _ in range(20):
        ratelimits.hit("register", ip="192.0.2.1")
"""
    files = {"other_settings": OTHER_SETTINGS.format(more=', "customer_registration"'), "test_it": test}
    status, said = project("-p", "pytest_django.plugin", "-p", "xdist.plugin", "-n2", "--ds=other_settings", **files)
    assert status == 0, said
    assert "6 passed" in said
