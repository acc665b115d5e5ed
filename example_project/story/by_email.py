"""The story in mode ``email``."""

from example_project.story import account, leaving, second_step, without_password
from example_project.story.people import Person
from example_project.story.proof import guess, receive_mail
from example_project.story.requests import (
    EMAIL_VERIFICATION,
    LINK,
    bring,
    create,
    list_providers,
    log_in,
    look_at_oneself,
    refresh,
    register,
    send_code,
    token_of,
)
from example_project.story.walk import Walk


def sign_up(walk: Walk) -> None:
    """Register, come back to it, and become a customer."""
    shop, jane = walk.shop, walk.person("jane")
    with walk.step(f"register {jane.email} → registration token"):
        jane.registration_token = register(shop, jane.by_email).expect(200, token=str)["token"]
    with walk.step("register again with the same password → the sign-up is resumed"):
        jane.registration_token = register(shop, jane.by_email).expect(200, token=str)["token"]
    with walk.step("create the customer → not verified yet") as step:
        expected = {"id": str, "email": jane.email, "first_name": "Jane", "email_verified": False}
        answer = create(shop, jane, first_name="Jane").expect(200, customer=expected)
        jane.customer_id = step.note = answer["customer"]["id"]
    with walk.step("log in too early → 403 verification_required"):
        log_in(shop, jane.by_email).expect(
            403, code="verification_required", customer_id=jane.customer_id, verification_type=EMAIL_VERIFICATION
        )


def prove_by_code(walk: Walk) -> None:
    """Prove the address with the code in the mail."""
    shop, jane = walk.shop, walk.person("jane")
    receive_mail(walk, jane)
    guess(walk, jane)
    with walk.step("bring the right code → verified, login token"):
        answer = bring(shop, jane, jane.code).expect(
            200, verified=True, email_verified=True, needs_login=False, token=str, customer={"id": jane.customer_id}
        )
        jane.login_token = answer["token"]
    with walk.step("bring the used code again → 400 otp_invalid"):
        bring(shop, jane, jane.code).expect(400, code="otp_invalid")


def be_a_customer(walk: Walk) -> None:
    """Log in, look at oneself, stay logged in."""
    shop, jane = walk.shop, walk.person("jane")
    with walk.step("log in → login token"):
        jane.login_token = log_in(shop, jane.by_email).expect(200, token=str)["token"]
    with walk.step("GET /store/customers/me → the customer"):
        expected = {"id": jane.customer_id, "email": jane.email, "email_verified": True, "has_account": True}
        look_at_oneself(shop, jane).expect(200, customer=expected)
    with walk.step("refresh → a new login token"):
        jane.login_token = refresh(shop, jane).expect(200, token=str)["token"]
    with walk.step("GET /store/customers/me with the new token → the customer"):
        look_at_oneself(shop, jane).expect(200, customer={"id": jane.customer_id})
    with walk.step("GET /auth/customer/providers → the ways to log in") as step:
        step.note = list_providers(shop)


def be_refused(walk: Walk) -> None:
    """Try what must not work."""
    shop, jane, kim = walk.shop, walk.person("jane"), walk.person("kim")
    thief = Person(jane.email, kim.password)
    with walk.step('register her address anew → 401 "Identity with email already exists"'):
        register(shop, thief.by_email).expect(401, type="unauthorized", message="Identity with email already exists")
    with walk.step('log in with a wrong password → 401 "Invalid email or password"'):
        log_in(shop, thief.by_email).expect(401, type="unauthorized", message="Invalid email or password")
    with walk.step("GET /store/customers/me without a token → 401"):
        shop.get("/store/customers/me").expect(401, message="Unauthorized")
    with walk.step(f"sign {kim.email} up → customer"):
        kim.registration_token = register(shop, kim.by_email).expect(200, token=str)["token"]
        kim.customer_id = create(shop, kim).expect(200, customer={"id": str})["customer"]["id"]
    with walk.step("ask for a code twice → 429 too_many_requests, Retry-After") as step:
        send_code(shop, kim, EMAIL_VERIFICATION).expect(200, token=str)
        refused = send_code(shop, kim, EMAIL_VERIFICATION)
        refused.expect(429, type="too_many_requests", code="throttled")
        step.note = f"{refused.header('retry-after')} s"


def prove_by_link(walk: Walk) -> None:
    """Prove the address by the link in the mail, as the SDK's own flow does."""
    shop, lee = walk.shop, walk.person("lee")
    with walk.step(f"sign {lee.email} up → customer"):
        lee.registration_token = register(shop, lee.by_email).expect(200, token=str)["token"]
        lee.customer_id = create(shop, lee).expect(200, customer={"id": str})["customer"]["id"]
    with walk.step("POST /auth/verification/request → 201, a link is mailed"):
        asked = {"entity_id": lee.email, "entity_type": "email"}
        shop.post("/auth/verification/request", asked, token=lee.registration_token).expect(
            201, verification={"id": str, "entity_id": lee.email, "code_provider": "token", "verified_at": None}
        )
    with walk.step("read the mail → link with ?token=") as step:
        step.note = shop.read_message(lee.email, LINK)
        lee.link_token = token_of(step.note)
    with walk.step("POST /auth/verification/confirm → verified"):
        confirmed = {"entity_id": lee.email, "entity_type": "email", "verified_at": str}
        shop.post("/auth/verification/confirm", {"code": lee.link_token}).expect(200, **confirmed)
    with walk.step("follow the link again → 400 not_allowed"):
        shop.post("/auth/verification/confirm", {"code": lee.link_token}).expect(400, type="not_allowed")
    with walk.step("log in → login token"):
        lee.login_token = log_in(shop, lee.by_email).expect(200, token=str)["token"]


ACCOUNT = account.Account("jane", login="email", changes="email", told_at="email")
CHAPTERS = (
    sign_up,
    prove_by_code,
    be_a_customer,
    be_refused,
    prove_by_link,
    *account.chapters(ACCOUNT),
    *without_password.chapters(ACCOUNT),
    *second_step.chapters(ACCOUNT),
    *leaving.chapters(ACCOUNT),
)
