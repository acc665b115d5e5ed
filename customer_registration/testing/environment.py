"""Refuse to work where real people are."""


class NotATest(RuntimeError):
    """The test kit was used outside of tests: it makes people with a known password, and tells codes."""


def require_tests() -> None:
    """Make sure that Django's test environment is set up, as pytest-django and ``manage.py test`` do.

    Raises:
        NotATest: it is not.
    """
    from django.test import utils

    if not hasattr(utils._TestState, "saved_data"):
        raise NotATest("customer_registration.testing works in tests only, after setup_test_environment().")
