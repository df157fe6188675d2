"""What a citizen says at a payment link: a reference, and how much."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gaap.theme.forms import ThemeRenderer
from gaap_payments.currencies import currency
from gaap_payments.models import PaymentLink
from gaap_payments.money import Money, read_money, write_money
from gaap_payments.services.links import matches_format
from gaap_payments.web.fields import HyphenBoundField, PlainTextField


class LinkForm(forms.Form):
    """Only what the link asks for."""

    default_renderer = ThemeRenderer
    bound_field_class = HyphenBoundField
    use_required_attribute = False

    reference = PlainTextField(max_length=255, widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}))
    amount = forms.CharField(
        label=_("Amount"),
        max_length=30,
        error_messages={"required": _("Enter how much you want to pay"), "invalid": _("Enter an amount of money")},
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "decimal", "class": "gaap-input--10"}),
    )

    def __init__(self, link: PaymentLink, **kwargs: Any) -> None:
        """``link`` says which fields there are."""
        super().__init__(**kwargs)
        self._link = link
        if link.reference_label:
            field = self.fields["reference"]
            field.label, field.help_text = link.reference_label, link.reference_hint
            field.error_messages["required"] = _("Enter: %(label)s") % {"label": link.reference_label}
        else:
            del self.fields["reference"]
        if link.amount:
            del self.fields["amount"]

    def clean_reference(self) -> str:
        """Hold the reference to the link's format."""
        reference: str = self.cleaned_data["reference"].strip()
        if set(reference) & set("<>|"):
            raise ValidationError(_("Use letters, digits and ordinary signs only"))
        if self._link.reference_format and not matches_format(reference, self._link.reference_format):
            raise ValidationError(
                _("This should look like %(format)s, where A stands for a letter and 9 for a digit"),
                params={"format": self._link.reference_format},
            )
        return reference

    def clean_amount(self) -> int:
        """Return the amount in the currency's smallest unit."""
        unit = currency(self._link.currency)
        whole = read_money(self.cleaned_data["amount"], code=unit.code)
        if whole is None:
            raise ValidationError(self.fields["amount"].error_messages["invalid"], code="invalid")
        if not 0 < whole <= unit.maximum:
            highest = Money(unit.maximum, unit.code).format()
            raise ValidationError(_("Enter an amount of money up to %(highest)s"), params={"highest": highest})
        return whole


def prefilled(query: Any, link: PaymentLink) -> dict[str, str]:
    """Return what the address says already: ``reference`` with ``_`` for spaces, ``amount`` in the smallest unit."""
    known = {"reference": query.get("reference", "").replace("_", " ")[:255]}
    amount = query.get("amount", "")
    if amount.isascii() and amount.isdigit() and len(amount) <= 11:
        known["amount"] = write_money(Money(int(amount), link.currency))
    return known
