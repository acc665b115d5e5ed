"""The example's pages about the API, and its answers to browsers of other origins."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern

from customer_registration.api.urls import ANY_METHOD, urlpatterns

STOREFRONT = "http://localhost:5173"
ROUTES = [pattern for pattern in urlpatterns if pattern.callback.actions != ANY_METHOD]


class LoadedUrls(HTMLParser):
    """What a page makes a browser load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a script, a style sheet or an image."""
        wanted = "href" if tag == "link" else "src"
        self.urls += [value or "" for name, value in attrs if name == wanted]


def operations(route: URLPattern) -> set[tuple[str, str]]:
    """Return the (path, method) pairs that a route adds to the schema."""
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(route.pattern))
    methods = set(route.callback.actions) - {"head"}  # type: ignore[attr-defined]  # DRF adds it at the first call
    return {(path, method) for method in methods}


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    """The schema as served."""
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


def test_the_schema_lists_every_route_and_no_other(schema: dict[str, Any]) -> None:
    listed = {(path, method) for path, methods in schema["paths"].items() for method in methods}
    assert len(ROUTES) == len(urlpatterns) - 2, "all but the two that catch unknown paths"
    assert listed == set().union(*map(operations, ROUTES))


def test_guarded_routes_name_the_bearer_and_public_ones_do_not(schema: dict[str, Any]) -> None:
    paths = schema["paths"]
    assert schema["components"]["securitySchemes"]["loginToken"]["scheme"] == "bearer"
    assert paths["/store/customers/me"]["get"]["security"] == [{"loginToken": []}, {"sessionCookie": []}]
    assert not paths["/auth/{actor}/{provider}"]["post"].get("security")


def test_the_schema_is_valid_and_made_without_a_warning(tmp_path: Path) -> None:
    call_command(
        "spectacular", file=str(tmp_path / "openapi.json"), format="openapi-json", validate=True, fail_on_warn=True
    )


def test_the_docs_page_loads_nothing_from_elsewhere(client: Client) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 200
    page = answer.content.decode()
    urls = LoadedUrls(page).urls
    assert len(urls) >= 3
    for url in urls:
        assert url.startswith("/static/"), url
        assert finders.find(url.removeprefix("/static/")), url
    assert not re.search(r"https?://", page)
    assert "/openapi.json" in page


@pytest.fixture
def any_origin(settings: Any) -> None:
    """CORS as it is with DEBUG."""
    settings.CORS_ALLOW_ALL_ORIGINS = True


def preflight(client: Client, path: str, *, headers: str, method: str = "POST", origin: str = STOREFRONT) -> Any:
    return client.options(
        path,
        headers={
            "origin": origin,
            "access-control-request-method": method,
            "access-control-request-headers": headers,
        },
    )


@pytest.mark.parametrize("path", ["/auth/customer/emailpass/register", "/store/customers", "/store/customers/otp/send"])
@pytest.mark.parametrize("header", ["authorization", "content-type", "x-publishable-api-key", "x-medusa-locale"])
def test_a_storefront_elsewhere_may_send(client: Client, any_origin: None, path: str, header: str) -> None:
    answer = preflight(client, path, headers=header)
    assert answer.status_code == 200
    assert answer["access-control-allow-origin"] == STOREFRONT
    assert answer["access-control-allow-credentials"] == "true"
    assert "POST" in answer["access-control-allow-methods"]
    assert header in answer["access-control-allow-headers"].split(", ")


def test_without_debug_only_named_origins_may_call(client: Client, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [STOREFRONT]
    assert preflight(client, "/store/customers", headers="authorization")["access-control-allow-origin"] == STOREFRONT
    stranger = preflight(client, "/store/customers", headers="authorization", origin="https://evil.example")
    assert "access-control-allow-origin" not in stranger


def test_pages_are_not_for_other_origins(client: Client, any_origin: None) -> None:
    assert "access-control-allow-origin" not in client.get("/docs", headers={"origin": STOREFRONT})


@pytest.mark.parametrize("path", ["/admin/foo", "/auth/foo", "/store/foo", "/inbox/foo"])
def test_an_unknown_path_of_the_api_is_a_json_404(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer["content-type"].startswith("application/json")
    assert answer.json() == {"type": "not_found", "message": "Not found", "code": "not_found"}


def test_an_unknown_page_is_a_page(client: Client) -> None:
    answer = client.get("/foo")
    assert answer.status_code == 404
    assert answer["content-type"].startswith("text/html")
