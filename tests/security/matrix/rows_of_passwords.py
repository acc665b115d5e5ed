"""Rows about passwords and what is sent to a contact: register, log in, reset; and the two steps at ``/store/auth``."""

from customer_registration import ratelimits
from tests.conftest import PASSWORD
from tests.security.matrix.observing import Visit
from tests.security.matrix.row import EVERYWHERE, row

WRONG, NEW, WEAK = "wrong battery staple", "another battery staple", "12345678"
STAFF = "/auth/user/emailpass"
UNHURRIED = {"RESEND_THROTTLE_SECONDS": 0}
HOUR, DAY = 3601, 86401


def provider(visit: Visit) -> str:
    """Return the path of the provider of the mode's kind of identifier."""
    return "/auth/customer/emailpass" if visit.who.kind == "email" else "/auth/customer/phonepass"


# Log in


@row("login", *[401] * 5, 429, 429, modes=EVERYWHERE, past="login_failed 5/5m/key+ip")
def wrong_passwords(visit):
    visit.again(6, provider(visit), {**visit.by, "password": WRONG})
    visit.post(provider(visit), {**visit.by, "password": PASSWORD})


@row("login", 429, past="login_failed 10/m/ip")
def a_password_from_an_address_with_ten_wrong_ones(visit):
    visit.use_up("login_failed", 10)
    visit.post(provider(visit), {**visit.by, "password": PASSWORD})


@row("login", 429, past="login 60/m/ip")
def a_password_from_an_address_with_sixty_logins(visit):
    visit.use_up("login", 60)
    visit.post(provider(visit), {**visit.by, "password": PASSWORD})


@row("login", 401, 401)
def a_wrong_password_by_other_names(visit):
    visit.post("/auth/customer/emailpass", {"email_or_phone": visit.who.identifier, "password": WRONG})
    visit.post("/auth/customer/emailpass", {**visit.by, "password": WRONG, "anything": "else"})


@row("login", 401, 401)
def a_wrong_password_with_the_name_in_the_query(visit):
    query = f"?{visit.who.kind}={visit.who.identifier.replace('+', '%2B')}"
    visit.post(provider(visit) + query, {"password": WRONG})
    visit.post(f"/auth/customer/emailpass{query}", {"password": WRONG})


@row("login", 401, 400, 401, modes=("by e-mail",))
def a_login_that_the_project_does_not_offer(visit):
    visit.post("/auth/customer/emailpass", {"phone": visit.who.phone, "password": PASSWORD})
    visit.post("/auth/customer/phonepass", {"phone": visit.who.phone, "password": PASSWORD})
    visit.post("/auth/customer/emailpass", {**visit.by, "password": ""})


@row("login", 401, modes=EVERYWHERE)
def the_right_password(visit):
    visit.post(provider(visit), {**visit.by, "password": PASSWORD})


@row("login", *[401] * 5, 429, modes=("by e-mail",), past="login_failed 5/5m/key+ip")
def wrong_passwords_for_staff(visit):
    visit.again(6, STAFF, {**visit.by, "password": WRONG})


@row("login", 401, modes=("by e-mail",))
def the_right_password_for_staff(visit):
    visit.post(STAFF, {**visit.by, "password": PASSWORD})


# Register


@row("register", 200, modes=("by e-mail", "unproven", "concealed"))
def a_registration(visit):
    visit.post(f"{provider(visit)}/register", {**visit.by, "password": NEW})


@row("register", 200, modes=("by e-mail", "unproven", "concealed"))
def a_registration_with_the_persons_password(visit):
    visit.post(f"{provider(visit)}/register", {**visit.by, "password": PASSWORD})


@row("register", 200, modes=("by phone",), REGISTRATION={"IDENTIFIER": "phone"})
def a_registration_by_phone(visit):
    visit.post(f"{provider(visit)}/register", {**visit.by, "password": NEW})


