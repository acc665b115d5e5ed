"""How customers leave for good: one changes their mind in time, another is erased and comes back as a stranger."""

import re
from collections.abc import Callable
from functools import partial

from example_project.story.account import MESSAGE, NOUN, Account
from example_project.story.people import Person
from example_project.story.proof import receive_mail, receive_text
from example_project.story.requests import (
    CODE_TO_LEAVE,
    CODE_TO_STAY,
    ask_for_deletion,
    ask_to_stay,
    bring,
    confirm_deletion,
    confirm_staying,
    create,
    log_in,
    look_at_oneself,
    register,
)
from example_project.story.shop import Unexpected
from example_project.story.walk import Walk

LAST_WORDS = r"(Your account and the personal data in it were deleted)"


def chapters(account: Account) -> tuple[Callable[[Walk], None], ...]:
    """Return the chapters for an account, in the order they are told."""
    return tuple(partial(chapter, account=account) for chapter in (change_ones_mind, leave_for_good))


def change_ones_mind(walk: Walk, account: Account) -> None:
    """Ask for the deletion, confirm it, and keep the account after all, though logging in is blocked."""
    shop, owner, kind = walk.shop, walk.person(account.owner), account.login
    leave(walk, owner, kind)
    with walk.step("GET /store/customers/me with the token from before → 401"):
        look_at_oneself(shop, owner).expect(401, message="Unauthorized")
    with walk.step("log in → 403 account_deletion_pending, scheduled_at") as step:
        refused = log_in(shop, owner.by(kind)).expect(403, code="account_deletion_pending", scheduled_at=str)
        step.note = refused["scheduled_at"]
    with walk.step("ask to keep a stranger's account → flow token all the same"):
        stranger = walk.person(f"{account.owner}-new")
        ask_to_stay(shop, kind, getattr(stranger, kind)).expect(200, token=str, expires_at=str)
    with walk.step(f"ask to keep the account of {getattr(owner, kind)} → flow token"):
        answer = ask_to_stay(shop, kind, getattr(owner, kind)).expect(200, token=str, expires_at=str)
        owner.flow_token = answer["token"]
    with walk.step(f"read the {MESSAGE[kind]} → code to keep the account") as step:
        owner.code = step.note = shop.read_message(getattr(owner, kind), CODE_TO_STAY)
    with walk.step("bring the code → the request is cancelled"):
        kept = {"id": owner.request_id, "status": "cancelled", "cancelled_at": str}
        confirm_staying(shop, owner).expect(200, request=kept)
    with walk.step("GET /store/customers/me with the token from before → still 401"):
        look_at_oneself(shop, owner).expect(401, message="Unauthorized")
    with walk.step("log in, as before → login token"):
        owner.login_token = log_in(shop, owner.by(kind)).expect(200, token=str)["token"]


def leave_for_good(walk: Walk, account: Account) -> None:
    """Be erased: staff see the request, a run of the executor carries it out, and nothing holds the contact."""
    shop, gone, kind = walk.shop, walk.person(f"{account.owner}-gone"), account.login
    contact = getattr(gone, kind)
    join(walk, gone, account)
    with walk.backstage.options(ACCOUNT_DELETION_REQUEST={"SCHEDULED_DAYS": 0}):
        leave(walk, gone, kind, grace=", without a grace period")
    look_through_the_requests(walk, gone, kind)
    with walk.step("manage.py purge_accounts --customer … --dry-run → what would be erased") as step:
        step.note = walk.backstage.run("purge_accounts", "--customer", gone.customer_id, "--dry-run")
        insist(step.note, r"^1 accounts? .* customer_registration\.Customer anonymised")
    with walk.step("manage.py purge_accounts --customer … → erased") as step:
        step.note = walk.backstage.run("purge_accounts", "--customer", gone.customer_id)
        insist(step.note, r"1 erased, 0 failed")
        gone.erased_id = gone.customer_id
    with walk.step("GET /admin/account-deletion-requests/{id} → completed, nothing personal in it"):
        emptied = {"status": "completed", "completed_at": str, "email": None, "phone": None, "reason": None}
        shop.get(f"/admin/account-deletion-requests/{gone.request_id}", token=walk.staff.login_token).expect(
            200, request={"customer_id": gone.erased_id, **emptied}
        )
    with walk.step(f"manage.py deliver_messages, then read the {MESSAGE[kind]} at {contact} → the last one") as step:
        sent = walk.backstage.run("deliver_messages")
        step.note = f"{sent}: {shop.read_message(getattr(gone, kind), LAST_WORDS)}"
    with walk.step(f"register {contact} anew, and create a customer → another one") as step:
        gone.registration_token = register(shop, gone.by(kind)).expect(200, token=str)["token"]
        answer = create(shop, gone, **second_contact(gone, account)).expect(200, customer={"id": str, kind: contact})
        step.note = gone.customer_id = answer["customer"]["id"]
        if gone.customer_id == gone.erased_id:
            raise Unexpected(expected=f"a customer other than {gone.erased_id}", came="the same")


