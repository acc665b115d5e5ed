"""A small shop. Everything is read from the environment; nothing needs to be set for a first try."""

import json
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django
import environ

from customer_registration.beat import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=True)
# A shop in production sets its own; without DEBUG there is no default.
SECRET_KEY = env.str("SECRET_KEY", default="for-development-only-" + "x" * 40) if DEBUG else env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
STOREFRONT_URL = env.str("STOREFRONT_URL", default="http://localhost:8000")

# A shop on https is there on https alone: by nothing else do cookies travel, and plain requests are sent over to it.
HTTPS_ONLY = env.bool("HTTPS_ONLY", default=not DEBUG and STOREFRONT_URL.startswith("https://"))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS_ONLY
LANGUAGE_COOKIE_SAMESITE = "Lax"
# Browsers remember it for so long, for subdomains too, and nothing takes it back: an hour, until all of it works; then
# a year. Only with a year does "preload" mean anything, and only if somebody enters the domain in the browsers' list.
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=3600 if HTTPS_ONLY else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=HTTPS_ONLY)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=HTTPS_ONLY)
# How many proxies stand before the shop. Each must set both headers itself, whatever the client sent: by one of them
# we know that a request came over https, by the other where it came from.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None

ROOT_URLCONF = "example_project.urls"
WSGI_APPLICATION = "example_project.wsgi.application"
LANGUAGE_CODE = "en"
USE_I18N = True
# The languages of the shop, each by its own name; the pages' switch shows them in this order.
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("it", "Italiano"),
    ("pt-br", "Português (Brasil)"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("tr", "Türkçe"),
    ("ar", "العربية"),
    ("hi", "हिन्दी"),
    ("zh-hans", "简体中文"),
    ("ja", "日本語"),
]
LOCALE_PATHS = [BASE_DIR / "example_project" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False
CSRF_FAILURE_VIEW = "example_project.errors.csrf_failure"

INSTALLED_APPS = [
    "corsheaders",
    "customer_registration",
    "example_project.inbox",
    "example_project.storefront",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

# Figures for Prometheus, with the extra of that name: on /metrics, and the health on /health. In production both want
# METRICS_TOKEN, as "Authorization: Bearer …".
METRICS = find_spec("prometheus_client") is not None
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if METRICS:
    INSTALLED_APPS.append("customer_registration.contrib.prometheus")

# The admin looks as Django's own, or as django-unfold's ("unfold", with the extra of that name).
ADMIN_THEME = env.str("ADMIN_THEME", default="django")
if ADMIN_THEME == "unfold":
    INSTALLED_APPS.insert(INSTALLED_APPS.index("django.contrib.admin"), "unfold")

MIDDLEWARE = [
    "customer_registration.middleware.RequestIdMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "example_project" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Database: SQLite, ready for several processes, unless DATABASE_URL names another.
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'example.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE", timeout=20, init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    )
else:
    # A connection is kept for the next requests, and one that the server has ended meanwhile is noticed and replaced.
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
# PostgreSQL plans once what a connection asks again and again. A pooler that gives each transaction another connection
# may know nothing of that: then set PREPARED_STATEMENTS=0.
PREPARED_STATEMENTS = env.bool("PREPARED_STATEMENTS", default=True)
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql" and PREPARED_STATEMENTS:
    DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=3)

# Static files: straight from the apps while developing.
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "example_project" / "staticfiles"
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
# Seconds for which browsers keep them without asking again; while developing, not at all.
WHITENOISE_MAX_AGE = env.int("STATIC_MAX_AGE", default=0 if DEBUG else 60)

# Redis: cache and rate limits, if there is one.
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# Celery: without a broker, messages are delivered by the process that queued them.
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=None)
REDIS_BROKER = (CELERY_BROKER_URL or "").startswith("redis")
CELERY_BEAT_SCHEDULE = SCHEDULE
# A broker that hangs is given up on, not waited for.
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 5} if REDIS_BROKER else {}

