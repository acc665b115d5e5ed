"""The texts: one segment, with the WebOTP line where it fits."""

import pytest

from customer_registration.messaging.backends import locmem
from customer_registration.messaging.backends.base import Message
from customer_registration.messaging.content import render
from customer_registration.messaging.segments import segments
from customer_registration.models import OtpVerification

pytestmark = pytest.mark.django_db
BACKENDS = "customer_registration.messaging.backends"
PHONE, DIGITS = "+12025550123", "12025550123"
MESSAGE = Message("sms", PHONE, "Your code is 482913")
LONGEST_HOST = ".".join(["a" * 61] * 4) + ".test"


def test_a_code_ends_with_the_webotp_line(queued_text):
    code = queued_text.otp.code()
    assert render(queued_text).text.splitlines() == [
        f"{code} is your verification code",
        "",
        f"@shop.example.com #{code}",
    ]


@pytest.mark.parametrize(
    ("url", "line"),
    [
        (None, None),
        ("https://shop.example.com:8443/de/", "@shop.example.com #"),
        ("https://bücher.example", "@xn--bcher-kva.example #"),
        (f"https://{'a' * 64}.example", None),
        (f"https://{LONGEST_HOST}", None),
    ],
)
def test_the_webotp_line_names_the_storefronts_host_or_is_left_out(queued_text, configure, url, line):
    configure(STOREFRONT_URL=url)
    text, code = render(queued_text).text, queued_text.otp.code()
    assert text == f"{code} is your verification code" + (f"\n\n{line}{code}" if line else "")


@pytest.mark.parametrize("host", ["a.test", "shop.example.com", "a" * 60 + "." + "b" * 30 + ".test", LONGEST_HOST])
@pytest.mark.parametrize("charset", ["numeric", "alphanumeric"])
@pytest.mark.parametrize("length", range(6, 17))
def test_a_code_is_one_segment(queued_text, configure, length, charset, host):
    configure(OTP={"LENGTH": length, "CHARSET": charset}, STOREFRONT_URL=f"https://{host}")
    text = render(queued_text).text
    assert len(queued_text.otp.code()) == length
    assert segments(text) == 1
    assert ("@" in text) == (host != LONGEST_HOST)


@pytest.mark.parametrize(("host", "bound"), [("shop.example.com", True), ("a-long-name.shop.example.com", False)])
def test_in_another_alphabet_the_line_is_left_out_sooner(queued_text, configure, settings, tmp_path, host, bound):
    (tmp_path / "code.txt").write_text("Ваш код: {{ otp }}{% if webotp %}\n\n{{ webotp }}{% endif %}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    configure(STOREFRONT_URL=f"https://{host}", PHONE_VERIFICATION={"TEMPLATE": "code.txt"}, OTP={"LENGTH": 16})
    text = render(queued_text).text
    assert segments(text) == 1
    assert ("@" in text) is bound


@pytest.mark.parametrize("url", [None, "https://shop.example.com", f"https://{LONGEST_HOST}/shop"])
def test_a_link_is_three_segments_at_most(api, register, sign_up, configure, through, url):
    through("locmem")
    configure(STOREFRONT_URL=url)
    person = sign_up(phone=PHONE)
    body = {"entity_id": PHONE, "entity_type": "phone", "code_provider": "token"}
    answer = api.post("/auth/verification/request", body, token=person.token)
    assert answer.status_code == 201, answer.content
    [message] = locmem.outbox
    assert (f"{url}/verify?token=" if url else OtpVerification.objects.get().pk) in message.text
    assert segments(message.text) <= 3
