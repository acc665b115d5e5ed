"""The closed sets of names that models, tokens and settings share."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class IdentifierKind(TextChoices):
    """What a person identifies themselves by."""

    EMAIL = "email"
    PHONE = "phone"


class Channel(TextChoices):
    """The built-in roads a message can take; a project may add its own to ``CHANNELS``."""

    EMAIL = "email"
    SMS = "sms"


class Provider(TextChoices):
    """The identity providers of the storefront protocol."""

    EMAILPASS = "emailpass"
    PHONEPASS = "phonepass"
    OTP = "otp"


class Purpose(TextChoices):
    """What a one-time secret proves. It salts the derivation, so a secret of one purpose never serves another."""

    EMAIL_VERIFICATION = "email_verification"
    PHONE_VERIFICATION = "phone_verification"
    EMAIL_VERIFICATION_LINK = "email_verification_link"
    PHONE_VERIFICATION_LINK = "phone_verification_link"
    EMAIL_CHANGE = "email_change"
    PHONE_CHANGE = "phone_change"
    CONTACT_UNDO = "contact_undo"
    PASSWORD_RESET = "password_reset"  # noqa: S105  # nosec B105  # the name of a purpose
    ACCOUNT_DELETION_REQUEST = "account_deletion_request"
    ACCOUNT_DELETION_CANCEL = "account_deletion_cancel"
    CODE_LOGIN = "code_login"
    CODE_REGISTRATION = "code_registration"
    TWO_STEP_LOGIN = "two_step_login"
    SECOND_FACTOR = "second_factor"
    SECOND_FACTOR_CHALLENGE = "second_factor_challenge"
    SERVICE = "service"


class FactorProvider(TextChoices):
    """The kinds of second factor: an authenticator app (RFC 6238), or a code to a proven contact."""

    TOTP = "totp"
    OTP = "otp"


class FactorStatus(TextChoices):
    """Where a second factor stands: set up but not shown to work, in force, taken away."""

    PENDING = "pending"
    ENABLED = "enabled"
    DISABLED = "disabled"


class OutboxState(TextChoices):
    """Where a message stands: ``suppressed`` are decoys for people who do not exist, and what the SMS guard refused."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


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

    PENDING = "pending"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"


class ErasureStrategy(TextChoices):
    """What becomes of an account: an empty row that orders may point to, or no row."""

    ANONYMIZE = "anonymize"
    DELETE = "delete"


class EventKind(TextChoices):
    """The changes of state that the audit trail records."""

    IDENTITY_REGISTERED = "identity_registered"
    CUSTOMER_CREATED = "customer_created"
    CONTACT_VERIFIED = "contact_verified"
    CLAIM_LAPSED = "claim_lapsed"
    CONTACT_CHANGED = "contact_changed"
    CONTACT_CHANGE_UNDONE = "contact_change_undone"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # nosec B105  # the name of an event
    PASSWORD_RESET = "password_reset"  # noqa: S105  # nosec B105  # the name of an event
    PASSWORD_DISCARDED = "password_discarded"  # noqa: S105  # nosec B105  # the name of an event
    SESSIONS_ENDED = "sessions_ended"
    TEST_CODE_USED = "test_code_used"
    CUSTOMER_UNLOCKED = "customer_unlocked"
    FACTOR_ENABLED = "factor_enabled"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    DELETION_REQUESTED = "deletion_requested"
    DELETION_SCHEDULED = "deletion_scheduled"
    DELETION_CANCELLED = "deletion_cancelled"
    DELETION_POSTPONED = "deletion_postponed"
    DELETION_HASTENED = "deletion_hastened"
    DELETION_FAILED = "deletion_failed"
    ACCOUNT_ERASED = "account_erased"
