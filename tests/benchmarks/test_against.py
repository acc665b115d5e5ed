"""A server that is there already is measured over the contract alone, by people who sign up or who were named."""

import json
from collections import Counter

import pytest

from tests.benchmarks.__main__ import main
from tests.benchmarks.against import PEOPLE
from tests.benchmarks.loopback import LoopbackHandler, LoopbackServer

KEY = "x-publishable-api-key"
ROUTES = ["own profile", "refresh", "login", "register", "reset request"]


class Shop(LoopbackServer):
    """A server that speaks the routes of the contract that are measured, and knows nothing else of it."""

    def __init__(self):
        super().__init__(Handler)
        self.key = ""  # that each request must bring, where there is one
        self.identities = {}  # address → password
        self.customers = set()  # addresses
        self.asked = Counter()  # (method and path, status) → how often
        self.logged_in = set()

    def measure(self, *arguments):
        return main(["--against", self.url, "--seconds", "0.02", "--connections", "2", *arguments])


class Handler(LoopbackHandler):
    """One connection of a client."""

    def answer(self, body):
        bearer = (self.headers["authorization"] or "").removeprefix("Bearer ")
        status, said = self.said(json.loads(body or "{}"), *bearer.partition(" ")[::2])
        self.server.asked[f"{self.command} {self.path}", status] += 1
        content = json.dumps(said).encode()
        self.wfile.write(b"HTTP/1.1 %d Said\r\ncontent-length: %d\r\n\r\n%s" % (status, len(content), content))

    def said(self, body, role, who):
        """Return status and body; a token here is what its bearer is, and who."""
        shop = self.server
        if self.headers[KEY] != (shop.key or None):
            return 400, {"message": "a publishable key is required"}
        match self.command, self.path:
            case "POST", "/auth/customer/emailpass/register":
                shop.identities[body["email"]] = body["password"]
                return 200, {"token": f"registered {body['email']}"}
            case "POST", "/store/customers" if role == "registered" and who == body["email"]:
                shop.customers.add(who)
                return 200, {"customer": {"email": who}}
            case "POST", "/auth/customer/emailpass" if body["email"] in shop.customers:
                shop.logged_in.add((body["email"], body["password"]))
                known = shop.identities[body["email"]] == body["password"]
                return (200, {"token": f"customer {body['email']}"}) if known else (401, {})
            case ("GET", "/store/customers/me") | ("POST", "/auth/token/refresh") if role == "customer":
                return 200, {"token": f"customer {who}"}
            case "POST", "/auth/customer/emailpass/reset-password" if body["identifier"] in shop.identities:
                return 201, {}
        return 401, {"message": "no"}


@pytest.fixture
def shop():
    made = Shop()
    with made.serving():
        yield made


def rows(text):
    """Return the lines of the table after its head: name → cells."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    assert {len(line) for line in lines} == {5}
    return {name: cells for name, *cells in lines[2:]}


def test_each_route_has_a_line_with_its_answers(shop, capsys, tmp_path):
    table = tmp_path / "table.md"
    assert shop.measure("--output", str(table)) == 0
    said = capsys.readouterr().out
    assert table.read_text() == said
    found = rows(said)
    assert list(found) == ROUTES
    assert all(float(figure) > 0 for cells in found.values() for figure in cells[:3])
    answers = {name: cells[-1] for name, cells in found.items()}
    assert answers["own profile"] == f"200: {shop.asked['GET /store/customers/me', 200]}"
    assert answers["refresh"] == f"200: {shop.asked['POST /auth/token/refresh', 200]}"
    assert answers["reset request"] == f"201: {shop.asked['POST /auth/customer/emailpass/reset-password', 201]}"
    registered = shop.asked["POST /auth/customer/emailpass/register", 200] - PEOPLE
    assert answers["register"] == f"200: {registered}"
    assert answers["login"] == f"200: {shop.asked['POST /auth/customer/emailpass', 200] - PEOPLE}"
    assert {status for _, status in shop.asked} == {200, 201}
    assert len(shop.customers) == PEOPLE


def test_the_headers_are_sent_with_each_request(shop, capsys):
    shop.key = "pk_1=="
    assert shop.measure("--header", f"{KEY}=pk_1==") == 0
    assert list(rows(capsys.readouterr().out)) == ROUTES
    assert {status for _, status in shop.asked} == {200, 201}


def test_people_who_were_named_sign_up_no_more(shop):
    shop.identities = {"a@example.com": "pass:word", "b@example.com": "correct"}
    shop.customers = set(shop.identities)
    accounts = [f"{email}:{password}" for email, password in shop.identities.items()]
    assert shop.measure("--account", accounts[0], "--account", accounts[1]) == 0
    assert shop.logged_in == {("a@example.com", "pass:word"), ("b@example.com", "correct")}
    assert ("POST /store/customers", 200) not in shop.asked
    assert {status for _, status in shop.asked} == {200, 201}


def test_a_server_that_refuses_is_quoted(shop):
    shop.key = "pk_1"
    refused = r"^POST /auth/customer/emailpass/register answered \{400: 1\}: .*a publishable key is required"
    with pytest.raises(SystemExit, match=refused):
        shop.measure()
    assert sum(shop.asked.values()) == 1


def test_a_server_that_is_not_there_is_told():
    gone = Shop()
    gone.server_close()
    with pytest.raises(SystemExit, match=rf"^{gone.url} does not answer: "):
        gone.measure()


@pytest.mark.parametrize("url", ["https://shop.example.com", "127.0.0.1:9000"])
def test_an_address_that_cannot_be_asked_is_refused(url):
    with pytest.raises(SystemExit, match="is not an http:// address"):
        main(["--against", url])
