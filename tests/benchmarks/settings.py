"""The example project as in production, with the floors beside it."""

from example_project.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.floors"
