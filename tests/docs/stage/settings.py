"""The example project, in the time that a page has come to, with the tables that examples speak of."""

import os

from example_project.settings import *  # noqa: F403
from example_project.settings import ALLOWED_HOSTS, INSTALLED_APPS, MIDDLEWARE, TEMPLATES
from tests.docs.stage import clock

ALLOWED_HOSTS = [*ALLOWED_HOSTS, "shop.example.com"]
ROOT_URLCONF = "tests.docs.stage.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "tests.shop"]
MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")
if folder := os.environ.get("DOCS_FOLDER"):
    TEMPLATES[0]["DIRS"].append(f"{folder}/templates")
    LOGGING = {
        "version": 1,
        "handlers": {"file": {"class": "logging.FileHandler", "filename": f"{folder}/shop.log", "delay": True}},
        "root": {"handlers": ["file"], "level": "INFO"},
    }

clock.go_to(float(os.environ.get("DOCS_LATER", "0")))
