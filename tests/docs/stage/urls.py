"""The example's pages, a route of the shop's own, and the stage door."""

from django.urls import path

from example_project.urls import handler404 as handler404
from example_project.urls import urlpatterns as example
from tests.docs.stage import views

urlpatterns = [
    path("-/empty", views.empty),
    path("-/options", views.choose),
    path("-/unlimited", views.forget_limits),
    path("-/later", views.later),
    path("-/customer", views.name_customer),
    path("-/staff", views.make_staff),
    path("store/points", views.points),
    *example,
]
