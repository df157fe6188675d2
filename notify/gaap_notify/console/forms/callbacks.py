"""The form about a callback."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaap.webhooks.errors import WebhookError
from gaap.webhooks.services.subscriptions import check_address
from gaap_notify.services.callbacks import check_token


class CallbackForm(forms.Form):
    """Asks where the service is told something, and the token that shows who calls."""

    url = forms.CharField(
        label=_("Address"),
        help_text=_("An https address of your program that anybody on the internet can reach."),
        max_length=2000,
        widget=forms.URLInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter the address of your program")},
    )
    bearer_token = forms.CharField(
        label=_("Bearer token"),
        help_text=_("Your program checks it to know that the call came from us. At least 10 characters."),
        max_length=1000,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter a token of at least 10 characters")},
    )

    def clean_url(self) -> str:
        """Refuse what the platform may not call."""
        url: str = self.cleaned_data["url"].strip()
        return _checked(url, check_address)

    def clean_bearer_token(self) -> str:
        """Refuse what is too short or cannot stand in a header."""
        return _checked(self.cleaned_data["bearer_token"], check_token)


def _checked(value: str, check: Any) -> str:
    try:
        check(value)
    except WebhookError as error:
        raise forms.ValidationError(str(error)) from error
    return value
