"""Who is in the stories of stolen accounts, and what they do."""

from tests.conftest import link_token

JANE, PHONE = "jane@example.com", "+12025550123"
THIEF, THIEFS_PHONE = "thief@example.net", "+12125550199"
STOLEN = "the thief's password"
LOGIN, ME = "/auth/customer/emailpass", "/store/customers/me"
UNDO = "/store/customers/contact/undo"


def take_back(api, to=JANE, *, token=None):
    """Use an undo link, the newest one that came to a contact unless another is given; return the status."""
    return api.post(UNDO, {"token": token or link_token(to)}).status_code


def is_alone(person, reset):
    """Fail unless the account has its contacts again and the thief's are no way in."""
    row = person.row
    assert (row.email, row.phone) == (JANE, PHONE)
    assert reset(THIEF) is None
    assert reset(THIEFS_PHONE) is None
