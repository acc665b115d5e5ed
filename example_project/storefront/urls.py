"""The paths of the shop's pages, none with a trailing slash; messages link to the last three, under STOREFRONT_URL."""

from django.urls import path
from django.views.i18n import set_language

from example_project.storefront import account, links, views

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("language", set_language, name="set_language"),
    path("sign-up", views.SignUp.as_view(), name="sign-up"),
    path("log-in", views.LogIn.as_view(), name="log-in"),
    path("forgot-password", views.ForgotPassword.as_view(), name="forgot-password"),
    path("account", account.Account.as_view(), name="account"),
    path("account/leave", account.Leave.as_view(), name="leave"),
    path("keep-account", account.KeepAccount.as_view(), name="keep-account"),
    path("verify", links.VerifyContact.as_view(), name="verify"),
    path("reset-password", links.ResetPassword.as_view(), name="reset-password"),
    path("contact-change/undo", links.UndoContactChange.as_view(), name="undo-contact-change"),
]
