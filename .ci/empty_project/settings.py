# What the README says to add, and nothing else that the app would need.
INSTALLED_APPS += ["customer_registration"]  # noqa: F821  # appended to the project's own
AUTHENTICATION_BACKENDS = [
    "customer_registration.backends.EmailOrPhoneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
CUSTOMER_REGISTRATION = {"STOREFRONT_URL": "https://shop.example.com"}
ALLOWED_HOSTS = ["testserver"]
