"""What becomes of Python: settings are checked, URLs resolved, a file is imported, everything else executed."""

import ast
import asyncio
import builtins
import importlib
import inspect
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import httpx
import pyotp
from django.template import engines
from django.urls import URLPattern, URLResolver, get_resolver, set_urlconf

from tests.docs import settings_blocks
from tests.docs.stage.theatre import CODE

SHOP_HOST = "shop.example.com"


class Namespace:
    """The names that the blocks of a page have made so far."""

    def __init__(self, folder: Path) -> None:
        self.names: dict[str, Any] = {"__name__": "__docs__"}
        self.url = ""
        sys.path.insert(0, str(folder))
        engines["django"].engine.dirs.append(folder / "templates")
        builtins.input = self._type_in
        _send_to_the_shop(self)

    def run(self, source: str, *, path: str | None = None, line: int = 0, url: str = "") -> None:
        """Run a block."""
        self.url = url or self.url
        tree = ast.parse(source)
        if settings_blocks.is_settings(tree):
            settings_blocks.check(source, self.names)
        elif path and "/" in path:
            self._import(path)
        else:
            self._execute(source, line)
            if "urlpatterns" in {name.id for name in ast.walk(tree) if isinstance(name, ast.Name)}:
                _resolve(self.names)

    def _import(self, path: str) -> None:
        """Import the file of a block."""
        name = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        module = importlib.import_module(name)
        _require_names(module.__dict__, name)
        self.names |= {key: value for key, value in vars(module).items() if not key.startswith("__")}

    def _execute(self, source: str, line: int) -> None:
        """Execute a block, which may await, and find every name that its functions use."""
        code = compile("\n" * line + source, "<page>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        outcome = eval(code, self.names)
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(outcome)
        _require_names(self.names, "<page>")

    def _type_in(self, prompt: str = "") -> str:
        """Type the newest code that was sent, or the next one of the app, as a person would."""
        secret = getattr(self.names.get("setup"), "secret", None)
        if secret and re.search(r"app|next|totp", prompt):
            # Each code serves once, so it is half a minute later by the next.
            later = httpx.post(f"{self.url}/-/later", json={"seconds": 30}).json()["seconds"]
            return pyotp.TOTP(secret).at(time.time() + later)
        wanted = r"(?<=token=)[^\s&]+" if "link" in prompt else CODE
        answer = httpx.get(f"{self.url}/inbox/messages").raise_for_status()
        return next(
            found[0]
            for each in answer.json()["messages"]
            if (found := re.search(wanted, each["subject"] + each["text"]))
        )


def _send_to_the_shop(namespace: Namespace) -> None:
    """Let requests to the shop of the examples arrive at the real one."""
    for transport in (httpx.HTTPTransport, httpx.AsyncHTTPTransport):
        name = "handle_request" if transport is httpx.HTTPTransport else "handle_async_request"
        handle = getattr(transport, name)

        def redirected(self: Any, request: httpx.Request, handle: Any = handle) -> Any:
            if request.url.host == SHOP_HOST:
                real = httpx.URL(namespace.url)
                request.url = request.url.copy_with(scheme="http", host=real.host, port=real.port)
            return handle(self, request)

        setattr(transport, name, redirected)


def _resolve(names: dict[str, Any]) -> None:
    """Load every view of the patterns, and check them."""
    patterns = [each for each in names["urlpatterns"] if each is not ...]
    urlconf = type("urls", (), {"urlpatterns": patterns})
    resolver = URLResolver(get_resolver().pattern, urlconf)
    messages = resolver.check()
    assert messages == [], messages
    set_urlconf(None)
    assert list(_views(resolver)), "the patterns lead to no view"


def _views(resolver: Any) -> Iterator[Any]:
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield each.callback
        else:
            yield from _views(each)


def _require_names(names: dict[str, Any], origin: str) -> None:
    """Find every global name that the functions of a block use.

    Raises:
        NameError: one is nowhere.
    """
    for value in list(names.values()):
        functions = [value] if isinstance(value, FunctionType) else []
        if isinstance(value, type):
            functions = [each for each in vars(value).values() if isinstance(each, FunctionType)]
        for function in functions:
            if function.__globals__ is names:
                for name in _globals_of(inspect.unwrap(function).__code__):
                    if name not in names and not hasattr(builtins, name):
                        raise NameError(f"name {name!r} is not defined, which {function.__qualname__} of {origin} uses")


def _globals_of(code: CodeType) -> Iterator[str]:
    import dis

    for each in dis.get_instructions(code):
        if each.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield each.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals_of(constant)
