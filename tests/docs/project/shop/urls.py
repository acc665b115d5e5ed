"""The URLs of a shop: ours before the admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("customer_registration.urls")),
    path("django-admin/", admin.site.urls),
]
