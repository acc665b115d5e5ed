"""Make the dump anew: ``python -m tests.medusa.make_dump postgres://postgres@127.0.0.1:5432/postgres``.

Takes node, npm, psql and pg_dump, two minutes, and a server where it may create a database, which it drops.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from customer_registration.contrib.medusa.tables import TABLES
from tests.medusa.real_shop import HERE, fill, temporary_database

DUMP = Path(__file__).parent / "dump"
PORT = 9129


def write(database: str) -> None:
    """Write the tables of a filled shop as the docs page says, and as SQL."""
    DUMP.mkdir(exist_ok=True)
    for table in TABLES:
        copy = rf"\copy {table.name} to '{table.name}.csv' csv header"
        subprocess.run(["psql", "-q", database, "-c", copy], cwd=DUMP, check=True)
    chosen = [f"--table={table.name}" for table in TABLES]
    command = ["pg_dump", "--no-owner", "--no-privileges", *chosen, database]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # Settings and commands that only some versions of the server and of psql know.
    text = re.sub(r"^(SET transaction_timeout|\\(un)?restrict).*\n", "", text, flags=re.MULTILINE)
    (DUMP / "medusa.sql").write_text(text)


if __name__ == "__main__":
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    with (
        temporary_database(sys.argv[1], "medusa_dump") as url,
        tempfile.TemporaryDirectory() as folder,
    ):
        fill(url, Path(folder), PORT)
        write(url)
