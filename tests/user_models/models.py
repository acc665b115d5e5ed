"""User models as projects have them: the e-mail address or the phone number is the username."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models


class UserManager(BaseUserManager["BaseUser"]):
    """Create users by whatever the model calls them."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "BaseUser":
        """Save and return a user."""
        user = self.model(**{self.model.USERNAME_FIELD: username}, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, password: str | None = None, **fields: Any) -> "BaseUser":
        """Save and return a user who may do everything."""
        username = fields.pop(self.model.USERNAME_FIELD)
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class BaseUser(AbstractBaseUser, PermissionsMixin):
    """What Django's admin asks of a user."""

    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    objects = UserManager()

    class Meta:
        abstract = True


class EmailUser(BaseUser):
    """The e-mail address is the username."""

    email = models.EmailField(unique=True)

    USERNAME_FIELD = "email"

    class Meta:
        # Of the two only the project's user model exists, or their groups would clash.
        swappable = "AUTH_USER_MODEL"


class PhoneUser(BaseUser):
    """The phone number is the username."""

    phone = models.CharField(max_length=32, unique=True)
    email = models.EmailField(null=True, blank=True)

    USERNAME_FIELD = "phone"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        swappable = "AUTH_USER_MODEL"
