"""The matrix has every public route, every limit that holds there, and no row or sentence that stands for nothing."""

from customer_registration.api.urls import urlpatterns
from customer_registration.ratelimits.rules import DEFAULT_RULES
from tests.security.matrix.documented import DOCUMENTED
from tests.security.matrix.modes import MODES
from tests.security.matrix.people import FACTORIES
from tests.security.matrix.table import LIMITS, ROWS, UNLIMITED

# Public, and they name nobody: a cookie's end, and paths that are no route.
ABOUT_NOBODY = {"session", "two-step-login", "unknown-auth", "unknown-store"}
GUARDED = {"mfa-challenge-verify"}  # by the token that came with the challenge; strangers try it all the same


def public_routes():
    """Return the names of the routes that a request reaches without a bearer or a cookie, by method."""
    routes = set()
    for pattern in urlpatterns:
        for method, action in pattern.callback.actions.items():
            view = pattern.callback.cls(**pattern.callback.initkwargs)
            view.action = action
            if not view.get_permissions():
                routes.add((pattern.name, method))
    return routes


def test_every_public_route_is_in_the_table():
    named = {name for name, method in public_routes() if not (name in ABOUT_NOBODY and method != "post")}
    named -= {"unknown-auth", "unknown-store"}
    assert {row.route for row in ROWS.values()} - GUARDED == named
    assert {name for name, _ in public_routes()} >= ABOUT_NOBODY


def test_every_route_says_what_its_requests_are_counted_by():
    assert {row.route for row in ROWS.values()} == {*LIMITS, *UNLIMITED}


def test_every_limit_of_a_public_route_is_driven_to_its_end():
    wanted = {
        (route, f"{rule} {limit}")
        for route, rules in LIMITS.items()
        for rule in rules
        for limit in DEFAULT_RULES[rule].split(",")
    }
    passed = {(row.route, row.past) for row in ROWS.values()}
    missing = {(route, limit) for route, limit in wanted if not passed & {(route, limit), (route, limit.split()[0])}}
    assert not missing


def test_every_sentence_is_about_rows_people_and_modes_that_exist():
    for each in DOCUMENTED:
        assert set(each.rows) <= set(ROWS), each.sentence
        assert set(each.people) <= set(FACTORIES), each.sentence
        assert set(each.modes) <= set(MODES), each.sentence
        assert each.points, each.sentence
