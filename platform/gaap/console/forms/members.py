"""Forms about a service's team."""

from django import forms
from django.utils.translation import gettext_lazy as _

from gaap.organisations.models import Membership
from gaap.theme.fields import HintedRadioSelect

ROLE_HINTS = {
    "admin": _("Everything, also the team and going live."),
    "developer": _("Keys and webhooks, and all that follows."),
    "caseworker": _("Messages, payments and refunds of people who use the service."),
    "viewer": _("Looks at everything but the keys, and changes nothing."),
}


class RoleForm(forms.Form):
    """Asks what a member may do."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=Membership.Role,
        widget=HintedRadioSelect(hints=ROLE_HINTS),
        error_messages={"required": _("Choose a role")},
    )


class InvitationForm(RoleForm):
    """Asks whom to invite, and as what."""

    email = forms.EmailField(
        label=_("Work email address"),
        max_length=150,
        error_messages={
            "required": _("Enter the email address of your colleague"),
            "invalid": _("Enter an email address like name@department.example"),
        },
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("email", "role")
