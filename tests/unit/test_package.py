"""What the package's page says of versions and extras is what pip is told."""

import re
import tomllib
from itertools import product
from pathlib import Path

import customer_registration

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGE = (ROOT / "docs" / "reference" / "package.md").read_text(encoding="utf-8")
EXTRAS = PROJECT["optional-dependencies"]
FOR_THIS_REPOSITORY = {"demo", "test", "fuzz", "dev"}


def name(requirement):
    """Return the name of a requirement, without its version."""
    return re.split(r"[\[<>=~!]", requirement)[0]


def rows(heading):
    """Return the cells of the rows of the table under a heading."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*\|$", section, re.M)[2:]
    ]


def supported():
    """Return the pairs of Django and Python that the page promises."""
    return {(row[0].split()[0], python) for row in rows("Supported versions") for python in row[1].split(", ")}


def test_every_extra_is_listed_with_what_it_brings():
    told = {row[0].strip("`"): {brought.strip() for brought in row[1].split(",")} for row in rows("Extras")}
    brought = {extra: set(map(name, EXTRAS[extra])) for extra in EXTRAS if extra not in FOR_THIS_REPOSITORY}
    assert told == brought
    assert all(f"`{extra}`" in PAGE for extra in FOR_THIS_REPOSITORY)


def test_what_comes_without_an_extra_is_named():
    spoken = {
        "djangorestframework": "Django REST framework",
        "djangorestframework-simplejwt": "simplejwt",
        "celery": "Celery",
    }
    required = {name(each) for each in PROJECT["dependencies"]} - {"django"}
    introduction = PAGE.partition("## Supported versions")[0]
    assert [each for each in required if spoken.get(each, each) not in introduction] == []


def test_the_supported_versions_are_those_of_the_classifiers_and_of_tox():
    labels = PROJECT["classifiers"]
    djangos = {found[1] for label in labels if (found := re.fullmatch(r"Framework :: Django :: (\d+\.\d+)", label))}
    pythons = {
        found[1] for label in labels if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", label))
    }
    assert {django for django, _ in supported()} == djangos
    assert {python for _, python in supported()} == pythons
    named = re.findall(r"py3(\d+)-dj(?:\{([\d,]+)}|(\d+))", (ROOT / "tox.ini").read_text(encoding="utf-8"))
    run = {(f"{dj[0]}.{dj[1]}", f"3.{py}") for py, several, one in named for dj in (several or one).split(",")}
    assert supported() == run
    assert run < set(product(djangos, pythons))  # Django 6.0 left Python 3.11 behind


def test_the_version_has_one_place():
    assert PROJECT["dynamic"] == ["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", customer_registration.__version__)


def test_ci_installs_the_wheel_on_every_supported_django():
    text = (ROOT / ".ci" / "dist").read_text(encoding="utf-8")
    installed = re.findall(r"^empty_project (3\.\d+) (\d+\.\d+)$", text, re.MULTILINE)
    assert {django for _, django in installed} == {django for django, _ in supported()}
    assert {(django, python) for python, django in installed} <= supported()
