"""Contact changes at the same moment: all of a change or nothing of it, and proven addresses alone (A11)."""

import pytest

from customer_registration.models import AccountEvent, Customer, OtpVerification
from tests.races.at_once import THREADS, at_once, post, statuses

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.life_cycle,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("unlimited"),
]

VERIFY = "/store/customers/me/contact/verify"
WANTED = {"email": "wanted@example.com", "phone": "+447400123456"}
DUPLICATE = {
    kind: {
        "type": "duplicate_error",
        "code": "invalid_request_error",
        "message": f"Customer with this {kind} already has an account",
    }
    for kind in WANTED
}


@pytest.fixture(autouse=True)
def unhurried(configure):
    configure(
        EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0},
        PHONE_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0},
    )


def whole(person):
    """Return what a contact change writes, read at once: value, proof, user, epoch."""
    row = person.row
    return {
        "email": (row.email, row.email_verified_at is not None),
        "phone": (row.phone, row.phone_verified_at is not None),
        "user": row.user.email,
        "epoch": row.token_epoch,
    }


def is_alive(bearer):
    return post("/auth/token/refresh", token=bearer)().status_code == 200


def race_for(kind, people, ask_change):
    proofs = [ask_change(bearer, **{kind: WANTED[kind]}) for _, bearer in people]
    return at_once(*(post(VERIFY, proof, token=bearer) for proof, (_, bearer) in zip(proofs, people, strict=True)))


def assert_one_won(kind, people, answers, before):
    assert statuses(answers).count(200) == 1
    for (person, bearer), answer, was in zip(people, answers, before, strict=True):
        if answer.status_code == 200:
            now = was | {kind: (WANTED[kind], True), "epoch": 1}
            assert whole(person) == (now | {"user": WANTED["email"]} if kind == "email" else now)
            assert is_alive(answer.json()["token"])
            assert not is_alive(bearer)
        else:
            refused = answer.json()
            if answer.status_code == 422:
                assert refused == DUPLICATE[kind]
            else:
                assert (answer.status_code, refused["code"]) == (400, "otp_invalid")
            assert whole(person) == was
            assert is_alive(bearer)
    assert Customer.objects.filter(**{kind: WANTED[kind]}).count() == 1
    assert AccountEvent.objects.filter(kind="contact_changed").count() == 1


@pytest.mark.parametrize("kind", WANTED)
@pytest.mark.parametrize(("count", "round_"), [(2, 0), (2, 1), (2, 2), (THREADS, 0)])
def test_customers_who_change_to_one_contact_at_once_one_gets_it(verified, ask_change, kind, count, round_):
    people = [verified(f"person{number}@example.com") for number in range(count)]
    before = [whole(person) for person, _ in people]
    answers = race_for(kind, people, ask_change)
    assert_one_won(kind, people, answers, before)


def test_a_change_and_a_registration_of_one_address_at_once_leave_one_holder(verified, ask_change):
    person, bearer = verified()
    before, proof = whole(person), ask_change(bearer, email=WANTED["email"])
    claim = post("/auth/customer/emailpass/register", {"email": WANTED["email"], "password": "correct horse battery"})
    changed, *claimed = at_once(post(VERIFY, proof, token=bearer), *[claim] * 8)
    assert Customer.objects.filter(email=WANTED["email"]).count() == 1
    if changed.status_code == 200:
        assert set(statuses(claimed)) == {401}
        assert whole(person) == before | {"email": (WANTED["email"], True), "user": WANTED["email"], "epoch": 1}
    else:
        assert (changed.status_code, 200 in statuses(claimed)) == (422, True)
        assert whole(person) == before


def confirm_at_once(verified, ask_change):
    person, bearer = verified()
    proof = ask_change(bearer, email=WANTED["email"])
    return person, at_once(*(post(VERIFY, proof, token=bearer) for _ in range(THREADS)))


def test_a_contact_code_used_twenty_four_times_at_once_changes_once(verified, ask_change):
    person, answers = confirm_at_once(verified, ask_change)
    assert statuses(answers).count(200) == 1
    # 401: the bearer died with the winner's change. 400: the code did, or its guesses are spent.
    assert set(statuses(answers)) <= {200, 400, 401, 503}
    assert all(
        answer.json()["code"] in ("otp_invalid", "otp_attempts_exceeded")
        for answer in answers
        if answer.status_code == 400
    )
    assert whole(person) == {
        "email": (WANTED["email"], True),
        "phone": (None, False),
        "user": WANTED["email"],
        "epoch": 1,
    }
    assert AccountEvent.objects.filter(kind="contact_changed").count() == 1
    assert OtpVerification.objects.filter(purpose="contact_undo").count() == 1


@pytest.mark.usefixtures("read_committed", "unguarded")
def test_contact_codes_that_are_read_then_written_change_twice(verified, ask_change):
    _, answers = confirm_at_once(verified, ask_change)
    assert statuses(answers).count(200) > 1


@pytest.mark.parametrize("order", [("email", "phone"), ("phone", "email")], ids="-".join)
def test_a11_both_contacts_confirmed_in_either_order_are_the_proven_ones(api, verified, ask_change, order):
    person, bearer = verified()
    proofs = {kind: ask_change(bearer, **{kind: value}) for kind, value in WANTED.items()}
    for kind in order:
        answer = api.post(VERIFY, proofs[kind], token=bearer)
        assert answer.status_code == 200, answer.content
        bearer = answer.json()["token"]
    assert whole(person) == {
        "email": (WANTED["email"], True),
        "phone": (WANTED["phone"], True),
        "user": WANTED["email"],
        "epoch": 2,
    }


@pytest.mark.parametrize("round_", range(6))
def test_a11_both_contacts_confirmed_at_once_are_the_proven_ones(verified, ask_change, round_):
    person, bearer = verified()
    before = whole(person)
    proofs = {kind: ask_change(bearer, **{kind: value}) for kind, value in WANTED.items()}
    answers = dict(zip(WANTED, at_once(*(post(VERIFY, proofs[kind], token=bearer) for kind in WANTED)), strict=True))
    # Both bring one bearer, which dies with the first change.
    assert statuses(answers.values())[0] == 200
    assert statuses(answers.values())[1] in (400, 401)
    won = next(kind for kind in WANTED if answers[kind].status_code == 200)
    lost = next(kind for kind in WANTED if kind != won)
    expected = before | {won: (WANTED[won], True), "epoch": 1}
    assert whole(person) == expected | ({"user": WANTED["email"]} if won == "email" else {})
    again = post(VERIFY, proofs[lost], token=answers[won].json()["token"])()
    assert again.status_code == 200, again.content
    assert (whole(person)["email"], whole(person)["phone"]) == ((WANTED["email"], True), (WANTED["phone"], True))


@pytest.mark.parametrize("confirmed", ["first", "second"])
def test_a11_of_two_changes_of_one_kind_the_confirmed_one_is_set(verified, ask_change, confirmed):
    """The newer code replaces the older one, so the first cannot confirm what the second asked for."""
    person, bearer = verified()
    before = whole(person)
    proofs = [ask_change(bearer, email="first@example.com"), ask_change(bearer, email="second@example.com")]
    answers = at_once(
        *(post(VERIFY, proof, token=bearer) for proof in (proofs if confirmed == "second" else proofs[:1]))
    )
    assert answers[0].status_code in (400, 401)
    if confirmed == "second":
        assert answers[1].status_code == 200
        assert whole(person)["email"] == ("second@example.com", True)
    else:
        assert whole(person) == before
