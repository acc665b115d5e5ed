"""Where the contract itself tells people apart, and in whose words."""

from dataclasses import dataclass

ANSWER = ("status", "body", "headers")
VERIFIED = ("active", "inactive", "under deletion", "passwordless", "staff", "older hash")
UNPROVEN = ("unverified", "lapsed claim")
TAKEN = (*VERIFIED, "unverified")
# Where accounts are concealed a shadow has the id; the address, and all that comes of it, is an active customer's.
# Whose password is theirs to show. The older hash is renewed by it.
LOGS_IN = ("active", "staff", "older hash")
ROADS = ("code-verify", "code-login")


@dataclass(frozen=True)
class Documented:
    """Differences that may be, and then must be.

    Args:
        sentence: of the contract.
        rows: of the matrix.
        people: standings that are told apart.
        points: by what, exactly.
        modes: of settings; everywhere if not given.
    """

    sentence: str
    rows: tuple[str, ...]
    people: tuple[str, ...]
    points: tuple[str, ...]
    modes: tuple[str, ...] = ()


REGISTRATIONS = ("a registration", "a registration with the persons password", "a registration by phone")
FIRST_STEP = ("the right password at the first step",)
PASSWORD = ("the right password",)
PROVEN_MODES, OPEN_MODES = ("by e-mail", "by phone"), ("by e-mail", "by phone", "unproven")

