"""The parts of the API, as schemas group the routes by them."""

REGISTRATION = "Registration"
LOGIN = "Login"
SESSIONS = "Sessions"
VERIFICATION = "Verification"
PROFILE = "Profile"
PASSWORDS = "Passwords"  # nosec B105  # a heading
PASSWORDLESS = "Passwordless"  # nosec B105  # a heading
SECOND_FACTOR = "Second factor"
DELETION = "Account deletion"
STAFF = "Staff"
