"""Register, verify and log in within an empty project; then look for the files that are no Python."""

import os
import re
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path.cwd()))
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
django.setup()

from django.core import mail  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.utils import translation  # noqa: E402

import customer_registration  # noqa: E402

setup_test_environment()  # mail stays here
PASSWORD = "correct horse"


def post(path, body, **headers):
    """Return what a request is answered."""
    answer = Client().post(path, body, content_type="application/json", headers=headers)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code} {answer.content!r}")
    return answer.json()


token = post("/auth/customer/emailpass/register", {"email": "a@example.com", "password": PASSWORD})["token"]
customer = post("/store/customers", {}, authorization=f"Bearer {token}")["customer"]
flow = post("/store/customers/otp/send", {"customer_id": customer["id"], "type": "email_verification"})["token"]
code = re.search(r"\b\d{6}\b", mail.outbox[0].body)[0]
proof = post("/store/customers/otp/verify", {"token": flow, "code": code})
login = post("/auth/customer/emailpass", {"email": "a@example.com", "password": PASSWORD})
if not (proof["token"] and login["token"]):
    raise SystemExit("no token")

package = Path(customer_registration.__file__).parent
for name in ("py.typed", "templates/customer_registration/email/email_verification.html"):
    if not (package / name).exists():
        raise SystemExit(f"{name} is missing")
with translation.override("de"):
    if translation.gettext("Hello,") != "Hallo,":
        raise SystemExit("the German translation is missing")
print(f"dist: on Django {django.__version__} the wheel registers, verifies and logs in inside an empty project")
