"""What somebody writes into the address of a list by hand: no page fails on it."""

import pytest

LISTS = ("otpverification", "outboxmessage", "accountevent")
DATES = [
    f"created_at__year={year}{rest}"
    for year in ("0", "9999", "99999", "9" * 30)
    for rest in ("", "&created_at__month=12&created_at__day=31")
]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", LISTS)
def test_a_date_that_no_calendar_has_leads_back_to_the_list(staff, name):
    client, path = staff(f"view_{name}").client, f"/django-admin/customer_registration/{name}/"
    answers = {query: client.get(f"{path}?{query}").status_code for query in DATES}
    assert set(answers.values()) <= {200, 302}, answers


def test_a_pattern_is_no_filter(staff):
    path = "/django-admin/customer_registration/otpverification/"
    assert staff("view_otpverification").client.get(f"{path}?created_at__regex=[").status_code == 400


@pytest.mark.parametrize(("name", "field"), [("secondfactor", "customer"), ("outboxmessage", "otp")])
def test_a_nul_is_looked_for_nowhere(staff, name, field):
    asked = {"app_label": "customer_registration", "model_name": name, "field_name": field, "term": "a\0"}
    client = staff("view_customer", "view_otpverification").client
    assert client.get("/django-admin/autocomplete/", asked).status_code == 200
