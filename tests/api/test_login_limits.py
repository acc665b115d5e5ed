"""Logins that come too often, and what does not count."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.conftest import PASSWORD, link_token

URL = "/auth/customer/emailpass"
WRONG = {"type": "unauthorized", "message": "Invalid email or password"}
pytestmark = pytest.mark.life_cycle


def test_the_sixth_wrong_password_is_429_and_so_is_the_right_one_from_there(api, verified):
    person, _ = verified()
    body = {"email": person.email, "password": "wrong password"}
    assert [api.post(URL, body).status_code for _ in range(6)] == [401] * 5 + [429]
    right = {**body, "password": PASSWORD}
    limited = api.post(URL, right)
    assert limited.status_code == 429
    assert 1 <= int(limited.headers["Retry-After"]) <= 300
    api.client.defaults["REMOTE_ADDR"] = "198.51.100.7"
    assert api.post(URL, right).status_code == 200
    api.client.defaults["REMOTE_ADDR"] = "127.0.0.1"
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert api.post(URL, right).status_code == 200


def test_a3_letter_case_is_no_way_around_the_limit(api, verified):
    verified()
    spellings = ["jane@example.com", "JANE@example.com", "Jane@Example.com", " jane@example.com", "jane@EXAMPLE.COM"]
    for spelling in [*spellings, "ＪＡＮＥ@example.com"]:
        answer = api.post(URL, {"email": spelling, "password": "wrong password"})
    assert answer.status_code == 429


def test_d3_a_success_gives_back_its_own_hit_only(api, verified):
    mine, _ = verified("mine@example.com")
    verified()
    for _ in range(5):
        api.post(URL, {"email": "jane@example.com", "password": "wrong password"})
        assert api.post(URL, {"email": mine.email, "password": PASSWORD}).status_code == 200
    assert api.post(URL, {"email": "jane@example.com", "password": "wrong password"}).status_code == 429


def test_the_right_password_is_never_counted(api, verified):
    person, _ = verified()
    body = {"email": person.email, "password": PASSWORD}
    assert {api.post(URL, body).status_code for _ in range(12)} == {200}


def test_sixty_logins_a_minute_from_one_address(api, configure, verified):
    configure(RATE_LIMITS={"RULES": {"login_failed": ""}})
    person, _ = verified()
    body = {"email": person.email, "password": PASSWORD}
    assert [api.post(URL, body).status_code for _ in range(61)] == [200] * 60 + [429]


def test_wrong_passwords_are_limited_where_no_address_is_known(api, verified):
    verified()
    api.client.defaults["REMOTE_ADDR"] = ""  # a web server in front of a unix socket
    body = {"email": "jane@example.com", "password": "wrong password"}
    assert [api.post(URL, body).status_code for _ in range(6)] == [401] * 5 + [429]


def test_a_reset_lets_its_owner_in_at_once_from_where_they_set_it_and_nobody_elsewhere(api, verified):
    person, _ = verified()
    here, elsewhere, new = "198.51.100.7", "203.0.113.9", "a new password entirely"

    def log_in(ip, password):
        api.client.defaults["REMOTE_ADDR"] = ip
        return api.post(URL, {"email": person.email, "password": password}).status_code

    for ip in (elsewhere, here):
        assert [log_in(ip, "wrong password") for _ in range(6)] == [401] * 5 + [429]
    api.post(f"{URL}/reset-password", {"email": person.email})
    token = link_token(person.email)
    assert api.post(f"{URL}/update", {"token": token, "password": new}).status_code == 200
    assert (log_in(here, new), log_in(elsewhere, new)) == (200, 429)
