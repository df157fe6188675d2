"""The form of a mandate: who pays, and from which account."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gaap.theme.forms import ThemeRenderer
from gaap_payments.providers.direct_debit import BankAccount
from gaap_payments.services.mandates import BankDetails
from gaap_payments.web.fields import HyphenBoundField, PlainTextField, UnechoedInput


def _digits(field: forms.Field, value: str, length: int) -> str:
    digits = re.sub(r"[\s\-]", "", value)
    if not re.fullmatch(rf"[0-9]{{{length}}}", digits):
        raise ValidationError(field.error_messages["invalid"], code="invalid")
    return digits


class BankForm(forms.Form):
    """A payer's bank account in the United Kingdom."""

    default_renderer = ThemeRenderer
    bound_field_class = HyphenBoundField
    use_required_attribute = False

    account_holder = PlainTextField(
        label=_("Name on the account"),
        max_length=255,
        error_messages={"required": _("Enter the name on the account")},
        widget=forms.TextInput({"autocomplete": "name", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=_("Email"),
        max_length=254,
        help_text=_("The service tells you there before money is taken, and when anything changes"),
        error_messages={
            "required": _("Enter your email address"),
            "invalid": _("Enter an email address such as name@example.com"),
        },
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
    sort_code = forms.CharField(
        label=_("Sort code"),
        help_text=_("6 digits, for example 10-88-00"),
        error_messages={"required": _("Enter the sort code"), "invalid": _("A sort code has 6 digits")},
        widget=UnechoedInput({"autocomplete": "off", "inputmode": "numeric", "class": "gaap-input--10"}),
    )
    account_number = forms.CharField(
        label=_("Account number"),
        help_text=_("8 digits, with a zero in front if yours has 7"),
        error_messages={"required": _("Enter the account number"), "invalid": _("An account number has 8 digits")},
        widget=UnechoedInput({"autocomplete": "off", "inputmode": "numeric", "class": "gaap-input--10"}),
    )
    can_agree_alone = forms.BooleanField(
        label=_("I may agree to Direct Debits from this account on my own"),
        error_messages={
            "required": _("You can only go on if nobody else has to agree. Otherwise ask the service for a paper form.")
        },
    )

    def clean_sort_code(self) -> str:
        """Return the six digits."""
        return _digits(self.fields["sort_code"], self.cleaned_data["sort_code"], 6)

    def clean_account_number(self) -> str:
        """Return the eight digits."""
        return _digits(self.fields["account_number"], self.cleaned_data["account_number"], 8)

    @property
    def details(self) -> BankDetails:
        """What a valid form says."""
        data: dict[str, Any] = self.cleaned_data
        account = BankAccount(data["account_holder"], data["sort_code"], data["account_number"])
        return BankDetails(account, email=data["email"])
