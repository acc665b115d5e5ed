"""What customers do with an account they have: the same in every mode, for whoever the mode names."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from example_project.story.people import Person, new_password
from example_project.story.requests import (
    CODE_IN_MAIL,
    CODE_IN_TEXT,
    RESET_LINK,
    UNDO_LINK,
    ask_for_change,
    bring_for_change,
    change_password,
    choose_password,
    forget_password,
    log_in,
    log_out_everywhere,
    look_at_oneself,
    refresh,
    token_of,
    undo_change,
    update,
)
from example_project.story.walk import Walk

NOUN = {"email": "e-mail", "phone": "phone"}
MESSAGE = {"email": "mail", "phone": "SMS"}
CODE = {"email": CODE_IN_MAIL, "phone": CODE_IN_TEXT}


@dataclass(frozen=True, slots=True)
class Account:
    """Whose account it is and how it is reached; every kind is ``email`` or ``phone``.

    Args:
        owner: a name for `Walk.person`; an earlier chapter has logged them in.
        login: the kind they log in by.
        changes: the kind of contact that they change.
        told_at: the kind of contact at which they hear of the change.
    """

    owner: str
    login: str
    changes: str
    told_at: str


def chapters(account: Account) -> tuple[Callable[[Walk], None], ...]:
    """Return the chapters for an account, in the order they are told."""
    told = (
        update_the_profile,
        change_the_contact,
        take_the_change_back,
        forget_the_password,
        change_the_password,
        keep_a_cookie,
        log_out_on_every_device,
    )
    return tuple(partial(chapter, account=account) for chapter in told)


def update_the_profile(walk: Walk, account: Account) -> None:
    """Change names and metadata, but no contact."""
    shop, owner = walk.shop, walk.person(account.owner)
    with walk.step("POST /store/customers/me with a last name and metadata → the customer"):
        expected = {"last_name": "Doe", "metadata": {"size": "M", "news": True}}
        update(shop, owner, **expected).expect(200, customer=expected)
    with walk.step('change one key of the metadata, delete one with "" → merged'):
        update(shop, owner, metadata={"size": "L", "news": ""}).expect(
            200, customer={"last_name": "Doe", "metadata": {"size": "L", "news": None}}
        )
    kind = account.changes
    with walk.step(f'send another {NOUN[kind]} along → 400 "{kind.capitalize()} changes require OTP verification. …"'):
        update(shop, owner, **{kind: getattr(newcomer(walk, account), kind)}).expect(
            400,
            type="not_allowed",
            message=f"{kind.capitalize()} changes require OTP verification. "
            "Use POST /store/customers/me/contact to request a change.",
        )


def change_the_contact(walk: Walk, account: Account) -> None:
    """Prove another e-mail or phone; it takes over, and every older token is dead."""
    shop, owner, kind = walk.shop, walk.person(account.owner), account.changes
    wanted = getattr(newcomer(walk, account), kind)
    with walk.step(f"ask to change the {NOUN[kind]} to {wanted} → flow token"):
        answer = ask_for_change(shop, owner, kind, wanted).expect(200, token=str, expires_at=str)
        owner.flow_token = answer["token"]
    with walk.step(f"read the {MESSAGE[kind]} at the new {NOUN[kind]} → code") as step:
        owner.code = step.note = shop.read_message(wanted, CODE[kind])
    with walk.step(f"bring the code → the {NOUN[kind]} is changed, fresh token"):
        answer = bring_for_change(shop, owner, owner.code).expect(
            200, token=str, customer={"id": owner.customer_id, kind: wanted, f"{kind}_verified": True}
        )
        owner.lost_token, owner.login_token = owner.login_token, answer["token"]
    with walk.step("GET /store/customers/me with the token from before → 401"):
        shop.get("/store/customers/me", token=owner.lost_token).expect(401, message="Unauthorized")
    with walk.step("GET /store/customers/me with the fresh token → the customer"):
        look_at_oneself(shop, owner).expect(200, customer={"id": owner.customer_id, kind: wanted})


def take_the_change_back(walk: Walk, account: Account) -> None:
    """Use the link that whoever held the old contact was sent."""
    shop, owner, kind = walk.shop, walk.person(account.owner), account.changes
    told_at = getattr(owner, account.told_at)
    with walk.step(f"read the {MESSAGE[account.told_at]} at {told_at} → link that takes the change back") as step:
        step.note = shop.read_message(told_at, UNDO_LINK)
        owner.link_token = token_of(step.note)
    with walk.step("POST /store/customers/contact/undo → success, no login needed"):
        undo_change(shop, owner.link_token).expect(200, success=True)
        owner.lost_token = owner.login_token
    with walk.step('follow the link again → 401 "Invalid token"'):
        undo_change(shop, owner.link_token).expect(401, type="unauthorized", message="Invalid token")
    with walk.step("GET /store/customers/me with the token of the change → 401"):
        shop.get("/store/customers/me", token=owner.lost_token).expect(401, message="Unauthorized")
    with walk.step(f"log in by {NOUN[kind]} {getattr(owner, kind)}, as before → login token"):
        owner.login_token = log_in(shop, owner.by(kind)).expect(200, token=str)["token"]


def forget_the_password(walk: Walk, account: Account) -> None:
    """Choose a new password by a link; the old one and every older token are dead."""
    shop, owner, kind = walk.shop, walk.person(account.owner), account.login
    identifier = getattr(owner, kind)
    with walk.step(f"ask to reset the password of a stranger's {NOUN[kind]} → 201 Created all the same"):
        forget_password(shop, getattr(newcomer(walk, account), kind)).expect_text(201, "Created")
    with walk.step(f"ask to reset the password of {identifier} → 201 Created"):
        forget_password(shop, identifier).expect_text(201, "Created")
    with walk.step(f"read the {MESSAGE[kind]} → link with ?token=") as step:
        step.note = shop.read_message(identifier, RESET_LINK)
        owner.link_token = token_of(step.note)
    with walk.step("POST /auth/customer/emailpass/update with the link's token → new password"):
        choice = new_password()
        choose_password(shop, choice, token=owner.link_token).expect(200, success=True)
        owner.lost_password, owner.password = owner.password, choice
        owner.lost_token = owner.login_token
    with walk.step('use the link again → 401 "Invalid token"'):
        choose_password(shop, new_password(), token=owner.link_token).expect(
            401, type="unauthorized", message="Invalid token"
        )
    with walk.step("GET /store/customers/me with the token from before → 401"):
        shop.get("/store/customers/me", token=owner.lost_token).expect(401, message="Unauthorized")
    with walk.step(f'log in with the old password → 401 "Invalid {kind} or password"'):
        log_in(shop, Person(owner.email, owner.lost_password, owner.phone).by(kind)).expect(
            401, type="unauthorized", message=f"Invalid {kind} or password"
        )
    with walk.step("log in with the new password → login token"):
        owner.login_token = log_in(shop, owner.by(kind)).expect(200, token=str)["token"]


def change_the_password(walk: Walk, account: Account) -> None:
    """Change the password with the one that is known."""
    shop, owner = walk.shop, walk.person(account.owner)
    with walk.step("change the password with the forgotten one → 403 wrong_password"):
        change_password(shop, owner, old=owner.lost_password, new=new_password()).expect(403, code="wrong_password")
    with walk.step("change the password with the right one → fresh token"):
        choice = new_password()
        answer = change_password(shop, owner, old=owner.password, new=choice).expect(200, token=str)
        owner.password = choice
        owner.lost_token, owner.login_token = owner.login_token, answer["token"]
    with walk.step("GET /store/customers/me with the token from before → 401"):
        shop.get("/store/customers/me", token=owner.lost_token).expect(401, message="Unauthorized")
    with walk.step("log in with the changed password → login token"):
        owner.login_token = log_in(shop, owner.by(account.login)).expect(200, token=str)["token"]


def keep_a_cookie(walk: Walk, account: Account) -> None:
    """Open a cookie session in a browser, use it and end it."""
    owner = walk.person(account.owner)
    with walk.shop.in_another_browser() as browser:
        with walk.step("POST /auth/session → a session, behind a cookie") as step:
            opened = browser.post("/auth/session", token=owner.login_token)
            opened.expect(200, user={"actor_id": owner.customer_id})
            step.note = opened.header("set-cookie").partition("=")[0]
        with walk.step("GET /store/customers/me by the cookie alone → the customer"):
            browser.get("/store/customers/me").expect(200, customer={"id": owner.customer_id})
        with walk.step("GET /store/customers/me in another browser → 401"):
            walk.shop.get("/store/customers/me").expect(401, message="Unauthorized")
        with walk.step("DELETE /auth/session → the session has ended"):
            browser.delete("/auth/session").expect(200, success=True)
        with walk.step("DELETE /auth/session again → 401"):
            browser.delete("/auth/session").expect(401, message="Unauthorized")


def log_out_on_every_device(walk: Walk, account: Account) -> None:
    """End every session at once, and come back."""
    shop, owner = walk.shop, walk.person(account.owner)
    with walk.step("log in on another device → login token"):
        owner.lost_token = owner.login_token
        owner.login_token = log_in(shop, owner.by(account.login)).expect(200, token=str)["token"]
    with walk.step("POST /store/customers/me/logout-all → success"):
        log_out_everywhere(shop, owner).expect(200, success=True)
    with walk.step("GET /store/customers/me on either device → 401"):
        for token in (owner.lost_token, owner.login_token):
            shop.get("/store/customers/me", token=token).expect(401, message="Unauthorized")
    with walk.step("refresh → 401"):
        refresh(shop, owner).expect(401, message="Unauthorized")
    with walk.step("log in again → login token"):
        owner.login_token = log_in(shop, owner.by(account.login)).expect(200, token=str)["token"]


def newcomer(walk: Walk, account: Account) -> Person:
    """Return somebody the shop does not know, who lends the owner a new e-mail and a new phone."""
    return walk.person(f"{account.owner}-new")