def join(walk: Walk, person: Person, account: Account) -> None:
    """Become a customer who is logged in."""
    shop, kind = walk.shop, account.login
    with walk.step(f"sign {getattr(person, kind)} up → customer") as step:
        person.registration_token = register(shop, person.by(kind)).expect(200, token=str)["token"]
        answer = create(shop, person, **second_contact(person, account)).expect(200, customer={"id": str})
        person.customer_id = step.note = answer["customer"]["id"]
    (receive_mail if kind == "email" else receive_text)(walk, person)
    with walk.step(f"bring the code → the {NOUN[kind]} is verified, login token"):
        person.login_token = bring(shop, person, person.code).expect(200, verified=True, token=str)["token"]


def leave(walk: Walk, person: Person, kind: str, *, grace: str = "") -> None:
    """Ask for the deletion, and confirm it with the code."""
    shop = walk.shop
    with walk.step("POST /store/customers/account-deletion/request with a reason → flow token"):
        answer = ask_for_deletion(shop, person, reason="moving abroad").expect(200, token=str, expires_at=str)
        person.flow_token = answer["token"]
    with walk.step(f"read the {MESSAGE[kind]} → code to delete the account") as step:
        person.code = step.note = shop.read_message(getattr(person, kind), CODE_TO_LEAVE)
    with walk.step(f"bring the code{grace} → confirmed, scheduled_at") as step:
        confirmed = {"id": str, "customer_id": person.customer_id, "status": "confirmed", "scheduled_at": str}
        request = confirm_deletion(shop, person).expect(200, request=confirmed)["request"]
        person.request_id, step.note = request["id"], request["scheduled_at"]


def look_through_the_requests(walk: Walk, person: Person, kind: str) -> None:
    """See the request as staff do, who are no customers, by a token."""
    shop, staff = walk.shop, walk.staff
    with walk.step(f"staff login as {staff.email} → login token"):
        staff.login_token = shop.post("/auth/user/emailpass", staff.by_email).expect(200, token=str)["token"]
    with walk.step("GET /admin/account-deletion-requests?customer_id=… → the request, its contact masked") as step:
        page = shop.get("/admin/account-deletion-requests", token=staff.login_token, customer_id=person.customer_id)
        (request,) = page.expect(200, count=1, offset=0, limit=20, requests=list)["requests"]
        seen = {"id": person.request_id, "status": "confirmed", "reason": "moving abroad"}
        if {name: request.get(name) for name in seen} != seen or "*" not in (request.get(kind) or ""):
            raise Unexpected(expected=f"{seen} with a masked {kind}", came=str(request))
        step.note = request[kind]


def second_contact(person: Person, account: Account) -> dict[str, str]:
    """Return what the mode asks for besides the contact that registers."""
    return {"phone": person.phone} if account.changes != account.login else {}


def insist(said: str, pattern: str) -> None:
    """Be content with what a command printed.

    Raises:
        Unexpected: it is something else.
    """
    if not re.search(pattern, said):
        raise Unexpected(expected=f"output that matches {pattern!r}", came=said)