@row("register", 400, 401, 401)
def a_registration_that_is_none(visit):
    visit.post("/auth/customer/emailpass/register", {"email": visit.who.email, "password": WEAK})
    visit.post("/auth/customer/emailpass/register", {"email": visit.who.email})
    visit.post("/auth/customer/emailpass/register", {"phone": visit.who.phone, "password": NEW})


@row("register", 429, past="register 20/h/ip")
def a_registration_from_an_address_with_twenty(visit):
    visit.use_up("register", 20)
    visit.post("/auth/customer/emailpass/register", {"email": visit.who.email, "password": NEW})


# Reset


@row("reset-password", 201, 201, modes=EVERYWHERE)
def resets_inside_the_throttle(visit):
    visit.again(2, f"{provider(visit)}/reset-password", {"identifier": visit.who.identifier})


@row("reset-password", *[201] * 6, past="password_reset 5/h/key", PASSWORD_RESET=UNHURRIED)
def resets_past_the_hours_five(visit):
    visit.again(6, f"{provider(visit)}/reset-password", visit.by)


@row("reset-password", *[201] * 11, past="password_reset 10/d/key", PASSWORD_RESET=UNHURRIED)
def resets_past_the_days_ten(visit):
    body = {"email_or_phone": visit.who.identifier}
    for _ in range(2):
        visit.again(5, f"{provider(visit)}/reset-password", body)
        visit.wait(HOUR)
    visit.post(f"{provider(visit)}/reset-password", body)


@row("reset-password", 429, past="password_reset 20/h/ip")
def a_reset_from_an_address_with_twenty(visit):
    visit.use_up("password_reset", 20)
    visit.post(f"{provider(visit)}/reset-password", visit.by)


@row("reset-password", 201, 400, modes=("by e-mail",))
def resets_that_the_project_does_not_offer(visit):
    visit.post("/auth/customer/emailpass/reset-password", {"identifier": visit.who.phone})
    visit.post("/auth/customer/otp/reset-password", visit.by)


@row("update", 201, 401, 401, 401)
def a_new_password_with_no_link(visit):
    visit.post(f"{provider(visit)}/reset-password", visit.by)
    visit.post(f"{provider(visit)}/update", {**visit.by, "password": NEW})
    visit.post(f"{provider(visit)}/update", {**visit.by, "password": NEW, "token": "a.b.c"})
    visit.post("/auth/user/emailpass/update", {**visit.by, "password": NEW})


# Two steps


@row("two-step-login", *[401] * 5, 429, 429, past="login_failed 5/5m/key+ip")
def wrong_passwords_at_the_first_step(visit):
    visit.again(6, "/store/auth", {**visit.by, "password": WRONG})
    visit.post("/store/auth", {**visit.by, "password": PASSWORD})


@row("two-step-login", 429, past="login_failed 10/m/ip")
def a_first_step_from_an_address_with_ten_wrong_passwords(visit):
    visit.use_up("login_failed", 10)
    visit.post("/store/auth", {**visit.by, "password": PASSWORD})


@row("two-step-login", 429, past="login 60/m/ip")
def a_first_step_from_an_address_with_sixty_logins(visit):
    visit.use_up("login", 60)
    visit.post("/store/auth", {**visit.by, "password": PASSWORD})


@row("two-step-login", 401)
def the_right_password_at_the_first_step(visit):
    visit.post("/store/auth", {**visit.by, "password": PASSWORD})


@row("two-step-login-code", *[400] * 12)
def guesses_at_the_second_step(visit):
    visit.again(12, "/store/auth/otp", {**visit.by, "otp": "123456"})


@row("two-step-login-code", *[400] * 12, past="code_failed")
def guesses_at_the_second_step_of_somebody_who_logs_in(visit):
    visit.api.post("/store/auth", {**visit.by, "password": PASSWORD})  # of which the stranger sees nothing
    ratelimits.reset()
    visit.again(12, "/store/auth/otp", {**visit.by, "otp": "000000"})


@row("two-step-login-code", 429, past="login 60/m/ip")
def a_second_step_from_an_address_with_sixty_logins(visit):
    visit.use_up("login", 60)
    visit.post("/store/auth/otp", {**visit.by, "otp": "123456"})
