"""The rows that people leave behind in a shop, as COPY reads them: what `population` fills a database with."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.benchmarks import people
from tests.benchmarks.people import customer_id, digest, is_among, person

DAY = 86_400  # seconds
STRIDE = 15_485_863  # a prime, so that a walk in its steps comes to every customer once
NULL = "\\N"
MESSAGES = 2  # a customer, in a month
EVENTS_KEPT = 360  # days, of the year that they stay for
FIRST_EVENTS = ("identity_registered", "customer_created", "contact_verified")
CODES = ("code_login", "email_verification", "password_reset", "two_step_login")
NOTICES = ("password_changed", "code_login", "contact_changed", "email_verification")
USER = "id password last_login is_superuser username first_name last_name email is_staff is_active date_joined"
CUSTOMER = (
    "id user_id email phone email_verified_at phone_verified_at first_name last_name metadata registered_at"
    " claim_expires_at token_epoch deletion_scheduled_at has_second_factor created_at updated_at language"
)
CODE = (
    "id purpose subject channel destination customer_id nonce attempts attempts_open max_attempts expires_at"
    " consumed_at proven_at payload created_at"
)
MESSAGE = (
    "kind channel destination customer_id otp_id context language state tries next_attempt_at sent_at last_error"
    " created_at country outcome"
)
EVENT = "kind customer_id customer_ref contact detail created_at"
SLOT = "key last_sent_at"
REQUEST = (
    "id customer_id customer_ref identifiers_hash status reason ip user_agent language created_at confirmed_at"
    " scheduled_at cancelled_at completed_at due_at reminder_at strategy tries last_error active_customer_id"
)
FACTOR = "id customer_id provider status enabled_key secret contact_kind metadata created_at updated_at enabled_at"
RECOVERY_CODE = "customer_id code_hash created_at"
REQUESTED = {  # status → who
    "pending": people.ASKING,
    "confirmed": people.LEAVING,
    "cancelled": people.STAYED,
    "completed": people.ERASED,
}


class Table(NamedTuple):
    """A table, the columns that are written, and what makes the rows of a number."""

    name: str
    columns: str
    rows: Callable[[int], Iterator[str]]
    numbers: int


class Population:
    """The rows of so many customers, seen from a moment."""

    def __init__(self, customers: int, now: float) -> None:
        self.customers, self.now = customers, now

    def tables(self) -> list[Table]:
        """Return the tables, in the order of their references."""
        app, all_of_them = "customer_registration", self.customers
        return [
            Table("auth_user", USER, self.users, all_of_them),
            Table(f"{app}_customer", CUSTOMER, self.people, all_of_them),
            Table(f"{app}_otpverification", CODE, self.codes, all_of_them),
            Table(f"{app}_outboxmessage", MESSAGE, self.messages, all_of_them * MESSAGES),
            Table(f"{app}_accountevent", EVENT, self.events, all_of_them),
            Table(f"{app}_sendslot", SLOT, self.slots, all_of_them),
            Table(f"{app}_accountdeletionrequest", REQUEST, self.requests, all_of_them),
            Table(f"{app}_secondfactor", FACTOR, self.factors, all_of_them),
            Table(f"{app}_recoverycode", RECOVERY_CODE, self.recovery_codes, all_of_them),
        ]

    def whose(self, place: int) -> int:
        """Return the customer whose row stands at a place."""
        return place * STRIDE % self.customers + 1

    def when(self, place: int, days: float, *, of: int | None = None) -> float:
        """Return the time of a row that stands at a place of those of the last days."""
        return self.now - days * DAY * (1 - place / (of or self.customers + 1))

    def users(self, number: int) -> Iterator[str]:
        """One, which stays where a customer is erased."""
        at, (first, last) = stamp(people.signed_up(number)), people.name(number)
        if is_among(people.ERASED, number):
            yield line(number, "!", NULL, "f", f"deleted-{number}", "", "", "", "f", "f", at)
            return
        email, secret = person(number).email, people.password_hash()
        yield line(number, secret, at, "f", customer_id(number), first, last, email, "f", "t", at)

    def people(self, number: int) -> Iterator[str]:
        """The customer."""
        at, (first, last) = stamp(people.signed_up(number)), people.name(number)
        if is_among(people.ERASED, number):
            yield line(customer_id(number), number, *[NULL] * 7, at, NULL, 2, NULL, "f", at, at, "")
            return
        proven = not is_among(people.UNREGISTERED, number) and not is_among(people.UNPROVEN, number)
        phone = people.phone(number)
        yield line(
            *(customer_id(number), number, person(number).email, phone or NULL),
            *(at if proven else NULL, at if proven and phone and number % 2 else NULL, first, last),
            *('{"size": "M"}' if number % 4 == 0 else NULL, NULL if is_among(people.UNREGISTERED, number) else at),
            *(NULL if proven else stamp(self.now - number % 8 * DAY + 3600), int(number % 5 == 0)),
            stamp(self.leaves_at(number)) if is_among(people.LEAVING, number) else NULL,
            "t" if is_among(people.WITH_FACTOR, number) else "f",
            *(at, at, people.language(number)),
        )

    def codes(self, place: int) -> Iterator[str]:
        """One of the last day, of which one in a hundred lives still; of a tenth the person is not known."""
        number, sent = self.whose(place), self.when(place, 1)
        if is_among(people.ERASED, number):
            return
        unknown, lives = number % 10 == 9, sent + 900 > self.now
        owner, to = (NULL, "") if unknown else (customer_id(number), person(number).email)
        used = NULL if unknown or lives or number % 8 == 0 else stamp(sent + 60)
        yield line(
            *(self.code_id(place), CODES[number % len(CODES)], digest(number, "subject"), "email", to, owner),
            *(f"\\\\x{digest(place)[:32]}", int(number % 8 == 0), 0, 5, stamp(sent + 900), used, used, "{}"),
            stamp(sent),
        )
        if is_among(people.WITH_UNDO_LINK, number):
            at = self.when(place, 6)
            yield line(
                *(people.ulid(at, digest(place, "undo")), "contact_undo", "", "email", to, owner),
                *(f"\\\\x{digest(place)[:32]}", 0, 0, 5, stamp(at + 7 * DAY), NULL, NULL),
                *(f'{{"kind": "email", "email": "old.{to}", "phone": null}}', stamp(at)),
            )

    def code_id(self, place: int) -> str:
        """Return the id of the code at a place."""
        return people.ulid(self.when(place, 1), digest(place, "code"))

    def messages(self, place: int) -> Iterator[str]:
        """One of the last month, or of the last day with its code; one in a thousand waits."""
        earlier = self.customers * (MESSAGES - 1)
        number = self.whose(place)
        if is_among(people.ERASED, number):
            return
        code, outcome = NULL, "verified" if number % 2 else "delivered"
        kind, sent = NOTICES[number % len(NOTICES)], self.when(place, 28, of=earlier) - DAY
        if place > earlier:
            code, outcome = self.code_id(place - earlier), ""
            kind, sent = CODES[number % len(CODES)], self.when(place - earlier, 1)
        state = "sent"
        if code != NULL:
            state = "suppressed" if number % 10 == 9 else "queued" if number % 1000 == 50 else state
        owner, to = (NULL, "") if state == "suppressed" else (customer_id(number), person(number).email)
        at = stamp(sent)
        yield line(
            *(kind, "email", to, owner, code, "{}", people.language(number) or "en", state, int(state == "sent")),
            *(at, at if state == "sent" else NULL, "", at, "", outcome),
        )

    def events(self, place: int) -> Iterator[str]:
        """Those of the sign-up, and of every second customer another."""
        number = self.whose(place)
        owner, at = customer_id(number), stamp(self.when(place, EVENTS_KEPT))
        masked = "" if is_among(people.ERASED, number) else f"{person(number).email[0]}***@example.com"
        for kind in FIRST_EVENTS:
            yield line(kind, owner, owner, "" if kind == "customer_created" else masked, "{}", at)
        if number % 2:
            yield line("sessions_ended", owner, owner, "", '{"by": "owner"}', at)

    def slots(self, place: int) -> Iterator[str]:
        """One, of the last day."""
        yield line(digest(place, "slot"), stamp(self.when(place, 1)))

    def requests(self, number: int) -> Iterator[str]:
        """One, of whom has just asked to leave, is leaving, has stayed after all, or is erased."""
        status = next((name for name, group in REQUESTED.items() if is_among(group, number)), None)
        if status is None:
            return
        is_open, is_leaving, is_erased = (
            status in ("pending", "confirmed"),
            status == "confirmed",
            status == "completed",
        )
        owner, at = customer_id(number), self.when(number, 0.5 if status == "pending" else EVENTS_KEPT)
        due = self.leaves_at(number) if is_leaving else at + 7 * DAY
        confirmed = NULL if status == "pending" else stamp(at)
        yield line(
            *(people.ulid(at, digest(number, "request")), owner, owner, digest(number, "contact"), status),
            *("I moved" if is_open else "", "192.0.2.1" if is_open else "", "Mozilla/5.0" if is_open else "", "en"),
            *(stamp(at), confirmed, NULL if status == "pending" else stamp(due)),
            *(stamp(at) if status == "cancelled" else NULL, stamp(due) if is_erased else NULL),
            *(stamp(due) if is_leaving else NULL, stamp(due - DAY) if is_leaving else NULL),
            *("anonymize" if is_erased else "", 0, "", owner if is_open else NULL),
        )

    def leaves_at(self, number: int) -> float:
        """Return when the account of somebody who leaves is due for erasure, within the coming week."""
        return self.now + 2 * DAY + number % 997 / 997 * 5 * DAY

    def factors(self, number: int) -> Iterator[str]:
        """An authenticator app."""
        if is_among(people.WITH_FACTOR, number):
            at, owner = people.signed_up(number), customer_id(number)
            key, secret, shown = people.ulid(at, digest(number, "app")), digest(number, "seed") * 2, stamp(at)
            yield line(f"authmfa_{key}", owner, "totp", "enabled", f"{owner}:totp", secret, "", "{}", *[shown] * 3)

    def recovery_codes(self, number: int) -> Iterator[str]:
        """Ten, beside the app."""
        if is_among(people.WITH_FACTOR, number):
            at = stamp(people.signed_up(number))
            for each in range(10):
                yield line(customer_id(number), digest(number, f"recovery {each}"), at)


def line(*values: Any) -> str:
    """Return a row as COPY reads it; no value of ours has a character that would have to be escaped."""
    return "\t".join(map(str, values)) + "\n"


def stamp(moment: float) -> str:
    """Return a time as PostgreSQL reads it."""
    return datetime.fromtimestamp(moment, UTC).isoformat()
