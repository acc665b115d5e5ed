"""What can be chosen on the command line of ``python -m tests.benchmarks``."""

import argparse
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure the app and its floors.")
    parser.add_argument("--rounds", type=int, default=5, help="of which the medians are printed")
    parser.add_argument("--seconds", type=float, default=4, help="that each route is asked for in a round")
    parser.add_argument("--connections", type=int, default=16, help="each with one request under way")
    parser.add_argument("--workers", type=int, default=2, help="of gunicorn")
    parser.add_argument("--threads", type=int, default=4, help="of each worker")
    parser.add_argument("--short", action="store_true", help="count statements and time the start, and no more")
    parser.add_argument("--only", action="append", help="measure this route, and what it is compared with")
    parser.add_argument("--database", help="one that is there already, with a population; it is kept")
    parser.add_argument("--against", metavar="URL", help="ask this server, over the contract alone")
    parser.add_argument("--header", action="append", default=[], help="name=value, sent with each request there")
    parser.add_argument("--account", action="append", default=[], help="email:password, if addresses must be proven")
    parser.add_argument("--output", type=Path, help="write the table to this file too")
    return parser
