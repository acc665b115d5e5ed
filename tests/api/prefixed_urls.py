"""The API under a prefix."""

from django.urls import include, path

urlpatterns = [path("shop/api/", include("customer_registration.urls"))]
