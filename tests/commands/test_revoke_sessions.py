"""manage.py revoke_sessions: one customer, or everybody, is logged out everywhere."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from customer_registration.models import AccountEvent, Customer
from customer_registration.models.ids import new_customer_id
from customer_registration.signals import sessions_ended

ME, REFRESH = "/store/customers/me", "/auth/token/refresh"
JANE, JOHN, PHONE = "jane@example.com", "john@example.com", "+12025550123"

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


def revoke(*arguments, **options):
    """Run the command and return what it says."""
    out = io.StringIO()
    call_command("revoke_sessions", *arguments, stdout=out, **options)
    return out.getvalue()


def audited():
    events = AccountEvent.objects.filter(kind="sessions_ended").order_by("customer_ref")
    return [(event.customer_id, event.customer_ref, event.contact, event.detail) for event in events]


@pytest.fixture
def answer(monkeypatch):
    """Answer the question, and return the list of what was asked."""
    asked = []

    def run(text):
        def reply(question):
            asked.append(question)
            if text is None:
                raise EOFError
            return text

        monkeypatch.setattr("builtins.input", reply)
        return asked

    return run


@pytest.fixture
def crowd(verified):
    """Five people with a token each."""
    return [verified(f"p{number}@example.com") for number in range(5)]


@pytest.mark.parametrize("named", ["id", "identity", "email", "phone", "phone at home"])
def test_one_is_named_by_what_support_knows(api, verified, configure, named):
    configure(REGISTRATION={"IDENTIFIER": "both"})
    person, token = verified(JANE, phone=PHONE)
    ways = {
        "id": person.id,
        "identity": person.id.replace("cus_", "authid_"),
        "email": " Jane@EXAMPLE.com",
        "phone": PHONE,
        "phone at home": "(202) 555-0123",
    }
    assert api.get(ME, token=token).status_code == 200
    assert revoke(ways[named]) == f"{person.id} is logged out everywhere.\n"
    assert api.get(ME, token=token).status_code == api.post(REFRESH, token=token).status_code == 401
    assert audited() == [(person.id, person.id, "", {"by": "revoke_sessions"})]


def test_others_stay_logged_in_and_the_signal_is_sent(api, verified, hear, django_capture_on_commit_callbacks):
    (jane, _), (_, token) = verified(JANE), verified(JOHN)
    heard = hear(sessions_ended)
    with django_capture_on_commit_callbacks(execute=True):
        revoke(JANE)
    assert [each["customer"].pk for each in heard] == [jane.id]
    assert api.get(ME, token=token).status_code == 200


@pytest.mark.parametrize("text", ["cus_nobody", "x@example.com", "+12025550199", "jane", "cus_0", "", "\0"])
def test_nobody_is_an_error_and_a_part_is_nobody(verified, text):
    person, _ = verified(JANE)
    with pytest.raises(CommandError, match=r"There is no customer|Name a customer"):
        revoke(text)
    with pytest.raises(CommandError, match="There is no customer"):
        revoke(person.id[:12])
    assert audited() == []


def test_an_error_masks_the_contact(db):
    with pytest.raises(CommandError, match=r"There is no customer n\*\*\*@example.com"):
        revoke("nobody@example.com")


def test_a_number_of_two_countries_has_to_be_said_in_full(configure, verified):
    configure(SMS_GUARD={"COUNTRIES": ["DE", "AT"]})
    german, austrian = verified("a@example.com")[0], verified("b@example.com")[0]
    Customer.objects.filter(pk=german.id).update(phone="+496641234567")
    Customer.objects.filter(pk=austrian.id).update(phone="+436641234567")
    with pytest.raises(CommandError, match=f"is the number of {german.id}, {austrian.id}: say which"):
        revoke("0664 1234567")
    assert audited() == []
    revoke("+43 664 1234567")
    assert [event[0] for event in audited()] == [austrian.id]


@pytest.mark.parametrize("batch_size", [1, 2, 5, 1000])
def test_all_are_out_and_counted(api, crowd, hear, django_capture_on_commit_callbacks, batch_size):
    heard = hear(sessions_ended)
    with django_capture_on_commit_callbacks(execute=True):
        said = revoke("--all", "--yes", "--batch-size", str(batch_size))
    assert said == "5 customers logged out everywhere.\n"
    assert {api.get(ME, token=token).status_code for _, token in crowd} == {401}
    assert audited() == [(person.id, person.id, "", {"by": "revoke_sessions"}) for person, _ in sorted_by_id(crowd)]
    assert sorted(each["customer"].pk for each in heard) == [person.id for person, _ in sorted_by_id(crowd)]
    assert set(Customer.objects.values_list("token_epoch", flat=True)) == {1}


def sorted_by_id(crowd):
    return sorted(crowd, key=lambda each: each[0].id)


def test_who_listens_to_nothing_is_not_read(crowd, django_assert_num_queries):
    with django_assert_num_queries(
        2 + 2 * 5
    ):  # the last id, an empty batch; ids, UPDATE, INSERT, both ends of a savepoint
        revoke("--all", "--yes", "--batch-size", "3")


def test_erased_people_and_who_signs_up_meanwhile_are_left_alone(crowd, monkeypatch):
    from customer_registration.flows import revocation

    gone = crowd[0][0].id
    Customer.objects.filter(pk=gone).update(email=None)
    end, late = revocation._end, new_customer_id()

    def end_and_sign_up(ids, **options):
        if not Customer.objects.filter(pk=late).exists():
            Customer.objects.create(pk=late, email="late@example.com", created_at=timezone.now())
        return end(ids, **options)

    monkeypatch.setattr(revocation, "_end", end_and_sign_up)
    assert revoke("--all", "--yes", "--batch-size", "2") == "4 customers logged out everywhere.\n"
    assert {event[0] for event in audited()}.isdisjoint({gone, late})


def test_somebody_who_is_deleted_meanwhile_breaks_nothing(crowd, monkeypatch):
    from customer_registration.flows import revocation

    end, gone = revocation._end, crowd[1][0].id

    def end_later(ids, **options):
        Customer.objects.filter(pk=gone).delete()
        return end(ids, **options)

    monkeypatch.setattr(revocation, "_end", end_later)
    assert revoke("--all", "--yes") == "4 customers logged out everywhere.\n"
    assert len(audited()) == 4


def test_it_asks_first(crowd, answer):
    asked = answer("Yes ")
    assert revoke("--all").endswith("5 customers logged out everywhere.\n")
    assert asked == ["This logs 5 customers out everywhere. Type yes to go on: "]


@pytest.mark.parametrize("reply", ["", "y", "no", None])
def test_anything_but_yes_changes_nothing(crowd, answer, reply):
    answer(reply)
    with pytest.raises(CommandError, match="Nothing was changed"):
        revoke("--all")
    assert audited() == []


def test_neither_or_both_is_an_error(db):
    for arguments in ([], ["cus_1", "--all"]):
        with pytest.raises(CommandError, match="Name a customer, or give --all"):
            revoke(*arguments)


def test_nobody_at_all(db):
    assert revoke("--all", "--yes") == "0 customers logged out everywhere.\n"
