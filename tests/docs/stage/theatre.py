"""Serve the shop of the pages, one for all pages of a run: each begins with an empty one."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from customer_registration.client import StorefrontClient, StorefrontError
from example_project.settings import merged
from tests.live_shop import ROOMIER, ROOT, environment, manage, open_shop

PROJECT = Path(__file__).parents[1] / "project"
SETTINGS = "tests.docs.stage.settings"
PASSWORD = "correct horse"
CODE = re.compile(r"(?<![\w#+])\d{6}\b")


@dataclass
class Theatre:
    """The shop, and what it was told."""

    url: str
    folder: Path
    log: Path
    options: dict[str, Any] = field(default_factory=dict)

    def begin(self, options: dict[str, Any]) -> None:
        """Be an empty shop with such options."""
        self._tell("empty", {})
        self.change(options)

    def change(self, options: dict[str, Any]) -> None:
        """Have other options, and the same people."""
        self.options = merged(ROOMIER, options)
        self._tell("options", self.options)

    def forget_limits(self) -> None:
        """Count all limits from nothing."""
        self._tell("unlimited", {})

    def leave(self, contact: str) -> None:
        """Let somebody ask for the deletion of their account, and confirm it."""
        with StorefrontClient(self.url, token=self.log_in([contact])) as visitor:
            challenge = visitor.request_account_deletion(reason="moving abroad")
            visitor.confirm_account_deletion(challenge.token, code=self.last_code(contact))

    def let_pass(self, seconds: float) -> float:
        """Let time pass; return how many seconds it is later in the shop than it really is."""
        return float(self._tell("later", {"seconds": seconds})["seconds"])

    @property
    def seconds(self) -> float:
        """How many seconds it is later in the shop than it really is."""
        return self.let_pass(0)

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that works on the shop's database, by its options, in its time."""
        env = environment({}, self.folder) | {"DJANGO_SETTINGS_MODULE": SETTINGS, "DOCS_LATER": str(self.seconds)}
        return env | {"CUSTOMER_REGISTRATION": json.dumps(self.options), "PYTHONPATH": str(ROOT)}

    def id_of(self, contact: str) -> str:
        """Return the id of who has a contact."""
        return str(self._tell("customer", {"contact": contact})["id"])

    def log_in_staff(self) -> str:
        """Make a member of staff and return their token."""
        person = {"email": "boss@example.com", "password": PASSWORD}
        self._tell("staff", person)
        answer = httpx.post(f"{self.url}/auth/user/emailpass", json=person)
        return str(answer.raise_for_status().json()["token"])

    def log_in(self, contacts: list[str], password: str = PASSWORD) -> str:
        """Sign somebody up who proves all their contacts, or log them in if they are there; return their token."""
        named = {"email" if "@" in contact else "phone": contact for contact in contacts}
        first = dict([next(iter(named.items()))])
        with StorefrontClient(self.url) as visitor:
            try:
                visitor.register(**first, password=password)
            except StorefrontError:
                visitor.login(**first, password=password)
                return str(visitor.token)
            profile = {kind: contact for kind, contact in named.items() if kind not in first}
            name = contacts[0].partition("@")[0].capitalize() if "@" in contacts[0] else "Pat"
            customer = visitor.create_customer(first_name=name, **profile)
            for kind, contact in named.items():
                challenge = visitor.send_code(customer.id, type=f"{kind}_verification")
                visitor.verify_code(challenge.token, code=self.last_code(contact))
            return str(visitor.token)

    def last_code(self, to: str | None = None) -> str:
        """Return the newest code that was sent, to somebody or to anybody."""
        answer = httpx.get(f"{self.url}/inbox/messages", params={"to": to} if to else {})
        for message in answer.raise_for_status().json()["messages"]:
            if found := CODE.search(f"{message['subject']}\n{message['text']}"):
                return found[0]
        raise LookupError(f"no code was sent to {to or 'anybody'}")

    def _tell(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        return dict(httpx.post(f"{self.url}/-/{what}", json=body).raise_for_status().json())


@contextmanager
def open_theatre(folder: Path) -> Iterator[Theatre]:
    """Serve the shop on a database in a folder."""
    made, house = folder / "made", folder / "house"
    made.mkdir()
    house.mkdir()
    env = environment({}, made) | {"DJANGO_SETTINGS_MODULE": SETTINGS}
    manage(env, "migrate", "--run-syncdb", "--verbosity=0")
    arguments = (f"--env=DJANGO_SETTINGS_MODULE={SETTINGS}", f"--pythonpath={PROJECT}", "--workers=1", "--threads=4")
    with open_shop({}, made, house, *arguments) as (url, log):
        yield Theatre(url, house, log)


@contextmanager
def open_interpreter(folder: Path, socket: Path, theatre: Theatre) -> Iterator["subprocess.Popen[str]"]:
    """Start the interpreter that the Python blocks of each page run in, as a fork of their own."""
    env = theatre.environment() | {"DOCS_FOLDER": str(folder)}
    command = [sys.executable, "-m", "tests.docs.interpreter", str(socket)]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout
    try:
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the interpreter did not start")
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()
        process.stdout.close()
        shutil.rmtree(socket.parent, ignore_errors=True)
