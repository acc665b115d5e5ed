"""Storefront accounts for Django, proven with one-time codes."""

__version__ = "0.1.0"
