"""The steps that every proof by code begins with, whatever the channel."""

from example_project.story.people import Person
from example_project.story.requests import (
    CODE_IN_MAIL,
    CODE_IN_TEXT,
    EMAIL_VERIFICATION,
    PHONE_VERIFICATION,
    another,
    bring,
    send_code,
)
from example_project.story.walk import Walk


def receive_mail(walk: Walk, person: Person) -> None:
    """Ask for a code by e-mail and read it."""
    with walk.step("ask for a code by e-mail → flow token"):
        answer = send_code(walk.shop, person, EMAIL_VERIFICATION).expect(200, token=str, expires_at=str)
        person.flow_token = answer["token"]
    with walk.step("read the mail in /inbox/messages?to=… → code") as step:
        person.code = step.note = walk.shop.read_message(person.email, CODE_IN_MAIL)


def receive_text(walk: Walk, person: Person) -> None:
    """Ask for a code by SMS and read it."""
    with walk.step("ask for a code by SMS → flow token"):
        answer = send_code(walk.shop, person, PHONE_VERIFICATION).expect(200, token=str, expires_at=str)
        person.flow_token = answer["token"]
    with walk.step("read the SMS in /inbox/messages?to=… → code") as step:
        person.code = step.note = walk.shop.read_message(person.phone, CODE_IN_TEXT)


def guess(walk: Walk, person: Person) -> None:
    """Bring a wrong code."""
    with walk.step("bring a wrong code → 400 otp_invalid, attempts_remaining") as step:
        answer = bring(walk.shop, person, another(person.code)).expect(400, code="otp_invalid", attempts_remaining=int)
        step.note = f"{answer['attempts_remaining']} left"
