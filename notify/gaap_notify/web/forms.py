"""The one question of the outbox, and the one before a file."""

from django import forms
from django.utils.translation import gettext_lazy as _


class OutboxFilterForm(forms.Form):
    """Whose messages to show."""

    to = forms.CharField(
        label=_("Sent to"),
        help_text=_("An email address or a telephone number. Leave it empty to see everything."),
        required=False,
        max_length=320,
    )


class FileEmailForm(forms.Form):
    """To which address the email with the file went."""

    use_required_attribute = False

    email = forms.CharField(
        label=_("Email address"),
        help_text=_("The address at which you received the email with the link."),
        max_length=320,
        error_messages={"required": _("Enter your email address")},
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
