"""Read translations."""

from io import BytesIO

from babel.messages.pofile import read_po

from tests.docs.pages import ROOT, Block
from tests.docs.stories import Story

CATALOGUE = ROOT / "customer_registration/locale/de/LC_MESSAGES/django.po"


def run(block: Block, story: Story) -> None:
    """Read a catalogue whose messages are ours, and are translated well."""
    catalogue = read_po(BytesIO(block.source.encode()), abort_invalid=True)
    messages = [message for message in catalogue if message.id]
    assert messages
    with CATALOGUE.open("rb") as file:
        ours = read_po(file)
    for message in messages:
        assert ours.get(message.id), f"we say nowhere {message.id!r}"
        assert message.string, message.id
        assert not list(message.check(catalogue)), message.id
