"""The catalogues: complete, with every placeholder and plural form in its place, compiled, and up to date."""

import re
import shutil
import string
import subprocess
import sys
from functools import cache
from gettext import GNUTranslations, c2py
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.pofile import read_po

from example_project import settings

ROOT = Path(__file__).parents[2]
TREES = ("customer_registration", "example_project")
LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "it", "ja", "nl", "pl", "pt_BR", "tr", "zh_Hans")
MANY = range(1_000)
every_catalogue = pytest.mark.parametrize("language", LANGUAGES)
every_tree = pytest.mark.parametrize("tree", TREES)


def path_of(tree, language):
    """Return where a catalogue is, its ending left out."""
    return ROOT / tree / "locale" / language / "LC_MESSAGES" / "django"


@cache
def catalogue(tree, language):
    """Return a catalogue as translators write it."""
    with path_of(tree, language).with_suffix(".po").open("rb") as file:
        return read_po(file)


def forms_of(message):
    """Return the originals of a message and its translations: one each, or one for each plural form."""
    originals = message.id if message.pluralizable else (message.id,)
    return originals, message.string if message.pluralizable else (message.string,)


def placeholders(text):
    """Return what is filled in later, and the tags around it, in the order of the alphabet."""
    return sorted(re.findall(r"%\(\w+\)s|\{\w+\}|</?\w+[^>]*>", text))


def test_every_language_of_the_shop_has_its_catalogues():
    spoken = {code.replace("-hans", "_Hans").replace("-br", "_BR") for code, _ in settings.LANGUAGES}
    assert spoken == set(LANGUAGES)
    for tree in TREES:
        assert {folder.name for folder in (ROOT / tree / "locale").iterdir()} == set(LANGUAGES)


@every_tree
@every_catalogue
def test_nothing_is_untranslated_or_guessed_at(tree, language):
    messages = [message for message in catalogue(tree, language) if message.id]
    assert messages
    assert [message.id for message in messages if message.fuzzy] == []
    untranslated = [message.id for message in messages if not all(forms_of(message)[1])]
    assert len(untranslated) == 0, untranslated


@every_tree
@every_catalogue
def test_every_placeholder_is_in_its_place(tree, language):
    read = catalogue(tree, language)
    numbers = plural_numbers(read)
    wrong = []
    for message in read:
        originals, translations = forms_of(message)
        for form, text in enumerate(translations if message.id else ()):
            wanted, given = placeholders(originals[-1]), placeholders(text)
            # A form that is of one number alone may spell it: "two days" is one word in Arabic.
            may_spell = message.pluralizable and len(numbers[form]) == 1 and set(given) <= set(wanted)
            if text and given != wanted and not may_spell:
                wrong.append((message.id, text))
    assert wrong == []


@every_tree
@every_catalogue
def test_plural_forms_are_those_of_the_language(tree, language):
    read = catalogue(tree, language)
    category = Locale.parse(language).plural_form
    of_the_language = {}
    for number in MANY:
        of_the_language.setdefault(category(number), set()).add(number)
    assert sorted(map(sorted, plural_numbers(read))) == sorted(map(sorted, of_the_language.values()))
    for message in read:
        if message.pluralizable:
            assert len(message.string) == read.num_plurals, message.id


def plural_numbers(read):
    """Return the numbers under a thousand that each of a catalogue's plural forms is for."""
    form_of = c2py(read.plural_expr)
    numbers = [set() for _ in range(read.num_plurals)]
    for number in MANY:
        numbers[form_of(number)].add(number)
    return numbers


@every_tree
@every_catalogue
def test_what_is_compiled_is_what_is_written(tree, language):
    with path_of(tree, language).with_suffix(".mo").open("rb") as file:
        compiled = GNUTranslations(file)._catalog
    written = {}
    for message in catalogue(tree, language):
        originals, translations = forms_of(message)
        key = f"{message.context}\x04{originals[0]}" if message.context else originals[0]
        for form, text in enumerate(translations if message.id else ()):
            if text:
                written[(key, form) if message.pluralizable else key] = text
    assert {key: text for key, text in compiled.items() if key} == written


@every_tree
@every_catalogue
def test_sentences_begin_and_end_as_the_original_does(tree, language):
    """A label with a colon keeps it, a sentence its full stop; no space is lost between parts of a line."""
    wrong = []
    for message in catalogue(tree, language):
        originals, translations = forms_of(message)
        for text in filter(None, translations if message.id else ()):
            original, edges = originals[-1], string.whitespace
            if (original[0] in edges, original[-1] in edges) != (text[:1] in edges, text[-1:] in edges):
                wrong.append(text)
            if original.endswith(":") and not text.endswith((":", "：")):
                wrong.append(text)
            if original.endswith(".") and not text.endswith((".", "。", "।")):
                wrong.append(text)
    assert wrong == []


def test_every_sentence_of_the_sources_is_in_the_catalogues(tmp_path):
    if shutil.which("xgettext") is None:
        pytest.skip("install GNU gettext (apt-get install gettext, brew install gettext) to read the sources")
    command = [sys.executable, ROOT / ".ci" / "catalogues", "--texts", tmp_path]
    subprocess.run(command, check=True, timeout=120)
    for tree in TREES:
        with (tmp_path / f"{tree}.pot").open("rb") as file:
            in_the_sources = {(message.context, message.id) for message in read_po(file)}
        for language in LANGUAGES:
            translated = {(message.context, message.id) for message in catalogue(tree, language)}
            assert translated == in_the_sources, (
                f"{tree}/{language}: run python .ci/catalogues, and translate what is new"
            )
