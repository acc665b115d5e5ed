"""What a page says to this suite before a block, in a comment that its readers do not see."""

import ast
import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.docs import settings_blocks

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def _begin(story: Any, text: str) -> None:
    """``shop {"REGISTRATION": {"IDENTIFIER": "phone"}}``: an empty shop with such options."""
    story.begin(json.loads(text or "{}"))


def _given(story: Any, text: str) -> None:
    """``given jane@example.com as LOGIN``, perhaps ``with "another horse"``: somebody is logged in."""
    who, _, name = text.rpartition(" as ")
    who, _, password = who.partition(" with ")
    theatre = story.theatre
    if who == "staff":
        story.variables[name] = theatre.log_in_staff()
    elif password:
        story.variables[name] = theatre.log_in(who.split(), json.loads(password))
    else:
        story.variables[name] = theatre.log_in(who.split())


def _later(story: Any, text: str) -> None:
    """``later 8 days``: time passes."""
    number, unit = text.split()
    story.theatre.let_pass(int(number) * UNITS[unit.removesuffix("s")])


def _new(story: Any, text: str) -> None:
    """``new FLOW``: the variable is another token from here on."""
    story.variables.pop(text, None)


def _options(story: Any, text: str) -> None:
    """``options {"LOGIN": {"SECOND_STEP": "otp"}}``: the shop has other options from here on, and the same people."""
    story.theatre.change(json.loads(text))


def _redis(story: Any, text: str) -> None:
    """``redis``: limits are counted where every process of the shop sees them."""
    url = os.environ.get("TEST_REDIS_URL")
    if not url:
        pytest.skip("set TEST_REDIS_URL=redis://...")
    story.theatre.change(
        {**story.theatre.options, "RATE_LIMITS": {**story.theatre.options["RATE_LIMITS"], "STORAGE_URI": url}}
    )
    story.theatre.forget_limits()


def _needs(story: Any, text: str) -> None:
    """``needs psycopg of postgres``: a module, and the extra that brings it."""
    module, _, extra = text.partition(" of ")
    pytest.importorskip(module, reason=f'needs {module}: pip install -e ".[{extra}]"')


def _leaving(story: Any, text: str) -> None:
    """``leaving jane@example.com``: somebody has asked for the deletion of their account, and confirmed it."""
    story.theatre.leave(text)


def _called(story: Any, text: str) -> None:
    """``called cus_01M80… jane@example.com``: the page gives somebody this id."""
    shown, contact = text.split()
    story.memory.real[shown] = story.theatre.id_of(contact)


def _type(story: Any, text: str) -> None:
    """``type curl …``: somebody has typed a command that the page does not show."""
    story.type_in(text)


def _python(story: Any, text: str) -> None:
    """``python``, and below it code: what an example takes for granted."""
    story.interpreter.run(text, url=story.theatre.url)


def _js(story: Any, text: str) -> None:
    """``js {"email": "jane@example.com"}``: what JavaScript takes for granted."""
    story.variables |= json.loads(text)


def _env(story: Any, text: str) -> None:
    """``env {"DJANGO_SETTINGS_MODULE": "shop.production"}``: variables of the shell."""
    story.theatre  # noqa: B018  # begins, which clears all variables
    story.variables |= json.loads(text)


def _project(story: Any, text: str) -> None:
    """``project``: the page has a project and a database of its own, with the settings that it shows."""
    story.begin({})
    sources = [block.source for block in story.page.blocks if block.language == "python"]
    [shown] = [source for source in sources if settings_blocks.is_settings(ast.parse(source))]
    settings_blocks.write_module(story.folder, shown)
    story.has_own_project = True
    story.variables |= {"DJANGO_SETTINGS_MODULE": "anew", "DATABASE_URL": f"sqlite:///{story.folder}/own.sqlite3"}


def _parsed(story: Any, text: str) -> None:
    """``parsed``, and why: JavaScript and commands whose words are looked up, and that are not run."""


REMARKS: dict[str, Callable[[Any, str], None]] = {
    "shop": _begin,
    "given": _given,
    "later": _later,
    "new": _new,
    "options": _options,
    "redis": _redis,
    "needs": _needs,
    "leaving": _leaving,
    "called": _called,
    "type": _type,
    "python": _python,
    "env": _env,
    "js": _js,
    "parsed": _parsed,
    "project": _project,
}
