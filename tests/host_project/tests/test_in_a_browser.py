"""What a browser would do, which knows its code beforehand."""

import json
from urllib.request import Request, urlopen

EMAIL = "jane@example.com"


def post(url, body, token=None):
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
    with urlopen(Request(url, data=json.dumps(body).encode(), headers=headers)) as answer:
        return json.loads(answer.read())


def test_somebody_signs_up_at_a_server_that_runs(live_server, freeze_codes):
    code = freeze_codes("424242")
    base = live_server.url
    token = post(f"{base}/auth/customer/emailpass/register", {"email": EMAIL, "password": "correct horse"})["token"]
    customer = post(f"{base}/store/customers", {"phone": "+14155552671"}, token)["customer"]
    flow = post(f"{base}/store/customers/otp/send", {"customer_id": customer["id"], "type": "email_verification"})
    proof = post(f"{base}/store/customers/otp/verify", {"token": flow["token"], "code": code})
    assert proof["email_verified"]
    assert proof["token"]
