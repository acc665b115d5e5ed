"""What strangers post: the routes, taken from the URLconf, and how an answer must look whatever was sent."""

import json
from dataclasses import dataclass, field

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from customer_registration import ratelimits
from customer_registration.api.urls import urlpatterns

JSON = "application/json"
GUARD = {"message": "Unauthorized"}
# Refusals of the reference and of the plugin that brought the two steps, which have these keys and no others.
PLAIN = (GUARD, {"error": "OTP is invalid"})
PASSWORD = "correct horse battery"
PHONE = "+447400123456"
CREDENTIALS = {"email": "new@example.com", "password": PASSWORD}

# For each route a body that it could take. A new route must be added here.
BODIES = {
    "token-refresh": {"anything": "at all"},
    "verification-request": {
        "entity_id": "eve@example.com",
        "entity_type": "email",
        "code_provider": "otp",
        "metadata": {"a": "b"},
    },
    "verification-confirm": {"code": "123456", "code_provider": "otp"},
    "login": {**CREDENTIALS, "phone": None, "email_or_phone": None},
    "register": CREDENTIALS | {"phone": PHONE},
    "customers": {
        "email": "new@example.com",
        "phone": PHONE,
        "first_name": "Jane",
        "last_name": "Doe",
        "company_name": "Shop",
        "metadata": {"a": "b"},
        "password": PASSWORD,
    },
    "otp-send": {"customer_id": "cus_01HZZZZZZZZZZZZZZZZZZZZZZZ", "type": "email_verification"},
    "otp-verify": {"token": "a.b.c", "code": "123456"},
    "session": {},
    "reset-password": {
        "identifier": "jane@example.com",
        "email": None,
        "phone": None,
        "email_or_phone": None,
        "metadata": {"a": "b"},
    },
    "update": {
        "password": PASSWORD,
        "token": "a.b.c",
        "identifier": "jane@example.com",
        "email": "jane@example.com",
        "phone": PHONE,
        "email_or_phone": PHONE,
        "entity_id": "jane@example.com",
    },
    "me": {"first_name": "Jane", "last_name": "Doe", "company_name": "Shop", "metadata": {"a": "b"}},
    "contact": {"email": "next@example.com", "phone": None},
    "contact-verify": {"token": "a.b.c", "code": "123456"},
    "password": {"old_password": "wrong password", "password": "another battery staple"},
    "logout-all": {"anything": "at all"},
    "contact-undo": {"token": "01HZZZZZZZZZZZZZZZZZZZZZZZ." + "0" * 64},
    "deletion-request": {"reason": "bye"},
    "deletion-confirm": {"token": "a.b.c", "code": "123456"},
    "deletion-cancel-request": {"email": "jane@example.com", "phone": None, "email_or_phone": None},
    "deletion-cancel-confirm": {"token": "a.b.c", "code": "123456"},
    "code-generate": {"identifier": "jane@example.com"},
    "code-pre-register": {"identifier": "free@example.com"},
    "code-verify": {"identifier": "jane@example.com", "otp": "000000", "token": "a.b.c"},
    "code-register": {"identifier": "free@example.com", "otp": "000000", "token": "a.b.c"},
    "code-login": {"identifier": "jane@example.com", "otp": "000000", "token": "a.b.c"},
    "two-step-login": {"email": "jane@example.com", "password": PASSWORD, "phone": None, "email_or_phone": None},
    "two-step-login-code": {"email": "jane@example.com", "otp": "000000", "phone": None, "email_or_phone": None},
    "mfa-factors": {"provider": "totp", "label": "Telephone", "issuer": "Shop", "metadata": {"a": "b"}},
    "mfa-factor-verify": {"code": "000000"},
    "mfa-recovery-codes": {"count": 10, "method": "totp", "code": "000000"},
    "mfa-challenge-verify": {"method": "totp", "code": "000000"},
    "unknown-auth": {"a": "b"},
    "unknown-store": {"a": "b"},
}
# What fills the parts of a path that differ.
PARTS = {
    ("actor", "provider"): [
        ("customer", "emailpass"),
        ("customer", "phonepass"),
        ("customer", "otp"),
        ("user", "emailpass"),
        ("x", "y"),
    ],
    ("actor",): [("customer",), ("user",), ("x",)],
    ("factor_id",): [("authmfa_01HZZZZZZZZZZZZZZZZZZZZZZZ",), ("x",)],
    ("challenge_id",): [("authmfachal_01HZZZZZZZZZZZZZZZZZZZZZZZ",), ("x",)],
}


