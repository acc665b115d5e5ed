"""What one recipient gets, and what one address may ask for, with the defaults: whatever road asks, and again."""

from itertools import cycle, islice

import pytest

from tests.by_code import url
from tests.conftest import messages_to
from tests.deletion.conftest import CANCEL_REQUEST
from tests.deletion.conftest import REQUEST as LEAVE

SEND, RESET, CONTACT = (
    "/store/customers/otp/send",
    "/auth/customer/emailpass/reset-password",
    "/store/customers/me/contact",
)
THROTTLE, HOUR, DAY = 121, 3600, 86_400  # past the longest of the throttles
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.9"}
# Roads that send to whoever is named: how they ask, and the rule that they share with others.
ROADS = {
    "login code": (url("generate"), "identifier"),
    "registration code": (url("pre-register"), "identifier"),
    "way back": (CANCEL_REQUEST, "email"),
}


@pytest.fixture
def ask_all_day(clock):
    """Ask so many times, each past every throttle; return how many were granted and the last answer."""

    def run(asks, times):
        answers = []
        for ask in islice(cycle(asks), times):
            answers.append(ask())
            clock.shift(THROTTLE)
        return [answer.status_code for answer in answers].count(200), answers[-1]

    return run


@pytest.fixture
def every_road(api, sign_up):
    """Return each road of codes to one unproven address: by id, by the SDK's flow, and by identifier."""
    person = sign_up()
    asked = {"customer_id": person.id, "type": "email_verification"}
    return [
        lambda: api.post(SEND, asked),
        lambda: api.another(**ELSEWHERE).post(url("generate"), {"identifier": person.email}),
        lambda: api.post(url("pre-register"), {"identifier": person.email.upper()}),
    ]


def test_five_an_hour_and_ten_a_day_over_resends_and_flows(every_road, ask_all_day, clock):
    assert ask_all_day(every_road, 9)[0] == 5
    clock.shift(HOUR - 9 * THROTTLE)
    assert ask_all_day(every_road, 9)[0] == 5
    clock.shift(HOUR - 9 * THROTTLE)
    granted, answer = ask_all_day(every_road, 3)
    assert (granted, answer.json()["code"]) == (0, "throttled")
    assert 21 * HOUR < int(answer.headers["Retry-After"]) <= 22 * HOUR
    clock.shift(22 * HOUR)
    assert ask_all_day(every_road, 9)[0] == 5


@pytest.mark.parametrize("road", ROADS)
def test_ten_a_day_by_one_road(api, db, ask_all_day, clock, road):
    path, name = ROADS[road]

    def ask():
        return api.post(path, {name: "nobody@example.com"})

    granted = []
    for _ in range(3):
        granted.append(ask_all_day([ask], 6)[0])
        clock.shift(HOUR)
    assert granted == [5, 5, 0]


def test_five_reset_links_an_hour_and_ten_a_day(api, verified, clock):
    """It answers 201 whatever comes of it, so the mailbox is counted."""
    verified()
    sent = []
    for _ in range(3):
        before = len(messages_to("jane@example.com"))
        for _ in range(6):
            assert api.post(RESET, {"identifier": "jane@example.com"}).status_code == 201
            clock.shift(THROTTLE)
        sent.append(len(messages_to("jane@example.com")) - before)
        clock.shift(HOUR)
    assert sent == [5, 5, 0]


def test_five_contact_changes_an_hour_and_ten_a_day_whatever_they_change_to(api, verified, ask_all_day, clock):
    _, token = verified()
    numbers = iter(range(100))

    def ask():
        return api.post(CONTACT, {"email": f"next{next(numbers)}@example.com"}, token=token)

    granted = []
    for _ in range(3):
        granted.append(ask_all_day([ask], 6)[0])
        clock.shift(HOUR)
    assert granted == [5, 5, 0]


def test_five_requests_to_leave_an_hour_and_ten_a_day(api, verified, ask_all_day, clock):
    _, token = verified()
    clock.shift(HOUR)  # the code that proved the address counts too
    granted = []
    for _ in range(2):
        granted.append(ask_all_day([lambda: api.post(LEAVE, {}, token=token)], 6)[0])
        clock.shift(HOUR)
    assert granted == [5, 4]


@pytest.mark.parametrize("roads", [["login code", "registration code"], ["way back"]], ids=" and ".join)
def test_twenty_an_hour_from_one_address_whoever_they_are_for(api, db, clock, roads):
    paths = cycle(ROADS[road] for road in roads)

    def ask(number, client=api):
        path, name = next(paths)
        return client.post(path, {name: f"{number}@example.com"})

    assert {ask(number).status_code for number in range(20)} == {200}
    refused = ask(20)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert ask(21, api.another(**ELSEWHERE)).status_code == 200
    clock.shift(HOUR)
    assert ask(22).status_code == 200


def test_twenty_resets_an_hour_from_one_address(api, db, clock):
    statuses = [api.post(RESET, {"identifier": f"{number}@example.com"}).status_code for number in range(21)]
    assert statuses == [201] * 20 + [429]


def test_twenty_contact_changes_an_hour_from_one_address(api, verified, clock):
    tokens = [verified(f"{number}@example.com")[1] for number in range(5)]
    clock.shift(HOUR)
    statuses = []
    for turn in range(5):
        for number, token in enumerate(tokens):
            statuses.append(api.post(CONTACT, {"email": f"{turn}.{number}@example.org"}, token=token).status_code)
        clock.shift(THROTTLE)
    assert statuses == [200] * 20 + [429] * 5


def test_the_shops_own_server_names_its_visitors_and_nobody_else_does(api, db, configure):
    configure(RATE_LIMITS={"STOREFRONT_SERVERS": ["10.0.0.0/24"]})
    names = iter(range(1000))

    def guesses(remote, times, **headers):
        client = api.another(REMOTE_ADDR=remote)
        bodies = [{"email": f"{next(names)}@example.com", "password": "wrong password"} for _ in range(times)]
        return [client.post("/auth/customer/emailpass", body, **headers).status_code for body in bodies].count(401)

    assert guesses("10.0.0.7", 12, **{"x-forwarded-for": "6.6.6.6, 203.0.113.9"}) == 10
    assert guesses("10.0.0.8", 12, **{"x-forwarded-for": "203.0.113.9"}) == 0  # the same visitor at another server
    assert guesses("10.0.0.7", 12, **{"x-forwarded-for": "203.0.113.10"}) == 10
    assert guesses("10.0.0.7", 12) == 12  # a visitor it does not name: rules by address do not apply
    assert sum(guesses("192.0.2.1", 1, **{"x-forwarded-for": f"203.0.113.{n}"}) for n in range(100, 112)) == 10
