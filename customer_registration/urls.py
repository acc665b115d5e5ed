"""Include at the site root, before Django's admin, or under any prefix."""

from django.urls import include, path

app_name = "customer_registration"

urlpatterns = [path("", include("customer_registration.api.urls"))]
