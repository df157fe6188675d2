"""The form about how a service's payment pages behave."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gaap.theme.forms import ThemeRenderer
from gaap_payments.cards import holds_card_number
from gaap_payments.currencies import currency
from gaap_payments.models import PaymentSettings
from gaap_payments.money import Money, read_money, write_money

SURCHARGES = ("credit_surcharge", "debit_surcharge", "prepaid_surcharge")
AMOUNTS = (*SURCHARGES, "refund_limit")
SWITCHES = (
    *("collects_billing_address", "allows_moto", "allows_zero", "allows_retry", "returns_at_once"),
    *("masks_card_number", "masks_security_code", "sends_receipts", "sends_refund_receipts"),
)
TEXTS = ("receipt_paragraph", "help_text", "ledger_code_key")


def _switch(label: Any, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help_text, required=False)


def _amount(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", "inputmode": "decimal", "class": "gaap-input--10"})
    return forms.CharField(label=label, help_text=help_text, max_length=30, required=False, widget=widget)


class PaymentSettingsForm(forms.Form):
    """Asks everything about the pages that a team decides itself."""

    default_renderer = ThemeRenderer

    email = forms.ChoiceField(
        label=_("Is the payer asked for an email address?"),
        choices=PaymentSettings.EmailMode,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one")},
    )
    collects_billing_address = _switch(_("Ask for the billing address"))
    allows_retry = _switch(
        _("Let payers try again after a declined card"), _("If not, your service has to create another payment.")
    )
    returns_at_once = _switch(
        _("Lead back to your service at once"), _("If so, payers do not see our own page at the end of a payment.")
    )
    allows_moto = _switch(_("Take payments by telephone and post"))
    masks_card_number = _switch(
        _("Hide card numbers of telephone payments"),
        _("Whoever types in what a payer reads out sees dots instead of digits."),
    )
    masks_security_code = _switch(_("Hide security codes of telephone payments"))
    allows_zero = _switch(_("Allow payments of nothing"))
    sends_receipts = _switch(_("Send a receipt by email"))
    sends_refund_receipts = _switch(_("Send an email about a refund"))
    receipt_paragraph = forms.CharField(
        label=_("A further paragraph in receipts"),
        help_text=_("In the language of the people who pay."),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )
    help_text = forms.CharField(
        label=_("How payers get help"),
        help_text=_("A telephone number, an email address or a page."),
        max_length=500,
        required=False,
    )
    credit_surcharge = _amount(_("Surcharge for corporate credit cards"))
    debit_surcharge = _amount(_("Surcharge for corporate debit cards"))
    prepaid_surcharge = _amount(_("Surcharge for corporate prepaid cards"))
    refund_limit = _amount(
        _("Refunds above this need a second person"), _("Leave it empty if one person is always enough.")
    )
    ledger_code_key = forms.CharField(
        label=_("Which metadata says the cost centre?"), help_text=_("The key."), max_length=30, required=False
    )
    ledger_codes = forms.CharField(
        label=_("Cost centres"),
        help_text=_("One on each line: the value of the metadata, an equals sign, the code in your books."),
        max_length=20_000,
        required=False,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
    )

    def __init__(self, settings: PaymentSettings, *args: Any, currency_code: str, **kwargs: Any) -> None:
        """Fill in ``settings``; amounts are in ``currency_code``."""
        self._code = currency_code
        kwargs["initial"] = {
            **{name: getattr(settings, name) for name in ("email", *SWITCHES, *TEXTS)},
            **{name: self._written(getattr(settings, name)) for name in AMOUNTS},
            "ledger_codes": "\n".join(f"{value} = {code}" for value, code in settings.ledger_codes.items()),
        }
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Read the amounts, and refuse card numbers in texts."""
        for name in AMOUNTS:
            if name in self.cleaned_data:
                self._read(name)
        for name in (*TEXTS, "ledger_codes"):
            if holds_card_number(str(self.cleaned_data.get(name, ""))):
                self.add_error(name, _("Do not enter a card number here"))
        return self.cleaned_data

    def clean_ledger_codes(self) -> dict[str, str]:
        """Return the codes by value of metadata."""
        lines = [line for line in self.cleaned_data["ledger_codes"].splitlines() if line.strip()]
        codes: dict[str, str] = {}
        for line in lines:
            value, equals, code = (part.strip() for part in line.rpartition("="))
            if not (equals and value and code) or value in codes or len(value) > 100 or len(code) > 100:
                raise ValidationError(
                    _("Write “%(line)s” as a value, an equals sign and a code, each value once"), params={"line": line}
                )
            codes[value] = code
        return codes

    def _read(self, name: str) -> None:
        typed: str = self.cleaned_data[name].strip()
        highest = currency(self._code).maximum
        amount = read_money(typed, code=self._code) if typed else None
        if typed and (amount is None or amount > highest):
            text = _("Enter an amount of money up to %(highest)s")
            self.add_error(name, ValidationError(text, params={"highest": Money(highest, self._code).format()}))
            return
        self.cleaned_data[name] = (amount or 0) if name in SURCHARGES else amount

    def _written(self, amount: int | None) -> str:
        return "" if amount is None else write_money(Money(amount, self._code))
