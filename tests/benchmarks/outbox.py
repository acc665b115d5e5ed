"""How many codes a second one process sends where the provider costs nothing: ``python -m tests.benchmarks.outbox``.

Makes a PostgreSQL database of its own, on the server of ``TEST_DATABASE_URL``, with customers, their codes and the
messages that wait; one sweep empties the outbox, in a process of its own. Text messages are held against their bound,
and the status is 1 if they miss it. The figure of e-mails, each of which is three texts and a frame of HTML, is there
to be known.
"""

import argparse
import json
import os
import subprocess
import sys

from tests.faults.servers import ROOT, SERVER, Database

BOUND = 2000  # text messages a second
CODES = 10_000


def rate(server=SERVER, *, channel="sms", codes=CODES):
    """Return how many codes a second one process sends.

    Args:
        server: the URL of a database on a PostgreSQL; another one is made beside it.
        channel: "sms" or "email".
        codes: how many wait.
    """
    database = Database(server, f"outbox_{os.getpid()}")
    environment = {
        **os.environ,
        "DATABASE_URL": database.url,
        "DJANGO_SETTINGS_MODULE": "example_project.settings",
        "DEBUG": "0",
        "SECRET_KEY": "for-benchmarks-only-" + "b" * 40,
        "STOREFRONT_URL": "https://shop.example.com",
        "PYTHONPATH": str(ROOT),
        "CUSTOMER_REGISTRATION": json.dumps({"CHANNELS": {channel: ["tests.benchmarks.drain.Backend"]}}),
    }
    command = [sys.executable, "-m", "tests.benchmarks.drain", channel, str(codes)]
    database.create()
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    finally:
        database.drop()
    return float(done.stdout)


def main(arguments=None):
    """Print both figures."""
    parser = argparse.ArgumentParser(description="Time the outbox.")
    parser.add_argument("--codes", type=int, default=CODES, help="how many wait")
    chosen = parser.parse_args(arguments)
    by_text, by_mail = (rate(channel=channel, codes=chosen.codes) for channel in ("sms", "email"))
    sys.stdout.write(f"{by_text:,.0f} text messages a second, {by_mail:,.0f} e-mails\n")
    return int(by_text < BOUND)


if __name__ == "__main__":
    sys.exit(main())
