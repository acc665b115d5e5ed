"""The page of one customer: how the account stands, what surrounds it, and its story; as much as the user may see."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customer_registration.enums import EventKind
from customer_registration.models import AccountDeletionRequest, AccountEvent, OtpVerification, SecondFactor
from tests.admin.support import EMAIL, PHONE, Support, customer

VIEW = [f"view_{name}" for name in ("customer", "otpverification", "accountevent", "secondfactor")]
VIEW.append("view_accountdeletionrequest")


@pytest.fixture
def clerk(api):
    """Hire somebody who may see every page, contacts masked."""
    return Support(api.commit, *VIEW)


def code(row, **fields):
    """Store a code of a customer's."""
    later = timezone.now() + timedelta(minutes=5)
    values = {"purpose": "email_verification", "channel": "email", "destination": EMAIL, "max_attempts": 5}
    return OtpVerification.objects.create(**{**values, "expires_at": later, "customer": row, **fields})


def test_where_an_account_stands(clerk):
    soon = timezone.now() + timedelta(days=9)
    erased = customer("erased", is_active=False)
    AccountDeletionRequest.objects.create(customer_ref=erased.pk, status="completed")
    accounts = {
        "Active": customer("a", email="a@example.com"),
        "Not registered yet": customer("b", email="b@example.com", registered_at=None),
        f"Leaving on {soon:%m/%d/%Y}": customer("c", email="c@example.com", deletion_scheduled_at=soon),
        "Deactivated": customer("d", email="d@example.com", is_active=False),
        "Staff": customer("e", email="e@example.com", is_staff=True),
        "Closed": customer("f", is_active=False),
        "Erased": erased,
    }
    listed = clerk.listing().content.decode()
    for text, row in accounts.items():
        assert f">{text}</span>" in listed
        assert f">{text}</span>" in clerk.page(row).content.decode()


def test_it_shows_what_surrounds_the_customer(clerk):
    row = customer(email=EMAIL, phone=PHONE, first_name="Jane", language="de", has_second_factor=True)
    kept = code(row)
    factor = SecondFactor.objects.create(customer=row, provider="totp", status="enabled")
    request = AccountDeletionRequest.objects.create(customer=row, customer_ref=row.pk, status="cancelled")
    html = clerk.page(row).content.decode()
    for text in ("j***@xn--bcher-kva.example", "+14*****2671", "German", "Jane", "Not locked", "Authenticator app"):
        assert text in html
    for each in (kept, factor, request):
        assert reverse(f"admin:customer_registration_{each._meta.model_name}_change", args=[each.pk]) in html
    for hidden in (EMAIL, PHONE, "remove_lost", "send_code"):
        assert hidden not in html


def test_who_may_not_see_a_model_sees_none_of_it_here(api):
    row = customer(email=EMAIL)
    code(row)
    AccountEvent.of(EventKind.PASSWORD_CHANGED, row).save()
    page = Support(api.commit, "view_customer").page(row)
    assert (page.context["sections"], page.context["timeline"]) == ([], [])


def test_whole_contacts_take_the_permission(api):
    row = customer(email=EMAIL, phone=PHONE)
    html = Support(api.commit, *VIEW, "view_contacts_customer").page(row).content.decode()
    assert EMAIL in html
    assert PHONE in html


def test_the_story_says_who_did_what_newest_first(clerk):
    row, now = customer(email=EMAIL), timezone.now()
    told = (
        (EventKind.FACTOR_ENABLED, {"provider": "totp"}, "the customer", "Authenticator app"),
        (EventKind.RECOVERY_CODES_MADE, {"count": 8}, "the customer", "8 codes"),
        (EventKind.TEST_CODE_USED, {"purpose": "code_login"}, "the customer", "Log in with a code"),
        (EventKind.CUSTOMER_UNLOCKED, {"by": "unlock_customer"}, "unlock_customer", ""),
        (EventKind.SESSIONS_ENDED, {"by": str(clerk.user.pk)}, clerk.user.get_username(), ""),
        (EventKind.SESSIONS_ENDED, {"by": "999999"}, "staff", ""),
        (EventKind.CLAIM_LAPSED, {}, "automatic", ""),
        (EventKind.PASSWORD_RESET, {"through": "ab12"}, "the customer", ""),
    )
    for minute, (kind, detail, _, _) in enumerate(told):
        at = now + timedelta(minutes=minute)
        AccountEvent.objects.create(kind=kind, customer=row, customer_ref=row.pk, detail=detail, created_at=at)
    page = clerk.page(row)
    moments = [(moment.what, moment.who, moment.note) for moment in page.context["timeline"]]
    assert moments == [(kind.label, who, note) for kind, _, who, note in reversed(told)]
    assert "ab12" not in page.content.decode()
    listed = clerk.listing("accountevent").content.decode()
    assert all(text in listed for kind, _, who, note in told for text in (str(kind.label), who, note))
    assert clerk.found(model="accountevent", kind="claim_lapsed") == [AccountEvent.objects.get(kind="claim_lapsed").pk]
    assert len(clerk.found(EMAIL, model="accountevent")) == len(clerk.found(row.pk, model="accountevent")) == len(told)


def test_a_page_costs_the_same_however_much_it_shows(clerk, counted):
    def cost(ask):
        with counted() as queries:
            assert ask().status_code == 200
        return len(queries.statements)

    row = customer(email=EMAIL, phone=PHONE)
    asks = [lambda: clerk.page(row), *(lambda name=name: clerk.listing(name.removeprefix("view_")) for name in VIEW)]
    by = {"by": str(clerk.user.pk)}

    def more(number):
        for each in range(number):
            code(row)
            SecondFactor.objects.create(customer=row, provider="totp", status="disabled")
            AccountEvent.objects.create(kind="sessions_ended", customer=row, customer_ref=row.pk, detail=by)
            AccountDeletionRequest.objects.create(customer=row, customer_ref=row.pk, status="cancelled")
            customer(f"p{number}-{each}", email=f"p{number}-{each}@example.com")

    more(1)
    for ask in asks:
        ask()  # what is read once a process
    once = [cost(ask) for ask in asks]
    assert max(once) <= 16
    more(4)
    assert [cost(ask) for ask in asks] == once


def test_the_page_of_nobody_leads_home(clerk):
    for key in ("nobody", "a%00b", "cus_x"):
        answer = clerk.client.get(f"{reverse('admin:customer_registration_customer_changelist')}{key}/change/")
        assert answer.status_code == 302
