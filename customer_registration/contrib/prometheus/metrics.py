"""The metrics. No label holds anything of a person: each is one of a few names of ours, or of the settings."""

from prometheus_client import Counter, Histogram

PREFIX = "customer_registration"
# A mail server on the same network takes 20 ms, a provider over HTTP half a second; a backend may take 30 s.
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 30)

REGISTRATIONS = Counter(f"{PREFIX}_registrations", "Identities claimed, and customers created", ["stage"])
LOGINS = Counter(f"{PREFIX}_logins", "Tries to log in", ["actor_type", "road", "outcome"])
CODES_ISSUED = Counter(
    f"{PREFIX}_codes_issued", "Codes and links made; decoys go nowhere", ["purpose", "channel", "decoy"]
)
CODES_TRIED = Counter(f"{PREFIX}_codes_tried", "Codes and links brought back", ["purpose", "channel", "outcome"])
REFUSALS = Counter(f"{PREFIX}_requests_refused", "Requests answered 429", ["rule"])
MESSAGES = Counter(f"{PREFIX}_messages", "Tries to deliver a message", ["channel", "backend", "outcome"])
DELIVERY = Histogram(
    f"{PREFIX}_delivery_seconds", "What a backend took for a message", ["channel", "backend"], buckets=SECONDS
)
CONTACTS = Counter(f"{PREFIX}_contacts", "Contacts verified, changed, or taken back", ["kind", "change"])
PASSWORDS = Counter(f"{PREFIX}_password_changes", "Passwords set through the API", ["by"])
SECOND_FACTORS = Counter(f"{PREFIX}_second_factors", "Second factors enabled or removed", ["provider", "change"])
DELETIONS = Counter(f"{PREFIX}_deletions", "Deletions scheduled or postponed, cancelled, carried out", ["step"])
SMS_BUDGETS = Counter(f"{PREFIX}_sms_budgets_reached", "Alarms of the SMS guard", ["percent", "of"])
