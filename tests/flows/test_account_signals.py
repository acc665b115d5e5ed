"""Changes of an account: one signal each, once it is committed, and one audit event with masked contacts."""

import pytest

from customer_registration import signals
from customer_registration.models import AccountEvent, OtpVerification
from customer_registration.tokens import ResetToken
from tests.conftest import PASSWORD, last_code

ME, CONTACT, UNDO = "/store/customers/me", "/store/customers/me/contact", "/store/customers/contact/undo"
EMAIL, NEW, PHONE = "jane@example.com", "new@example.com", "+14155552671"
NEW_PASSWORD = "a new password entirely"

pytestmark = pytest.mark.life_cycle


def contact_proof(api, token, **contact):
    flow = api.post(CONTACT, contact, token=token).json()["token"]
    return f"{CONTACT}/verify", {"token": flow, "code": last_code(*contact.values())}, token


def of_contact_changed(api, token):
    return contact_proof(api, token, email=NEW)


def of_contact_added(api, token):
    return contact_proof(api, token, phone=PHONE)


def of_contact_change_undone(api, token):
    path, proof, _ = contact_proof(api, token, email=NEW)
    assert api.post(path, proof, token=token).status_code == 200
    row = OtpVerification.objects.exclude(destination="").get(purpose="contact_undo")
    return UNDO, {"token": row.link_value()}, None


def of_password_changed(api, token):
    return f"{ME}/password", {"old_password": PASSWORD, "password": NEW_PASSWORD}, token


def of_password_reset(api, token):
    api.post("/auth/customer/emailpass/reset-password", {"identifier": EMAIL})
    link = ResetToken.of(OtpVerification.objects.get(purpose="password_reset")).sign()
    return "/auth/customer/emailpass/update", {"password": NEW_PASSWORD}, link


def of_sessions_ended(api, token):
    return f"{ME}/logout-all", {}, token


DEEDS = [
    (of_contact_changed, signals.contact_changed, {"kind": "email"}, "contact_changed", "n***@example.com"),
    (of_contact_added, signals.contact_changed, {"kind": "phone"}, "contact_changed", "+14*****2671"),
    (
        of_contact_change_undone, signals.contact_change_undone, {"kind": "email"},
        "contact_change_undone", "j***@example.com",
    ),
    (of_password_changed, signals.password_changed, {"by_reset": False}, "password_changed", ""),
    (of_password_reset, signals.password_changed, {"by_reset": True}, "password_reset", ""),
    (of_sessions_ended, signals.sessions_ended, {}, "sessions_ended", ""),
]  # fmt: skip


@pytest.mark.parametrize(("deed", "signal", "arguments", "kind", "contact"), DEEDS)
def test_it_is_signalled_and_audited_once(api, verified, hear, deed, signal, arguments, kind, contact):
    person, token = verified(EMAIL)
    path, body, bearer = deed(api, token)
    heard = hear(signal)
    assert api.post(path, body, token=bearer).status_code == 200
    [told] = heard
    assert told == {"customer": person.row, **arguments}
    for name in ("email", "phone"):
        assert getattr(told["customer"], name) == getattr(person.row, name)
    event = AccountEvent.objects.get(kind=kind)
    assert (event.customer_id, event.customer_ref, event.contact) == (person.id, person.id, contact)
    # A second time it is refused, and nobody hears of it.
    assert api.post(path, body, token=bearer).status_code == 401
    assert len(heard) == AccountEvent.objects.filter(kind=kind).count() == 1


@pytest.mark.parametrize(("deed", "signal", "arguments", "kind", "contact"), DEEDS)
def test_nobody_hears_before_it_is_committed(api, verified, hear, deed, signal, arguments, kind, contact):
    _, token = verified(EMAIL)
    path, body, bearer = deed(api, token)
    heard = hear(signal)
    assert api.never_committing().post(path, body, token=bearer).status_code == 200
    assert heard == []


@pytest.mark.parametrize(("deed", "signal", "arguments", "kind", "contact"), DEEDS)
def test_a_receiver_that_fails_undoes_nothing(api, verified, deed, signal, arguments, kind, contact):
    _, token = verified(EMAIL)
    path, body, bearer = deed(api, token)

    def fail(**arguments):
        raise RuntimeError("a host's mistake")

    signal.connect(fail)
    try:
        assert api.post(path, body, token=bearer).status_code == 200
    finally:
        signal.disconnect(fail)
    assert AccountEvent.objects.filter(kind=kind).count() == 1


def test_a_reset_that_proves_an_address_says_so_too(api, verified, hear):
    person, token = verified(EMAIL)
    type(person.row).objects.update(email_verified_at=None)
    AccountEvent.objects.all().delete()
    heard = hear(signals.contact_verified)
    path, body, link = of_password_reset(api, token)
    quiet = api.never_committing()
    assert quiet.post(path, {"password": ""}, token=link).status_code == 400
    assert api.post(path, body, token=link).status_code == 200
    assert heard == [{"customer": person.row, "kind": "email"}]
    assert AccountEvent.objects.get(kind="contact_verified").contact == "j***@example.com"


def test_what_is_refused_is_neither_signalled_nor_audited(api, verified, hear):
    _, token = verified(EMAIL)
    AccountEvent.objects.all().delete()
    heard = [hear(signal) for signal in (signals.contact_changed, signals.password_changed, signals.sessions_ended)]
    path, proof, _ = contact_proof(api, token, email=NEW)
    api.post(path, {**proof, "code": "x"}, token=token)
    api.post(UNDO, {"token": "junk"})
    api.post(f"{ME}/password", {"old_password": "wrong", "password": NEW_PASSWORD}, token=token)
    api.post(f"{ME}/logout-all", token="junk")
    assert heard == [[], [], []]
    assert not AccountEvent.objects.exists()


def test_the_trail_holds_no_contact_and_no_secret(api, verified):
    person, token = verified(EMAIL)
    secrets = [EMAIL, NEW, PHONE, PASSWORD, NEW_PASSWORD]
    for deed in (of_contact_added, of_contact_change_undone, of_password_reset):
        path, body, bearer = deed(api, token)
        secrets += [value for name, value in body.items() if name != "password"]
        assert api.post(path, body, token=bearer).status_code == 200
        answer = api.post("/auth/customer/emailpass", {"email": EMAIL, "password": PASSWORD})
        token = answer.json().get("token")
    trail = " ".join(str(row) for row in AccountEvent.objects.values())
    assert person.id in trail
    assert "j***@example.com" in trail
    assert not [secret for secret in secrets if secret in trail]
