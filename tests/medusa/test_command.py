"""manage.py import_medusa: its options, what it refuses, its report; batches, other runs at once, and what it reads."""

import csv
import io
import os
import stat
import sys

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customer_registration.contrib.medusa import files
from customer_registration.contrib.medusa.moving import SHOWN
from customer_registration.enums import ErasureStrategy
from customer_registration.flows.adoption import standing, writing
from customer_registration.flows.deletion.erasure import Account, erase
from customer_registration.models import AccountDeletionRequest, Customer
from tests.medusa.conftest import ARGON2, DUMP, SCRYPT, account, id_of

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


def many(count, **changes):
    return [account(f"p{number:03}", **changes) for number in range(count)]


def test_a_source_must_be_named_and_only_one():
    for arguments in ([], ["--csv", "x", "--database", "postgres://x"]):
        with pytest.raises(CommandError):
            call_command("import_medusa", *arguments)


@pytest.mark.parametrize("size", ["0", "-1", "many"])
def test_a_batch_has_one_row_or_more(size):
    with pytest.raises(CommandError, match="batch-size"):
        call_command("import_medusa", "--csv", str(DUMP), "--batch-size", size)


@pytest.mark.parametrize(
    ("hashers", "told"),
    [
        ([ARGON2], f"No password of theirs would be known: put {SCRYPT} last in PASSWORD_HASHERS"),
        ([SCRYPT, ARGON2], f"No password would be upgraded: put {SCRYPT} last in PASSWORD_HASHERS, not first"),
    ],
)
def test_hashers_that_would_lock_people_out_are_refused(run, settings, hashers, told):
    settings.PASSWORD_HASHERS = hashers
    with pytest.raises(CommandError, match=told):
        run("--csv", DUMP)
    assert not Customer.objects.exists()


def test_a_folder_or_a_file_that_is_not_there(run, shop, tmp_path):
    with pytest.raises(CommandError, match="There is no folder"):
        run("--csv", tmp_path / "nowhere")
    folder = shop(account("jane"))
    (folder / "provider_identity.csv").unlink()
    with pytest.raises(CommandError, match=r"There is no file provider_identity\.csv"):
        run("--csv", folder)
    assert not Customer.objects.exists()


def test_an_identity_that_is_there_twice_names_its_file(shop, run):
    twice = account("jane")
    twice["auth_identity"] *= 2
    with pytest.raises(CommandError, match=r"Two rows of auth_identity have the same id\."):
        run("--csv", shop(twice))
    assert not Customer.objects.exists()


def test_what_older_shops_lack_is_told(run, shop):
    folder = shop(account("jane"))
    (folder / "auth_verification.csv").unlink()
    (folder / "auth_mfa_factor.csv").unlink()
    said = run("--csv", folder)
    assert "The file auth_verification.csv is not there: what customers have proven to Medusa itself" in said
    assert "The file auth_mfa_factor.csv is not there: if people have second factors there, their passwords" in said
    assert "1 imported" in said


HEADER = "id,email,has_account,phone,first_name,last_name,company_name,metadata,created_at,updated_at,deleted_at\n"
BROKEN = {
    "no header": ("cus_1,jane@example.com,t,,,,,\n", "names no column id; was it written with a header"),
    "no word on who is deleted": (HEADER.replace(",deleted_at", ""), "names no column deleted_at"),
    "a column less": ("id,email,phone\n", "names no column has_account"),
    "a value less": (HEADER + "cus_1,jane@example.com,t\n", "line 2: 3 values where the header has 11"),
    "an open quote": (HEADER + 'cus_1,"jane@example.com,t,,,,,,,,\n', "it is no CSV"),
    "an id twice": (HEADER + "cus_1,jane@example.com,t,,,,,,,,\n" * 2, "Two customers have the same id"),
    "nothing": ("", "names no column id"),
    "another encoding": ((HEADER + "cus_1,jane@example.com,t,,Ren\xe9,,,,,,\n").encode("latin-1"), "it is not UTF-8"),
}