def post_routes():
    """Return the name and the paths of every route that takes a POST."""
    routes = {}
    for pattern in urlpatterns:
        if "post" not in pattern.callback.actions:
            continue
        name = pattern.name
        if name.startswith("unknown-"):
            routes[name] = [f"/{name.removeprefix('unknown-')}/no/such/path"]
        elif names := tuple(pattern.pattern.converters):
            arguments = [dict(zip(names, parts, strict=True)) for parts in PARTS[names]]
            routes[name] = [reverse(f"customer_registration:{name}", kwargs=each) for each in arguments]
        else:
            routes[name] = [reverse(f"customer_registration:{name}")]
    return routes


ROUTES = post_routes()
# The one answer that is text, as the SDK wants it; errors there are JSON as everywhere.
TEXT_PATHS = ROUTES["reset-password"]


def row_counts():
    """Count the rows of every table in one statement."""
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    selects = [f"SELECT '{table}', COUNT(*) FROM {connection.ops.quote_name(table)}" for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects))
        return dict(cursor.fetchall())


@dataclass
class Stranger:
    """Posts hostile requests and collects what is wrong with the answers."""

    bearers: dict = field(repr=False)
    bodies: dict = field(repr=False)
    client: Client = field(default_factory=lambda: Client(raise_request_exception=True))
    complaints: list = field(default_factory=list)
    statuses: list = field(default_factory=list)
    rows: dict = field(default_factory=dict)

    def post(self, path, data, *, content_type="application/json", by=None, **extra):
        """Post without a bearer, then with each live one; or as the one that ``by`` names."""
        senders = {"nobody": None, **self.bearers}
        for who, bearer in senders.items() if by is None else [(by, senders[by])]:
            headers = {"HTTP_AUTHORIZATION": f"Bearer {bearer}"} if bearer else {}
            self.send("POST", path, data, content_type, who=who, **{**headers, **extra})

    def post_everywhere(self, data, *, query="", **options):
        """Post to every route there is."""
        for paths in ROUTES.values():
            for path in paths:
                self.post(path + query, data, **options)

    def send(self, method, path, data=b"", content_type="application/json", *, who="nobody", **extra):
        """Send one request, judge the answer, and take back what it did: a log-out would hide what comes after it."""
        ratelimits.reset()  # so would a 429
        with transaction.atomic():
            complaint = self._send(method, path, data, content_type, **extra)
            refused = not complaint and self.statuses[-1] >= 400
            rows = row_counts() if refused else None
            transaction.set_rollback(True)
        self.client.cookies.clear()
        if refused and rows != self.rows:
            self.rows = row_counts()  # as before the request, now that it is taken back
            complaint = None if rows == self.rows else f"{self.statuses[-1]}: refused, but something was stored"
        if complaint:
            self.complaints.append(f"{method} {path[:60]} by {who}: {complaint}")

    def _send(self, method, path, data, content_type, **extra):
        try:
            # `generic` sends bytes as they are, where `post` would recode them, but no type without a body.
            answer = self.client.generic(method, path, data, content_type, **{"CONTENT_TYPE": content_type, **extra})
        except Exception as error:
            self.statuses.append(None)
            return f"raised {type(error).__name__}: {str(error)[:80]}"
        self.statuses.append(answer.status_code)
        complaint = wrong_with(answer, as_text=method == "POST" and path.partition("?")[0] in TEXT_PATHS)
        return complaint and f"{answer.status_code}: {complaint}"

    def is_content(self):
        """Fail with everything that was wrong, not the first of it alone."""
        if self.complaints or not self.statuses:
            pytest.fail("\n".join(self.complaints) or "nothing was sent", pytrace=False)


def wrong_with(answer, *, as_text=False):
    """Return what is wrong with an answer, or ``None``; ``as_text``: success is the word alone, as reset-password's."""
    if answer.status_code >= 500:
        return "server error"
    if 300 <= answer.status_code < 400 or answer.status_code == 204:
        return "redirect or no content"
    if as_text and answer.status_code == 201:
        right = (answer.content, answer.headers["Content-Type"]) == (b"Created", "text/plain; charset=utf-8")
        return None if right else f"not the text but {answer.headers['Content-Type']}"
    if answer.headers["Content-Type"].partition(";")[0] != "application/json":
        return f"not JSON but {answer.headers['Content-Type']}"
    try:
        body = json.loads(answer.content)
    except ValueError:
        return "unreadable JSON"
    if not isinstance(body, dict):
        return "no object"
    if answer.status_code < 400 or body in PLAIN:
        return None
    if not (isinstance(body.get("message"), str) and body["message"] and isinstance(body.get("type"), str)):
        return f"no envelope: {sorted(body)}"
    return None
