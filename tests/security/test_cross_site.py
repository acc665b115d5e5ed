"""Contract section 1: which site's page may use or set the session cookie (row D19; login CSRF)."""

from itertools import product

import pytest
from django.test import Client

from tests.security.hostile import GUARD
from tests.security.places import snapshot

HOST = "shop.example.com"
REFUSED = {
    "type": "forbidden",
    "code": "cross_site_request",
    "message": "Cross-site requests cannot use the session cookie",
}
TRUSTED = ["https://front.example.org", "https://*.example.net"]
# What a page's Origin says, and whether it is the shop's own or trusted, to a request over https.
ORIGINS = {
    "absent": (None, None),
    "same": (f"https://{HOST}", "own"),
    "null": ("null", "other"),
    "empty": ("", "other"),
    "other": ("https://evil.example.com", "other"),
    "trusted": ("https://front.example.org", "trusted"),
    "trusted by wildcard": ("https://a.b.example.net", "trusted"),
    "trusted host, other scheme": ("http://front.example.org", "other"),
    "trusted host, other port": ("https://front.example.org:8443", "other"),
    "wildcard, other scheme": ("http://a.example.net", "other"),
    "wildcard, other port": ("https://a.example.net:8443", "other"),
    "lookalike of the wildcard": ("https://evil-example.net", "other"),
    "wildcard with more behind it": ("https://a.example.net.evil.com", "other"),
    "wildcard in the user's part": ("https://a.example.net@evil.com", "other"),
    "wildcard in the path": ("https://evil.com/.example.net", "other"),
    "lookalike of the shop": (f"https://evil-{HOST}", "other"),
    "shop with more behind it": (f"https://{HOST}.evil.com", "other"),
    "same host, other scheme": (f"http://{HOST}", "other"),
    "same host, other port": (f"https://{HOST}:8443", "other"),
    "same host, in capitals": (f"https://{HOST.upper()}", "other"),
    "no URL": ("https://[", "other"),
}
SITES = {"absent": None, **{site: site for site in ("same-origin", "same-site", "cross-site", "none", "nonsense", "")}}
METHODS = {
    "GET": "/store/customers/me",
    "POST": "/store/customers/me",
    "PATCH": "/store/customers/me",
    "DELETE": "/auth/session",
}
MATRIX = list(product(METHODS, ORIGINS, SITES))


def passes(method, origin, site):
    """Say what the contract says."""
    _, standing = ORIGINS[origin]
    if method == "GET" or standing == "trusted":
        return True
    if SITES[site] is not None:
        return SITES[site] in ("same-origin", "none")
    return standing in (None, "own")


def headers_of(origin, site):
    text, _ = ORIGINS[origin]
    named = {"origin": text, "sec-fetch-site": SITES[site]}
    return {name: value for name, value in named.items() if value is not None}


@pytest.fixture
def browser(verified, configure, settings):
    """A browser with a live session cookie of Jane's, over https; and her bearer."""
    configure(RATE_LIMITS={"ENABLED": False})  # opening a session counts as a login
    settings.CSRF_TRUSTED_ORIGINS = TRUSTED
    _, bearer = verified()
    client = Client(headers={"host": HOST})
    opened = client.post("/auth/session", headers={"authorization": f"Bearer {bearer}"}, secure=True)
    assert opened.status_code == 200
    return client, bearer


def request(client, method, headers, path=None):
    body = {} if method == "GET" else {"data": {"first_name": "Eve"}, "content_type": "application/json"}
    return getattr(client, method.lower())(path or METHODS[method], headers=headers, secure=True, **body)


def test_the_cookie_is_used_by_the_shops_own_pages_alone(browser):
    client, _ = browser
    cookie, complaints = client.cookies["sessionid"].value, []
    before = snapshot()
    refused = [case for case in MATRIX if not passes(*case)]
    assert len(refused) > 200
    for method, origin, site in refused:
        answer = request(client, method, headers_of(origin, site))
        if (answer.status_code, answer.json()) != (403, REFUSED):
            complaints.append(f"{method}, Origin {origin}, Sec-Fetch-Site {site}: {answer.status_code}")
        client.cookies["sessionid"] = cookie
    assert not complaints, "\n".join(complaints)
    assert snapshot() == before


