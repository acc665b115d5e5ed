"""Rule 5 and row D17: every kind of secret at every place that takes one; only where it belongs is it accepted."""

import pytest

from customer_registration.api.urls import urlpatterns
from tests.security.kinds import KINDS
from tests.security.places import BELONGS, TOKENLESS, body_at, refusal, send, snapshot

DIAGONAL = [(kind, place) for place, kinds in BELONGS.items() for kind in kinds]


def test_the_matrix_knows_every_route():
    """A new route with a token belongs into ``BELONGS``; one without, into ``TOKENLESS``."""
    # Django adds a HEAD, which is the GET without its body.
    routes = {(each.name, method) for each in urlpatterns for method in each.callback.actions if method != "head"}
    known = {(place.route, place.method) for place in BELONGS}
    assert routes - known - TOKENLESS == set()
    assert (known | TOKENLESS) - routes == set()
    assert not known & TOKENLESS
    assert {kind for kinds in BELONGS.values() for kind in kinds} == set(KINDS)


@pytest.mark.parametrize(("kind", "place"), DIAGONAL, ids=lambda part: " ".join([part] if part in KINDS else part))
def test_d17_a_secret_is_accepted_where_it_belongs(wallet, kind, place):
    secret = wallet.make(kind)
    answer = send(place, secret, body_at(place, wallet, secret), wallet)
    assert answer.status_code in (200, 201), answer.content


@pytest.mark.parametrize("kind", KINDS)
def test_d17_a_secret_is_refused_everywhere_else_and_changes_nothing(wallet, kind):
    secret, complaints, tried = wallet.make(kind), [], 0
    for place, kinds in BELONGS.items():
        if kind in kinds:
            continue
        body = body_at(place, wallet, secret)
        before = snapshot()
        answer = send(place, secret, body, wallet)
        tried += 1
        expected = refusal(place, kind)
        right = (answer.status_code, answer.json()) == expected if expected else answer.status_code == 400
        if not right:
            complaints.append(f"{place}: {answer.status_code} {answer.content[:80]!r}")
        if snapshot() != before:
            complaints.append(f"{place}: something was stored")
    assert tried >= 12
    assert not complaints, "\n".join(complaints)


PUBLIC = [
    ("get", "/auth/customer/providers", None),
    ("post", "/auth/customer/emailpass", {"email": "nobody@example.com", "password": "wrong password"}),
    ("post", "/auth/customer/emailpass/register", {"email": "zoe@example.com", "password": "correct horse battery"}),
    ("post", "/auth/customer/emailpass/reset-password", {"identifier": "nobody@example.com"}),
    ("get", "/store/no/such/path", None),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_public_route_answers_whoever_holds_a_secret_like_a_stranger(wallet, kind):
    secret = wallet.make(kind)
    wallet.bearer("zoe")
    for method, path, body in PUBLIC:
        strange = wallet.api.request(method, path, body)
        held = wallet.api.request(method, path, body, token=secret.value, cookie=f"sessionid={secret.value}")
        assert (held.status_code, held.content) == (strange.status_code, strange.content), path