@pytest.mark.parametrize(("text", "told"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_stops_the_run_before_anything_is_written(run, shop, text, told):
    folder = shop(account("jane"))
    (folder / "customer.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    limit = csv.field_size_limit()
    with pytest.raises(CommandError, match=told) as refused:
        run("--csv", folder)
    assert "jane" not in str(refused.value)
    assert csv.field_size_limit() == limit < files.MAX_FIELD
    assert not Customer.objects.exists()


def test_metadata_may_be_longer_than_the_csv_module_takes(run, shop, monkeypatch):
    folder = shop(account("jane", metadata='{"a": "' + "x" * 200_000 + '"}'))
    assert "1 imported" in run("--csv", folder)
    monkeypatch.setattr(files, "MAX_FIELD", 1000)
    with pytest.raises(CommandError, match="field larger than field limit"):
        run("--csv", folder)


def test_the_report_names_everybody_and_only_its_owner_reads_it(run, shop, tmp_path):
    report = tmp_path / "report.csv"
    said = run("--csv", shop(*many(SHOWN + 3, email="none"), account("jane", phone="call me")), "--report", report)
    assert f"{SHOWN + 3} stayed out: they have an e-mail address that is none, or" in said
    assert "  ... and 3 more; --report FILE names them all" in said
    lines = list(csv.reader(io.StringIO(report.read_text())))
    assert lines[0] == ["customer", "told"]
    assert len(lines) == 1 + SHOWN + 3 + 1
    assert [id_of("jane"), "came without their phone number: it is none"] in lines
    assert "@" not in report.read_text()
    assert stat.S_IMODE(os.stat(report).st_mode) == 0o600
    with pytest.raises(CommandError, match="The report cannot be written: File exists"):
        run("--csv", DUMP, "--report", report)


def test_batches_are_transactions_and_what_one_has_written_stays(run, shop, monkeypatch):
    real, seen = writing.write, []

    def fails_at_the_third(customers, **options):
        seen.append(len(customers))
        if len(seen) == 3:
            raise RuntimeError("the machine has gone")
        return real(customers, **options)

    monkeypatch.setattr("customer_registration.contrib.medusa.moving.write", fails_at_the_third)
    folder = shop(*many(10))
    with pytest.raises(RuntimeError):
        run("--csv", folder, "--batch-size", 3)
    assert (seen, Customer.objects.count(), get_user_model().objects.count()) == ([3, 3, 3], 6, 6)
    monkeypatch.undo()
    assert "4 imported, 6 were here already" in run("--csv", folder, "--batch-size", 3)


def test_a_batch_costs_a_handful_of_statements_whatever_its_size(run, shop):
    def statements(folder):
        with CaptureQueriesContext(connection) as asked:
            run("--csv", folder)
        return [query["sql"].split()[0] for query in asked if "SAVEPOINT" not in query["sql"]]

    few = statements(shop(*many(10)))
    lot = statements(shop(*[account(f"q{number:03}") for number in range(200)]))
    assert few.count("INSERT") == 3
    assert few.count("SELECT") == 3  # who has the addresses, who has the ids, who had them
    assert len(lot) - len(few) <= 10  # SQLite takes fewer values in a statement


@pytest.mark.parametrize("strategy", list(ErasureStrategy))
def test_who_was_erased_here_does_not_come_back(run, shop, strategy):
    folder, now = shop(account("jane"), account("mary")), timezone.now()
    run("--csv", folder)
    jane = Customer.objects.get(pk=id_of("jane"))
    request = AccountDeletionRequest.objects.create(customer=jane, customer_ref=jane.pk, status="confirmed")
    with transaction.atomic():
        erase([Account(jane.pk, jane.user_id, request.pk)], strategy, now=now)
    said = run("--csv", folder)
    if strategy == ErasureStrategy.DELETE:
        assert "1 stayed out: they have had their account erased here." in said
    assert "0 imported" in said
    assert not Customer.objects.filter(email="jane@example.com").exists()


def test_two_runs_at_once_bring_everybody_once(run, shop, monkeypatch):
    folder, look = shop(*many(6)), standing.of

    def while_another_is_quicker(*batch, **options):
        found = look(*batch, **options)
        monkeypatch.setattr(standing, "of", look)
        assert "6 imported" in run("--csv", folder, "--batch-size", 4)
        return found

    monkeypatch.setattr(standing, "of", while_another_is_quicker)
    said = run("--csv", folder)
    assert "0 imported, 6 were here already" in said
    assert (Customer.objects.count(), get_user_model().objects.count()) == (6, 6)


class Terminal(io.StringIO):
    """What looks like a terminal."""

    def isatty(self):
        return True


def test_on_a_terminal_a_bar_is_drawn_and_elsewhere_lines_are_written(shop, run, monkeypatch):
    folder, screen = shop(*many(30)), Terminal()
    assert "10 of 30\n" in run("--csv", folder, "--batch-size", 1)
    monkeypatch.setattr(sys, "stderr", screen)
    call_command("import_medusa", "--csv", str(folder), stdout=io.StringIO(), stderr=screen)
    assert "30/30" in screen.getvalue()
