"""The closed sets of names that models, tokens and settings share."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class IdentifierKind(TextChoices):
    """What a person identifies themselves by."""

    EMAIL = "email", _("E-mail address")
    PHONE = "phone", _("Phone number")


class Channel(TextChoices):
    """The built-in roads a message can take; a project may add its own to ``CHANNELS``."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")


class Provider(TextChoices):
    """The identity providers of the storefront protocol."""

    EMAILPASS = "emailpass", _("E-mail address and password")
    PHONEPASS = "phonepass", _("Phone number and password")
    OTP = "otp", _("One-time code")


class Purpose(TextChoices):
    """What a one-time secret proves. It salts the derivation, so a secret of one purpose never serves another."""

    EMAIL_VERIFICATION = "email_verification", _("Confirm an e-mail address")
    PHONE_VERIFICATION = "phone_verification", _("Confirm a phone number")
    EMAIL_VERIFICATION_LINK = "email_verification_link", _("Confirm an e-mail address by a link")
    PHONE_VERIFICATION_LINK = "phone_verification_link", _("Confirm a phone number by a link")
    EMAIL_CHANGE = "email_change", _("Change the e-mail address")
    PHONE_CHANGE = "phone_change", _("Change the phone number")
    CONTACT_UNDO = "contact_undo", _("Undo a change of contact")
    PASSWORD_RESET = "password_reset", _("Choose a new password")
    ACCOUNT_DELETION_REQUEST = "account_deletion_request", _("Delete the account")
    ACCOUNT_DELETION_CANCEL = "account_deletion_cancel", _("Keep the account")
    CODE_LOGIN = "code_login", _("Log in with a code")
    CODE_REGISTRATION = "code_registration", _("Sign up with a code")
    TWO_STEP_LOGIN = "two_step_login", _("Log in with a password and a code")
    SECOND_FACTOR = "second_factor", _("Second factor")
    SECOND_FACTOR_CHALLENGE = "second_factor_challenge", _("Login that waits for a second factor")
    SERVICE = "service", _("Code of the shop's own")


class FactorProvider(TextChoices):
    """The kinds of second factor: an authenticator app (RFC 6238), or a code to a proven contact."""

    TOTP = "totp", _("Authenticator app")
    OTP = "otp", _("Code by message")


class FactorStatus(TextChoices):
    """Where a second factor stands: set up but not shown to work, in force, taken away."""

    PENDING = "pending", _("Not confirmed yet")
    ENABLED = "enabled", _("In force")
    DISABLED = "disabled", _("Removed")


class OutboxState(TextChoices):
    """Where a message stands: ``suppressed`` are decoys for people who do not exist, and what the SMS guard refused."""

    QUEUED = "queued", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    SUPPRESSED = "suppressed", _("Held back")


class Outcome(TextChoices):
    """What came of a message, as the insights count it: every message has one at a time."""

    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    # Not delivered
    REFUSED = "refused", _("Refused by the provider")
    FAILED = "failed", _("Provider failed")
    ERROR = "error", _("Could not be sent")
    TOO_LATE = "too_late", _("Too late to send")
    # Held back: by the SMS guard, or since its counters could not be reached
    HELD_NUMBER = "held_number", _("Number not accepted")
    HELD_BUDGET = "held_budget", _("Budget used up")
    HELD_CONVERSION = "held_conversion", _("Too few codes come back")
    HELD_COUNTERS = "held_counters", _("Counters not reached")
    # Delivered with a code or a link
    OPEN = "open", _("Not entered yet")
    VERIFIED = "verified", _("Verified")
    WRONG = "wrong", _("Wrong code entered")
    USED_UP = "used_up", _("Too many wrong codes")
    REPLACED = "replaced", _("Replaced by a newer code")
    EXPIRED = "expired", _("Never entered")


class Figure(TextChoices):
    """What the insights count by day: messages with a code or a link, those without, and requests refused with 429."""

    CODE = "code"
    NOTICE = "notice"
    REFUSAL = "refusal"


class DeletionStatus(TextChoices):
    """Where an account deletion request stands: ``failed`` is kept, visible, and tried again by the next run."""

    PENDING = "pending", _("Pending")
    CONFIRMED = "confirmed", _("Confirmed")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class ErasureStrategy(TextChoices):
    """What becomes of an account: an empty row that orders may point to, or no row."""

    ANONYMIZE = "anonymize", _("Anonymize")
    DELETE = "delete", _("Delete")


class EventKind(TextChoices):
    """The changes of state that the audit trail records."""

    IDENTITY_REGISTERED = "identity_registered", _("Signed up")
    CUSTOMER_CREATED = "customer_created", _("Account created")
    CUSTOMER_ADOPTED = "customer_adopted", _("Existing account added")
    CONTACT_VERIFIED = "contact_verified", _("Contact confirmed")
    CLAIM_LAPSED = "claim_lapsed", _("Unconfirmed contact released")
    CONTACT_CHANGED = "contact_changed", _("Contact changed")
    CONTACT_CHANGE_UNDONE = "contact_change_undone", _("Change of contact undone")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PASSWORD_RESET = "password_reset", _("Password reset")
    PASSWORD_DISCARDED = "password_discarded", _("Password removed")
    SESSIONS_ENDED = "sessions_ended", _("Logged out everywhere")
    TEST_CODE_USED = "test_code_used", _("Test code used")
    CUSTOMER_UNLOCKED = "customer_unlocked", _("Unlocked by staff")
    CODE_SENT_BY_STAFF = "code_sent_by_staff", _("Confirmation sent again by staff")
    RESET_SENT_BY_STAFF = "reset_sent_by_staff", _("Password reset sent by staff")
    FACTOR_ENABLED = "factor_enabled", _("Second factor added")
    FACTOR_REMOVED = "factor_removed", _("Second factor removed")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("Recovery codes created")
    RECOVERY_CODE_USED = "recovery_code_used", _("Recovery code used")
    DELETION_REQUESTED = "deletion_requested", _("Deletion requested")
    DELETION_SCHEDULED = "deletion_scheduled", _("Deletion confirmed")
    DELETION_CANCELLED = "deletion_cancelled", _("Deletion cancelled")
    DELETION_POSTPONED = "deletion_postponed", _("Deletion postponed")
    DELETION_HASTENED = "deletion_hastened", _("Deletion ordered at once")
    DELETION_FAILED = "deletion_failed", _("Deletion failed")
    ACCOUNT_ERASED = "account_erased", _("Account erased")
