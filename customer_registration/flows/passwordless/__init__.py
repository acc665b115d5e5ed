"""Codes that people bring with nothing but their identifier: log in and register without a password, two-step login."""
