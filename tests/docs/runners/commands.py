"""Let Django parse a management command as a page writes it."""

from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandError


def parse(words: list[str]) -> None:
    """Parse a command's name and options.

    Raises:
        AssertionError: there is no such command, or it takes no such options.
    """
    name, *options = words
    assert name in get_commands(), f"there is no command {name}"
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    command._called_from_command_line = False
    try:
        command.create_parser("manage.py", name).parse_args(options)
    except CommandError as error:
        raise AssertionError(f"{name}: {error}") from error
