"""OpenAPI descriptions, for projects that install the ``schema`` extra; without it nothing here has an effect.

A view's method is described where it stands (`describe`); `inspector` tells drf-spectacular when a schema is asked for.
Components are called ``…Object``, ``…Answer``, ``…Body`` and ``…Error``, which a project's own serializers seldom are.
"""

from django.apps import apps

from customer_registration.api.schema.operations import Operation, describe

__all__ = ["Operation", "describe"]

if apps.is_installed("drf_spectacular"):
    # A project's own views may authenticate by our classes, and be described before any of ours.
    from customer_registration.api.schema import extensions  # noqa: F401
