"""The address that limits count by is believed only as far as the project's own proxies reach."""

import random

import pytest

from customer_registration.ratelimits import client_ip

HERE = "192.0.2.1"


def address(remote=HERE, forwarded=None):
    meta = {"REMOTE_ADDR": remote}
    if forwarded is not None:
        meta["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_ip(meta)


def test_without_proxies_a_hundred_spoofed_headers_are_one_address():
    spoofed = (f"{random.randrange(256)}.{random.randrange(256)}.0.{n}" for n in range(100))
    assert {address(forwarded=header) for header in spoofed} == {HERE}


@pytest.mark.parametrize(
    ("forwarded", "found"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("6.6.6.6,,junk, 203.0.113.9 ", "203.0.113.9"),
        (None, HERE),
        ("", HERE),
    ],
)
def test_behind_one_proxy_the_last_entry_counts(configure, forwarded, found):
    configure(RATE_LIMITS={"TRUSTED_PROXIES": 1})
    assert address(forwarded=forwarded) == found


def test_behind_two_proxies_the_last_entry_but_one_counts(configure):
    configure(RATE_LIMITS={"TRUSTED_PROXIES": 2})
    assert address(forwarded="6.6.6.6, 203.0.113.9, 10.0.0.1") == "203.0.113.9"
    assert address(forwarded="203.0.113.9") == "203.0.113.9"


SHOP = {"STOREFRONT_SERVERS": ["10.0.0.0/24", "2001:db8:5::/48"]}


def test_the_shops_own_server_names_its_visitor(configure):
    configure(RATE_LIMITS=SHOP)
    assert address("10.0.0.7", "203.0.113.9") == "203.0.113.9"
    assert address("10.0.0.7", "6.6.6.6, 203.0.113.9") == "203.0.113.9"
    assert address("2001:db8:5::1", "203.0.113.9") == "203.0.113.9"
    assert address("::ffff:10.0.0.7", "203.0.113.9") == "203.0.113.9"


def test_nobody_else_can_name_a_visitor(configure):
    configure(RATE_LIMITS=SHOP)
    assert address("10.0.1.7", "203.0.113.9") == "10.0.1.7"
    assert address(HERE, "10.0.0.7, 203.0.113.9") == HERE


def test_behind_a_proxy_the_visitor_stands_before_the_shops_server(configure):
    configure(RATE_LIMITS={**SHOP, "TRUSTED_PROXIES": 1})
    assert address("172.16.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.7") == "203.0.113.9"
    assert address("172.16.0.1", "6.6.6.6, 203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize("forwarded", [None, "", "unknown"])
def test_a_server_that_names_nobody_is_not_counted_itself(configure, forwarded):
    configure(RATE_LIMITS=SHOP)
    assert address("10.0.0.7", forwarded) is None


def test_one_subscribers_ipv6_addresses_are_one():
    together = {address(f"2001:db8:1:2:{n:x}::{n:x}") for n in range(1, 200)}
    assert together == {"2001:db8:1:2::/64"}
    assert address("2001:db8:1:3::1") == "2001:db8:1:3::/64"
    assert address("2001:DB8:1:2:0:0:0:1") == "2001:db8:1:2::/64"


def test_an_ipv4_address_in_ipv6_clothes_is_the_ipv4_address():
    assert address("::ffff:192.0.2.1") == address("::FFFF:c000:201") == HERE


JUNK = ["unknown", "_hidden", "localhost", "192.0.2", "192.0.2.256", "0x7f.1", "1" * 10_000, "\0", "١٩٢.٠.٢.١", ":::"]


@pytest.mark.parametrize("junk", JUNK)
def test_junk_is_no_address_and_no_error(configure, junk):
    assert address(junk) is None
    configure(RATE_LIMITS={"TRUSTED_PROXIES": 1})
    assert address(HERE, f"203.0.113.9, {junk}") is None


def test_without_a_header_or_an_address_there_is_none():
    assert client_ip({}) is None


def test_a_hundred_spoofed_headers_are_limited_as_one_over_http(api):
    statuses = [
        api.post(
            "/auth/customer/emailpass",
            {"email": f"{n}@example.com", "password": "wrong horse battery"},
            **{"x-forwarded-for": f"203.0.113.{n}"},
        ).status_code
        for n in range(11)
    ]
    assert statuses == [401] * 10 + [429]
