"""Stand where secrets are made and where outputs leave, for as long as the suite runs."""

import json
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from celery.signals import before_task_publish
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.backends.base import SessionBase
from django.core.handlers.base import BaseHandler
from django.core.management.base import BaseCommand, OutputWrapper
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest

from customer_registration import codes
from customer_registration.api.parsing import StrictJSONParser
from customer_registration.codes import derivation
from customer_registration.exceptions import CustomerRegistrationError
from customer_registration.flows.second_factor import authenticator, recovery_codes
from customer_registration.messaging import delivery
from customer_registration.messaging.content import secrets_of
from customer_registration.receivers import Publisher
from customer_registration.tokens import signing
from tests.secret_search import outputs
from tests.secret_search.findings import RECORD
from tests.secret_search.outputs import Output
from tests.secret_search.secrets import Secret, is_worth_searching

PASSWORDS = ("password", "old_password")
STANDARD = set(vars(logging.makeLogRecord({})))  # what every log record has
_formatter = logging.Formatter()


def start() -> None:
    """Begin to watch. What would be logged by whoever turns the level down is logged."""
    logging.getLogger().setLevel(logging.DEBUG)
    for owner in (codes, derivation):
        _after(owner, "derive_code", lambda code, *_, **__: used("code", code))
        _after(owner, "derive_link_value", lambda link, *_, **__: used("link value", link, link.rpartition(".")[2]))
    _after(codes, "fixed_code_matches", lambda _, fixed, typed: used("code", codes.normalize_code(fixed)))
    _after(signing, "encode", _token)
    _after(recovery_codes, "generate", _recovery_codes)
    _after(authenticator, "new_seed", lambda seed: used("seed", seed))
    _after(authenticator, "unseal", lambda seed, _: used("seed", seed or ""))
    _after(authenticator, "step_of", _app_code)
    _after(StrictJSONParser, "parse", _passwords)
    _after(AbstractBaseUser, "set_password", lambda _, user, raw: password(raw))
    _after(AbstractBaseUser, "check_password", lambda _, user, raw: password(raw))
    _after(BaseHandler, "get_response", _answer)
    _after(logging.Logger, "callHandlers", _log)
    _after(Publisher, "publish", lambda _, publisher, task, *sent: put_out("task", task.name, repr(sent)))
    before_task_publish.connect(_published, weak=False)
    for method in ("_execute", "_executemany"):
        _after(CursorWrapper, method, _row)
    _after(delivery, "render", _message)
    _after(
        SessionBase, "encode", lambda _, store, session: put_out("session", "claims", json.dumps(session, default=str))
    )
    _after(
        CustomerRegistrationError,
        "__init__",
        lambda _, error, *a, **extra: put_out("error", type(error).__name__, f"{error.message} {extra}"),
    )
    _after(BaseCommand, "__init__", _command)
    _after(OutputWrapper, "write", lambda _, out, text="", *a, **k: put_out("printed", RECORD.command, str(text)))


def used(kind: str, value: str, needle: str = "") -> None:
    """Note a secret."""
    if value:
        RECORD.secrets.add(Secret(kind, value, needle))


def password(raw: Any) -> None:
    """Note a password that is worth searching for."""
    if isinstance(raw, str) and is_worth_searching(raw):
        used("password", raw)


def put_out(place: str, name: str, text: str) -> None:
    """Note an output."""
    RECORD.outputs.append(Output(place, name, text))


def _after(owner: Any, name: str, note: Callable[..., None]) -> None:
    """Let ``note`` see what a function returned, and what it was given, each time that it is called."""
    original = getattr(owner, name)

    @wraps(original)
    def run(*args: Any, **options: Any) -> Any:
        result = original(*args, **options)
        note(result, *args, **options)
        return result

    setattr(owner, name, run)


def _token(token: str, payload: dict[str, Any]) -> None:
    used(f"token {payload.get('purpose')}", token, token.rpartition(".")[2])
    put_out("claims", str(payload.get("purpose")), json.dumps(payload, default=str))


def _recovery_codes(made: list[str], *_: Any) -> None:
    for code in made:
        used("recovery code", code)


def _app_code(step: int | None, factor: Any, typed: str, **_: Any) -> None:
    if step is not None:
        used("app code", codes.normalize_code(typed))


def _passwords(body: dict[str, Any], *_: Any, **__: Any) -> None:
    for name, value in body.items():
        if name in PASSWORDS:
            password(value)
        elif isinstance(value, str):
            RECORD.public.add(value)


def _answer(response: Any, handler: Any, request: Any) -> None:
    RECORD.outputs.append(outputs.answer(response, request))
    for cookie in response.cookies.values():
        if cookie.key == "sessionid":
            used("session id", cookie.value)


def _log(_: None, logger: logging.Logger, record: logging.LogRecord) -> None:
    # Of a request the query is left out: it is the caller's own, and `LOGIN.ALLOW_PASSWORD_IN_QUERY` is off.
    extra = {
        name: value.path if isinstance(value, HttpRequest) else value
        for name, value in vars(record).items()
        if name not in STANDARD
    }
    traceback = _formatter.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else ""
    put_out("log", record.name, "\n".join((record.getMessage(), repr(record.args), traceback, repr(extra))))


def _command(_: None, command: BaseCommand, *more: Any, **options: Any) -> None:
    RECORD.command = type(command).__module__.rpartition(".")[2]


def _published(sender: Any, body: Any, headers: Any, properties: Any, **_: Any) -> None:
    put_out("task", str(sender), repr((body, headers, properties)))


def _row(_: Any, cursor: Any, sql: Any, params: Any, *more: Any) -> None:
    if params and isinstance(sql, str) and sql.startswith(("INSERT", "UPDATE")):
        RECORD.outputs.append(outputs.row(sql, params))


def _message(message: Any, row: Any) -> None:
    """Note a message but for the secret that it is there to carry."""
    text = "\n".join((message.subject, message.text, message.html))
    for secret in secrets_of(row.otp).values() if row.otp else ():
        text = text.replace(secret, " ") if secret else text
    put_out("message", row.kind, text)
