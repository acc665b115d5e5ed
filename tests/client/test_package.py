"""The package by itself: without Django, and without httpx."""

import os
import subprocess
import sys

import pytest

IMPORTS = """
import sys
import customer_registration.client
assert "django" not in sys.modules
ours = {name.split(".")[1] for name in sys.modules if name.startswith("customer_registration.")}
assert ours == {"client"}, ours
"""
WITHOUT_HTTPX = """
import sys
sys.modules["httpx"] = None
try:
    import customer_registration.client
except ImportError as error:
    assert 'pip install "django-customer-registration[client]"' in str(error), error
else:
    raise SystemExit("imported")
"""


@pytest.mark.parametrize("program", [IMPORTS, WITHOUT_HTTPX], ids=["imports", "without-httpx"])
def test_it_stands_alone(program):
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
