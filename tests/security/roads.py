"""Which functions of the package compare a secret that nobody has paid a guess for, read from the source."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import customer_registration

PACKAGE = Path(customer_registration.__file__).parent
# Nothing below the doors can call them, whatever their methods are named: import-linter holds it.
DOORS = ("admin", "api", "contrib", "management", "monitoring", "testing")


class Call(NamedTuple):
    """``owner.name(…)``; ``owner`` is empty for a bare name, and ``"…"`` for what is no plain name."""

    owner: str
    name: str


@dataclass(frozen=True)
class Function:
    """A function or method, nested ones included, and its calls in the order they stand in."""

    file: str
    name: str
    is_method: bool
    calls: tuple[Call, ...] = field(repr=False)
    # The last part of the module that a name of its file is imported from.
    imported: frozenset[tuple[str, str]] = field(repr=False)

    @property
    def module(self) -> str:
        """The name that others import its file by."""
        return Path(self.file).stem

    @property
    def is_door(self) -> bool:
        """Whether it stands in front of the stories."""
        return self.file.partition("/")[0] in DOORS

    def is_meant_by(self, call: Call, caller: "Function", modules: set[str]) -> bool:
        """Whether a call may be one of this function: by its module, by its bare name, or as a method of something."""
        if call.name != self.name or (self.is_door and not caller.is_door):
            return False
        if self.is_method:
            return bool(call.owner) and call.owner not in modules
        if call.owner:
            return call.owner == self.module
        places = Path(self.file).with_suffix("").parts  # a package may hand on what its modules define
        return self.file == caller.file or any((self.name, place) in caller.imported for place in places)


def sources() -> dict[str, str]:
    """Return the text of every file of the package."""
    return {str(file.relative_to(PACKAGE)): file.read_text() for file in sorted(PACKAGE.rglob("*.py"))}


def functions_of(texts: dict[str, str]) -> list[Function]:
    """Return the functions and methods of some files."""
    return [each for file, text in texts.items() for each in _functions(file, text)]


@cache
def _functions(file: str, text: str) -> tuple[Function, ...]:
    found: list[Function] = []
    nodes = list(ast.walk(ast.parse(text)))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    imported = frozenset((each.name, str(node.module).rpartition(".")[2]) for node in imports for each in node.names)
    for owner in nodes:
        if isinstance(owner, (ast.Module, ast.ClassDef)):
            methods = isinstance(owner, ast.ClassDef)
            defined = [node for node in owner.body if isinstance(node, ast.FunctionDef)]
            found += [Function(file, node.name, methods, _calls(node), imported) for node in defined]
    return tuple(found)


def _calls(function: ast.FunctionDef) -> tuple[Call, ...]:
    found = []
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name)):
            bare = isinstance(node.func, ast.Name)
            owner = "" if bare else node.func.value.id if isinstance(node.func.value, ast.Name) else "…"
            name = node.func.id if bare else node.func.attr
            found.append((node.func.end_lineno, node.func.end_col_offset, Call(owner, name)))
    return tuple(call for _, _, call in sorted(found))


def callers_of(name: str, texts: dict[str, str]) -> set[tuple[str, str]]:
    """Return the functions that call something of that name: file and name."""
    return {(each.file, each.name) for each in functions_of(texts) if any(call.name == name for call in each.calls)}


def unpaid(comparers: set[str], spender: str, texts: dict[str, str]) -> set[tuple[str, str]]:
    """Return the roads on which a comparer is reached before the spender: file and name of where each begins.

    A function that compares without having spent leaves it to whoever calls it; one that nobody calls has left it out.
    """
    functions = functions_of(texts)
    modules = {each.module for each in functions}

    def grown(some: set[Function], joins: Callable[[Call, Function, set[Function]], bool | None]) -> set[Function]:
        """Add every function whose first call that counts makes it one of them, until there is none."""
        more = {
            each
            for each in functions
            if next((found for call in each.calls if (found := joins(call, each, some)) is not None), False)
        }
        return some if more <= some else grown(some | more, joins)

    def means(call: Call, caller: Function, some: set[Function]) -> bool:
        return any(each.is_meant_by(call, caller, modules) for each in some)

    def spends(call: Call, caller: Function, spending: set[Function]) -> bool | None:
        return True if call.name == spender or means(call, caller, spending) else None

    spending = grown(set(), spends)

    def compares(call: Call, caller: Function, exposed: set[Function]) -> bool | None:
        if spends(call, caller, spending):
            return False
        return True if call.name in comparers or means(call, caller, exposed) else None

    exposed = grown(set(), compares)
    called = {
        each
        for each in exposed
        for other in functions
        for call in other.calls
        if each.is_meant_by(call, other, modules)
    }
    return {(each.file, each.name) for each in exposed - called}
