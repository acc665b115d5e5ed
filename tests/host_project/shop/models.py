"""What the shop sells, and to whom."""

from django.db import models

from customer_registration.models import Customer


class Order(models.Model):
    """One order of one customer."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="orders")
    item = models.CharField(max_length=100)
    placed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.item} for {self.customer_id}"


class Voucher(models.Model):
    """A welcome to who has just signed up."""

    customer = models.OneToOneField(Customer, models.CASCADE, related_name="voucher")
    percent = models.PositiveSmallIntegerField(default=10)

    def __str__(self) -> str:
        return f"{self.percent} % for {self.customer_id}"
