"""The limiter's Redis goes away, hangs and comes back: what sends or checks fails closed, no failure is forgotten."""

from tests.conftest import wrong
from tests.faults.conftest import NEED_SERVERS
from tests.faults.shop import PASSWORD

pytestmark = NEED_SERVERS

ME = "/store/customers/me"
LOGIN = "/auth/customer/emailpass"
UNAVAILABLE = {"type": "unavailable", "message": "Service temporarily unavailable", "code": "limiter_unavailable"}
# A limiter that hangs holds a request for two seconds.
PATIENCE_SECONDS = 4.5
COUNTS = {
    "customers": "SELECT count(*) FROM customer_registration_customer",
    "codes": "SELECT count(*), sum(attempts) FROM customer_registration_otpverification",
    "messages": "SELECT count(*) FROM customer_registration_outboxmessage",
    "throttles": "SELECT count(*), max(last_sent_at) FROM customer_registration_sendslot",
    "events": "SELECT count(*) FROM customer_registration_accountevent",
}


def counts(shop):
    return {name: shop.database.sql(statement) for name, statement in COUNTS.items()}


def test_f_redis_down_or_hung_fails_closed_and_forgets_no_failure(limiter, open_shop):
    shop = open_shop(REDIS_URL=limiter.url)
    with shop.web(workers=1):
        bearer, other = shop.logged_in("jane@example.com"), shop.logged_in("joe@example.com")
        guessed = shop.sign_up("new@example.com")
        flow = shop.send_code(guessed).body["token"]
        code = shop.code_to("new@example.com")
        another = shop.sign_up("other@example.com")

        def guess(typed):
            return shop.verify(flow, typed)

        def log_in(password=PASSWORD):
            return shop.post(LOGIN, {"email": "jane@example.com", "password": password})

        assert [guess(wrong(code)).body["attempts_remaining"] for _ in range(2)] == [4, 3]
        assert [log_in("wrong").status for _ in range(3)] == [401] * 3
        closed = {
            "log in": log_in,
            "log in wrongly": lambda: log_in("wrong"),
            "register": lambda: shop.post(f"{LOGIN}/register", {"email": "x@example.com", "password": PASSWORD}),
            "guess": lambda: guess(wrong(code)),
            "bring the right code": lambda: guess(code),
            "send a code": lambda: shop.send_code(another),
            "reset": lambda: shop.post(f"{LOGIN}/reset-password", {"identifier": "jane@example.com"}),
            "change contact": lambda: shop.post(f"{ME}/contact", {"email": "y@example.com"}, bearer),
            "code login": lambda: shop.post("/auth/customer/otp/generate", {"identifier": "jane@example.com"}),
            "leave": lambda: shop.post("/store/customers/account-deletion/request", {}, bearer),
            "open a session": lambda: shop.post("/auth/session", {}, bearer),
        }
        before = counts(shop)
        for fault, mend in ((limiter.stop, limiter.start), (limiter.freeze, limiter.thaw)):
            fault()
            for name, act in closed.items() if fault == limiter.stop else list(closed.items())[:2]:
                answer = act()
                assert (name, answer.status, answer.body) == (name, 503, UNAVAILABLE)
                assert answer.headers["retry-after"] == "5"
                assert answer.seconds < PATIENCE_SECONDS, name
            assert shop.get(ME, bearer).status == 200
            assert shop.post("/auth/token/refresh", {}, bearer).status == 200
            mend()
        assert counts(shop) == before

        assert shop.post(f"{ME}/logout-all", {}, other).status == 200
        assert [guess(wrong(code)).body["attempts_remaining"] for _ in range(3)] == [2, 1, 0]
        assert guess(code).body["code"] == "otp_attempts_exceeded"
        # Two at most are left of the five wrong passwords: one that hung may have been counted when Redis woke up.
        assert {log_in("wrong").status for _ in range(2)} <= {401, 429}
        assert log_in("wrong").status == 429
        assert log_in().status == 429
        assert shop.send_code(another).status == 200
