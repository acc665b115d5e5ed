"""How the story is walked: steps that fail or cannot be taken, answers, people."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

import httpx
import pytest

from customer_registration.conf import IDENTIFIER_MODES, config
from customer_registration.identifiers import parse_phone
from example_project.server import listening, serving
from example_project.story import account, by_both, by_email, by_phone, leaving, second_step, without_password
from example_project.story.authenticator import App
from example_project.story.backstage import Backstage
from example_project.story.chapters import CHAPTERS, look_around
from example_project.story.people import REGION, NotKnown, Person, fictional_numbers
from example_project.story.requests import another
from example_project.story.shop import Answer, Shop, Unexpected
from example_project.story.walk import Outcome, Step, Walk


class ClosedShop:
    """A shop that answers everything with an error."""

    def get(self, path: str, **options: Any) -> Answer:
        """Fail."""
        return Answer(500, httpx.Headers(), "<h1>Out of order</h1>")

    def post(self, path: str, *args: Any, **options: Any) -> Answer:
        """Fail."""
        return self.get(path)

    def delete(self, path: str, *args: Any, **options: Any) -> Answer:
        """Fail."""
        return self.get(path)

    def newest_message(self, to: str) -> int:
        """Fail."""
        raise Unexpected(expected="messages", came="none")

    @contextmanager
    def in_another_browser(self) -> Iterator["ClosedShop"]:
        """Stay closed."""
        yield self

    def read_message(self, to: str, pattern: str, *, after: int = 0) -> str:
        """Fail."""
        raise Unexpected(expected="a message", came="none")


class ClosedBackstage(Backstage):
    """Nobody is there to run a command."""

    def run(self, command: str, *arguments: str) -> str:
        """Fail."""
        raise Unexpected(expected="somebody", came="nobody")


@pytest.fixture
def shop_with_cookies() -> Iterator[str]:
    """Serve what was asked for and the cookies that came along; a POST sets one."""

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        headers = [("Set-Cookie", "sessionid=abc; Path=/")] if environ["REQUEST_METHOD"] == "POST" else []
        start_response("200 OK", headers)
        asked = (environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("HTTP_COOKIE", ""))
        return [" ".join(asked).encode()]

    with listening(0) as server, serving(server, answer) as base_url:
        yield base_url


def test_every_mode_has_chapters() -> None:
    assert set(CHAPTERS) == set(IDENTIFIER_MODES)


def test_what_is_done_with_an_account_is_told_last_in_every_mode() -> None:
    accounts = (by_email.ACCOUNT, by_phone.ACCOUNT, by_both.ACCOUNT)
    assert len({each.owner for each in accounts}) == len(accounts)
    for mode, whose in zip(IDENTIFIER_MODES, accounts, strict=True):
        told = [chapter.func.__name__ for chapter in CHAPTERS[mode] if isinstance(chapter, partial)]
        modules = (account, without_password, second_step, leaving)
        common = [chapter for module in modules for chapter in module.chapters(whose)]
        assert told == [chapter.func.__name__ for chapter in common]
        assert {chapter.keywords["account"] for chapter in CHAPTERS[mode][-len(told) :]} == {whose}


@pytest.mark.parametrize("mode", IDENTIFIER_MODES)
def test_steps_that_need_a_failed_one_are_skipped_and_no_step_ends_the_walk(mode: str) -> None:
    told: list[Step] = []
    staff, backstage = Person("admin@example.com", "-"), ClosedBackstage()
    walk = Walk(ClosedShop(), staff=staff, tell=told.append, backstage=backstage)  # type: ignore[arg-type]
    for chapter in (*CHAPTERS[mode], look_around):
        chapter(walk)
    assert told == walk.steps
    assert walk.count(Outcome.OK) == 0
    created = next(step for step in told if step.title.startswith("create the customer"))
    assert created.outcome == Outcome.SKIPPED
    assert created.reasons == ["needs the registration token of an earlier step"]
    erased = next(step for step in told if step.title.endswith("→ erased"))
    assert erased.reasons == ["needs the customer id of an earlier step"]
    first = told[0]
    assert first.outcome == Outcome.FAILED
    assert first.reasons == ['expected  200 {"token": <str>}', "came      500 <h1>Out of order</h1>"]


@pytest.mark.parametrize(
    ("body", "keys", "fits"),
    [
        ('{"token": "abc"}', {"token": str}, True),
        ('{"token": ""}', {"token": str}, False),
        ('{"token": null}', {"token": str}, False),
        ('{"a": {"b": 1, "c": 2}}', {"a": {"b": 1}}, True),
        ('{"a": [1]}', {"a": {"b": 1}}, False),
        ('{"a": 0}', {"a": int}, True),
        ('["a"]', {"a": 1}, False),
        ("no JSON", {"a": 1}, False),
    ],
)
def test_an_answer_is_compared_key_by_key(body: str, keys: dict[str, Any], fits: bool) -> None:
    answer = Answer(200, httpx.Headers(), body)
    if fits:
        answer.expect(200, **keys)
    else:
        with pytest.raises(Unexpected):
            answer.expect(200, **keys)
    with pytest.raises(Unexpected):
        answer.expect(201, **keys)


def test_a_text_is_compared_whole() -> None:
    answer = Answer(201, httpx.Headers(), "Created")
    answer.expect_text(201, "Created")
    with pytest.raises(Unexpected, match="expected 200 Created, came 201 Created"):
        answer.expect_text(200, "Created")
    with pytest.raises(Unexpected):
        answer.expect_text(201, "Create")


def test_another_browser_is_at_the_same_shop_and_has_cookies_of_its_own(shop_with_cookies: str) -> None:
    with Shop(shop_with_cookies) as shop, shop.in_another_browser() as browser:
        assert browser.post("/auth/session").header("set-cookie") == "sessionid=abc; Path=/"
        assert browser.delete("/auth/session").text == "DELETE /auth/session sessionid=abc"
        assert shop.get("/auth/session").text == "GET /auth/session "


def test_messages_from_before_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    inbox: list[dict[str, Any]] = []
    shop = Shop("http://127.0.0.1")
    monkeypatch.setattr(
        shop, "get", lambda *args, **options: Answer(200, httpx.Headers(), json.dumps({"messages": inbox}))
    )
    monkeypatch.setattr("example_project.story.shop.ARRIVAL_SECONDS", 0)
    assert shop.newest_message("jane@example.com") == 0
    inbox[:] = [{"id": 8, "text": "hello"}, {"id": 7, "text": "code 111"}]
    assert shop.newest_message("jane@example.com") == 8
    assert shop.read_message("jane@example.com", r"code (\d+)") == "111"
    with pytest.raises(Unexpected):
        shop.read_message("jane@example.com", r"code (\d+)", after=8)
    inbox.insert(0, {"id": 9, "text": "code 222"})
    assert shop.read_message("jane@example.com", r"code (\d+)", after=8) == "222"


@pytest.mark.parametrize("body", [None, {"code": "123456"}])
def test_a_delete_has_a_body_where_there_is_one(body: dict[str, str] | None) -> None:
    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))]

    with listening(0) as server, serving(server, answer) as base_url, Shop(base_url) as shop:
        assert shop.delete("/auth/session", body).text == ('{"code":"123456"}' if body else "")


# RFC 6238, appendix B: the secret of its SHA-1 vectors, whose eight digits end in these six.
@pytest.mark.parametrize(("moment", "code"), [(1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")])
def test_an_app_shows_each_code_once(moment: int, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("example_project.story.authenticator.time.time", lambda: float(moment))
    app = App(base64.b32encode(b"12345678901234567890").decode())
    assert app.code() == app.last_code() == code
    following = app.code()
    assert following == app.last_code() != code
    assert app.wrong_code() not in (code, following)
    monkeypatch.setattr("example_project.story.authenticator.time.time", lambda: float(moment + 60))
    assert app.code() not in (code, following)


def test_a_header_that_is_missing_is_unexpected() -> None:
    with pytest.raises(Unexpected, match="expected a retry-after header"):
        Answer(429, httpx.Headers(), "{}").header("retry-after")


def test_a_person_knows_only_what_a_step_has_set() -> None:
    numbers = fictional_numbers()
    jane = Person.stranger("jane", next(numbers))
    with pytest.raises(NotKnown):
        _ = jane.login_token
    jane.login_token = "abc"
    assert jane.login_token == "abc"
    namesake = Person.stranger("jane", next(numbers))
    assert namesake.email != jane.email
    assert namesake.phone != jane.phone
    with pytest.raises(NotKnown):
        _ = Person("admin@example.com", "-").by_phone


def test_fictional_numbers_are_taken_in_every_spelling_of_the_story_and_never_repeat() -> None:
    numbers = list(islice(fictional_numbers(), 1000))
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert number[5:10] == "55501"
        person = Person.stranger("pat", number)
        for spelling in (number, person.national_phone, person.dotted_phone):
            assert parse_phone(spelling, region=REGION).value == number


def test_a_walk_gives_its_people_the_numbers_it_was_given() -> None:
    numbers = iter(["+14155550100", "+14155550101"])
    walk = Walk(ClosedShop(), staff=Person("-", "-"), tell=print, numbers=numbers)  # type: ignore[arg-type]
    pat, kay = walk.person("pat"), walk.person("kay")
    assert (pat.phone, kay.phone) == ("+14155550100", "+14155550101")
    assert walk.person("pat") is pat
    assert pat.national_phone == "(415) 555-0100"


@pytest.mark.parametrize("code", ["123456", "923456", "ABCDEFGH"])
def test_a_wrong_code_differs_and_has_the_same_length(code: str) -> None:
    assert another(code) != code
    assert len(another(code)) == len(code)


@pytest.mark.django_db
def test_what_a_command_printed_is_one_line() -> None:
    assert Backstage().run("deliver_messages") == "0 sent"
    told = Backstage().run("showmigrations", "inbox")
    assert re.fullmatch(r"inbox( · \[[ X]\] \d{4}_\w+)+", told)


@pytest.mark.django_db
def test_a_command_that_fails_is_unexpected() -> None:
    with pytest.raises(Unexpected, match=r"expected manage\.py purge_accounts to succeed, .*no customer cus_1\."):
        Backstage().run("purge_accounts", "--customer", "cus_1")


def test_options_last_for_their_block(settings: Any) -> None:
    settings.CUSTOMER_REGISTRATION = {"ACCOUNT_DELETION_REQUEST": {"REMINDER_DAYS": [3]}}
    with Backstage().options(ACCOUNT_DELETION_REQUEST={"SCHEDULED_DAYS": 0}):
        chosen = config().account_deletion_request
        assert (chosen.scheduled_days, chosen.reminder_days) == (0, (3,))
    assert config().account_deletion_request.scheduled_days == 7
