"""Every line that we log has an event, and docs/operations.md lists it."""

import ast
from pathlib import Path

import customer_registration
from customer_registration.messaging import attempts
from tests.pages import table

PACKAGE = Path(customer_registration.__file__).parent
PAGE = (PACKAGE.parent / "docs" / "operations.md").read_text()
METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
TREES = {path: ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")}


def is_logging(node):
    """Whether a node is ``logger.warning``, called or handed to ``partial``."""
    return isinstance(node, ast.Attribute) and node.attr in METHODS and getattr(node.value, "id", "") == "logger"


def calls():
    """Yield every call that logs."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (is_logging(node.func) or any(map(is_logging, node.args))):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


def events():
    """Yield the events that the code names."""
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if getattr(key, "value", "") == "event" and isinstance(value, ast.Constant):
                        yield value.value
            if isinstance(node, ast.keyword) and node.arg == "event" and isinstance(node.value, ast.Constant):
                yield node.value.value
    yield from (f"message_{outcome}" for outcome in attempts.TEXTS)


def test_no_line_is_without_an_event():
    found = dict(calls())
    assert len(found) > 10
    bare = [place for place, call in found.items() if "extra" not in {keyword.arg for keyword in call.keywords}]
    assert bare == []


def test_the_page_lists_every_event_and_no_other():
    listed = {row[0].strip("`") for row in table(PAGE, "| Event | Level | When | Says besides |")}
    assert listed == set(events())
