"""Support staff at the pages of customers, codes and events; and customers who are rows, without a sign-up."""

from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customer_registration.models import Customer
from tests.conftest import new_user

EMAIL, PHONE = "jane@xn--bcher-kva.example", "+14155552671"
ALL = ("view", "send_code", "reset_password", "end_sessions", "unlock")


class Support:
    """A member of the support staff in a browser."""

    def __init__(self, commit: Any, *codenames: str, name: str = "clerk") -> None:
        self.user = new_user(name, f"{name}@staff.example.com", is_staff=True)
        self.user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        assert self.user.user_permissions.count() == len(codenames)
        self.commit, self.client = commit, Client()
        self.client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")

    def listing(self, model: str = "customer", **query: str) -> Any:
        """Open a list."""
        return self.client.get(reverse(f"admin:customer_registration_{model}_changelist"), query)

    def found(self, text: str = "", model: str = "customer", **query: str) -> list[Any]:
        """Return the keys that a list shows."""
        answer = self.listing(model, q=text, **query)
        assert answer.status_code == 200, (text, query)
        return [row.pk for row in answer.context["cl"].result_list]

    def page(self, row: Any) -> Any:
        """Open the page of a row."""
        answer = self.client.get(reverse(f"admin:customer_registration_{row._meta.model_name}_change", args=[row.pk]))
        assert answer.status_code == 200
        return answer

    def do(self, action: str, *rows: Any, **fields: str) -> Any:
        """Say yes to an action on customers."""
        sent = {"action": action, "_selected_action": [row.pk for row in rows], "confirmed": "yes", **fields}
        with self.commit(execute=True):
            return self.client.post(reverse("admin:customer_registration_customer_changelist"), sent, follow=True)


def customer(name: str = "jane", **fields: Any) -> Customer:
    """Store a customer whose e-mail is proven and whose phone is not, unless said otherwise."""
    user_fields = {key: fields.pop(key) for key in ("is_staff", "is_active") if key in fields}
    now = timezone.now()
    user = new_user(f"{name}-user", f"{name}@users.example.com", **user_fields)
    return Customer.objects.create(**{"user": user, "registered_at": now, "email_verified_at": now, **fields})
