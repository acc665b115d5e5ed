"""Place → the indexes by which its statements read, as `explain.Observer` tells them.

A place may read by fewer: where two indexes serve a statement, PostgreSQL takes the one that its statistics make out
to be the better.
"""

INDEXES = {
    "DELETE mfa-factor": (
        "customer(id); recoverycode(customer_id, code_hash); secondfactor(customer_id); secondfactor(id); user(id)"
    ),
    "DELETE session": "",
    "DELETE two-step-login": "",
    "GET admin-deletion-request": "accountdeletionrequest(id); customer(id); user(id)",
    "GET admin-deletion-requests": (
        "accountdeletionrequest(created_at)>; accountdeletionrequest(customer_ref); accountdeletionrequest(id)"
        "; accountdeletionrequest(status, scheduled_at); customer(email); customer(id); user(id)"
    ),
    "GET me": "customer(id); user(id)",
    "GET mfa-factors": "customer(id); secondfactor(customer_id); user(id)",
    "GET providers": "",
    "GET two-step-login": "customer(id); user(id)",
    "PATCH me": "customer(id); user(id)",
    "POST code-generate": "customer(email); sendslot(key); user(id)",
    "POST code-login": "customer(id); otpverification(id); otpverification(subject, purpose); user(id)",
    "POST code-pre-register": "customer(email); sendslot(key); user(id)",
    "POST code-register": (
        "customer(email); customer(id); otpverification(id); otpverification(subject, purpose); user(id)"
    ),
    "POST code-verify": "customer(id); otpverification(id); otpverification(subject, purpose); user(id)",
    "POST contact": (
        "customer(email); customer(id); otpverification(customer_id, purpose, expires_at); sendslot(key); user(id)"
    ),
    "POST contact-undo": (
        "accountdeletionrequest(active_customer_id); accountevent(created_at); customer(id)"
        "; otpverification(customer_id, purpose, expires_at); otpverification(id); user(id)"
    ),
    "POST contact-verify": (
        "customer(id); otpverification(customer_id, purpose, expires_at); otpverification(id); user(id)"
    ),
    "POST customers": "customer(id); customer(phone); user(id)",
    "POST deletion-cancel-confirm": (
        "accountdeletionrequest(active_customer_id); accountdeletionrequest(id); customer(id); otpverification(id)"
        "; user(id)"
    ),
    "POST deletion-cancel-request": (
        "accountdeletionrequest(active_customer_id); customer(email); sendslot(key); user(id)"
    ),
    "POST deletion-confirm": (
        "accountdeletionrequest(active_customer_id); customer(id)"
        "; otpverification(customer_id, purpose, expires_at); otpverification(id); user(id)"
    ),
    "POST deletion-request": (
        "accountdeletionrequest(active_customer_id); customer(id)"
        "; otpverification(customer_id, purpose, expires_at); sendslot(key); user(id)"
    ),
    "POST login": (
        "customer(email); recoverycode(customer_id, code_hash); secondfactor(customer_id); user(id); user(username)"
    ),
    "POST logout-all": "customer(id); user(id)",
    "POST me": "customer(id); user(id)",
    "POST mfa-challenge-verify": (
        "customer(id); otpverification(customer_id, purpose, expires_at); otpverification(id)"
        "; recoverycode(customer_id, code_hash); secondfactor(customer_id); secondfactor(id); user(id)"
    ),
    "POST mfa-factor-verify": "customer(id); secondfactor(customer_id); secondfactor(id); user(id)",
    "POST mfa-factors": "customer(id); secondfactor(customer_id); user(id)",
    "POST mfa-recovery-codes": (
        "customer(id); recoverycode(customer_id, code_hash); secondfactor(customer_id); user(id)"
    ),
    "POST otp-send": "customer(id); otpverification(id); otpverification(subject, purpose); sendslot(key); user(id)",
    "POST otp-verify": "customer(id); otpverification(id); user(id)",
    "POST password": "customer(id); otpverification(customer_id, purpose, expires_at); user(id)",
    "POST register": "customer(email); user(id)",
    "POST reset-password": (
        "customer(email); otpverification(customer_id, purpose, expires_at); sendslot(key); user(id)"
    ),
    "POST session": "customer(id); user(id)",
    "POST token-refresh": "customer(id); user(id)",
    "POST two-step-login": "customer(email); sendslot(key); user(id)",
    "POST two-step-login-code": "customer(id); otpverification(id); otpverification(subject, purpose); user(id)",
    "POST update": "customer(id); otpverification(customer_id, purpose, expires_at); otpverification(id); user(id)",
    "POST verification-confirm": "customer(id); otpverification(id); user(id)",
    "POST verification-request": (
        "customer(id); otpverification(customer_id, purpose, expires_at); sendslot(key); user(id)"
    ),
    "a message is delivered": "customer(id); otpverification(id); outboxmessage(id); user(id)",
    "admin: list, accountdeletionrequest": (
        "accountdeletionrequest(due_at); accountdeletionrequest(id)>; accountdeletionrequest(status, scheduled_at)"
        "; customer(id); user(id)"
    ),
    "admin: list, accountevent": "accountevent(created_at); accountevent(created_at)>; customer(id); user(id)",
    "admin: list, customer": "accountdeletionrequest(status, scheduled_at); customer(id)>; user(id)",
    "admin: list, otpverification": "customer(id); otpverification(id)>; outboxmessage(otp_id); user(id)",
    "admin: list, outboxmessage": "otpverification(id); outboxmessage(id)>; user(id)",
    "admin: list, secondfactor": "customer(id); secondfactor(id)>; user(id)",
    "admin: page, accountdeletionrequest": (
        "accountdeletionrequest(created_at); accountdeletionrequest(id); accountevent(created_at); customer(id)"
        "; outboxmessage(created_at); user(id)"
    ),
    "admin: page, accountevent": "accountevent(id); customer(id); user(id)",
    "admin: page, customer": (
        "accountdeletionrequest(customer_id); accountdeletionrequest(customer_ref); accountevent(customer_ref)"
        "; customer(id); otpverification(customer_id, purpose, expires_at); otpverification(id)"
        "; outboxmessage(customer_id); outboxmessage(otp_id); secondfactor(customer_id); user(id)"
    ),
    "admin: page, otpverification": "otpverification(id); outboxmessage(otp_id); user(id)",
    "admin: page, outboxmessage": "otpverification(id); outboxmessage(id); user(id)",
    "admin: page, secondfactor": "customer(id); secondfactor(id); user(id)",
    "admin: search by address, accountdeletionrequest": (
        "accountdeletionrequest(due_at); accountdeletionrequest(status, scheduled_at); customer(email)"
        "; customer(id); user(id)"
    ),
    "admin: search by address, accountevent": "accountevent(customer_ref); customer(email); customer(id); user(id)",
    "admin: search by address, customer": "accountdeletionrequest(customer_ref); customer(email); user(id)",
    "admin: search by address, otpverification": (
        "customer(email); customer(id); otpverification(customer_id, purpose, expires_at); otpverification(id)"
        "; outboxmessage(otp_id); user(id)"
    ),
    "admin: search by address, outboxmessage": (
        "customer(email); otpverification(id); outboxmessage(customer_id); user(id)"
    ),
    "admin: search by address, secondfactor": (
        "customer(email); customer(id); secondfactor(customer_id); secondfactor(id); user(id)"
    ),
    "admin: search by id, accountdeletionrequest": (
        "accountdeletionrequest(customer_ref); accountdeletionrequest(due_at); accountdeletionrequest(id)"
        "; accountdeletionrequest(status, scheduled_at); customer(id); user(id)"
    ),
    "admin: search by id, accountevent": "accountevent(customer_ref); customer(id); user(id)",
    "admin: search by id, customer": "accountdeletionrequest(customer_ref); customer(id); user(id)",
    "admin: search by id, otpverification": (
        "customer(id); otpverification(customer_id, purpose, expires_at); otpverification(id)"
        "; outboxmessage(otp_id); user(id)"
    ),
    "admin: search by id, outboxmessage": "customer(id); otpverification(id); outboxmessage(customer_id); user(id)",
    "admin: search by id, secondfactor": "customer(id); secondfactor(customer_id); secondfactor(id); user(id)",
    "command: explain_limits": (
        "customer(email); otpverification(customer_id, purpose, expires_at); otpverification(subject, purpose)"
        "; otpverification(expires_at); sendslot(key); user(id)"  # few codes are live
    ),
    "command: revoke_sessions": "customer(id); customer(id)>",
    "probe: health": (
        "accountdeletionrequest(due_at); accountdeletionrequest(status, scheduled_at)"
        "; outboxmessage(state, next_attempt_at)"
    ),
    "sweep: deletions, anonymize": (
        "accountdeletionrequest(customer_ref); accountdeletionrequest(due_at); accountdeletionrequest(id)"
        "; accountevent(customer_ref); customer(id); otpverification(customer_id, purpose, expires_at)"
        "; otpverification(id); outboxmessage(customer_id); outboxmessage(id); outboxmessage(otp_id)"
        "; recoverycode(customer_id, code_hash); secondfactor(customer_id); user(id)"
    ),
    "sweep: deletions, delete": (
        "accountdeletionrequest(customer_id); accountdeletionrequest(customer_ref); accountdeletionrequest(due_at)"
        "; accountdeletionrequest(id); accountevent(customer_id); accountevent(customer_ref); customer(id)"
        "; customer(user_id); otpverification(customer_id, purpose, expires_at); otpverification(id)"
        "; outboxmessage(customer_id); outboxmessage(id); outboxmessage(otp_id)"
        "; recoverycode(customer_id, code_hash); secondfactor(customer_id); user(id)"
    ),
    "sweep: housekeeping": (
        "accountdeletionrequest(created_at); accountdeletionrequest(customer_id)"
        "; accountdeletionrequest(customer_ref); accountdeletionrequest(status, scheduled_at)"
        "; accountevent(created_at); accountevent(customer_id); accountevent(customer_ref)"
        "; customer(claim_expires_at); customer(id); customer(shadow_email); customer(shadow_phone)"
        "; customer(user_id); otpverification(customer_id, purpose, expires_at); otpverification(expires_at)"
        "; otpverification(id); outboxmessage(customer_id); outboxmessage(id); outboxmessage(otp_id)"
        "; outboxmessage(state, next_attempt_at); recoverycode(customer_id, code_hash); secondfactor(customer_id)"
        "; secondfactor(enabled_key); sendslot(id); sendslot(last_sent_at); user(id)"
    ),
    "sweep: insights": "otpverification(id); outboxmessage(created_at)",
    "sweep: messages": (
        "customer(id); otpverification(id); outboxmessage(id); outboxmessage(state, next_attempt_at); user(id)"
    ),
    "sweep: reminders": "accountdeletionrequest(id); accountdeletionrequest(reminder_at); customer(id)",
}

REQUESTS = "a request for deletion is made by few, is gone after a year, and staff look at all of them"
# Place, statement (a part of each), and why it may read a table from end to end.
UNBOUNDED = (
    ("POST login", 'UPPER("auth_user"."email"', "Django's users have no index for it; see `test_staff_are_found_…`"),
    ("admin: list", "SELECT COUNT(*)", "how many there are, above a list that staff open: by the smallest index"),
    ("GET admin-deletion-requests", 'FROM "customer_registration_accountdeletionrequest"', REQUESTS),
    ("admin: list, accountdeletionrequest", 'FROM "customer_registration_accountdeletionrequest"', REQUESTS),
    ("admin: search by address, accountdeletionrequest", '"identifiers_hash"::text LIKE', REQUESTS),
)
