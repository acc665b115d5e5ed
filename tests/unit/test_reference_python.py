"""``docs/reference/python-api.md``: what a project may import is there, is explained, and is all that pages import."""

import ast
import inspect
import re
import textwrap
from importlib import import_module
from pathlib import Path

import pytest
from django.views import View

from customer_registration.models import Customer
from tests.pages import table

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "python-api.md").read_text()
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]}
HEADER = "| Name | What it is |"
LISTED = {
    module: [name.strip("`") for name, _ in table(part, HEADER)] if HEADER in part else []
    for module, part in SECTIONS.items()
}
ATTRIBUTES = [name.strip("`") for name, _ in table(PAGE, "| Of a `Customer` | What it is |")]
# What else is in these is the app's own: of the others every name of ``__all__`` is listed.
IN_PART = {
    "customer_registration.conf",
    "customer_registration.enums",
    "customer_registration.exceptions",  # see test_reference_errors
    "customer_registration.identifiers",
    "customer_registration.messaging",
    "customer_registration.models",
    "customer_registration.ratelimits.client_ip",
    "customer_registration.signals",  # see test_reference_signals
    "customer_registration.urls",
}
WHOLE = ("customer_registration.exceptions", "customer_registration.signals")  # any name of these may be imported
NOT_CALLED = ("customer_registration.enums", "customer_registration.models")  # whose methods are Django's, or listed


def public_callables():
    """Yield the path of everything that a project calls or overrides, less what others have explained already."""
    for module, names in LISTED.items():
        for name in names:
            value = inspect.unwrap(getattr(import_module(module), name))
            if inspect.isfunction(value):
                yield f"{module}.{name}", value
            elif inspect.isclass(value) and module not in NOT_CALLED:
                yield from (
                    (f"{module}.{name}.{method}", function)
                    for method, kept in vars(value).items()
                    if inspect.isfunction(function := inspect.unwrap(getattr(kept, "__func__", kept)))
                    and not method.startswith("_")
                    and method not in View.http_method_names
                    and not any(hasattr(base, method) for base in value.__bases__)
                )
    for name in ATTRIBUTES:
        if inspect.isfunction(value := inspect.getattr_static(Customer, name, None)):
            yield f"Customer.{name}", value


CALLABLES = dict(public_callables())
OBJECTS = [(module, name) for module, names in LISTED.items() for name in names]


def test_the_table_of_modules_lists_the_sections():
    modules = [module for module, _ in table(PAGE, "| Module | For |")]
    assert modules == [f"[`{name}`](#{name.replace('.', '')})" for name in SECTIONS]
    assert list(SECTIONS) == sorted(SECTIONS)


@pytest.mark.parametrize(("module", "name"), OBJECTS)
def test_a_name_can_be_imported_and_is_explained(module, name):
    value = getattr(import_module(module), name)
    if callable(value):
        first = (inspect.getdoc(value) or "").partition("\n")[0]
        assert re.match(r"[A-Za-z0-9`].*[.:?]$", first), first


@pytest.mark.parametrize("module", sorted(set(LISTED) - IN_PART))
def test_a_module_lists_what_is_public(module):
    assert sorted(LISTED[module]) == sorted(import_module(module).__all__)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_customer_has_what_is_told(name):
    assert name in {field.name for field in Customer._meta.get_fields()} or hasattr(Customer, name)


@pytest.mark.parametrize("name", sorted(CALLABLES))
def test_arguments_results_and_errors_are_explained(name):
    function = CALLABLES[name]
    text = inspect.getdoc(function) or ""
    for parameter in list(inspect.signature(function).parameters.values()):
        if parameter.name not in ("self", "cls") and parameter.kind not in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
        ):
            assert re.search(rf"^ +{parameter.name}(?:, \w+)*:|``{parameter.name}``", text, re.MULTILINE), (
                parameter.name
            )
    if "None" not in (result := str(function.__annotations__.get("return"))) or "|" in result:
        assert re.search(r"\b[Rr]eturns?\b|^Returns:|^Whether\b", text, re.MULTILINE)
    for raised in _raised(function):
        assert raised in text, raised


def _raised(function):
    """Return the names of the classes that a function raises by itself."""
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Raise) and node.exc is not None:
            named = ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
            if named[0].isupper():
                yield named


def imports(source):
    """Yield the module and the name of every import from the app in Python source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("customer_registration"):
            for alias in node.names:
                path = f"{node.module}.{alias.name}"
                yield (path, None) if path in LISTED else (node.module, alias.name)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names if alias.name.startswith("customer_registration"))
        elif isinstance(node, ast.Constant) and re.fullmatch(
            r"customer_registration(\.\w+)+\.[A-Z]\w*", str(node.value)
        ):
            yield tuple(node.value.rsplit(".", 1))


def examples():
    """Yield every example in Python, of the pages and of the sample host project."""
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for number, source in enumerate(
            re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
        ):
            yield pytest.param(source, id=f"{page.relative_to(ROOT)}-{number}")
    for path in sorted((ROOT / "tests" / "host_project").rglob("*.py")):
        yield pytest.param(path.read_text(), id=str(path.relative_to(ROOT)))


@pytest.mark.parametrize("source", list(examples()))
def test_an_example_imports_nothing_but_what_is_public(source):
    for module, name in imports(re.sub(r"…|(?<=, )\.\.\.(?=})", "**{}", source)):
        assert module in LISTED, module
        assert name is None or module in WHOLE or name in LISTED[module], f"{module}.{name}"
