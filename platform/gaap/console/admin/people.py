"""The people who sign in: team members and operators. Nobody's password or second factor is set here."""

from importlib import import_module

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from gaap.actors import current_actor
from gaap.console.second_factor import has_second_factor
from gaap.console.services.people import (
    address_is_confirmed,
    close_account,
    open_account,
    remove_second_factor,
    withdraw_operator,
)
from gaap.operators.acts import Act, GuardedAdmin
from gaap.operators.admin import ReadOnlyAdmin, ReadOnlyInline
from gaap.organisations.models import Membership

#: Pages of Django and allauth on which an operator could set somebody's password or second factor.
TAKEN_OUT: tuple[type[Model], ...] = (User, Group, EmailAddress, Authenticator, UserSession)

for package in ("django.contrib.auth", "allauth.account", "allauth.mfa", "allauth.usersessions"):
    import_module(f"{package}.admin")
for model in TAKEN_OUT:
    admin.site.unregister(model)


class MembershipInline(ReadOnlyInline):
    """The teams that the person belongs to."""

    model = Membership


@admin.register(User)
class PersonAdmin(GuardedAdmin, ReadOnlyAdmin):
    """Team members and operators."""

    list_display = ("username", "is_active", "is_staff", "second_factor", "last_login", "date_joined")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "email")
    fields = ("username", "is_active", "is_staff", "confirmed", "second_factor", "last_login", "date_joined")
    readonly_fields = fields
    inlines = (MembershipInline,)
    acts = (
        Act(
            "reset",
            _("Remove the second factor of the selected people"),
            _("Make sure first that it is they who ask. They are signed out everywhere and add a new one."),
            perform=lambda user, request, asked: remove_second_factor(user, by=current_actor()),
        ),
        Act(
            "close",
            _("Close the accounts of the selected people"),
            _("They are signed out everywhere and cannot sign in. Keys that they made go on working."),
            perform=lambda user, request, asked: close_account(user, by=current_actor()),
        ),
        Act(
            "open",
            _("Open the closed accounts of the selected people"),
            _("They can sign in again and belong to their teams as before."),
            perform=lambda user, request, asked: open_account(user, by=current_actor()),
        ),
        Act(
            "withdraw",
            _("Take the operators' rights from the selected people"),
            _("They can no longer open these pages. The command make_operator gives the rights back."),
            perform=lambda user, request, asked: withdraw_operator(user, by=current_actor()),
        ),
    )

    @admin.display(description=_("second factor"), boolean=True)
    def second_factor(self, user: User) -> bool:
        """Tell whether the person has one."""
        return has_second_factor(user)

    @admin.display(description=_("address confirmed"), boolean=True)
    def confirmed(self, user: User) -> bool:
        """Tell whether the address is known to be theirs."""
        return address_is_confirmed(user)
