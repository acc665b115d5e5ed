"""People who use a shop as fast as it lets them: a process of its own, many threads, each on a connection kept open.

``python -m tests.benchmarks.shoppers PORT DATABASE_URL SECONDS PEOPLE`` prints, once the time is over and everybody has
come to an end, one line of JSON: seconds of every answer by route and status, and how many codes were asked for.
"""

import json
import os
import re
import sys
import threading
import time
from collections import defaultdict
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import unquote

PASSWORD, NEW_PASSWORD = "correct horse battery", "staple battery correct"
LOST_SECONDS = 60.0
LOGIN = "/auth/customer/emailpass"
CODE = re.compile(r"^ {4}(\d{6})$", re.MULTILINE)
LINK = re.compile(r"reset-password\?token=([^\s&]+)")


class Inbox(threading.Thread):
    """Reads the mail that is written to the shop's inbox table, and hands it to whoever waits for it."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        import psycopg

        self._connection = psycopg.connect(url.replace("postgres://", "postgresql://", 1), autocommit=True)
        self._arrived: dict[str, str] = {}
        self._news = threading.Condition()
        self.seen: set[int] = set()

    def run(self) -> None:
        newest = 0
        while True:
            # Rows are committed in another order than they are numbered in, so the last ones are looked at again.
            statement = 'SELECT id, "to", text FROM inbox_inboxmessage WHERE id > %s ORDER BY id'
            rows = self._connection.execute(statement, (newest - 500,)).fetchall()
            with self._news:
                for number, to, text in rows:
                    if number not in self.seen:
                        self.seen.add(number)
                        if found := CODE.search(text) or LINK.search(text):
                            self._arrived[to] = unquote(found[1])
                self._news.notify_all()
            newest = max([newest, *(row[0] for row in rows)])
            time.sleep(0.03)

    def take(self, to: str) -> str | None:
        """Return the code or token that went to an address, or ``None`` if none comes."""
        with self._news:
            self._news.wait_for(lambda: to in self._arrived, timeout=LOST_SECONDS)
            return self._arrived.pop(to, None)


class Shopper(threading.Thread):
    """Lives one life after another, each as somebody new."""

    def __init__(self, number: int, port: int, inbox: Inbox, until: float) -> None:
        super().__init__(daemon=True)
        self.number, self.inbox, self.until = number, inbox, until
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.answers: dict[str, list[float]] = defaultdict(list)
        self.asked = self.arrived = self.used = self.lives = 0
        self.surprises: list[str] = []

    def run(self) -> None:
        while time.monotonic() < self.until:
            try:
                self.live(f"shopper{os.getpid()}.{self.number}.{self.lives}")
            except LookupError as error:
                self.surprises.append(str(error))
            self.lives += 1

    def live(self, name: str) -> None:
        """Sign up, prove the address, log in, look around, move to another address, forget the password, leave."""
        email, moved = f"{name}@example.com", f"{name}.new@example.com"
        credentials = {"email": email, "password": PASSWORD}
        bearer = self.post(f"{LOGIN}/register", credentials)["token"]
        customer = self.post("/store/customers", {"first_name": "Jane"}, bearer)["customer"]
        flow = self.post("/store/customers/otp/send", {"customer_id": customer["id"], "type": "email_verification"})
        self.post("/store/customers/otp/verify", {"token": flow["token"], "code": self.code(email)})
        bearer = self.post(LOGIN, credentials)["token"]
        self.used += 1
        for _ in range(3):
            self.ask("GET", "/store/customers/me", None, bearer)
        flow = self.post("/store/customers/me/contact", {"email": moved}, bearer)
        proof = {"token": flow["token"], "code": self.code(moved)}
        bearer = self.post("/store/customers/me/contact/verify", proof, bearer)["token"]
        self.used += 1
        self.post(f"{LOGIN}/reset-password", {"identifier": moved}, expect=201)
        self.post(f"{LOGIN}/update", {"password": NEW_PASSWORD}, self.code(moved))
        self.used += 1
        self.post(LOGIN, {"email": moved, "password": PASSWORD}, expect=401)
        bearer = self.post(LOGIN, {"email": moved, "password": NEW_PASSWORD})["token"]
        self.post("/store/customers/me/logout-all", {}, bearer)
        self.ask("GET", "/store/customers/me", None, bearer, expect=401)

    def code(self, email: str) -> str:
        """Return what was sent to an address."""
        self.asked += 1
        code = self.inbox.take(email)
        if code is None:
            raise LookupError("a code was lost")
        self.arrived += 1
        return code

    def post(self, path: str, body: Any, token: str | None = None, *, expect: int = 200) -> Any:
        """POST JSON."""
        return self.ask("POST", path, json.dumps(body), token, expect=expect)

    def ask(self, method: str, path: str, body: str | None, token: str | None, *, expect: int = 200) -> Any:
        """Send a request, note the answer and return its body."""
        headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
        began = time.perf_counter()
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            status, text = answer.status, answer.read().decode()
        except (OSError, HTTPException) as error:
            self.connection.close()
            status, text = 0, repr(error)
        self.answers[f"{method} {path} {status}"].append(time.perf_counter() - began)
        if status != expect:
            raise LookupError(f"{method} {path} answered {status}: {text[:200]}")
        return json.loads(text) if text.startswith("{") else text


def main(port: str, url: str, seconds: str, people: str) -> None:
    """Let people shop for so long, and print what they saw."""
    inbox = Inbox(url)
    inbox.start()
    until = time.monotonic() + float(seconds)
    shoppers = [Shopper(number, int(port), inbox, until) for number in range(int(people))]
    for shopper in shoppers:
        shopper.start()
    for shopper in shoppers:
        shopper.join()
    answers: dict[str, list[float]] = defaultdict(list)
    for shopper in shoppers:
        for name, taken in shopper.answers.items():
            answers[name] += taken
    sums = {name: sum(getattr(each, name) for each in shoppers) for name in ("lives", "asked", "arrived", "used")}
    surprises = [said for shopper in shoppers for said in shopper.surprises]
    sys.stdout.write(json.dumps({"answers": answers, **sums, "surprises": surprises}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
