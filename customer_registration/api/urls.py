"""Routes in the order they are tried.

What is asked most comes first; fixed paths under ``/auth`` come before ``/auth/{actor}/{provider}``.
"""

from django.urls import path, re_path

from customer_registration.api.admin.deletion_requests import DeletionRequestViewSet
from customer_registration.api.auth.identities import IdentityViewSet
from customer_registration.api.auth.mfa import FactorViewSet, MfaChallengeViewSet, RecoveryCodesViewSet
from customer_registration.api.auth.passwordless import CodeViewSet
from customer_registration.api.auth.passwords import PasswordResetViewSet
from customer_registration.api.auth.sessions import RefreshViewSet, SessionViewSet
from customer_registration.api.auth.verification import VerificationConfirmViewSet, VerificationRequestViewSet
from customer_registration.api.base import UnknownPathViewSet, UnknownStorePathViewSet
from customer_registration.api.store.account import (
    ContactUndoViewSet,
    ContactViewSet,
    LogoutAllViewSet,
    PasswordViewSet,
)
from customer_registration.api.store.auth import TwoStepViewSet
from customer_registration.api.store.customers import CustomersViewSet, MeViewSet
from customer_registration.api.store.deletion import DeletionCodeViewSet, DeletionViewSet
from customer_registration.api.store.otp import OtpViewSet

ANY_METHOD = dict.fromkeys(("get", "post", "put", "patch", "delete", "options"), "not_found")

urlpatterns = [
    path(
        "store/customers/me",
        MeViewSet.as_view({"get": "retrieve", "post": "update", "patch": "update"}),
        name="me",
    ),
    path("auth/token/refresh", RefreshViewSet.as_view({"post": "create"}), name="token-refresh"),
    path("store/customers", CustomersViewSet.as_view({"post": "create"}), name="customers"),
    path(
        "store/auth",
        TwoStepViewSet.as_view({"post": "begin", "get": "retrieve", "delete": "destroy"}),
        name="two-step-login",
    ),
    path("store/auth/otp", TwoStepViewSet.as_view({"post": "finish"}), name="two-step-login-code"),
    path("store/customers/me/contact", ContactViewSet.as_view({"post": "create"}), name="contact"),
    path("store/customers/me/contact/verify", ContactViewSet.as_view({"post": "verify"}), name="contact-verify"),
    path("store/customers/me/password", PasswordViewSet.as_view({"post": "create"}), name="password"),
    path("store/customers/me/logout-all", LogoutAllViewSet.as_view({"post": "create"}), name="logout-all"),
    path("store/customers/contact/undo", ContactUndoViewSet.as_view({"post": "create"}), name="contact-undo"),
    path("store/customers/otp/send", OtpViewSet.as_view({"post": "send"}), name="otp-send"),
    path("store/customers/otp/verify", OtpViewSet.as_view({"post": "verify"}), name="otp-verify"),
    path(
        "store/customers/account-deletion/request", DeletionViewSet.as_view({"post": "create"}), name="deletion-request"
    ),
    path(
        "store/customers/account-deletion/confirm",
        DeletionCodeViewSet.as_view({"post": "confirm"}),
        name="deletion-confirm",
    ),
    path(
        "store/customers/account-deletion/cancel-request",
        DeletionCodeViewSet.as_view({"post": "ask_to_cancel"}),
        name="deletion-cancel-request",
    ),
    path(
        "store/customers/account-deletion/cancel-confirm",
        DeletionCodeViewSet.as_view({"post": "cancel"}),
        name="deletion-cancel-confirm",
    ),
    path("auth/session", SessionViewSet.as_view({"post": "create", "delete": "destroy"}), name="session"),
    path(
        "auth/verification/request",
        VerificationRequestViewSet.as_view({"post": "create"}),
        name="verification-request",
    ),
    path(
        "auth/verification/confirm",
        VerificationConfirmViewSet.as_view({"post": "create"}),
        name="verification-confirm",
    ),
    path("auth/mfa/factors", FactorViewSet.as_view({"get": "list", "post": "create"}), name="mfa-factors"),
    path("auth/mfa/factors/<str:factor_id>", FactorViewSet.as_view({"delete": "destroy"}), name="mfa-factor"),
    path(
        "auth/mfa/factors/<str:factor_id>/verify", FactorViewSet.as_view({"post": "verify"}), name="mfa-factor-verify"
    ),
    path("auth/mfa/recovery-codes", RecoveryCodesViewSet.as_view({"post": "create"}), name="mfa-recovery-codes"),
    path(
        "auth/mfa/challenges/<str:challenge_id>/verify",
        MfaChallengeViewSet.as_view({"post": "verify"}),
        name="mfa-challenge-verify",
    ),
    path("auth/<str:actor>/providers", IdentityViewSet.as_view({"get": "providers"}), name="providers"),
    path("auth/<str:actor>/otp", CodeViewSet.as_view({"post": "log_in"}), name="code-login"),
    path("auth/<str:actor>/otp/generate", CodeViewSet.as_view({"post": "generate"}), name="code-generate"),
    path("auth/<str:actor>/otp/verify", CodeViewSet.as_view({"post": "verify"}), name="code-verify"),
    path("auth/<str:actor>/otp/pre-register", CodeViewSet.as_view({"post": "pre_register"}), name="code-pre-register"),
    path("auth/<str:actor>/otp/register", CodeViewSet.as_view({"post": "register"}), name="code-register"),
    path("auth/<str:actor>/<str:provider>", IdentityViewSet.as_view({"post": "login"}), name="login"),
    path("auth/<str:actor>/<str:provider>/register", IdentityViewSet.as_view({"post": "register"}), name="register"),
    path(
        "auth/<str:actor>/<str:provider>/reset-password",
        PasswordResetViewSet.as_view({"post": "create"}),
        name="reset-password",
    ),
    path("auth/<str:actor>/<str:provider>/update", PasswordResetViewSet.as_view({"post": "update"}), name="update"),
    path(
        "admin/account-deletion-requests",
        DeletionRequestViewSet.as_view({"get": "list"}),
        name="admin-deletion-requests",
    ),
    path(
        "admin/account-deletion-requests/<str:request_id>",
        DeletionRequestViewSet.as_view({"get": "retrieve"}),
        name="admin-deletion-request",
    ),
    # No end anchor: "." and "$" would let a line break in the path lead out of the API.
    re_path(r"^auth/", UnknownPathViewSet.as_view(ANY_METHOD), name="unknown-auth"),
    re_path(r"^store/", UnknownStorePathViewSet.as_view(ANY_METHOD), name="unknown-store"),
]
