"""How mails are built: what every kind has in common, so that each arrives well wherever it is read."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.utils import translation

import customer_registration
from customer_registration.enums import Channel, Purpose
from customer_registration.messaging import samples
from customer_registration.messaging.content import LINK_PATHS

MAILS = samples.kinds(Channel.EMAIL)
LINKS = {purpose.value for purpose in LINK_PATHS} & {*MAILS}
CODES = sorted({*Purpose.values} & {*MAILS} - LINKS)
SOURCE = "".join(path.read_text() for path in Path(customer_registration.__file__).parent.rglob("*.py"))
CODE = samples.DIGITS[:6]
MAX_SUBJECT = 78  # RFC 5322 §2.1.1: a line that no program has to fold
HIDDEN = ("head", "title", "style")
STYLED = ("body", "h1", "p", "a", "hr")
ONLY_IN_HTML = "If the button does not work, copy this link into your browser:"


class Page(HTMLParser):
    """What a mail program makes of a mail: its tags, the hidden line before everything, and the visible paragraphs."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.preheader, self.paragraphs, self._open = [], "", [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "hr"):
            self._open.append((tag, dict(attrs)))
        if tag in ("p", "h1", "td", "a", "bdi"):
            self.paragraphs.append("")

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        if any(tag in HIDDEN for tag, _ in self._open):
            return
        if any("display:none" in (attrs.get("style") or "") for _, attrs in self._open):
            self.preheader += data
        elif self.paragraphs:
            self.paragraphs[-1] += data

    @property
    def said(self):
        """The visible paragraphs in order, each as one line."""
        return [line for line in (" ".join(each.split()) for each in self.paragraphs) if line]


def mail(kind, language="en"):
    with translation.override(language):
        return samples.sample(kind, Channel.EMAIL)


@pytest.mark.parametrize("kind", MAILS)
def test_every_style_is_inlined_and_the_dark_one_stands_beside(kind):
    source = mail(kind).html
    tags = Page(source).tags
    assert [tag for tag, attrs in tags if (tag in STYLED or "class" in attrs) and "style" not in attrs] == []
    assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "form", "object"}
    assert "url(" not in source
    schemes = {attrs["name"] for tag, attrs in tags if tag == "meta" and attrs.get("content") == "light dark"}
    assert schemes == {"color-scheme", "supported-color-schemes"}
    assert "@media (prefers-color-scheme: dark)" in source
    for name in {attrs["class"] for _, attrs in tags if "class" in attrs}:
        assert f"  .{name} {{" in source, f"{name} has no dark colour"
        assert f"] .{name} {{" in source, f"{name} has no dark colour in Outlook"


@pytest.mark.parametrize("kind", MAILS)
def test_the_list_of_mails_shows_a_line_that_says_more_than_the_subject(kind):
    message = mail(kind)
    shown = " ".join(Page(message.html).preheader.replace("\u034f", "").replace("\u200c", "").split())
    assert shown
    assert shown.rstrip(".") not in message.subject
    assert message.subject not in shown
    assert CODE not in shown
    assert "http" not in shown
    assert len(message.subject) <= MAX_SUBJECT


@pytest.mark.parametrize("kind", MAILS)
def test_both_parts_say_the_same(kind):
    message = mail(kind)
    page = Page(message.html)
    lines = [" ".join(line.split()) for line in message.text.splitlines() if line not in ("", "-- ")]
    title, *told = [line for line in page.said if line not in (ONLY_IN_HTML, "shop.example.com")]
    label = {"contact_undo": "Undo the change"}.get(kind, title)  # of the button
    links = [line for line in told if line.startswith("http")]
    assert sorted(line for line in lines if line != "shop.example.com") == sorted(
        line for line in told if line != label
    )
    assert lines[-1] == page.said[0] == "shop.example.com"
    carried = [CODE] if kind in CODES else links
    assert [message.text.count(each) for each in carried] == [1] * (kind in CODES or kind in LINKS)
    assert [attrs["href"] for tag, attrs in page.tags if tag == "a"] == links * 2


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
@pytest.mark.parametrize("kind", MAILS)
def test_a_mail_runs_in_the_direction_of_its_language_and_its_code_from_left_to_right(kind, language, direction):
    tags = Page(mail(kind, language).html).tags
    frames = [attrs for _, attrs in tags if "lang" in attrs]
    assert [(attrs["lang"], attrs["dir"]) for attrs in frames] == [(language, direction)] * 2
    assert {attrs["align"] for _, attrs in tags if "align" in attrs} <= {
        "center",
        "left" if direction == "ltr" else "right",
    }
    assert [attrs["dir"] for _, attrs in tags if attrs.get("class") == "code"] == ["ltr"] * (kind in CODES)
    assert [attrs["dir"] for tag, attrs in tags if attrs.get("dir") and "lang" not in attrs and tag == "p"] == [
        "ltr"
    ] * (kind in LINKS)


@pytest.mark.parametrize("kind", CODES)
def test_a_code_is_in_the_subject_when_the_shop_wants_it_there(kind, configure):
    assert mail(kind).subject.startswith(f"{CODE} is ")
    configure(OTP={"CODE_IN_SUBJECT": False})
    message = mail(kind)
    assert message.subject == Page(message.html).said[1]
    assert CODE in message.text


def test_a_long_code_fits_a_phone(configure):
    configure(OTP={"LENGTH": 16})
    [style] = [attrs["style"] for _, attrs in Page(mail("code_login").html).tags if attrs.get("class") == "code"]
    assert "font-size:19px;letter-spacing:1px" in style


def test_a_masked_number_is_set_apart_in_a_text_from_right_to_left():
    with translation.override("ar"):
        assert "\u2066+12*****0199\u2069" in samples.sample("contact_changed", Channel.SMS).text
    assert "\u2066" not in samples.sample("contact_changed", Channel.SMS).text


def test_every_kind_that_is_sent_has_a_preview():
    told = re.findall(r'(?:\nNOTICE = |LAST_WORDS = |[nN]otice\(|tell\(after, |notices\.to\(\w+, )"(\w+)"', SOURCE)
    silent = {Purpose.SECOND_FACTOR_CHALLENGE, Purpose.SERVICE}
    every = {kind for channel in Channel for kind in samples.kinds(channel)}
    assert every == {*told, *Purpose.values} - silent
