"""A password and something besides: a code and a cookie session, an authenticator app, a recovery code."""

from collections.abc import Callable
from functools import partial

from example_project.story.account import MESSAGE, Account
from example_project.story.authenticator import App
from example_project.story.people import Person
from example_project.story.requests import (
    CODE_TO_LOG_IN,
    another,
    answer_challenge,
    log_in,
    look_at_oneself,
)
from example_project.story.shop import Answer, Shop
from example_project.story.walk import Walk

INVALID = {"type": "not_allowed", "code": "otp_invalid", "message": "Invalid code", "attempts_remaining": int}


def chapters(account: Account) -> tuple[Callable[[Walk], None], ...]:
    """Return the chapters for an account, in the order they are told."""
    told = (log_in_in_two_steps, set_an_app_up, log_in_with_the_app, lose_the_app, switch_the_app_off)
    return tuple(partial(chapter, account=account) for chapter in told)


def log_in_in_two_steps(walk: Walk, account: Account) -> None:
    """Bring the password, then a code, and have a cookie session."""
    owner, kind = walk.person(account.owner), account.login
    contact = getattr(owner, kind)
    with walk.shop.in_another_browser() as browser:
        with walk.step(f'POST /store/auth with a wrong password → 401 "Invalid {kind} or password"'):
            wrongly = {kind: contact, "password": f"not {owner.password}"}
            browser.post("/store/auth", wrongly).expect(401, message=f"Invalid {kind} or password")
        with walk.step("POST /store/auth with the right one → the customer, and no session yet"):
            browser.post("/store/auth", owner.by(kind)).expect(200, customer={"id": owner.customer_id})
            browser.get("/store/auth").expect(401, message="Unauthorized")
        with walk.step(f"read the {MESSAGE[kind]} → code") as step:
            owner.code = step.note = browser.read_message(contact, CODE_TO_LOG_IN)
        with walk.step('bring a wrong code → 400 "OTP is invalid"'):
            finish(browser, kind, contact, another(owner.code)).expect(400, error="OTP is invalid")
        with walk.step("POST /store/auth/otp with the code → the customer, and a cookie") as step:
            opened = finish(browser, kind, contact, owner.code)
            opened.expect(200, customer={"id": owner.customer_id})
            step.note = opened.header("set-cookie").partition("=")[0]
        with walk.step("GET /store/auth by the cookie alone → the session's customer"):
            browser.get("/store/auth").expect(200, customer={"id": owner.customer_id})
        with walk.step('bring the used code again → 400 "OTP is invalid"'):
            finish(browser, kind, contact, owner.code).expect(400, error="OTP is invalid")
        with walk.step("DELETE /store/auth → the session has ended"):
            browser.delete("/store/auth").expect(200, success=True)
            browser.get("/store/auth").expect(401, message="Unauthorized")


def set_an_app_up(walk: Walk, account: Account) -> None:
    """Enrol an authenticator app; from its first code on it is asked for."""
    shop, owner = walk.shop, walk.person(account.owner)
    with walk.step("GET /auth/mfa/factors → none yet"):
        shop.get("/auth/mfa/factors", token=owner.login_token).expect(200, mfa_factors=[])
    with walk.step("POST /auth/mfa/factors, provider totp → a secret, and a QR code of it") as step:
        wanted = {"provider": "totp", "label": "Phone", "issuer": "Shop"}
        setup = shop.post("/auth/mfa/factors", wanted, token=owner.login_token).expect(
            200, mfa_factor={"id": str, "status": "pending"}, secret=str, otpauth_url=str, qr_svg=str
        )
        owner.factor_id, owner.app, step.note = setup["mfa_factor"]["id"], App(setup["secret"]), setup["otpauth_url"]
    path = "/auth/mfa/factors/{}/verify"
    with walk.step('put it in force with a wrong code → 400 "Invalid code"'):
        wrongly = {"code": owner.app.wrong_code()}
        shop.post(path.format(owner.factor_id), wrongly, token=owner.login_token).expect(400, message="Invalid code")
    with walk.step("put it in force with the code that the app shows → enabled") as step:
        step.note = owner.app.code()
        shop.post(path.format(owner.factor_id), {"code": step.note}, token=owner.login_token).expect(
            200, mfa_factor={"id": owner.factor_id, "status": "enabled"}
        )
        owner.lost_token = owner.login_token  # which lives on, and has shown no second factor


