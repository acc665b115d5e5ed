""".ci/audit: a vulnerability fails, a service that does not answer or know is told in one line."""

import json
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

CLEAN = {"name": "django", "version": "5.2.19", "vulns": []}
FAULTY = {"name": "apprise", "version": "1.0", "vulns": [{"id": "GHSA-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "ours", "skip_reason": "not found"}


@pytest.fixture(scope="module")
def audit():
    path = Path(__file__).parents[2] / ".ci" / "audit"
    loader = SourceFileLoader("audit", str(path))
    module = module_from_spec(spec_from_loader("audit", loader))
    loader.exec_module(module)
    return module


def report(*packages):
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_vulnerability_fails_and_is_named(audit):
    status, told = audit.verdict(report(CLEAN, FAULTY, UNKNOWN), "Found 1 known vulnerability in 1 package")
    assert status == 1
    assert told.splitlines() == [
        "apprise 1.0: GHSA-1, fixed in 1.1",
        "audit: 2 of 3 packages were looked up, 1 vulnerabilities",
    ]


def test_no_vulnerability_passes_and_what_was_not_looked_up_is_told(audit):
    assert audit.verdict(report(CLEAN, UNKNOWN), "") == (
        0,
        "audit: 1 of 2 packages were looked up, 0 vulnerabilities",
    )


@pytest.mark.parametrize("said", ["Traceback ...\nConnectionError: could not connect", ""])
def test_a_service_that_does_not_answer_passes_in_one_line(audit, said):
    status, told = audit.verdict("", said)
    assert status == 0
    assert told == f"audit: nothing was looked up: {said.splitlines()[-1] if said else 'no answer'}"


def test_it_is_not_waited_for(audit, monkeypatch, capsys):
    monkeypatch.setattr(audit, "COMMAND", ["sleep", "30"])
    monkeypatch.setattr(audit, "PATIENCE_SECONDS", 0.1)
    assert audit.main([]) == 0
    assert "no answer within 0.1 s" in capsys.readouterr().out
