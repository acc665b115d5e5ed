"""Django's admin before the API, and out of its way."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("django-admin/", admin.site.urls), path("", include("customer_registration.urls"))]
