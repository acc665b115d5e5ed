"""The examples of docs/testing.md run, as the files that they say they are, in a project that is new."""

import os
import re
import subprocess
import sys
from pathlib import Path

from customer_registration import testing

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
FILE = re.compile(r"^```python\n# (\S+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SETTINGS = """
SECRET_KEY = "of a project that is new"
ROOT_URLCONF = "shop.urls"
STATIC_URL = "static/"
USE_TZ = True
INSTALLED_APPS = [
    "customer_registration", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"
]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
AUTHENTICATION_BACKENDS = ["customer_registration.backends.EmailOrPhoneBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CUSTOMER_REGISTRATION = {"STOREFRONT_URL": "https://shop.example.com"}
import django
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
"""


def test_every_example_passes(tmp_path):
    examples = dict(FILE.findall(PAGE))
    assert len(examples) == len(re.findall("^```python$", PAGE, re.MULTILINE))
    urls = 'from django.urls import include, path\n\nurlpatterns = [path("", include("customer_registration.urls"))]\n'
    files = {"shop/__init__.py": "", "shop/settings.py": SETTINGS, "shop/urls.py": urls, **examples}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\npython_files = test_*.py tests.py\nfilterwarnings = error\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}
    environment = {**kept, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    plugins = ["-p", "pytest_django.plugin", "-p", "customer_registration.testing.plugin", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, "--ds=shop.settings"]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    written = sum(len(re.findall(r"^ *def test_", text, re.MULTILINE)) for text in examples.values())
    assert f"{written} passed" in run.stdout


def test_the_page_names_all_there_is():
    for name in testing.__all__:
        if name not in ("Outbox", "SentMessage"):  # what `otp_outbox` is and holds
            assert name in PAGE
    for name in ("otp_outbox", "last_code", "last_link", "customer_factory", "customer_client", "freeze_codes"):
        assert f"| `{name}` |" in PAGE
    for name in [name for name in vars(testing.SentMessage) if not name.startswith("_")]:
        assert f"`{name}`" in PAGE
    for name in [name for name in vars(testing.Outbox) if not name.startswith("_")]:
        assert re.search(rf"[`.]{name}\(|`{name}`", PAGE), name
