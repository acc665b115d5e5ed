"""The pages of somebody's own account: what the shop knows of them, how they log in, and the way out and back."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customer_registration.conf import config
from customer_registration.enums import FactorProvider, IdentifierKind
from customer_registration.exceptions import ChannelUnavailable, FactorUnavailable
from customer_registration.flows import claims, passwords
from customer_registration.flows.second_factor import authenticator
from customer_registration.flows.second_factor.sending import contact_for
from customer_registration.flows.verification import channel_of
from customer_registration.models import Customer, RecoveryCode, SecondFactor
from example_project.storefront.account_forms import (
    CompanyForm,
    EmailForm,
    KeepAccountForm,
    LeaveForm,
    NameForm,
    PasswordForm,
    PhoneForm,
)
from example_project.storefront.account_texts import account_texts, keep_texts, leave_texts
from example_project.storefront.pages import ShopView
from example_project.storefront.texts import texts
from example_project.storefront.views import password_provider

CONTACT_LABELS = {IdentifierKind.EMAIL: _("E-mail address"), IdentifierKind.PHONE: _("Phone number")}


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as its row shows it: what it is, if there is one, and whether it is proven."""

    kind: str
    label: Any
    value: str
    is_proven: bool


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor as its row shows it: its id and where its codes go, if it is in force."""

    provider: str
    id: str = ""
    since: Any = None
    contact: str = ""


def is_reached(kind: IdentifierKind) -> bool:
    """Whether the shop can send to contacts of a kind."""
    try:
        channel_of(kind)
    except ChannelUnavailable:
        return False
    return True


def knows_apps() -> bool:
    """Whether the server has what authenticator apps take."""
    try:
        authenticator.require_libraries(authenticator.TO_ENROL)
    except FactorUnavailable:
        return False
    return True


class AccountView(ShopView):
    """A page of somebody who is logged in."""

    needs_login = True

    @property
    def owner(self) -> Customer:
        """Who is logged in; strangers have been sent away."""
        assert self.customer is not None  # noqa: S101  # nosec B101  # for the type checker
        return self.customer


class Account(AccountView):
    """What the shop knows of somebody, a row and an action each."""

    template_name = "storefront/account.html"
    title = _("Your account")
    module = "storefront/account.js"

    def contacts(self) -> list[Contact]:
        """Return the contacts that there are or that may be added."""
        now = timezone.now()
        rows = []
        for kind, label in CONTACT_LABELS.items():
            shown = claims.shown(self.owner, kind, now=now)
            if shown or is_reached(kind):
                is_proven = bool(shown) and self.owner.has_verified(kind)
                rows.append(Contact(kind.value, label, shown.value if shown else "", is_proven))
        return rows

    @cached_property
    def factors(self) -> list[Factor]:
        """The second factors that are in force or may be set up."""
        enabled = SecondFactor.objects.enabled().filter(customer=self.owner) if self.owner.has_second_factor else ()
        held = {each.provider: each for each in enabled}
        offered = [FactorProvider.TOTP] if knows_apps() or FactorProvider.TOTP in held else []
        return [self._factor(provider, held.get(provider)) for provider in (*offered, FactorProvider.OTP)]

    def _factor(self, provider: FactorProvider, row: SecondFactor | None) -> Factor:
        kind = IdentifierKind(row.contact_kind) if row and row.contact_kind else IdentifierKind.PHONE
        contact = contact_for(self.owner, kind, came_by=None) if provider == FactorProvider.OTP else None
        value = contact.value if contact else ""
        return Factor(provider.value, row.pk, row.enabled_at, value) if row else Factor(provider.value, contact=value)

    def shop_settings(self) -> dict[str, Any]:
        """Tell the module who is logged in."""
        return super().shop_settings() | {"customer_id": self.owner.pk}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows, and a form for each that is written into."""
        owner = self.owner
        contacts = self.contacts()
        name = {"first_name": owner.first_name, "last_name": owner.last_name}
        recovery_codes = RecoveryCode.objects.filter(customer=owner, used_at=None) if owner.has_second_factor else None
        return super().get_context_data(
            contacts=contacts,
            contact={contact.kind: contact for contact in contacts},
            full_name=" ".join(filter(None, name.values())),
            has_proven_contact=any(contact.is_proven for contact in contacts),
            takes_passwords=password_provider(config().login_mode) is not None,
            has_password=passwords.has_password(owner),
            login_name=next((contact.value for contact in contacts if contact.value), ""),
            factors=self.factors,
            recovery_left=recovery_codes.count() if recovery_codes is not None else 0,
            forms={
                "name": NameForm(initial=name),
                "company": CompanyForm(initial={"company_name": owner.company_name}),
                "email": EmailForm(),
                "phone": PhoneForm(),
                "password": PasswordForm(),
            },
            texts=texts() | {"account": account_texts()},
            **kwargs,
        )


class Leave(AccountView):
    """Say what becomes of the account, and delete it once a code is brought."""

    template_name = "storefront/leave.html"
    title = _("Leave the shop")
    module = "storefront/leave.js"

    def shop_settings(self) -> dict[str, Any]:
        """Tell the module where the code goes."""
        contact = self.owner.notice_contact
        return super().shop_settings() | {"contact": contact.value if contact else "", "kind": contact and contact.kind}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form, and whether somebody is reminded."""
        chosen = config().account_deletion_request
        return super().get_context_data(
            form=LeaveForm(),
            grace_days=chosen.scheduled_days,
            keeps_rows=chosen.strategy == "anonymize",
            reminds=any(days < chosen.scheduled_days for days in chosen.reminder_days),
            texts=texts() | {"leave": leave_texts()},
            **kwargs,
        )


class KeepAccount(ShopView):
    """Take a deletion back, with a code instead of a login, which is blocked."""

    template_name = "storefront/keep_account.html"
    title = _("Keep your account")
    module = "storefront/keep-account.js"

    def shop_settings(self) -> dict[str, Any]:
        """Tell the module by what people log in."""
        return super().shop_settings() | {"mode": config().login_mode}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form."""
        return super().get_context_data(
            form=KeepAccountForm(mode=config().login_mode), texts=texts() | {"keep": keep_texts()}, **kwargs
        )