@pytest.mark.parametrize("method", METHODS)
def test_what_is_not_refused_works(browser, method):
    client, bearer = browser
    cases = [case for case in MATRIX if case[0] == method and passes(*case)]
    assert len(cases) > 20
    for _, origin, site in cases:
        answer = request(client, method, headers_of(origin, site))
        assert answer.status_code == 200, (origin, site, answer.content)
        if method == "DELETE":  # and there is something to end again
            client.post("/auth/session", headers={"authorization": f"Bearer {bearer}"}, secure=True)


def test_setting_the_cookie_follows_the_same_rules(browser):
    """Else a page of the attacker's could log its visitor in as the attacker."""
    _, bearer = browser
    complaints = []
    for origin, site in product(ORIGINS, SITES):
        client = Client(headers={"host": HOST})
        headers = headers_of(origin, site) | {"authorization": f"Bearer {bearer}"}
        answer = request(client, "POST", headers, "/auth/session")
        right = (200, True) if passes("POST", origin, site) else (403, False)
        if (answer.status_code, "sessionid" in answer.cookies) != right:
            complaints.append(f"Origin {origin}, Sec-Fetch-Site {site}: {answer.status_code}")
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_a_bearer_is_never_refused_for_where_it_comes_from(browser, method):
    client, bearer = browser
    for (origin, site), cookie in product(product(ORIGINS, SITES), (True, False)):
        sender = client if cookie else Client(headers={"host": HOST})
        answer = request(sender, method, headers_of(origin, site) | {"authorization": f"Bearer {bearer}"})
        assert answer.status_code == 200, (origin, site, cookie, answer.content)


@pytest.mark.parametrize("bearer", ["stale.bearer.token", ""])
def test_a_junk_bearer_beside_the_cookie_does_not_by_pass_the_rules(browser, bearer):
    client, _ = browser
    headers = headers_of("other", "cross-site") | {"authorization": f"Bearer {bearer}"}
    assert request(client, "POST", headers).json() == REFUSED


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/store/customers/me", "POST"),
        ("/store/customers/me", "PATCH"),
        ("/store/customers/me/contact", "POST"),
        ("/store/customers/me/contact/verify", "POST"),
        ("/store/customers/me/password", "POST"),
        ("/store/customers/me/logout-all", "POST"),
        ("/store/customers/account-deletion/request", "POST"),
        ("/auth/token/refresh", "POST"),
        ("/auth/verification/request", "POST"),
        ("/store/customers", "POST"),
        ("/auth/session", "DELETE"),
    ],
)
def test_d19_every_unsafe_route_of_the_cookie_refuses_another_site(browser, path, method):
    client, _ = browser
    answer = request(client, method, headers_of("other", "cross-site"), path)
    assert (answer.status_code, answer.json()) == (403, REFUSED)


def test_a_stranger_without_a_session_is_told_nothing_of_sites(db):
    headers = headers_of("other", "cross-site")
    for method, path in METHODS.items():
        answer = request(Client(headers={"host": HOST}), method, headers, path)
        assert (answer.status_code, answer.json()) == (401, GUARD)


@pytest.mark.parametrize("path", ["/auth/customer/emailpass", "/auth/customer/emailpass/reset-password"])
def test_public_routes_are_open_to_every_site_with_the_cookie_too(browser, path):
    client, _ = browser
    body = {"email": "jane@example.com", "password": "wrong password"} if path.endswith("pass") else {"email": "x@y.zz"}
    answer = client.post(
        path, body, content_type="application/json", headers=headers_of("other", "cross-site"), secure=True
    )
    assert answer.status_code in (201, 401)


@pytest.mark.parametrize(("secure", "scheme"), [(True, "https"), (False, "http")])
def test_the_shops_own_origin_has_the_requests_scheme_and_host(verified, secure, scheme):
    _, bearer = verified()
    for host, port in ((HOST, ""), (HOST, ":8080")):
        client = Client(headers={"host": f"{host}{port}"})
        client.post("/auth/session", headers={"authorization": f"Bearer {bearer}"}, secure=secure)
        for origin, expected in ((f"{scheme}://{host}{port}", 200), (f"{scheme}://{host}:9", 403)):
            answer = client.post(
                "/store/customers/me", {}, content_type="application/json", headers={"origin": origin}, secure=secure
            )
            assert answer.status_code == expected, (origin, answer.content)
