"""Tables of a project, which refer to customers and users in every way that a project's may."""

# ruff: noqa: DJ008  nobody reads the names of these rows

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models.functions import Lower, Upper
from phonenumber_field.modelfields import PhoneNumberField

from customer_registration.models import Customer


class ShopModel(models.Model):
    """Belongs to the shop, also while that is not installed."""

    class Meta:
        abstract = True
        app_label = "shop"


class Order(ShopModel):
    """Must outlive nobody: a customer with orders cannot be deleted."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="orders")


class Invoice(ShopModel):
    """Restricts the deletion of its customer."""

    customer = models.ForeignKey(Customer, models.RESTRICT, related_name="invoices")


class Shipment(ShopModel):
    """Is left to the database, which refuses to delete what it refers to, at the commit or at once."""

    customer = models.ForeignKey(Customer, models.DO_NOTHING, related_name="shipments")


class Cart(ShopModel):
    """Goes with its user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="carts")


class CartLine(ShopModel):
    """Goes with its cart."""

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")


class Pledge(ShopModel):
    """Holds on to a line of a cart, and so to whoever the cart belongs to."""

    line = models.ForeignKey(CartLine, models.PROTECT)


class Wishlist(ShopModel):
    """Outlives its owner."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="wishlists")


class Segment(ShopModel):
    """A group of customers for marketing."""

    members = models.ManyToManyField(Customer, related_name="segments")


class WideUser(AbstractBaseUser, ShopModel):
    """A user model with a field of every kind, and no ``is_active``."""

    handle = models.CharField(max_length=40, unique=True)
    tenant = models.CharField(max_length=40)
    nickname = models.CharField(max_length=40)
    street = models.CharField(max_length=40)
    city = models.CharField(max_length=40)
    code = models.CharField(max_length=6, unique=True)
    phone = PhoneNumberField(unique=True)
    mobile = models.CharField(max_length=20, unique=True, null=True)
    biography = models.TextField()
    title = models.CharField(max_length=20, default="none")
    preferences = models.JSONField(default=dict)
    tags = models.JSONField(default=list)
    answers = models.JSONField(null=True)
    avatar = models.FileField(upload_to="avatars")
    contract = models.FileField(upload_to="contracts", null=True)
    badge = models.FileField(default="badges/everybody.png")
    fingerprint = models.BinaryField()
    last_ip = models.GenericIPAddressField(null=True)
    born = models.DateField(null=True)
    joined = models.DateField()
    manager = models.ForeignKey("self", models.SET_NULL, null=True)
    shouted = models.GeneratedField(
        expression=Upper("biography"), output_field=models.CharField(max_length=200), db_persist=True
    )

    USERNAME_FIELD = "handle"

    class Meta(ShopModel.Meta):
        unique_together: ClassVar = [("tenant", "nickname")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["street", "city"], name="shop_wide_user_place")]


class CaselessUser(AbstractBaseUser, ShopModel):
    """A user model whose address is unique whatever its case, where the database can say so."""

    email = models.EmailField()

    USERNAME_FIELD = "email"

    class Meta(ShopModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="shop_caseless_user_email")]


class Vendor(ShopModel):
    """Somebody who sells in the shop and logs in by a code: an actor type of the project's own."""

    handle = models.CharField(max_length=40, unique=True)
    contact_email = models.EmailField(blank=True)
    billing_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=20, blank=True)
    username = models.CharField(max_length=150, blank=True)  # of a Django user, if they have one
    is_active = models.BooleanField(default=True)


TABLES = (Order, Invoice, Shipment, Cart, CartLine, Pledge, Wishlist, Segment, WideUser, CaselessUser, Vendor)
