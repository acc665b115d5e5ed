"""How customers sign up and come back with nothing but an address or a number, and how staff log in by a code."""

import re
from collections.abc import Callable
from functools import partial

from example_project.story.account import MESSAGE, NOUN, Account
from example_project.story.leaving import second_contact
from example_project.story.people import Person
from example_project.story.requests import (
    CODE_TO_LOG_IN,
    CODE_TO_SIGN_UP,
    another,
    ask_for_code,
    bring_code,
    create,
    log_in,
    look_at_oneself,
)
from example_project.story.shop import Unexpected
from example_project.story.walk import Walk

ON_ITS_WAY = "If an account exists with this identifier, an OTP will be sent."
VALIDATE = "Please validate the OTP to continue with the registration process."
INVALID = {"type": "invalid_data", "code": "otp_invalid", "message": "Invalid OTP"}


def chapters(account: Account) -> tuple[Callable[[Walk], None], ...]:
    """Return the chapters for an account, in the order they are told."""
    told = (sign_up_by_code, come_back_by_code, be_refused_a_code)
    return tuple(partial(chapter, account=account) for chapter in told)


def sign_up_by_code(walk: Walk, account: Account) -> None:
    """Register with a code, become a customer, and log in with the very same code."""
    shop, guest, kind = walk.shop, newcomer(walk, account), account.login
    contact = getattr(guest, kind)
    with walk.step(f"ask for a code to sign {contact} up → flow token"):
        answer = ask_for_code(shop, "pre-register", contact).expect(200, message=VALIDATE, token=str)
        guest.flow_token = answer["token"]
    with walk.step(f"read the {MESSAGE[kind]} → code to sign up") as step:
        guest.code = step.note = shop.read_message(contact, CODE_TO_SIGN_UP)
    with walk.step('register with a wrong code → 400 "Invalid OTP"'):
        bring_code(shop, "/register", contact, another(guest.code), token=guest.flow_token).expect(400, **INVALID)
    with walk.step("register with the code → registration token, no password"):
        answer = bring_code(shop, "/register", contact, guest.code, token=guest.flow_token).expect(200, token=str)
        guest.registration_token = answer["token"]
    with walk.step(f"create the customer → the {NOUN[kind]} is verified") as step:
        expected = {"id": str, kind: contact, f"{kind}_verified": True, "has_account": True}
        answer = create(shop, guest, **second_contact(guest, account)).expect(200, customer=expected)
        guest.customer_id = step.note = answer["customer"]["id"]
    with walk.step("POST /auth/customer/otp with the code just used → login token"):
        answer = bring_code(shop, "", contact, guest.code, token=guest.flow_token).expect(200, token=str)
        guest.login_token = answer["token"]
    with walk.step("GET /store/customers/me → the customer"):
        look_at_oneself(shop, guest).expect(200, customer={"id": guest.customer_id, kind: contact})
    with walk.step('the same code a second time → 400 "Invalid OTP"'):
        for road in ("", "/verify", "/register"):
            bring_code(shop, road, contact, guest.code, token=guest.flow_token).expect(400, **INVALID)


def come_back_by_code(walk: Walk, account: Account) -> None:
    """Log in with a fresh code, once."""
    shop, guest, kind = walk.shop, newcomer(walk, account), account.login
    contact = getattr(guest, kind)
    typed = contact.upper() if kind == "email" else guest.national_phone
    with walk.step(f"ask for a code to log in as {typed} → flow token"):
        answer = ask_for_code(shop, "generate", typed).expect(200, message=ON_ITS_WAY, token=str)
        guest.flow_token = answer["token"]
    with walk.step("ask for another one at once → 429 too_many_requests, Retry-After") as step:
        refused = ask_for_code(shop, "generate", contact)
        refused.expect(429, type="too_many_requests", code="throttled")
        step.note = f"{refused.header('retry-after')} s"
    with walk.step(f"read the {MESSAGE[kind]} → code to log in") as step:
        guest.code = step.note = shop.read_message(contact, CODE_TO_LOG_IN)
    with walk.step('bring a wrong code → 400 "Invalid OTP"'):
        bring_code(shop, "/verify", contact, another(guest.code), token=guest.flow_token).expect(400, **INVALID)
    with walk.step("POST /auth/customer/otp/verify with the code → login token"):
        answer = bring_code(shop, "/verify", contact, guest.code, token=guest.flow_token).expect(200, token=str)
        guest.login_token = answer["token"]
    with walk.step("GET /store/customers/me → the same customer"):
        look_at_oneself(shop, guest).expect(200, customer={"id": guest.customer_id})
    with walk.step('bring the used code again → 400 "Invalid OTP"'):
        bring_code(shop, "/verify", contact, guest.code, token=guest.flow_token).expect(400, **INVALID)
    with walk.step(f'log in with a password → 401 "Invalid {kind} or password", there is none'):
        log_in(shop, guest.by(kind)).expect(401, type="unauthorized", message=f"Invalid {kind} or password")


