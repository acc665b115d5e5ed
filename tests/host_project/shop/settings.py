"""A shop in its tests: SQLite, mail in memory, and a text message gateway that is not there."""

import django

SECRET_KEY = "of a shop that sells nothing to anybody"
DEBUG = False
ROOT_URLCONF = "shop.urls"
STATIC_URL = "static/"  # wanted by Django's live server
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
PHONENUMBER_DEFAULT_REGION = "US"

INSTALLED_APPS = [
    "shop",
    "customer_registration",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTHENTICATION_BACKENDS = [
    "customer_registration.backends.EmailOrPhoneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a test waits for no hash
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
else:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

CUSTOMER_REGISTRATION = {
    "STOREFRONT_URL": "https://shop.example.com",
    "REGISTRATION": {"IDENTIFIER": "both"},
    "CHANNELS": {"email": ["django"], "sms": ["shop.gateway.GatewayBackend"]},
}
