"""A project that mounts ours under a prefix."""

from django.urls import include, path

from tests.openapi import host_urls

urlpatterns = [path("shop/", include("customer_registration.urls")), *host_urls.urlpatterns]
