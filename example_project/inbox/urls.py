"""The inbox page and its JSON; only while developing, since it shows codes."""

from django.urls import path

from example_project.inbox import views

urlpatterns = [
    path("inbox", views.Inbox.as_view(), name="inbox"),
    path("inbox/messages", views.messages, name="inbox-messages"),
]
