"""The routes of the app, and Django's admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("", include("customer_registration.urls")), path("admin/", admin.site.urls)]
