"""What the shop does when somebody signs up."""

from django.dispatch import receiver

from customer_registration.signals import customer_registered
from shop.models import Voucher


@receiver(customer_registered)
def welcome(*, customer, **_):
    """Give a voucher to somebody new."""
    Voucher.objects.create(customer=customer)