def be_refused_a_code(walk: Walk, account: Account) -> None:
    """Try what must not work: to register an address that has a password, to learn who is a customer."""
    shop, owner, kind = walk.shop, walk.person(account.owner), account.login
    contact, stranger = getattr(owner, kind), getattr(walk.person(f"{account.owner}-new"), kind)
    with walk.step(f"ask for a code to sign {contact} up, who has a password → 200 all the same"):
        answer = ask_for_code(shop, "pre-register", contact).expect(200, message=VALIDATE, token=str)
        owner.flow_token = answer["token"]
    with walk.step(f"look for it among the messages to {contact} → nothing was sent") as step:
        messages = shop.get("/inbox/messages", to=contact).expect(200, messages=list)["messages"]
        if any(re.search(CODE_TO_SIGN_UP, message["text"]) for message in messages):
            raise Unexpected(expected="no code to sign up", came="one")
        step.note = f"{len(messages)} other messages"
    with walk.step('register with a guess → 400 "Invalid OTP"'):
        bring_code(shop, "/register", contact, "123456", token=owner.flow_token).expect(400, **INVALID)
    with walk.step(f"ask for a code to log in as {stranger}, whom nobody knows → 200 all the same"):
        ask_for_code(shop, "generate", stranger).expect(200, message=ON_ITS_WAY, token=str)
    with (
        walk.backstage.options(PASSWORDLESS={"CONCEAL": False}),
        walk.step(f"both where the shop does not conceal who is a customer → {contact} 422, {stranger} 404"),
    ):
        ask_for_code(shop, "pre-register", contact).expect(422, type="duplicate_error")
        ask_for_code(shop, "generate", stranger).expect(404, type="not_found")


def let_the_staff_in(walk: Walk) -> None:
    """Log staff in by a code; nobody becomes staff by one."""
    shop, staff = walk.shop, walk.staff
    # The staff are the same in every walk, so the last one's code must be in nobody's way.
    unhurried = {"EMAIL_VERIFICATION": {"RESEND_THROTTLE_SECONDS": 0}, "RATE_LIMITS": {"RULES": {"code_send": ""}}}
    with walk.backstage.options(**unhurried):
        with walk.step(f"ask for a code to log in as {staff.email}, at /auth/user → flow token"):
            staff.last_message = shop.newest_message(staff.email)
            answer = ask_for_code(shop, "generate", staff.email, actor="user")
            staff.flow_token = answer.expect(200, message=ON_ITS_WAY, token=str)["token"]
        with walk.step("read the mail → code to log in") as step:
            staff.code = step.note = shop.read_message(staff.email, CODE_TO_LOG_IN, after=staff.last_message)
        with walk.step('bring it as a customer → 400 "Invalid OTP"'):
            bring_code(shop, "/verify", staff.email, staff.code, token=staff.flow_token).expect(400, **INVALID)
        with walk.step("POST /auth/user/otp/verify → login token"):
            answer = bring_code(shop, "/verify", staff.email, staff.code, token=staff.flow_token, actor="user")
            staff.login_token = answer.expect(200, token=str)["token"]
        with walk.step("GET /admin/account-deletion-requests with it → the requests") as step:
            page = shop.get("/admin/account-deletion-requests", token=staff.login_token)
            step.note = str(page.expect(200, count=int)["count"])
        with walk.step('register as staff → 400 "Invalid OTP", whatever the code'):
            flow = ask_for_code(shop, "pre-register", staff.email, actor="user").expect(
                200, message=VALIDATE, token=str
            )
            refused = bring_code(shop, "/register", staff.email, "123456", token=flow["token"], actor="user")
            refused.expect(400, **INVALID)


def newcomer(walk: Walk, account: Account) -> Person:
    """Return who has no password in this story."""
    return walk.person(f"{account.owner}-bare")
