"""The client for code that waits."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Concatenate, ParamSpec, Self

import httpx

from customer_registration.client.call import Call, Result
from customer_registration.client.connection import Connection
from customer_registration.client.methods import named_after
from customer_registration.client.routes import (
    codes,
    contacts,
    customers,
    deletion,
    identities,
    passwordless,
    passwords,
    second_factor,
    sessions,
    two_step,
)

Arguments = ParamSpec("Arguments")
Sleep = Callable[[float], None]


def method(
    route: Callable[Arguments, Call[Result]],
) -> Callable[Concatenate["StorefrontClient", Arguments], Result]:
    """Return the method that runs a route."""

    def run(client: "StorefrontClient", /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return client.run(route(*args, **kwargs))

    return named_after(route, run)


class StorefrontClient(Connection[httpx.Client, httpx.BaseTransport, Sleep]):
    """One visitor of the shop. A context manager; see `Connection` for the arguments."""

    _http_class = httpx.Client
    _default_sleep = staticmethod(time.sleep)

    register = method(identities.register)
    login = method(identities.login)
    list_providers = method(identities.list_providers)
    send_registration_code = method(passwordless.send_registration_code)
    register_with_code = method(passwordless.register_with_code)
    login_with_registration_code = method(passwordless.login_with_registration_code)
    send_login_code = method(passwordless.send_login_code)
    login_with_code = method(passwordless.login_with_code)
    start_two_step_login = method(two_step.start_two_step_login)
    finish_two_step_login = method(two_step.finish_two_step_login)
    session_customer = method(two_step.session_customer)
    end_two_step_login = method(two_step.end_two_step_login)
    verify_mfa_challenge = method(second_factor.verify_mfa_challenge)
    list_mfa_factors = method(second_factor.list_mfa_factors)
    add_mfa_factor = method(second_factor.add_mfa_factor)
    verify_mfa_factor = method(second_factor.verify_mfa_factor)
    remove_mfa_factor = method(second_factor.remove_mfa_factor)
    make_recovery_codes = method(second_factor.make_recovery_codes)
    refresh = method(sessions.refresh)
    open_session = method(sessions.open_session)
    end_session = method(sessions.end_session)
    log_out_everywhere = method(sessions.log_out_everywhere)
    create_customer = method(customers.create_customer)
    me = method(customers.me)
    update_me = method(customers.update_me)
    send_code = method(codes.send_code)
    verify_code = method(codes.verify_code)
    request_verification = method(codes.request_verification)
    confirm_verification = method(codes.confirm_verification)
    change_contact = method(contacts.change_contact)
    verify_contact = method(contacts.verify_contact)
    undo_contact_change = method(contacts.undo_contact_change)
    change_password = method(passwords.change_password)
    request_password_reset = method(passwords.request_password_reset)
    complete_password_reset = method(passwords.complete_password_reset)
    request_account_deletion = method(deletion.request_account_deletion)
    confirm_account_deletion = method(deletion.confirm_account_deletion)
    request_deletion_cancellation = method(deletion.request_deletion_cancellation)
    confirm_deletion_cancellation = method(deletion.confirm_deletion_cancellation)

    def run(self, call: Call[Result]) -> Result:
        """Run a call, one of `routes` or of your own, and return what it read.

        Args:
            call: what is sent, and how its answer is read.

        Raises:
            StorefrontError: it was refused, or nothing came back.
        """
        exchange = self._exchange(call)
        while True:
            try:
                response = self._http.send(self._request(call))
            except httpx.RequestError as error:
                self._sleep(exchange.pause_after_failure(error))
                continue
            pause = exchange.pause_after_answer(response)
            if pause is None:
                return self._finish(call, response)
            self._sleep(pause)

    def close(self) -> None:
        """Close the connections, unless the transport is somebody else's."""
        if self._owns_transport:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
