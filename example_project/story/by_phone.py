"""The story in mode ``phone``: somebody with nothing but a phone number."""

from example_project.story import account, leaving, second_step, without_password
from example_project.story.people import Person
from example_project.story.proof import guess, receive_text
from example_project.story.requests import (
    PHONE_VERIFICATION,
    bring,
    create,
    list_providers,
    log_in,
    look_at_oneself,
    refresh,
    register,
)
from example_project.story.walk import Walk

VANITY_NUMBER = "+1 415 555 JANE"


def sign_up(walk: Walk) -> None:
    """Register with a number and become a customer."""
    shop, pat = walk.shop, walk.person("pat")
    with walk.step(f"register {pat.phone} → registration token"):
        pat.registration_token = register(shop, pat.by_phone).expect(200, token=str)["token"]
    with walk.step("create the customer → not verified yet, no e-mail") as step:
        expected = {"id": str, "phone": pat.phone, "email": None, "phone_verified": False}
        answer = create(shop, pat, first_name="Pat").expect(200, customer=expected)
        pat.customer_id = step.note = answer["customer"]["id"]
    with walk.step("log in too early → 403 verification_required, phone_verification"):
        log_in(shop, pat.by_phone).expect(
            403, code="verification_required", customer_id=pat.customer_id, verification_type=PHONE_VERIFICATION
        )


def prove_by_code(walk: Walk) -> None:
    """Prove the number with the code in the text message."""
    shop, pat = walk.shop, walk.person("pat")
    receive_text(walk, pat)
    guess(walk, pat)
    with walk.step("bring the right code → verified, login token"):
        answer = bring(shop, pat, pat.code).expect(
            200, verified=True, phone_verified=True, needs_login=False, token=str, customer={"id": pat.customer_id}
        )
        pat.login_token = answer["token"]


def be_a_customer(walk: Walk) -> None:
    """Log in by every spelling, look at oneself, stay logged in."""
    shop, pat = walk.shop, walk.person("pat")
    with walk.step(f"log in by phone {pat.phone} → login token"):
        pat.login_token = log_in(shop, pat.by_phone).expect(200, token=str)["token"]
    with walk.step(f"log in by phone {pat.national_phone}, as people write it → login token"):
        log_in(shop, {"phone": pat.national_phone, "password": pat.password}).expect(200, token=str)
    with walk.step(f"log in by email_or_phone {pat.national_phone} → login token"):
        log_in(shop, {"email_or_phone": pat.national_phone, "password": pat.password}).expect(200, token=str)
    with walk.step("log in at /auth/customer/phonepass → login token"):
        log_in(shop, pat.by_phone, provider="phonepass").expect(200, token=str)
    with walk.step("GET /store/customers/me → the customer"):
        expected = {"id": pat.customer_id, "phone": pat.phone, "phone_verified": True, "has_account": True}
        look_at_oneself(shop, pat).expect(200, customer=expected)
    with walk.step("refresh → a new login token"):
        pat.login_token = refresh(shop, pat).expect(200, token=str)["token"]
    with walk.step("GET /store/customers/me with the new token → the customer"):
        look_at_oneself(shop, pat).expect(200, customer={"id": pat.customer_id})
    with walk.step("GET /auth/customer/providers → the ways to log in") as step:
        step.note = list_providers(shop)


def be_refused(walk: Walk) -> None:
    """Try what must not work."""
    shop, pat, kay = walk.shop, walk.person("pat"), walk.person("kay")
    thief = Person(pat.email, kay.password, pat.dotted_phone)
    with walk.step(f'register {thief.phone}, the same number → 401 "Identity with phone already exists"'):
        register(shop, thief.by_phone).expect(401, type="unauthorized", message="Identity with phone already exists")
    with walk.step('log in with a wrong password → 401 "Invalid phone or password"'):
        log_in(shop, thief.by_phone).expect(401, type="unauthorized", message="Invalid phone or password")
    with walk.step(f'register {VANITY_NUMBER} → 400 "Invalid request: Invalid phone number"'):
        register(shop, Person(kay.email, kay.password, VANITY_NUMBER).by_phone).expect(
            400, type="invalid_data", message="Invalid request: Invalid phone number"
        )
    with walk.step('register with an e-mail → 401 "Phone should be a string"'):
        register(shop, kay.by_email).expect(401, type="unauthorized", message="Phone should be a string")


ACCOUNT = account.Account("pat", login="phone", changes="phone", told_at="phone")
CHAPTERS = (
    sign_up,
    prove_by_code,
    be_a_customer,
    be_refused,
    *account.chapters(ACCOUNT),
    *without_password.chapters(ACCOUNT),
    *second_step.chapters(ACCOUNT),
    *leaving.chapters(ACCOUNT),
)