def log_in_with_the_app(walk: Walk, account: Account) -> None:
    """Log in by password, and then by a code of the app."""
    shop, owner = walk.shop, walk.person(account.owner)
    begin(walk, owner, account, "totp")
    with walk.step("GET /store/customers/me with its token → 401, half a login opens nothing"):
        shop.get("/store/customers/me", token=owner.flow_token).expect(401, message="Unauthorized")
    with walk.step("bring a wrong code, then the one that was used → 400 otp_invalid, attempts_remaining") as step:
        for code in (owner.app.wrong_code(), owner.app.last_code()):
            refused = answer_challenge(shop, owner, "totp", code).expect(400, **INVALID)
        step.note = f"{refused['attempts_remaining']} left"
    with walk.step("POST /auth/mfa/challenges/{id}/verify with the next code of the app → login token") as step:
        step.note = owner.app.code()
        answer = answer_challenge(shop, owner, "totp", step.note).expect(200, token=str)
        owner.login_token = answer["token"]
    with walk.step("GET /store/customers/me → the customer"):
        look_at_oneself(shop, owner).expect(200, customer={"id": owner.customer_id})
    with walk.step("answer the same challenge again → 404"):
        answer_challenge(shop, owner, "totp", owner.app.last_code()).expect(404, type="not_found")


def lose_the_app(walk: Walk, account: Account) -> None:
    """Make recovery codes, and log in with one."""
    shop, owner = walk.shop, walk.person(account.owner)
    with walk.step("POST /auth/mfa/recovery-codes with the older token → 403 reauthentication_required"):
        path = "/auth/mfa/recovery-codes"
        shop.post(path, token=owner.lost_token).expect(403, code="reauthentication_required")
    with walk.step("POST /auth/mfa/recovery-codes with the fresh one → ten codes, shown once") as step:
        made = shop.post(path, token=owner.login_token).expect(200, recovery_codes=list)
        owner.recovery_codes = made["recovery_codes"]
        step.note = f"{len(owner.recovery_codes)}, {owner.recovery_codes[0]} among them"
    begin(walk, owner, account, "totp", "recovery_code")
    with walk.step("POST /auth/mfa/challenges/{id}/verify with a recovery code → login token"):
        answer = answer_challenge(shop, owner, "recovery_code", owner.recovery_codes[0]).expect(200, token=str)
        owner.login_token = answer["token"]
    begin(walk, owner, account, "totp", "recovery_code")
    with walk.step("bring the recovery code again → 400 otp_invalid"):
        answer_challenge(shop, owner, "recovery_code", owner.recovery_codes[0]).expect(400, **INVALID)


def switch_the_app_off(walk: Walk, account: Account) -> None:
    """Take the app away, which takes proof; then the password is enough again."""
    shop, owner = walk.shop, walk.person(account.owner)
    path = "/auth/mfa/factors/{}"
    with walk.step("DELETE /auth/mfa/factors/{id} with the older token alone → 403 reauthentication_required"):
        refused = shop.delete(path.format(owner.factor_id), token=owner.lost_token)
        refused.expect(403, code="reauthentication_required")
    with walk.step("DELETE /auth/mfa/factors/{id} with it and a recovery code → disabled"):
        proof = {"method": "recovery_code", "code": owner.recovery_codes[1]}
        gone = shop.delete(path.format(owner.factor_id), proof, token=owner.lost_token)
        gone.expect(200, mfa_factor={"id": owner.factor_id, "status": "disabled"})
    with walk.step("log in with the password alone → login token"):
        owner.login_token = log_in(shop, owner.by(account.login)).expect(200, token=str)["token"]
        look_at_oneself(shop, owner).expect(200, customer={"id": owner.customer_id})


def begin(walk: Walk, owner: Person, account: Account, *methods: str) -> None:
    """Log in by password, and be asked for a second factor."""
    with walk.step(f"log in → mfa_required, a challenge for {' or '.join(methods)}, a token without an actor"):
        asked = log_in(walk.shop, owner.by(account.login)).expect(
            200, mfa_required=True, mfa_challenge={"id": str, "methods": list(methods)}, token=str
        )
        owner.challenge_id, owner.flow_token = asked["mfa_challenge"]["id"], asked["token"]


def finish(browser: Shop, kind: str, contact: str, code: str) -> Answer:
    """Take the second step at ``/store/auth``."""
    return browser.post("/store/auth/otp", {kind: contact, "otp": code})
