"""Ours and the app's."""

from django.urls import include, path

from shop import views

urlpatterns = [
    path("orders", views.Orders.as_view()),
    path("desk", views.Desk.as_view()),
    path("", include("customer_registration.urls")),
]
