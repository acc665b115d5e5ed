"""The paths that messages link to, under STOREFRONT_URL."""

from django.urls import path

from example_project.links import views

urlpatterns = [
    path("verify", views.VerifyContact.as_view(), name="verify"),
    path("reset-password", views.ResetPassword.as_view(), name="reset-password"),
    path("contact-change/undo", views.UndoContactChange.as_view(), name="undo-contact-change"),
]
