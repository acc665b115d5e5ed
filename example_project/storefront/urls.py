"""The paths of the shop's pages, none with a trailing slash."""

from django.urls import path
from django.views.i18n import set_language

from example_project.storefront import views

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("language", set_language, name="set_language"),
]
