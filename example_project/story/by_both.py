"""The story in mode ``both``: two identifiers, each proven by itself."""

from example_project.story import account, leaving, second_step, without_password
from example_project.story.proof import receive_mail, receive_text
from example_project.story.requests import (
    EMAIL_VERIFICATION,
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


def sign_up(walk: Walk) -> None:
    """Register by e-mail, and bring the phone when the customer is created."""
    shop, alex = walk.shop, walk.person("alex")
    with walk.step(f"register {alex.email} → registration token"):
        alex.registration_token = register(shop, alex.by_email).expect(200, token=str)["token"]
    with walk.step("create the customer without a phone → 400 \"Field 'phone' is required\""):
        create(shop, alex).expect(400, type="invalid_data", message="Invalid request: Field 'phone' is required")
    with walk.step(f"create the customer with {alex.national_phone} → neither is verified yet") as step:
        unproven = {"email_verified": False, "phone_verified": False}
        answer = create(shop, alex, phone=alex.national_phone).expect(
            200, customer={"id": str, "email": alex.email, "phone": alex.phone, **unproven}
        )
        alex.customer_id = step.note = answer["customer"]["id"]
    with walk.step("log in by e-mail too early → 403 verification_required, email_verification"):
        log_in(shop, alex.by_email).expect(
            403, code="verification_required", customer_id=alex.customer_id, verification_type=EMAIL_VERIFICATION
        )


def prove_the_email(walk: Walk) -> None:
    """Prove the address; it opens its own door and no other."""
    shop, alex = walk.shop, walk.person("alex")
    receive_mail(walk, alex)
    with walk.step("bring the code → the e-mail is verified, the phone is not"):
        proven = {"email_verified": True, "phone_verified": False}
        bring(shop, alex, alex.code).expect(200, verified=True, needs_login=False, token=str, **proven)
    with walk.step("log in by e-mail → login token"):
        alex.login_token = log_in(shop, alex.by_email).expect(200, token=str)["token"]
    with walk.step("log in by phone → 403 verification_required, phone_verification"):
        log_in(shop, alex.by_phone).expect(
            403, code="verification_required", customer_id=alex.customer_id, verification_type=PHONE_VERIFICATION
        )


def prove_the_phone(walk: Walk) -> None:
    """Prove the number; now both doors are open."""
    shop, alex = walk.shop, walk.person("alex")
    receive_text(walk, alex)
    with walk.step("bring the code → both are verified"):
        proven = {"email_verified": True, "phone_verified": True}
        bring(shop, alex, alex.code).expect(200, verified=True, needs_login=False, token=str, **proven)
    with walk.step(f"log in by phone {alex.phone} → login token"):
        log_in(shop, alex.by_phone).expect(200, token=str)
    with walk.step("log in by email_or_phone, first the one, then the other → login tokens"):
        for identifier in (alex.email, alex.national_phone):
            answer = log_in(shop, {"email_or_phone": identifier, "password": alex.password}).expect(200, token=str)
            alex.login_token = answer["token"]
    with walk.step("refresh → a new login token"):
        alex.login_token = refresh(shop, alex).expect(200, token=str)["token"]
    with walk.step("GET /store/customers/me with the new token → the customer"):
        expected = {"id": alex.customer_id, "email": alex.email, "phone": alex.phone}
        look_at_oneself(shop, alex).expect(200, customer={**expected, "email_verified": True, "phone_verified": True})
    with walk.step("GET /auth/customer/providers → the ways to log in") as step:
        step.note = list_providers(shop)


def be_refused(walk: Walk) -> None:
    """Try to take a phone that is somebody's."""
    shop, alex, robin = walk.shop, walk.person("alex"), walk.person("robin")
    with walk.step(f"register {robin.email} → registration token"):
        robin.registration_token = register(shop, robin.by_email).expect(200, token=str)["token"]
    with walk.step('create with the taken phone → 422 "Customer with this phone already has an account"'):
        create(shop, robin, phone=alex.dotted_phone).expect(
            422, type="duplicate_error", message="Customer with this phone already has an account"
        )
    with walk.step("create with another phone → customer"):
        expected = {"id": str, "email": robin.email, "phone": robin.phone}
        create(shop, robin, phone=robin.phone).expect(200, customer=expected)
    with walk.step('register the taken phone at phonepass → 401 "Identity with phone already exists"'):
        taken = {"phone": alex.phone, "password": robin.password}
        register(shop, taken, provider="phonepass").expect(
            401, type="unauthorized", message="Identity with phone already exists"
        )


# The phone changes, and the e-mail, which is proven, is told of it.
ACCOUNT = account.Account("alex", login="email", changes="phone", told_at="email")
CHAPTERS = (
    sign_up,
    prove_the_email,
    prove_the_phone,
    be_refused,
    *account.chapters(ACCOUNT),
    *without_password.chapters(ACCOUNT),
    *second_step.chapters(ACCOUNT),
    *leaving.chapters(ACCOUNT),
)
