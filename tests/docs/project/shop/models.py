"""The tables that examples speak of."""

from tests.shop.models import Cart, Invoice, Order, Vendor

__all__ = ["Cart", "Invoice", "Order", "Vendor"]
