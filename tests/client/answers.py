"""What the shop answers in these tests, and what the client is to read from it."""

from datetime import UTC, datetime
from typing import Any

from customer_registration.client import (
    Challenge,
    ChangedContact,
    Confirmation,
    Customer,
    DeletionRequest,
    LoginResult,
    LoginStep,
    MfaChallenge,
    MfaFactor,
    MfaSetup,
    Provider,
    SentCode,
    Verification,
    VerifiedContact,
)

NOW, THEN = "2026-11-21T23:13:10.821Z", "2026-11-21T23:28:11.000Z"
AT, LATER = datetime(2026, 11, 21, 23, 13, 10, 821000, UTC), datetime(2026, 11, 21, 23, 28, 11, 0, UTC)

CUSTOMER: dict[str, Any] = {
    "id": "cus_1",
    "email": "jane@example.com",
    "phone": None,
    "email_verified": True,
    "phone_verified": False,
    "first_name": "Jane",
    "last_name": None,
    "company_name": None,
    "has_account": True,
    "metadata": {"size": 5},
    "addresses": [],
    "created_at": NOW,
    "updated_at": THEN,
    "deleted_at": None,
}
JANE = Customer(**{**CUSTOMER, "created_at": AT, "updated_at": LATER})

VERIFICATION: dict[str, Any] = {
    "id": "authver_1",
    "auth_identity_id": "authid_1",
    "entity_id": "jane@example.com",
    "entity_type": "email",
    "code_provider": "token",
    "verified_at": None,
    "requested_at": NOW,
    "metadata": {},
    "created_at": NOW,
    "updated_at": NOW,
    "deleted_at": None,
}
ASKED = Verification(**{**VERIFICATION, "requested_at": AT, "created_at": AT, "updated_at": AT})

CHALLENGE, SENT = {"token": "flow", "expires_at": THEN}, Challenge(token="flow", expires_at=LATER)

LEAVING: dict[str, Any] = {
    "id": "01M80655N5S20P73KBD8NAWJ10",
    "customer_id": "cus_1",
    "status": "confirmed",
    "created_at": NOW,
    "confirmed_at": NOW,
    "scheduled_at": THEN,
    "cancelled_at": None,
    "completed_at": None,
}
SCHEDULED = DeletionRequest(**{**LEAVING, "created_at": AT, "confirmed_at": AT, "scheduled_at": LATER})

VERIFIED: dict[str, Any] = {
    "verified": True,
    "email_verified": True,
    "phone_verified": False,
    "customer": CUSTOMER,
    "token": "new",
    "needs_login": False,
}
PROVEN = VerifiedContact(**{**VERIFIED, "customer": JANE})

CHANGED = ChangedContact(customer=JANE, token="new")

PROVIDER = {"id": "emailpass", "identifier": "emailpass", "display_name": "E-mail", "flow": "credentials"}
OFFERED = [Provider(**PROVIDER)]

CONFIRMATION = {"entity_id": "jane@example.com", "entity_type": "email", "code_provider": "otp", "verified_at": NOW}
CONFIRMED = Confirmation(
    entity_id="jane@example.com",
    entity_type="email",
    code_provider="otp",
    verified_at=AT,
)

LOGIN = LoginResult(token="new")

SENT_ALIKE = "If an account exists with this identifier, an OTP will be sent."
SENT_CODE = {"message": SENT_ALIKE, "token": "flow"}
CODE_SENT = SentCode(message=SENT_ALIKE, token="flow")

MFA_CHALLENGE: dict[str, Any] = {
    "id": "authmfachal_1",
    "methods": ["totp", "recovery_code"],
    "expires_at": THEN,
    "attempts": 1,
    "max_attempts": 5,
    "completed_at": None,
    "metadata": None,
}
ASKED_FOR_MORE = MfaChallenge(
    **{**MFA_CHALLENGE, "methods": ("totp", "recovery_code"), "expires_at": LATER, "metadata": {}}
)
MFA_REQUIRED: dict[str, Any] = {"mfa_required": True, "mfa_challenge": MFA_CHALLENGE, "token": "actorless"}
MORE_TO_SHOW = LoginResult(token="actorless", mfa_required=True, mfa_challenge=ASKED_FOR_MORE)
STEP = LoginStep(customer=JANE)
STOPPED = LoginStep(token="actorless", mfa_required=True, mfa_challenge=ASKED_FOR_MORE)

MFA_FACTOR: dict[str, Any] = {
    "id": "authmfa_1",
    "auth_identity_id": "authid_1",
    "provider": "totp",
    "status": "pending",
    "metadata": {"label": "phone"},
}
FACTOR = MfaFactor(**MFA_FACTOR)
APP = {"secret": "JBSWY3DPEHPK3PXP", "otpauth_url": "otpauth://totp/Shop:jane", "qr_svg": "<svg/>"}
SETUP_OF_APP, SETUP_OF_CONTACT = MfaSetup(mfa_factor=FACTOR, **APP), MfaSetup(mfa_factor=FACTOR)
