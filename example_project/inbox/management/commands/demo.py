"""``python manage.py demo``: walk the whole story over real HTTP, then keep the shop open.

The story is told in the three modes of ``REGISTRATION.IDENTIFIER``, or in the one that the project names. The server
runs in this process, so the mode is switched under it, for every request of the process, and put back at the end.
"""

import logging
import os
import secrets
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.servers.basehttp import get_internal_wsgi_application
from django.test.utils import override_settings

from customer_registration.conf import IDENTIFIER_MODES, config
from customer_registration.models import Customer
from customer_registration.ratelimits.rules import DEFAULT_RULES
from example_project.server import CannotListen, listening, serving
from example_project.settings import merged
from example_project.story.chapters import CHAPTERS, look_around
from example_project.story.people import REGION, Person, fictional_numbers
from example_project.story.shop import Shop
from example_project.story.walk import Outcome, Step, Walk

PAGES = {
    "/": "the shop",
    "/inbox": "every message that it sends",
    "/docs": "the API",
    "/openapi.json": "its schema",
    "/django-admin/": "the desk of the staff",
}


def modes() -> tuple[str, ...]:
    """Return the modes to walk: the project's, if it names an ``IDENTIFIER``, else all."""
    options = settings.CUSTOMER_REGISTRATION
    named = any("IDENTIFIER" in options.get(section, {}) for section in ("REGISTRATION", "LOGIN"))
    return (config().registration.identifier,) if named else IDENTIFIER_MODES


def without_addresses() -> dict[str, str]:
    """Return the rules without the limits of an IP address.

    All people of the story come from one, and the defaults are for one household: whoever tries the shop afterwards
    would find them used up.
    """
    return {
        name: ",".join(limit for limit in rule.split(",") if not limit.endswith("/ip"))
        for name, rule in DEFAULT_RULES.items()
    }


def in_mode(mode: str) -> override_settings:
    """Switch the whole process, the server's threads too, to a mode and to the country of the story's numbers."""
    roomier = {"RATE_LIMITS": {"RULES": without_addresses()}}
    options = merged(merged(roomier, settings.CUSTOMER_REGISTRATION), {"REGISTRATION": {"IDENTIFIER": mode}})
    return override_settings(CUSTOMER_REGISTRATION=options, PHONENUMBER_DEFAULT_REGION=REGION)


def at(shop_url: str) -> override_settings:
    """Let links in messages lead to this shop, on whichever port, unless the environment says where to."""
    own = {} if os.environ.get("STOREFRONT_URL") else {"STOREFRONT_URL": shop_url}
    return override_settings(CUSTOMER_REGISTRATION=settings.CUSTOMER_REGISTRATION | own)


def free_numbers() -> Iterator[str]:
    """Yield fictional numbers that are no customer's, so that the story works again on the same database."""
    return (number for number in fictional_numbers() if not Customer.objects.filter(phone=number).exists())


class Command(BaseCommand):
    """Needs nothing but the database, which is SQLite unless DATABASE_URL names another."""

    _staff_told = ""

    help = "Walk the whole story over real HTTP against a server of its own, then keep serving."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a port, and whether to end after the story."""
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1; 0 picks a free one")
        parser.add_argument("--exit", action="store_true", help="end after the story; status 1 if a step failed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Bind the port first, so that nothing has been touched if it is taken."""
        if not settings.DEBUG:
            raise CommandError("The demo reads codes in /inbox, which is there only with DEBUG: run it with DEBUG=1.")
        if not 0 <= options["port"] <= 65535:
            raise CommandError("--port must be between 0 and 65535.")
        try:
            with listening(options["port"]) as server:
                application = get_internal_wsgi_application()
                # The story is full of refusals, and each would be logged beside the line that expects it. Set once
                # the application is loaded, which sets logging up anew.
                logging.getLogger("django.request").setLevel(logging.ERROR)
                call_command("migrate", interactive=False, verbosity=0)
                staff = self._staff()
                with serving(server, application) as base_url, at(base_url):
                    failed = self._tell_story(base_url, staff)
                    if not options["exit"]:
                        call_command("update_insights", stdout=StringIO())
                        self._keep_serving(base_url)
        except CannotListen as error:
            raise CommandError(f"{error} Choose another with --port; --port 0 picks a free one.") from error
        if failed:
            raise CommandError(f"{failed} of the steps did not go as the story says.")

    def _staff(self) -> Person:
        email = os.environ.get("STAFF_EMAIL") or "admin@example.com"
        given = os.environ.get("STAFF_PASSWORD")
        password = given or secrets.token_urlsafe(12)
        # Staff, or the username: a customer who registered with the address has neither, and stays a customer.
        users = User.objects
        user = users.filter(email__iexact=email, is_staff=True).first() or users.filter(username=email).first()
        user = user or User(username=email, email=email)
        user.is_staff = user.is_superuser = user.is_active = True
        user.set_password(password)
        user.save()
        self._staff_told = f"Staff: {email}, password {'as given' if given else password}"
        self._say(self._staff_told)
        return Person(email, password)

    def _tell_story(self, base_url: str, staff: Person) -> int:
        with Shop(base_url) as shop:
            walk = Walk(shop, staff=staff, tell=self._tell, numbers=free_numbers())
            for mode in modes():
                self._say(f"\nREGISTRATION.IDENTIFIER = {mode}")
                with in_mode(mode):
                    for chapter in CHAPTERS[mode]:
                        chapter(walk)
            self._say("\nWhatever the mode")
            look_around(walk)
        counts = (f"{walk.count(outcome)} {outcome.value}" for outcome in Outcome if walk.count(outcome))
        self._say(f"\n{len(walk.steps)} steps: {', '.join(counts)}")
        return len(walk.steps) - walk.count(Outcome.OK)

    def _tell(self, step: Step) -> None:
        style = {Outcome.OK: self.style.SUCCESS, Outcome.FAILED: self.style.ERROR, Outcome.SKIPPED: self.style.WARNING}
        note = f" ({step.note})" if step.note else ""
        self._say(f"{style[step.outcome](f'{step.outcome.value:<4}')}  {step.title}{note}")
        for reason in step.reasons:
            self._say(f"      {reason}")

    def _keep_serving(self, base_url: str) -> None:
        self._say(f"\nThe shop stays open, with identifier {config().registration.identifier}, until Ctrl-C:")
        width = len(base_url) + max(map(len, PAGES))
        for page, what in PAGES.items():
            self._say(f"  {base_url + page:<{width}}  {what}")
        self._say(self._staff_told)  # again, since the story has pushed it out of sight
        with suppress(KeyboardInterrupt):
            threading.Event().wait()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()  # a pipe would hold the addresses back for as long as the shop is open
