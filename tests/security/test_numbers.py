"""Every number that is promised, and the tests over HTTP that show it: with the defaults."""

from importlib import import_module

import pytest

from customer_registration.conf import Config
from customer_registration.ratelimits.rules import DEFAULT_RULES

SENDING, LOGIN, GUESSES = "api.test_sending_limits", "api.test_login_limits", "api.test_otp_guesses"
ADDRESSES, LOCKS, CODES = "security.test_address_limits", "security.test_lock_outs", "api.test_code_limits"
EXACT = "security.test_exact_limits"
ANY_ROAD = "test_five_an_hour_and_ten_a_day_over_resends_and_flows"
ONE_ROAD, FROM_ONE_ADDRESS = "test_ten_a_day_by_one_road", "test_twenty_an_hour_from_one_address_whoever_they_are_for"
RESETS, CHANGES = "test_five_reset_links_an_hour_and_ten_a_day", "test_five_contact_changes_an_hour_and_ten_a_day"

# The options that are numbers of `security.md`, and their defaults.
OPTIONS = {
    "otp.max_attempts": 5,
    "second_factor.max_attempts": 5,
    "email_verification.resend_throttle_seconds": 90,
    "phone_verification.resend_throttle_seconds": 60,
    "password_reset.resend_throttle_seconds": 120,
    "two_step_login.resend_throttle_seconds": 30,
    "rate_limits.trusted_proxies": 0,
    "rate_limits.storefront_servers": (),
}
NUMBERS = {
    "otp.max_attempts": [
        f"{GUESSES}:test_c2_five_guesses_then_the_right_code_is_refused_too",
        f"{CODES}:test_c2_after_the_guesses_the_right_code_is_refused_too",
    ],
    "second_factor.max_attempts": [
        "api.test_mfa_challenges:test_five_wrong_codes_and_the_challenge_is_closed_for_the_right_one_too"
    ],
    "code_failed 10/d/key": [
        "unit.test_guess_budget:test_another_code_buys_no_more_guesses",
        f"{CODES}:test_past_the_days_ten_the_right_code_is_refused_whoever_asks",
        f"{EXACT}:test_ten_wrong_codes_a_day",
    ],
    "code_failed 1/15m/key": [f"{CODES}:test_past_the_ten_there_is_one_guess_a_quarter_of_an_hour"],
    "code_failed 100/30d/key": ["security.test_passwordless_codes:test_c4_one_month_is_a_hundred_compares"],
    "what clears wrong codes": [
        f"{CODES}:test_past_the_ten_there_is_one_guess_a_quarter_of_an_hour",  # a success
        f"{GUESSES}:test_a_login_clears_the_daily_cap_and_a_refused_one_does_not",
        "commands.test_unlock_customer:test_ten_wrong_codes_of_strangers_are_forgotten",
    ],
    "email_verification.resend_throttle_seconds": [
        f"{GUESSES}:test_resending_inside_the_throttle_is_429_for_known_and_unknown"
    ],
    "phone_verification.resend_throttle_seconds": [f"{CODES}:test_the_throttle_is_that_of_verifying_the_channel"],
    "password_reset.resend_throttle_seconds": [
        "api.test_password_reset:test_inside_the_throttle_it_is_still_201_and_nothing_is_sent"
    ],
    "two_step_login.resend_throttle_seconds": ["api.test_two_step_login:test_the_first_step_has_a_throttle_of_its_own"],
    "code_send 5/h/key": [f"{SENDING}:{ANY_ROAD}", f"{EXACT}:test_five_codes_an_hour"],
    "code_send 10/d/key": [f"{SENDING}:{ANY_ROAD}", f"{SENDING}:{ONE_ROAD}"],
    "code_send 20/h/ip": [f"{SENDING}:{FROM_ONE_ADDRESS}"],
    "password_reset 5/h/key": [f"{SENDING}:{RESETS}"],
    "password_reset 10/d/key": [f"{SENDING}:{RESETS}"],
    "password_reset 20/h/ip": [f"{SENDING}:test_twenty_resets_an_hour_from_one_address"],
    "contact_change 5/h/key": [f"{SENDING}:{CHANGES}_whatever_they_change_to"],
    "contact_change 10/d/key": [f"{SENDING}:{CHANGES}_whatever_they_change_to"],
    "contact_change 20/h/ip": [f"{SENDING}:test_twenty_contact_changes_an_hour_from_one_address"],
    "account_deletion 5/h/key": [f"{SENDING}:test_five_requests_to_leave_an_hour_and_ten_a_day"],
    "account_deletion 10/d/key": [f"{SENDING}:{ONE_ROAD}"],
    "account_deletion 20/h/ip": [f"{SENDING}:{FROM_ONE_ADDRESS}"],
    "login_failed 5/5m/key+ip": [
        f"{LOGIN}:test_the_sixth_wrong_password_is_429_and_so_is_the_right_one_from_there",
        f"{EXACT}:test_five_wrong_passwords",
    ],
    "login_failed 10/m/ip": [
        f"{ADDRESSES}:test_d3_a_login_of_ones_own_between_guesses_clears_nothing",
        f"{LOCKS}:test_d8_the_pair_and_the_address_count",
    ],
    "login 60/m/ip": [f"{LOGIN}:test_sixty_logins_a_minute_from_one_address"],
    "register 20/h/ip": ["api.test_register:test_twenty_registrations_an_hour_from_one_address"],
    "rate_limits.trusted_proxies": [
        f"{ADDRESSES}:test_d5_without_proxies_a_hundred_forwarded_headers_are_one_key",
        f"{ADDRESSES}:test_d5_behind_one_proxy_the_last_entry_alone_counts",
        f"{ADDRESSES}:test_d6_the_addresses_of_one_64_share_a_key",
        f"{ADDRESSES}:test_d6_a_mapped_address_is_the_ipv4_address_it_maps",
    ],
    "rate_limits.storefront_servers": [f"{SENDING}:test_the_shops_own_server_names_its_visitors_and_nobody_else_does"],
    "never a permanent lock": [
        f"{LOGIN}:test_the_sixth_wrong_password_is_429_and_so_is_the_right_one_from_there",
        f"{LOCKS}:test_c14_a_thousand_failures_from_a_thousand_addresses_keep_nobody_out",
    ],
    "two windows at once": [f"{ADDRESSES}:test_d7_two_windows_hold_side_by_side", f"{SENDING}:{ANY_ROAD}"],
}
NO_NUMBERS = {"what clears wrong codes", "never a permanent lock", "two windows at once"}


def test_every_number_is_in_the_list():
    limits = {f"{rule} {limit}" for rule, text in DEFAULT_RULES.items() for limit in text.split(",")}
    assert set(NUMBERS) - NO_NUMBERS == limits | set(OPTIONS)


def test_the_options_are_as_promised():
    chosen = Config()
    for path, default in OPTIONS.items():
        section, name = path.split(".")
        assert getattr(getattr(chosen, section), name) == default, path


@pytest.mark.parametrize("number", NUMBERS)
def test_each_has_its_tests(number):
    for test in NUMBERS[number]:
        module, name = test.split(":")
        assert callable(getattr(import_module(f"tests.{module}"), name)), test
