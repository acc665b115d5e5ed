"""What the tests of the move from Medusa share: the hashers of a shop that moves, the command, and folders of CSV."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from customer_registration.contrib.medusa.hashers import MedusaScryptPasswordHasher
from customer_registration.contrib.medusa.tables import TABLES
from customer_registration.models import Customer

DUMP = Path(__file__).parent / "dump"
VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
RECORD = VECTORS[0]["record"]
ARGON2 = "customer_registration.hashers.OWASPArgon2PasswordHasher"
SCRYPT = "customer_registration.contrib.medusa.hashers.MedusaScryptPasswordHasher"


@pytest.fixture(autouse=True)
def hashers(settings: Any) -> None:
    """Have the hashers that the docs page asks for."""
    settings.PASSWORD_HASHERS = [ARGON2, SCRYPT]


@pytest.fixture
def weak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take no memory for hashes that no test is about."""
    monkeypatch.setattr(MedusaScryptPasswordHasher, "log_n", 4)


@pytest.fixture
def run(django_capture_on_commit_callbacks: Callable[..., Any]) -> Callable[..., str]:
    """Run the command, and return what it says: ``run("--csv", folder)``."""

    def command(*arguments: object) -> str:
        out = io.StringIO()
        with django_capture_on_commit_callbacks(execute=True):
            call_command("import_medusa", *map(str, arguments), stdout=out)
        return out.getvalue()

    return command


@pytest.fixture
def shop(tmp_path: Path) -> Callable[..., Path]:
    """Write a folder of CSV files: ``shop(customer("jane"), …)``, each a dict of rows by table."""

    def write(*people: dict[str, list[dict[str, Any]]]) -> Path:
        folder = tmp_path / "medusa"
        folder.mkdir(exist_ok=True)
        for table in TABLES:
            rows = [row for person in people for row in person.get(table.name, [])]
            with (folder / f"{table.name}.csv").open("w", newline="") as file:
                writer = csv.DictWriter(file, table.columns)
                writer.writeheader()
                writer.writerows(rows)
        return folder

    return write


def account(name: str, **changes: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of somebody with an account, an e-mail login and a password; ``None`` leaves something out.

    Args:
        name: of whom; their id and address are made of it.
        changes: of columns of the customer's; ``login`` and ``password`` of their login, ``verified_at``, ``provider``.
    """
    email = changes.get("email", f"{name}@example.com")
    login = changes.pop("login", email)
    password = changes.pop("password", RECORD)
    provider = changes.pop("provider", "emailpass")
    verified_at = changes.pop("verified_at", None)
    customer = {"id": id_of(name), "email": email, "has_account": "t", "created_at": "2025-01-02 03:04:05.678+00"}
    rows: dict[str, list[dict[str, Any]]] = {"customer": [customer | changes]}
    authid = f"authid_{name}"
    rows["auth_identity"] = [{"id": authid, "app_metadata": json.dumps({"customer_id": id_of(name)})}]
    if login is not None:
        metadata = json.dumps({"password": password} if password else {})
        identity = {"auth_identity_id": authid, "provider": provider, "entity_id": login}
        rows["provider_identity"] = [identity | {"provider_metadata": metadata}]
    if verified_at:
        proof = {"auth_identity_id": authid, "entity_id": login, "verified_at": verified_at}
        rows["auth_verification"] = [proof]
    return rows


def id_of(name: str) -> str:
    """Return the id of somebody that `account` makes."""
    return "cus_" + name.upper().ljust(26, "0")[:26]


def row(name: str) -> Customer:
    """Return somebody as stored here."""
    return Customer.objects.select_related("user").get(pk=id_of(name))
