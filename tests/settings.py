"""The example project on a database of the test run's choice, with fast hashes where no test is about them."""

import os

import django

os.environ.setdefault("DEBUG", "0")
os.environ.setdefault("SECRET_KEY", "for-tests-only-" + "t" * 40)
if os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
else:
    os.environ["DATABASE_URL"] = "sqlite://:memory:"
foreign = ("CUSTOMER_REGISTRATION", "REDIS_URL", "CELERY_BROKER_URL", "EMAIL_URL", "APPRISE_URL", "STOREFRONT_URL")
for name in (*foreign, "STOREFRONT_SERVERS", "TRUSTED_PROXIES", "HTTPS_ONLY"):
    os.environ.pop(name, None)
# Most projects have Django put the values into the statements.
os.environ["PREPARED_STATEMENTS"] = os.environ.get("TEST_PREPARED_STATEMENTS", "0")

from example_project.settings import *  # noqa: E402, F403
from example_project.settings import DATABASES, INSTALLED_APPS, MIDDLEWARE  # noqa: E402

DATABASES["default"]["ATOMIC_REQUESTS"] = os.environ.get("TEST_ATOMIC_REQUESTS") == "1"
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # No commit waits for the disk: what a crash of the whole server would lose is lost to no other connection.
    options = DATABASES["default"].setdefault("OPTIONS", {})
    options.setdefault("options", "-c synchronous_commit=off")
    if level := os.environ.get("TEST_ISOLATION_LEVEL"):
        options["isolation_level"] = int(level)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"].pop("init_command")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
# Whitenoise wants the folder that collectstatic makes.
MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")
# The answers that may not differ are compared whole; an id of each request's own does. See tests/monitoring.
MIDDLEWARE.remove("customer_registration.middleware.RequestIdMiddleware")
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
else:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CUSTOMER_REGISTRATION = {
    "STOREFRONT_URL": "https://shop.example.com",
    "CHANNELS": {"email": ["django"], "sms": ["example_project.inbox.backends.SMSBackend"]},
}
# The suite runs on three user models: auth.User, user_models.EmailUser and user_models.PhoneUser.
AUTH_USER_MODEL = os.environ.get("TEST_USER_MODEL") or "auth.User"
if AUTH_USER_MODEL != "auth.User":
    INSTALLED_APPS = [*INSTALLED_APPS, "tests.user_models"]
if AUTH_USER_MODEL == "user_models.PhoneUser":
    # Most tests register by e-mail, so the phone is not known yet. By phone: tests/api/test_phone_usernames.py.
    CUSTOMER_REGISTRATION["USER_ADAPTER"] = "tests.user_models.adapters.NamedByIdAdapter"
