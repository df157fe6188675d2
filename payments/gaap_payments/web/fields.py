"""Form fields of the card page: what is typed into them is never written back into a page."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gaap.theme.forms import ThemeBoundField
from gaap_payments.cards import CardNumber, Secret, holds_card_number

SUSPICIOUS_DIGITS = 12


class HyphenBoundField(ThemeBoundField):
    """A bound field whose id is its name with hyphens, as the contract lists the page's ids (C.3)."""

    @property
    def auto_id(self) -> str:
        """The id of the control, e.g. ``expiry-month``."""
        return self.html_name.replace("_", "-")


class UnechoedInput(forms.TextInput):
    """A text box that is always drawn empty."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Leave out what was typed."""
        context: dict[str, Any] = super().get_context(name, None, attrs)
        return context


class CardNumberField(forms.CharField):
    """A card number with right length and check digit; cleans to a CardNumber."""

    default_error_messages = {
        "required": _("Enter your card number"),
        "invalid": _("Enter a card number that is right: check the digits on your card"),
        "length": _("A card number has between 12 and 19 digits"),
    }
    widget = UnechoedInput

    def clean(self, value: Any) -> Any:
        """Return the number, its spaces and hyphens taken out."""
        digits = re.sub(r"[\s\-]", "", super().clean(value))
        if not (digits.isascii() and digits.isdigit()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        number = CardNumber(digits)
        if not number.has_possible_length:
            raise ValidationError(self.error_messages["length"], code="length")
        if not number.is_well_formed:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number


class SecurityCodeField(forms.CharField):
    """The three or four digits that prove the card is at hand; cleans to a Secret."""

    default_error_messages = {
        "required": _("Enter your card security code"),
        "invalid": _("A card security code has 3 digits, or 4 on American Express cards"),
    }
    widget = UnechoedInput

    def clean(self, value: Any) -> Any:
        """Return the code."""
        code = super().clean(value).strip()
        if not re.fullmatch(r"[0-9]{3,4}", code):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return Secret(code)


class PlainTextField(forms.CharField):
    """Text about a person, in which no card number may stand."""

    default_error_messages = {"card_number": _("Do not enter a card number here")}

    def clean(self, value: Any) -> str:
        """Return the text; twelve digits are taken for a card number."""
        text = str(super().clean(value))
        if sum(character.isdigit() for character in text) >= SUSPICIOUS_DIGITS or holds_card_number(text):
            raise ValidationError(self.error_messages["card_number"], code="card_number")
        return text
