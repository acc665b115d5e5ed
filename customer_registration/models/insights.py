"""What the insights page shows: how many, by day. No row says anything of a person."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from customer_registration.models.otp_verification import CHANNEL_MAX_LENGTH


class Tally(models.Model):
    """How many of a kind there were on a day; what does not apply is empty."""

    day = models.DateField()
    figure = models.CharField(max_length=16)
    channel = models.CharField(max_length=CHANNEL_MAX_LENGTH, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    reason = models.CharField(max_length=24, blank=True, default="")
    count = models.PositiveBigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.day} {self.figure} {self.channel} {self.country} {self.reason}: {self.count}"


class DailyFigure(Tally):
    """A figure as it was counted last."""

    class Meta:
        verbose_name = _("insight")
        verbose_name_plural = _("insights")
        default_permissions = ("view",)
        permissions: ClassVar = [("count_dailyfigure", "Can bring the insights up to date")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "figure", "channel", "country", "reason"],
                name="customer_registration_one_figure_a_day",
            ),
        ]


class KeptFigure(Tally):
    """What messages counted for that are gone: written as they are deleted, added to those that are there.

    No figure is unique here, so that whoever deletes waits for nobody.
    """

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["day"], name="cr_kept_figure_day")]


class CountedDay(models.Model):
    """A day that has been counted. Whoever counts it holds the row; once settled, its figures change no more."""

    day = models.DateField(unique=True)
    counted_at = models.DateTimeField(null=True)
    is_settled = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.day)