DOCUMENTED = (
    Documented(
        '"Identity with email already exists" / "Identity with phone already exists"',
        REGISTRATIONS,
        TAKEN,
        (*ANSWER, "statements", "hashing"),
        OPEN_MODES,
    ),
    Documented(
        "a claim not proven within UNVERIFIED_TTL_MINUTES does not block: the new registration replaces it",
        REGISTRATIONS,
        ("lapsed claim",),
        ("statements",),
        PROVEN_MODES,
    ),
    Documented(
        "With REQUIRE_VERIFICATION, a claim not proven [...] does not block; without it nothing lapses",
        REGISTRATIONS,
        ("lapsed claim",),
        (*ANSWER, "statements", "hashing"),
        ("unproven",),
    ),
    Documented("credentials -> {token}", PASSWORD, ("active", "staff", "shadow"), (*ANSWER, "statements", "limiter")),
    Documented(
        "credentials -> {token}, and the hash is upgraded",
        PASSWORD,
        ("older hash",),
        (*ANSWER, "statements", "hashing", "limiter"),
    ),
    Documented(
        "login with the right proof answers 403 account_deletion_pending",
        (*PASSWORD, *FIRST_STEP),
        ("under deletion",),
        (*ANSWER, "statements", "limiter"),
    ),
    Documented(
        "after a correct password, e-mail login needs email_verified: otherwise 403 verification_required",
        (*PASSWORD, *FIRST_STEP),
        UNPROVEN,
        (*ANSWER, "limiter"),
        PROVEN_MODES,
    ),
    Documented(
        "credentials -> {token}, and nothing need be proven",
        PASSWORD,
        UNPROVEN,
        (*ANSWER, "statements", "limiter"),
        ("unproven",),
    ),
    Documented(
        "POST /auth/user/emailpass {email, password} -> {token}; staff only",
        ("the right password for staff",),
        ("staff",),
        (*ANSWER, "statements", "limiter"),
    ),
    Documented(
        "POST /store/auth {email, password} -> 200 {customer}, no session, code sent",
        FIRST_STEP,
        ("active", "staff"),
        (*ANSWER, "statements", "tasks", "rows", "limiter"),
    ),
    Documented(
        "POST /store/auth {email, password} -> 200 {customer}, and the hash is upgraded",
        FIRST_STEP,
        ("older hash",),
        (*ANSWER, "statements", "hashing", "tasks", "rows", "limiter"),
    ),
    Documented(
        "bad code or unknown e-mail 400; wrong codes are counted where one is live, which no answer shows",
        ("guesses at the second step of somebody who logs in",),
        LOGS_IN,
        ("limiter",),
    ),
    Documented(
        "otp/send: already_verified may differ from the unknown (ids hold 80 random bits)",
        (
            "verification codes inside the throttle",
            "verification codes past the hours five",
            "verification codes past the days ten",
        ),
        VERIFIED,
        (*ANSWER, "statements", "tasks", "rows", "limiter"),
    ),
    Documented(
        "otp/send: already_verified may differ from the unknown, and comes before any limit",
        ("a verification code from an address with twenty",),
        VERIFIED,
        ANSWER,
    ),
    Documented(
        "otp/send: already_verified may differ from the unknown, and no flow token is given",
        (
            "wrong verification codes",
            "verification codes past every cap",
            "the flow tokens of older verification codes",
            "the verification code",
        ),
        VERIFIED,
        ("requests", *ANSWER, "statements", "tasks", "rows", "limiter"),
    ),
    Documented(
        "{token, code} -> {verified, email_verified, phone_verified, customer, token, needs_login}",
        ("the verification code",),
        ("unverified",),
        (*ANSWER, "statements", "limiter"),
    ),
    Documented(
        "A lapsed claim that nobody took can still be proven by its owner",
        ("the verification code",),
        ("lapsed claim",),
        (*ANSWER, "statements", "limiter"),
        OPEN_MODES,
    ),
    Documented(
        "ids hold 80 random bits; where accounts are concealed a code ends with the claim, so it may say so earlier",
        ("verification codes inside the throttle", "wrong verification codes"),
        ("unverified", "shadow"),
        ("body",),
        ("concealed",),
    ),
    Documented(
        "a shadow never verifies; its code ends with the claim",
        ("the verification code",),
        ("shadow",),
        ("body",),
    ),
    Documented(
        "POST /auth/{actor}/otp/verify {identifier, otp, token?} -> {token}",
        tuple(f"the code at {road}" for road in ROADS),
        ("active", "unverified", "under deletion", "passwordless", "older hash", "shadow"),
        (*ANSWER, "statements", "limiter"),
    ),
    Documented(
        "lapsed claims can still log in by code, which proves the address; where accounts are concealed they are over",
        tuple(f"the code at {road}" for road in ROADS),
        ("lapsed claim",),
        (*ANSWER, "statements", "limiter"),
        OPEN_MODES,
    ),
    Documented(
        "A person with an account from another provider cannot register again by code: no code is sent",
        ("the code at code-register",),
        (*TAKEN, "shadow"),
        (*ANSWER, "statements", "limiter"),
    ),
    Documented(
        "while someone's claim on an address is fresh, pre-register sends nothing; without verification it stays so",
        ("the code at code-register",),
        ("lapsed claim",),
        (*ANSWER, "statements", "limiter"),
        ("unproven",),
    ),
    Documented(
        "lapsed, the address is free, and a new row is made",
        ("the code at code-register",),
        ("lapsed claim",),
        ("statements",),
        (*PROVEN_MODES, "concealed"),
    ),
    Documented(
        "PASSWORDLESS.CONCEAL = False: generate for an unknown person 404 not_found",
        ("a login code where nothing is concealed",),
        ("active", "unverified", "lapsed claim", "under deletion", "passwordless", "older hash"),
        (*ANSWER, "statements", "tasks", "rows"),
    ),
    Documented(
        "PASSWORDLESS.CONCEAL = False: pre-register for a known one 422",
        ("a registration code where nothing is concealed",),
        TAKEN,
        (*ANSWER, "statements", "tasks", "rows"),
    ),
    Documented(
        "cancel-confirm {token, code} -> {request}",
        ("the code to stay",),
        ("under deletion",),
        (*ANSWER, "statements", "tasks", "rows", "limiter"),
    ),
)


def allowed(row: str, mode: str) -> dict[str, set[str]]:
    """Return by what the contract tells each standing apart: standing → points."""
    found: dict[str, set[str]] = {}
    for each in DOCUMENTED:
        if row in each.rows and (not each.modes or mode in each.modes):
            for standing in each.people:
                assert standing not in found, f"{standing} is documented twice at {row}"
                found[standing] = set(each.points)
    return found
