"""The stage door: begin anew with other options, let time pass, make a member of staff."""

import json
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.test import override_settings
from django.views.decorators.csrf import csrf_exempt

from customer_registration import ratelimits
from customer_registration.models import Customer
from example_project.settings import merged
from tests.docs.stage import clock

KEPT = ("django_migrations", "django_content_type", "auth_permission")
PLAIN = settings.CUSTOMER_REGISTRATION


@csrf_exempt
def choose(request: HttpRequest) -> JsonResponse:
    """Have the options of the body, over the plain ones."""
    override_settings(CUSTOMER_REGISTRATION=merged(PLAIN, json.loads(request.body))).enable()
    return JsonResponse({})


@csrf_exempt
def empty(request: HttpRequest) -> JsonResponse:
    """Be an empty shop, now."""
    clock.go_to(0)
    tables = [name for name in connection.introspection.table_names() if name not in KEPT]
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables, reset_sequences=True))
    cache.clear()
    ratelimits.reset()
    return JsonResponse({})


@csrf_exempt
def forget_limits(request: HttpRequest) -> JsonResponse:
    """Count all limits from nothing, wherever they are counted."""
    ratelimits.reset()
    return JsonResponse({})


@csrf_exempt
def later(request: HttpRequest) -> JsonResponse:
    """Be so many seconds later than before; answer how many it is later than it really is."""
    clock.go_to(clock.seconds + json.loads(request.body)["seconds"])
    return JsonResponse({"seconds": clock.seconds})


@csrf_exempt
def name_customer(request: HttpRequest) -> JsonResponse:
    """Answer with the id of who has a contact."""
    contact = json.loads(request.body)["contact"]
    return JsonResponse({"id": Customer.objects.get(Q(email=contact) | Q(phone=contact)).pk})


@csrf_exempt
def make_staff(request: HttpRequest) -> JsonResponse:
    """Make a member of staff who may do everything."""
    body: dict[str, Any] = json.loads(request.body)
    get_user_model().objects.create_superuser(username="boss", **body)
    return JsonResponse({})


def points(request: HttpRequest) -> JsonResponse:
    """Answer as a route of the project's own."""
    return JsonResponse({"points": 7})
