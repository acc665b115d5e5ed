"""A small shop that shows customer_registration at work."""

from example_project.celery import app as celery_app

__all__ = ["celery_app"]
