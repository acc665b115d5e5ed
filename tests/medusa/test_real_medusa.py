"""The real Medusa, installed from npm and filled over its own store API: its customers log in here as ever."""

import json
import os
import shutil
import socket
import subprocess

import pytest

from customer_registration.contrib.medusa.hashers import MedusaScryptPasswordHasher
from customer_registration.contrib.medusa.records import ScryptRecord
from customer_registration.models import Customer
from tests.live_shop import install_packages, packages_of
from tests.medusa.conftest import DUMP, VECTORS
from tests.medusa.people import JANE, MARIA, SPACES

SWITCHES = "TEST_MEDUSA=1 and TEST_DATABASE_URL=postgres://... (needs node and npm)"
SERVER = os.environ.get("TEST_DATABASE_URL", "")
SHOP = DUMP.parent / "shop"
LOGIN = "/auth/customer/emailpass"
NODE_SECONDS = 120
INSTALL_SECONDS = 900  # a thousand packages

pytestmark = [
    pytest.mark.medusa,
    pytest.mark.django_db,
    pytest.mark.skipif(
        os.environ.get("TEST_MEDUSA") != "1" or not SERVER.startswith("postgres"), reason=f"set {SWITCHES}"
    ),
]


@pytest.fixture(scope="module")
def packages(testrun_uid):
    """Install Medusa."""
    install_packages(SHOP, testrun_uid, SWITCHES, seconds=INSTALL_SECONDS)


@pytest.fixture(scope="module")
def medusa(packages, tmp_path_factory):
    """The URL of a database that Medusa has migrated, and where everybody has signed up."""
    from tests.medusa.real_shop import fill, temporary_database

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with temporary_database(SERVER, "medusa_shop") as url:
        fill(url, tmp_path_factory.mktemp("medusa"), port)
        yield url


def test_the_lock_file_names_no_registry():
    versions = packages_of(SHOP)
    assert versions["node_modules/@medusajs/medusa"]["version"] == "2.21.2"
    assert versions["node_modules/scrypt-kdf"]["version"] == "2.0.1"


def test_its_customers_log_in_here_with_their_old_passwords(medusa, run, api):
    said = run("--database", medusa, "--verified")
    assert "10 imported" in said
    for shopper in (JANE, MARIA, SPACES):
        credentials = {"email": shopper.login, "password": shopper.password}
        stored = Customer.objects.select_related("user").get(email=shopper.login.lower())
        assert stored.user.password.startswith("medusa_scrypt$15$8$1$")
        assert api.post(LOGIN, credentials | {"password": shopper.password + "?"}).status_code == 401
        answer = api.post(LOGIN, credentials)
        assert answer.status_code == 200, answer.content
        stored.user.refresh_from_db()
        assert stored.user.password.startswith("argon2$argon2id$")
        assert api.post(LOGIN, credentials).status_code == 200


def test_the_dump_that_is_kept_is_what_this_medusa_makes(medusa, run):
    def lines(text):
        words = (line for line in text.splitlines() if " s, " not in line and not line.startswith("  cus_"))
        return list(words)

    assert lines(run("--database", medusa, "--dry-run")) == lines(run("--csv", DUMP, "--dry-run"))


def node(*arguments, given=""):
    command = [shutil.which("node"), "make-vectors.mjs", *arguments]
    done = subprocess.run(
        command, cwd=SHOP, input=given, capture_output=True, text=True, timeout=NODE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.usefixtures("packages")
def test_what_the_real_hasher_makes_is_verified_here():
    made = json.loads(node())
    assert [vector["password"] for vector in made] == [vector["password"] for vector in VECTORS]
    for vector in made:
        encoded = MedusaScryptPasswordHasher.encoding_of(vector["record"])
        assert MedusaScryptPasswordHasher().verify(vector["password"], encoded)


@pytest.mark.usefixtures("packages")
def test_what_is_made_here_is_verified_by_the_real_hasher():
    hasher = MedusaScryptPasswordHasher()
    asked = []
    for vector in VECTORS:
        encoded = hasher.encode(vector["password"], hasher.salt())
        record = hasher._record(encoded).as_stored()
        assert ScryptRecord.parse(record) == hasher._record(encoded)
        asked += [{"password": vector["password"], "record": record}, {"password": "wrong", "record": record}]
    answers = node("verify", given="\n".join(map(json.dumps, asked))).split()
    assert answers == ["true", "false"] * len(VECTORS)
