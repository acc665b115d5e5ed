"""What a text message costs in each language that has a catalogue: translators see here what does not fit."""

from pathlib import Path

import pytest
from django.utils import translation

import customer_registration
from customer_registration.enums import Channel, Purpose
from customer_registration.messaging import samples
from customer_registration.messaging.content import LINK_PATHS
from customer_registration.messaging.segments import segments

CATALOGUES = (Path(customer_registration.__file__).parent / "locale").glob("*/LC_MESSAGES/django.po")
LANGUAGES = sorted({"en", *(translation.to_language(path.parts[-3]) for path in CATALOGUES)})
LONGEST_HOST = "www.a-shop-with-quite-a-long-name.example.com"


def allowed(kind):
    """How many segments a kind may take: a link alone takes two in other alphabets, and a password reset three."""
    if kind in set(LINK_PATHS):
        return 3
    return 1 if kind in Purpose else 2


@pytest.mark.parametrize("charset", ["numeric", "alphanumeric"])
@pytest.mark.parametrize("host", ["shop.example.com", LONGEST_HOST])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_message_keeps_to_its_segments(configure, language, host, charset):
    configure(STOREFRONT_URL=f"https://{host}", OTP={"LENGTH": 16, "CHARSET": charset})
    kinds = [kind for kind in samples.kinds(Channel.SMS) if host != LONGEST_HOST or kind not in set(LINK_PATHS)]
    with translation.override(language):
        texts = {kind: samples.sample(kind, Channel.SMS).text for kind in kinds}
    assert {kind: text for kind, text in texts.items() if segments(text) > allowed(kind)} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reset_is_three_segments_at_most_whatever_the_host(configure, language):
    configure(STOREFRONT_URL=f"https://{LONGEST_HOST}")
    with translation.override(language):
        assert segments(samples.sample("password_reset", Channel.SMS).text) <= 3


def test_a_reset_goes_without_words_where_these_would_cost_a_segment(monkeypatch, settings, tmp_path):
    template = tmp_path / "customer_registration" / "sms" / "password_reset.txt"
    template.parent.mkdir(parents=True)
    template.write_text("كلمة المرور: {{ link }}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    text = samples.sample("password_reset", Channel.SMS).text
    assert text.startswith("https://shop.example.com/reset-password?token=SAMPLE")
    assert segments(text) == 3
