"""The same below ``shop/``."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("shop/admin/", admin.site.urls), path("shop/", include("customer_registration.urls"))]
