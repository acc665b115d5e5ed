"""``docs/reference/signals.md``: every signal, with the arguments that the code sends it with."""

import ast
import importlib
import re
from pathlib import Path

import pytest
from django.dispatch import Signal

import customer_registration
from customer_registration import signals
from tests.pages import table

PACKAGE = Path(customer_registration.__file__).parent
PAGE = (PACKAGE.parent / "docs" / "reference" / "signals.md").read_text()
LISTED = {name.strip("`"): cells for name, *cells in table(PAGE, "| Signal | Sender | Arguments | Sent when |")}
OURS = {name: value for name, value in vars(signals).items() if isinstance(value, Signal)}


def sendings():
    """Yield the name of a signal, the sender's expression and the names of the arguments, of every place that sends."""
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        for scope in ast.walk(tree):
            if isinstance(scope, ast.FunctionDef):
                for call in filter(_sends, ast.walk(scope)):
                    signal, sender = call.args if _on_commit(call) else (call.func.value, call.args[0])
                    for name in _names_of(signal, _module(path)):
                        yield name, ast.unparse(sender), frozenset(_arguments(call, scope))


def _sends(node):
    return isinstance(node, ast.Call) and (_on_commit(node) or bool(re.match(r"signals\.\w+\.send", ast.unparse(node))))


def _on_commit(call):
    return ast.unparse(call.func) == "signals.send_on_commit"


def _module(path):
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def _names_of(expression, module):
    """Return the names of the signals that an expression may be."""
    text = ast.unparse(expression)
    if text.startswith("signals."):
        return [text.removeprefix("signals.")]
    space = vars(importlib.import_module(module))
    if isinstance(expression, ast.Subscript):  # one of a dict of the module's
        found = space[ast.unparse(expression.value)].values()
    else:  # an attribute of the module's class
        found = [getattr(kind, expression.attr) for kind in space.values() if hasattr(kind, expression.attr)]
    return [name for name, signal in OURS.items() if any(signal is each for each in found)]


def _arguments(call, scope):
    for keyword in call.keywords:
        if keyword.arg:
            yield keyword.arg
            continue
        [spread] = [
            node.value
            for node in ast.walk(scope)
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Dict)
            and ast.unparse(node.targets[0]) == ast.unparse(keyword.value)
        ]
        yield from (key.value for key in spread.keys)


SENT = set(sendings())


def test_every_signal_has_a_row_and_no_row_is_invented():
    assert sorted(LISTED) == sorted(OURS)


def test_every_signal_is_sent():
    assert {name for name, *_ in SENT} == set(OURS)


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_signal_is_sent_with_the_arguments_that_are_told(name):
    sender, arguments, when = LISTED[name]
    sender = {"the service's class": "type(self)"}.get(sender, sender.strip("`"))
    told = (name, sender, frozenset(re.findall(r"`(\w+)`", arguments)))
    assert {each for each in SENT if each[0] == name} == {told}
    assert when


def test_every_argument_is_explained():
    used = {argument for _, arguments, _ in LISTED.values() for argument in re.findall(r"`(\w+)`", arguments)}
    assert [name for name, _ in table(PAGE, "| Argument | What it is |")] == [f"`{name}`" for name in sorted(used)]


def test_every_signal_is_told_in_the_module_too():
    assert set(re.findall(r"^``(\w+)``", signals.__doc__, re.MULTILINE)) == set(OURS)
