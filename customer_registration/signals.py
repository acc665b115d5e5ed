"""Public signals, sent after the transaction that they report has committed; ``account_about_to_be_erased`` before.

==============================  ==================================================================
``identity_registered``         ``customer``: an identifier and a password were claimed; no customer yet. Under
                                ``EXISTING_ACCOUNT = "conceal"`` contacts that others hold are ``None`` here and below
``customer_registered``         ``customer``: the customer was created
``contact_verified``            ``customer``, ``kind`` (``"email"`` or ``"phone"``): an address was proven
``claim_lapsed``                ``customer_id``, ``kind``: an unproven claim gave way to a newer one
``contact_changed``             ``customer``, ``kind``: a contact was replaced by one that was proven, or added
``contact_change_undone``       ``customer``, ``kind``: the owner of a replaced contact took it back
``password_changed``            ``customer``, ``by_reset``: through a mailed link, or with the old password
``sessions_ended``              ``customer``: logged out everywhere
``otp_generated``               ``actor_type``, ``identifier`` (masked), ``channel``, ``get_identifier``, ``get_code``:
                                a code to log in with; the last two are callables, which no log of arguments tells
``pre_register_otp_generated``  the same, for a code to register with
``one_time_password_generated`` ``key``, ``get_code``: by `OneTimePasswordService`
``one_time_password_deleted``   ``key``: it was used
``login_attempted``             ``actor_type``, ``road``, ``outcome``: a try to log in has ended
``request_refused``             ``rule``: a request was answered 429; sent at once
``code_issued``                 ``purpose``, ``channel``, ``is_decoy``: a code or a link was made
``code_tried``                  ``purpose``, ``channel``, ``outcome`` (``verified``, ``wrong``): a code was brought back
``second_factor_enabled``       ``customer``, ``provider``: from now on a login asks for it
``second_factor_removed``       ``customer``, ``provider``: by the person, or by staff
``message_queued``              ``message_id``: an outbox row waits for delivery
``message_attempted``           ``message_id``, ``kind``, ``channel``, ``backend``, ``seconds``, ``outcome``
                                (``delivered``, ``failed``, ``given_up``, ``held_back``, ``too_late``): a try to deliver
                                it has ended; sent at once
``sms_budget_reached``          ``percent`` (80 or 100), ``budget``, ``prefix`` or ``None``: text messages of this hour,
                                to a destination prefix or in all; sent at once, once a window; past 100 none go out
``account_deletion_scheduled``  ``customer``, ``request``: confirmed, or postponed by staff
``account_deletion_cancelled``  ``customer``, ``request``: by code, by staff, or with an undone contact change
``account_about_to_be_erased``  ``customer``, ``request``: inside the transaction; raise `ErasureVetoed` to refuse
``account_erased``              ``customer_id``, ``request_id``: nothing personal is left
``personal_data_requested``     ``customer``: an export; return ``(name, data)``, JSON, to have it included
==============================  ==================================================================
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

identity_registered = Signal()
customer_registered = Signal()
contact_verified = Signal()
claim_lapsed = Signal()
contact_changed = Signal()
contact_change_undone = Signal()
password_changed = Signal()
sessions_ended = Signal()
otp_generated = Signal()
pre_register_otp_generated = Signal()
one_time_password_generated = Signal()
one_time_password_deleted = Signal()
login_attempted = Signal()
request_refused = Signal()
code_issued = Signal()
code_tried = Signal()
second_factor_enabled = Signal()
second_factor_removed = Signal()
message_queued = Signal()
message_attempted = Signal()
sms_budget_reached = Signal()
account_deletion_scheduled = Signal()
account_deletion_cancelled = Signal()
account_about_to_be_erased = Signal()
account_erased = Signal()
personal_data_requested = Signal()


def send_on_commit(signal: Signal, sender: Any, **arguments: Any) -> None:
    """Send ``signal`` once the current transaction has committed; a receiver's failure is logged, never raised."""
    notify: Callable[[], Any] = partial(signal.send_robust, sender=sender, **arguments)
    transaction.on_commit(notify, robust=True)
