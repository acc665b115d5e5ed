"""Walk through every route, so that an observer sees what each one reads."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pyotp
from django.utils import timezone

from customer_registration.models import OtpVerification
from customer_registration.tokens import ResetToken
from tests.conftest import PASSWORD, Api, last_code, link_token, new_user

LOGIN, ME, CONTACT = "/auth/customer/emailpass", "/store/customers/me", "/store/customers/me/contact"
OTP, CODE, FACTORS = "/store/customers/otp", "/auth/customer/otp", "/auth/mfa/factors"
LEAVING = "/store/customers/account-deletion"
JANE, NEW, NOBODY = "jane@example.com", "new@example.com", "nobody@example.com"
NO_CUSTOMER = "cus_01ARZ3NDEKTSV4RRFFQ69G5FAV"
ANOTHER = "a new password entirely"


class Walk:
    """One person's way through the shop, beside a stranger who asks for what is not there.

    Args:
        api: a device of theirs.
        watch: notes what happens meanwhile under the name of a route.
    """

    def __init__(self, api: Api, watch: Callable[[str, str], AbstractContextManager[None]]) -> None:
        self.api, self.watch, self.token = api, watch, ""

    def ask(self, path: str, body: Any = None, *, method: str = "post", token: str | None = None, ok: int = 200) -> Any:
        """Send a request and return the body of its answer."""
        with self.watch(method, path):
            answer = self.api.request(method, path, body, token=token)
        assert answer.status_code == ok, (path, answer.content)
        return answer.json() if answer["content-type"].startswith("application/json") else None

    def all_of_it(self) -> None:
        """Sign up, come in by every road, look around, change everything, and leave."""
        self.sign_up()
        self.look_around()
        self.change_the_contact()
        self.change_the_password()
        self.come_in_by_code()
        self.show_a_second_factor()
        self.leave_and_stay()
        self.staff_look()

    def sign_up(self) -> None:
        """Register, create the customer, prove the address by a code, another's by a link, and log in."""
        body = {"email": JANE, "password": PASSWORD}
        registration = self.ask(f"{LOGIN}/register", body)["token"]
        customer = self.ask("/store/customers", {"first_name": "Jane", "phone": "+12025550123"}, token=registration)
        for who in (customer["customer"]["id"], NO_CUSTOMER):
            flow = self.ask(f"{OTP}/send", {"customer_id": who, "type": "email_verification"})
            self.ask(f"{OTP}/verify", {"token": flow["token"], "code": "000000"}, ok=400)
        flow = self.ask(f"{OTP}/send", {"customer_id": customer["customer"]["id"], "type": "email_verification"})
        self.ask(f"{OTP}/verify", {"token": flow["token"], "code": last_code(JANE)})
        other = self.ask(f"{LOGIN}/register", {**body, "email": "ann@example.com"})["token"]
        self.ask(f"{LOGIN}/register", {**body, "password": ANOTHER}, ok=401)
        asked = {"entity_id": "ann@example.com", "entity_type": "email"}
        self.ask("/auth/verification/request", asked, token=other, ok=201)
        self.ask("/auth/verification/confirm", {"code": link_token("ann@example.com")})
        self.ask(LOGIN, {**body, "email": NOBODY}, ok=401)
        self.log_in()

    def log_in(self, password: str = PASSWORD, email: str = JANE) -> Any:
        """Log in by password."""
        answer = self.ask(LOGIN, {"email": email, "password": password})
        self.token = answer["token"]
        return answer

    def look_around(self) -> None:
        """Read and write the profile, keep and end a session."""
        self.ask("/auth/customer/providers", method="get")
        self.ask(ME, method="get", token=self.token)
        self.ask(ME, {"first_name": "Jane"}, token=self.token)
        self.ask(ME, {"last_name": "Doe"}, method="patch", token=self.token)
        self.ask("/auth/token/refresh", token=self.token)
        self.ask("/auth/session", token=self.token)
        self.ask("/auth/session", method="delete")
        self.ask(f"{ME}/logout-all", token=self.token)
        self.log_in()

    def change_the_contact(self) -> None:
        """Move to another address, and take that back."""
        flow = self.ask(CONTACT, {"email": NEW}, token=self.token)["token"]
        self.ask(f"{CONTACT}/verify", {"token": flow, "code": last_code(NEW)}, token=self.token)
        self.ask("/store/customers/contact/undo", {"token": link_token(JANE)})
        self.log_in()

    def change_the_password(self) -> None:
        """By a link and by the old one; a stranger asks for a link, too."""
        for who in (JANE, NOBODY):
            self.ask(f"{LOGIN}/reset-password", {"identifier": who}, ok=201)
        row = OtpVerification.objects.filter(purpose="password_reset").exclude(customer=None).latest("pk")
        self.ask(f"{LOGIN}/update", {"password": ANOTHER}, token=ResetToken.of(row).sign())
        self.log_in(ANOTHER)
        self.ask(f"{ME}/password", {"old_password": ANOTHER, "password": PASSWORD}, token=self.token)
        self.log_in()

    def come_in_by_code(self) -> None:
        """Sign up and log in by a code, with the flow token and without, and by password and code."""
        for who in ("kim@example.com", JANE):
            flow = self.ask(f"{CODE}/pre-register", {"identifier": who})["token"]
        self.ask(f"{CODE}/register", {"identifier": "kim@example.com", "otp": last_code("kim@example.com")})
        for who in (JANE, NOBODY):
            flow = self.ask(f"{CODE}/generate", {"identifier": who})["token"]
            self.ask(f"{CODE}/verify", {"identifier": who, "otp": "000000", "token": flow}, ok=400)
        self.ask(f"{CODE}/verify", {"identifier": JANE, "otp": last_code(JANE)})
        flow = self.ask(f"{CODE}/generate", {"identifier": JANE})["token"]
        self.ask(CODE, {"identifier": JANE, "otp": last_code(JANE), "token": flow})
        self.ask("/store/auth", {"email": JANE, "password": PASSWORD})
        self.ask("/store/auth/otp", {"email": JANE, "otp": last_code(JANE)})
        self.ask("/store/auth", method="get")
        self.ask("/store/auth", method="delete")

    def show_a_second_factor(self) -> None:
        """Set an app up, come in with it, with a recovery code and with one that is sent, and take it away."""
        made = self.ask(FACTORS, {"provider": "totp"}, token=self.token)
        factor, app = made["mfa_factor"]["id"], pyotp.TOTP(made["secret"])
        self.ask(FACTORS, method="get", token=self.token)
        self.ask(f"{FACTORS}/{factor}/verify", {"code": self._code(app, -1)}, token=self.token)
        self.show(self._code(app, 0), "totp")
        proof = {"method": "totp", "code": self._code(app, 1), "count": 2}
        [code, _] = self.ask("/auth/mfa/recovery-codes", proof, token=self.token)["recovery_codes"]
        self.show(code, "recovery_code")
        [code, _] = [code, _][::-1]
        self.ask(f"{FACTORS}/{factor}", {"method": "recovery_code", "code": code}, method="delete", token=self.token)
        self.log_in()

    def show(self, code: str, method: str) -> None:
        """Log in with both steps."""
        login = self.log_in()
        path = f"/auth/mfa/challenges/{login['mfa_challenge']['id']}/verify"
        self.token = self.ask(path, {"method": method, "code": code}, token=login["token"])["token"]

    @staticmethod
    def _code(app: Any, steps: int) -> str:
        return str(app.at(timezone.now(), counter_offset=steps))

    def leave_and_stay(self) -> None:
        """Ask for the erasure, and take it back; a stranger asks for it, too."""
        flow = self.ask(f"{LEAVING}/request", {}, token=self.token)["token"]
        self.ask(f"{LEAVING}/confirm", {"token": flow, "code": last_code(JANE)})
        for who in (JANE, NOBODY):
            flow = self.ask(f"{LEAVING}/cancel-request", {"email": who})["token"]
            if who == JANE:
                self.ask(f"{LEAVING}/cancel-confirm", {"token": flow, "code": last_code(JANE)})

    def staff_look(self) -> None:
        """Staff look at who leaves."""
        new_user("boss", "boss@example.com", is_staff=True, is_superuser=True)
        answer = self.ask("/auth/user/emailpass", {"email": "boss@example.com", "password": PASSWORD})
        listing = "/admin/account-deletion-requests"
        for query in ("", f"?q={JANE}", "?status=confirmed", "?q=cus_01"):
            found = self.ask(f"{listing}{query}", method="get", token=answer["token"])
        self.ask(f"{listing}/{found['requests'][0]['id']}", method="get", token=answer["token"])
