"""Where real people are, the kit does nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from customer_registration import testing

ROOT = Path(__file__).parents[2]
PACKAGE = Path(testing.__file__).parents[1]
OTHERS = [path for path in PACKAGE.rglob("*.py") if PACKAGE / "testing" not in path.parents]
USES = {
    "a customer": "testing.make_customer()",
    "a code": "testing.Outbox().last_code()",
    "the outbox": "testing.watch_outbox().__enter__()",
    "frozen codes": "testing.frozen_codes().__enter__()",
    "no limits": "testing.no_rate_limits().__enter__()",
    "an app's code": "testing.authenticator_code(None)",
    "a client": "testing.CustomerClient(None)",
}


def python(text, **environment):
    """Run a program in a process of its own, in the example's settings, and return what it printed."""
    setup = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'; import django; django.setup()\n"
    run = subprocess.run([sys.executable, "-c", setup + text], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_it_refuses_outside_of_tests():
    program = "from customer_registration import testing\n"
    for name, use in USES.items():
        program += f"try:\n    {use}\nexcept Exception as error:\n    print({name!r}, type(error).__name__)\n"
        program += "else:\n    print('worked')\n"
    assert python(program).splitlines() == [f"{name} NotATest" for name in USES]


def test_it_works_in_django_s_test_environment():
    program = """
from django.test.utils import setup_test_environment
setup_test_environment()
from customer_registration import codes, testing
with testing.frozen_codes() as code:
    print(codes.derive_code(None, secret="", length=6, charset="numeric") == code)
"""
    assert python(program) == "True"


def test_every_public_name_is_there():
    for name in testing.__all__:
        assert getattr(testing, name)
    assert sorted(name for names in testing._HOMES.values() for name in names) == sorted(testing.__all__)


def test_others_are_not():
    with pytest.raises(AttributeError, match="make_customers"):
        testing.make_customers  # noqa: B018


def test_the_app_never_loads_it():
    """Not at a start, nor with any module of it: the routes, the admin, the tasks, every command."""
    modules = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in OTHERS]
    program = f"""
import sys
from importlib import import_module
for name in {modules}:
    import_module(name)
print([name for name in sys.modules if name.startswith(("customer_registration.testing", "pytest"))])
"""
    assert len(modules) > 100
    assert python(program) == "[]"


def test_no_module_of_the_app_names_it():
    assert [path.name for path in OTHERS if "customer_registration.testing" in path.read_text()] == []
