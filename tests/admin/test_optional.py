"""Django's admin stays optional: a project without it never imports ours."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import customer_registration

PACKAGE = Path(customer_registration.__file__).parent
OUTSIDE = sorted(path for path in PACKAGE.rglob("*.py") if PACKAGE / "admin" not in path.parents)


def at_import(tree):
    """Yield the modules that a module imports when it is imported itself."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from at_import(node)


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_outside_imports_the_admin(path):
    names = list(at_import(ast.parse(path.read_text())))
    assert not [name for name in names if name.startswith(("django.contrib.admin", "customer_registration.admin"))]


def test_a_project_without_the_admin_starts_and_passes_the_checks():
    script = """
import sys
from django.conf import settings
settings.configure(
    SECRET_KEY="x" * 50,
    INSTALLED_APPS=["customer_registration", "django.contrib.auth", "django.contrib.contenttypes"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    ROOT_URLCONF="customer_registration.urls",
    AUTHENTICATION_BACKENDS=["customer_registration.backends.EmailOrPhoneBackend"],
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    CUSTOMER_REGISTRATION={"STOREFRONT_URL": "https://shop.example.com"},
)
import django
django.setup()
from django.core.management import call_command
call_command("check", stdout=sys.stderr)
import customer_registration.flows.deletion.desk
# REST framework imports some of the admin by itself, but nobody may load its models.
print([name for name in sys.modules if name.startswith(("django.contrib.admin.models", "customer_registration.admin"))])
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (ran.stdout.strip(), ran.returncode) == ("[]", 0), ran.stderr