# Mail goes to the inbox page while developing; a real server is named by EMAIL_URL.
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="shop@example.com")
INBOX_MAIL_BACKEND = "example_project.inbox.backends.EmailBackend"
EMAIL_URL = env.email_url("EMAIL_URL", default="") if env.str("EMAIL_URL", default="") else None
EMAIL_TIMEOUT_SECONDS = env.int("EMAIL_TIMEOUT", default=10)
if django.VERSION >= (6, 1):
    _mailer: dict[str, Any] = {"BACKEND": INBOX_MAIL_BACKEND}
    if EMAIL_URL:
        _names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL")
        _values = (EMAIL_URL.get(f"EMAIL_{name}") for name in _names)
        _pairs = zip(("host", "port", "username", "password", "use_tls", "use_ssl"), _values, strict=True)
        _options: dict[str, Any] = {option: value for option, value in _pairs if value}
        _options["timeout"] = EMAIL_TIMEOUT_SECONDS
        _mailer = {"BACKEND": EMAIL_URL["EMAIL_BACKEND"], "OPTIONS": _options}
    MAILERS = {"default": _mailer}
else:
    EMAIL_BACKEND = INBOX_MAIL_BACKEND
    EMAIL_TIMEOUT = EMAIL_TIMEOUT_SECONDS
    if EMAIL_URL:
        vars().update(EMAIL_URL)

# Logs: as Django has them, or one JSON object a line with the id of the request (LOG_FORMAT=json).
if env.str("LOG_FORMAT", default="") == "json":
    LOGGING = {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": "customer_registration.logs.ContextFilter"}},
        "formatters": {"json": {"()": "customer_registration.logs.JsonFormatter"}},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["context"]}},
        "root": {"handlers": ["stdout"], "level": "INFO"},
    }
    CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # else a worker puts its own handlers in the place of these

# So do text messages; a real service is named by APPRISE_URL, and takes the extra "apprise".
APPRISE_URL = env.str("APPRISE_URL", default="")
APPRISE_SMS_BACKEND = "customer_registration.messaging.backends.apprise.SMSBackend"
INBOX_SMS_BACKEND = "example_project.inbox.backends.SMSBackend"

AUTHENTICATION_BACKENDS = [
    "customer_registration.backends.EmailOrPhoneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "customer_registration.hashers.OWASPArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
PHONENUMBER_DEFAULT_REGION = env.str("PHONENUMBER_DEFAULT_REGION", default="US")

# Any origin may call the API while developing: a storefront under `npm run dev` has a port of its own.
CORS_ALLOW_ALL_ORIGINS = DEBUG
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_CREDENTIALS = True
CORS_EXPOSE_HEADERS = ["x-request-id"]
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "x-medusa-locale", "x-publishable-api-key"]
# Where storefronts with cookie sessions run, if not on the shop's own origin.
DEVELOPMENT_ORIGINS = [f"http://localhost:{port}" for port in (3000, 5173, 8000)]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=DEVELOPMENT_ORIGINS if DEBUG else [])
CORS_URLS_REGEX = r"^/(auth|store|admin|inbox)/.*$"

REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Customer registration",
    "DESCRIPTION": "Register, prove an address with a one-time code, log in.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {},
}


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return ``base`` with ``changes`` laid over it, dict by dict."""
    result = deepcopy(base)
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            value = merged(result[key], value)
        result[key] = value
    return result


# Every option can be tried without editing this file: CUSTOMER_REGISTRATION='{"OTP": {"LENGTH": 8}}'.
CUSTOMER_REGISTRATION = merged(
    {
        "STOREFRONT_URL": STOREFRONT_URL,
        "CHANNELS": {"email": ["django"], "sms": [APPRISE_SMS_BACKEND if APPRISE_URL else INBOX_SMS_BACKEND]},
        "RATE_LIMITS": {
            "STORAGE_URI": REDIS_URL or "memory://",
            "TRUSTED_PROXIES": TRUSTED_PROXIES,
            "STOREFRONT_SERVERS": env.list("STOREFRONT_SERVERS", default=[]),
        },
    },
    json.loads(env.str("CUSTOMER_REGISTRATION", default="{}")),
)
