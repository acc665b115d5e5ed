"""Rows A4, A5, A7, A8 and A9 of ``security.md``: nobody learns who is a customer by what an answer says or costs."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, PBKDF2PasswordHasher
from django.utils import timezone

from customer_registration.models import Customer, OtpVerification, SecondFactor
from customer_registration.models.ids import new_ulid
from customer_registration.tokens import signing
from tests.conftest import PASSWORD, new_user, wrong

pytestmark = pytest.mark.life_cycle

LOGIN, TWO_STEPS, CHANGE = "/auth/customer/emailpass", "/store/auth", "/store/customers/me/password"
SEND, VERIFY = "/store/customers/otp/send", "/store/customers/otp/verify"
JANE = "jane@example.com"
NO_MAC = "0" * 64
PEOPLE = (
    "unknown",
    "known",
    "inactive",
    "unverified",
    "leaving",
    "passwordless",
    "staff",
    "no address at all",
    "jäne@x",
)


@pytest.fixture
def person(verified, sign_up):
    """Make somebody of a kind; return the address that they, or nobody, logs in by."""

    def make(kind):
        if kind in ("unknown", "no address at all", "jäne@x"):
            return "nobody@example.com" if kind == "unknown" else kind
        row = (sign_up() if kind == "unverified" else verified()[0]).row
        user = row.user
        if kind == "inactive":
            user.is_active = False
        if kind == "staff":
            user.is_staff = True
        if kind == "passwordless":
            user.set_unusable_password()
        user.save()
        if kind == "leaving":
            Customer.objects.filter(pk=row.pk).update(deletion_scheduled_at=timezone.now())
        return JANE

    return make


@pytest.fixture
def hashed(monkeypatch):
    """Return the list of every run of the password hasher."""
    runs, encode = [], MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *args: runs.append(args) or encode(self, *args))
    return runs


@pytest.mark.parametrize("road", [LOGIN, TWO_STEPS])
@pytest.mark.parametrize("kind", PEOPLE)
def test_a4_whoever_is_named_a_password_is_hashed_once(api, person, hashed, road, kind):
    name = person(kind)
    hashed.clear()
    assert api.post(road, {"email": name, "password": "wrong password"}).status_code == 401
    assert len(hashed) == 1


@pytest.mark.parametrize("known", [True, False])
def test_a4_and_so_is_that_of_staff(api, db, hashed, known):
    if known:
        new_user("boss", JANE, is_staff=True)
    hashed.clear()
    assert api.post("/auth/user/emailpass", {"email": JANE, "password": "wrong password"}).status_code == 401
    assert len(hashed) == 1


class Affordable(PBKDF2PasswordHasher):
    """PBKDF2 with a work factor that a test can pay; years later it is nine."""

    iterations = 7


@pytest.fixture
def years_pass(settings, monkeypatch):
    """Raise the work factor; return the passwords beside whose older hash the time was made up for."""
    settings.PASSWORD_HASHERS = [f"{__name__}.Affordable"]
    seen = []

    def run():
        monkeypatch.setattr(Affordable, "iterations", 9)
        monkeypatch.setattr(Affordable, "harden_runtime", lambda self, password, encoded: seen.append(password))
        return seen

    return run


@pytest.mark.parametrize("road", ["login", "two steps", "old password", "resumed registration"])
def test_a5_an_older_work_factor_is_made_up_for(api, years_pass, verified, register, road):
    bearer = register() if road == "resumed registration" else verified()[1]
    hardened = years_pass()
    path, body, status = {
        "login": (LOGIN, {"email": JANE, "password": "wrong password"}, 401),
        "two steps": (TWO_STEPS, {"email": JANE, "password": "wrong password"}, 401),
        "old password": (CHANGE, {"old_password": "wrong password", "password": "another battery staple"}, 403),
        "resumed registration": (f"{LOGIN}/register", {"email": JANE, "password": "wrong password"}, 401),
    }[road]
    assert api.post(path, body, token=bearer).status_code == status
    assert hardened == ["wrong password"]


def test_a5_the_right_password_brings_the_hash_up_to_date(api, years_pass, verified):
    person, _ = verified()
    hardened = years_pass()
    assert api.post(LOGIN, {"email": JANE, "password": PASSWORD}).status_code == 200
    assert (hardened, person.row.user.password.split("$")[1]) == ([], "9")


SPECIAL = {  # what only the right password is told
    "known": (200, None),
    "unverified": (403, "verification_required"),
    "leaving": (403, "account_deletion_pending"),
    "staff": (200, None),
}


@pytest.mark.parametrize("road", [LOGIN, TWO_STEPS])
@pytest.mark.parametrize("kind", PEOPLE)
def test_a7_until_the_password_is_right_there_is_one_answer(api, person, road, kind):
    def bring(password, name):
        answer = api.post(road, {"email": name, "password": password})
        return answer.status_code, answer.content, sorted(answer.headers), sorted(answer.cookies)

    name, strangers = person(kind), bring("wrong password", "somebody@example.com")
    assert strangers[:2] == (401, b'{"type":"unauthorized","message":"Invalid email or password"}')
    assert bring("wrong password", name) == strangers
    if kind not in SPECIAL:
        assert bring(PASSWORD, name) == strangers
        return
    told = api.post(road, {"email": name, "password": PASSWORD})
    assert (told.status_code, told.json().get("code")) == SPECIAL[kind]


def seen(answer):
    return answer.status_code, answer.content, tuple(sorted(answer.headers))


@pytest.mark.parametrize("kind", ["verification link", "undo link"])
def test_a8_a_link_to_a_random_row_answers_like_a_random_link_to_a_real_one(wallet, kind):
    path, field = {
        "verification link": ("/auth/verification/confirm", "code"),
        "undo link": ("/store/customers/contact/undo", "token"),
    }[kind]
    real = wallet.make(kind).row.pk
    values = [f"{row}.{mac}" for row in (real, new_ulid()) for mac in (NO_MAC, "", "x")]
    answers = {seen(wallet.api.post(path, {field: value})) for value in values}
    assert len(answers) == 1
    assert answers.pop()[0] in (400, 401)


def test_a8_nor_does_a_reset_token_tell_whether_its_row_exists(wallet):
    """Signed as ours are, which nobody else can: one of a row that is not there, and some of one that is."""
    payload = signing.decode(wallet.make("reset link").value)
    others = [{"jti": new_ulid()}, {"password": NO_MAC[:12]}, {"provider": "phonepass"}, {"actor_type": "user"}]
    tokens = [signing.encode(payload | other) for other in others] + ["a.b.c", signing.encode(payload)[:-2] + "xx"]
    body = {"password": "another battery staple"}
    answers = {seen(wallet.api.post(f"{LOGIN}/update", body, token=token)) for token in tokens}
    assert len(answers) == 1
    assert answers.pop()[0] == 401


def test_a8_another_persons_factor_answers_like_none(wallet):
    mine, joes = wallet.bearer("jane"), wallet.bearer("joe")
    wallet.enrol("joe")
    factor = SecondFactor.objects.get().pk
    nobodys = f"authmfa_{new_ulid()}"
    for method, tail, body in (("delete", "", {}), ("post", "/verify", {"code": "000000"})):
        answers = [
            wallet.api.request(method, f"/auth/mfa/factors/{each}{tail}", body, token=mine)
            for each in (factor, nobodys)
        ]
        assert seen(answers[0]) == seen(answers[1])
        assert answers[0].status_code == 404
    assert joes


@pytest.mark.parametrize("limits", [True, False], ids=["limits on", "limits off"])
def test_a9_codes_for_an_unknown_customer_are_wrong_like_those_for_a_known_one(api, sign_up, configure, limits):
    """From the first to the one past the limit, the right one at the end; who is known has one more way to be right."""
    configure(RATE_LIMITS={"ENABLED": limits})
    told = {}
    for customer_id in (sign_up().id, f"cus_{new_ulid()}"):
        sent = api.post(SEND, {"customer_id": customer_id, "type": "email_verification"})
        flow, code = sent.json()["token"], OtpVerification.objects.latest("pk").code()
        guesses = [api.post(VERIFY, {"token": flow, "code": wrong(code)}) for _ in range(6)]
        late = api.post(VERIFY, {"token": flow, "code": code})
        shape = (sent.status_code, sorted(sent.json()), [len(part) for part in flow.split(".")], sorted(sent.headers))
        told[customer_id] = [shape, *map(seen, [*guesses, late])]
    known, unknown = told.values()
    assert known == unknown
    assert [status for status, *_ in known[1:]] == [400] * 7
