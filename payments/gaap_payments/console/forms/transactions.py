"""Forms about transactions: what to look for, and how much to give back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

from gaap.organisations.models import Service
from gaap.theme.forms import ThemeRenderer
from gaap_payments import labels
from gaap_payments.cards import BRANDS, holds_card_number
from gaap_payments.console.modes import LIVE, MODES
from gaap_payments.models import Payment
from gaap_payments.money import Money, read_money, write_money
from gaap_payments.services.transactions import TransactionSearch


def day_field(label: Any, *, required: bool = False) -> forms.DateField:
    """Return a field for a day of the years 1970 to 2999."""
    no_date = _("Enter a date, for example 2026-11-21")
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        validators=[MinValueValidator(date(1970, 1, 1), no_date), MaxValueValidator(date(2999, 12, 31), no_date)],
        error_messages={"invalid": no_date, "required": no_date},
    )


def _digits(label: Any, length: int, mistake: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        validators=[RegexValidator(rf"^[0-9]{{{length}}}\Z", mistake)],
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "gaap-input--10"}),
    )


class TransactionSearchForm(forms.Form):
    """Asks which transactions to show."""

    default_renderer = ThemeRenderer

    mode = forms.ChoiceField(label=_("Which payments?"), choices=MODES, required=False)
    reference = forms.CharField(label=_("Reference"), max_length=255, required=False)
    email = forms.CharField(label=_("Email address, or part of it"), max_length=254, required=False)
    cardholder_name = forms.CharField(label=_("Name on the card, or part of it"), max_length=255, required=False)
    card_brand = forms.ChoiceField(label=_("Card brand"), required=False)
    first_digits = _digits(_("First six digits of the card"), 6, _("Enter the first six digits"))
    last_digits = _digits(_("Last four digits of the card"), 4, _("Enter the last four digits"))
    metadata_value = forms.CharField(label=_("A value of your metadata"), max_length=100, required=False)
    from_date = day_field(_("From"))
    to_date = day_field(_("To"))
    states = forms.MultipleChoiceField(
        label=_("State"),
        choices=list(labels.STATE_LABELS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the brands that the pages know."""
        super().__init__(*args, **kwargs)
        brands = [(label, label) for label, _prefix in BRANDS]
        self.fields["card_brand"].choices = [("", _("All")), *brands]  # type: ignore[attr-defined]

    @property
    def search(self) -> TransactionSearch:
        """What was asked for, in the words of the services."""
        asked = {name: value for name, value in self.cleaned_data.items() if name not in ("mode", "service")}
        return TransactionSearch(**asked)


class AllTransactionsForm(TransactionSearchForm):
    """Asks which transactions to show, of one service or of all."""

    service = forms.ChoiceField(label=_("Service"), required=False)
    field_order = ("mode", "service")

    def __init__(self, data: Any, *, services: Sequence[Service], mode: str) -> None:
        """Offer ``services``, the person's own; ``mode`` is what they see at first."""
        super().__init__(data, initial={"mode": mode})
        self.services = services
        self._mode = mode
        names = [(str(service.pk), service.name) for service in services]
        self.fields["service"].choices = [("", _("All")), *names]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Sequence[Service]:
        """The services that are asked about: all, until one of them is named."""
        asked = self.cleaned_data.get("service") if self.is_valid() else ""
        return [service for service in self.services if asked in ("", str(service.pk))]

    @property
    def is_live(self) -> bool:
        """Whether live payments are asked for."""
        asked = self.cleaned_data.get("mode") if self.is_bound and self.is_valid() else ""
        return (asked or self._mode) == LIVE


class RefundForm(forms.Form):
    """Asks how much to give back, and holds what the person saw to be left."""

    default_renderer = ThemeRenderer

    amount = forms.CharField(
        label=_("Amount"),
        max_length=30,
        error_messages={"required": _("Enter how much to give back")},
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "decimal", "class": "gaap-input--10"}),
    )
    amount_available = forms.IntegerField(min_value=0, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, payment: Payment, *args: Any, **kwargs: Any) -> None:
        """Offer all that is left of ``payment``."""
        left = Money(payment.refundable_amount, payment.currency)
        kwargs["initial"] = {"amount": write_money(left), "amount_available": left.amount}
        super().__init__(*args, **kwargs)
        self._left = left

    def clean_amount(self) -> int:
        """Return the amount in the currency's smallest unit."""
        typed: str = self.cleaned_data["amount"]
        amount = None if holds_card_number(typed) else read_money(typed, code=self._left.code)
        if amount is None or not 0 < amount <= self._left.amount:
            raise ValidationError(
                _("Enter an amount of money up to %(highest)s"), params={"highest": self._left.format()}
            )
        return amount
