"""The card page's form (contract C.3)."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import Input
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.theme.forms import ThemeRenderer
from gaap.theme.long_select import LongSelect
from gaap_payments.cards import CardDetails, CardNumber
from gaap_payments.countries import country_choices
from gaap_payments.models import Payment, PaymentSettings
from gaap_payments.services.authorisations import PayerDetails
from gaap_payments.services.card_types import CardRefusal, card_refusal
from gaap_payments.web.fields import CardNumberField, HyphenBoundField, PlainTextField, SecurityCodeField, UnechoedInput

UK_POSTCODE = re.compile(r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR|BFPO)\s*[0-9][A-Z0-9]{0,3}", re.IGNORECASE)
ADDRESS_FIELDS = ("address_line_1", "address_line_2", "address_city", "address_postcode", "address_country")

REFUSALS = {
    CardRefusal.UNKNOWN: _("This kind of card is not accepted. Use another card."),
    CardRefusal.BRAND: _("%(brand)s cards are not accepted. Use another card."),
    CardRefusal.DEBIT: _("%(brand)s debit cards are not accepted. Use another card."),
    CardRefusal.CREDIT: _("%(brand)s credit cards are not accepted. Use another card."),
}


def _box(autocomplete: str, *, width: int | None = None, widget: type[Input] = forms.TextInput) -> Input:
    numeric = {"inputmode": "numeric", "class": f"gaap-input--{width}"} if width else {}
    return widget({"autocomplete": autocomplete, "spellcheck": "false", **numeric})


class CardForm(forms.Form):
    """Card, payer and billing address. Which fields there are depends on the service and the payment."""

    default_renderer = ThemeRenderer
    bound_field_class = HyphenBoundField
    use_required_attribute = False

    card_no = CardNumberField(label=_("Card number"), widget=_box("cc-number", width=20, widget=UnechoedInput))
    expiry_month = forms.CharField(
        label=_("Month"),
        error_messages={"required": _("Enter the month in which your card expires")},
        widget=_box("cc-exp-month", width=2),
    )
    expiry_year = forms.CharField(
        label=_("Year"),
        error_messages={"required": _("Enter the year in which your card expires")},
        widget=_box("cc-exp-year", width=4),
    )
    cardholder_name = PlainTextField(
        label=_("Name on card"),
        max_length=255,
        error_messages={"required": _("Enter the name as it is on your card")},
        widget=_box("cc-name"),
    )
    cvc = SecurityCodeField(
        label=_("Card security code"),
        help_text=_(
            "The last 3 digits on the back of the card, or the 4 digits on the front of American Express cards"
        ),
        widget=_box("cc-csc", width=4, widget=UnechoedInput),
    )
    address_country = forms.ChoiceField(
        label=_("Country or territory"),
        error_messages={"required": _("Choose your country or territory")},
        widget=LongSelect({"autocomplete": "billing country"}),
    )
    address_line_1 = PlainTextField(
        label=_("Address line 1"),
        max_length=255,
        error_messages={"required": _("Enter the first line of your address")},
        widget=_box("billing address-line1"),
    )
    address_line_2 = PlainTextField(
        label=_("Address line 2 (optional)"), max_length=255, required=False, widget=_box("billing address-line2")
    )
    address_city = PlainTextField(
        label=_("Town or city"),
        max_length=255,
        error_messages={"required": _("Enter your town or city")},
        widget=_box("billing address-level2"),
    )
    address_postcode = PlainTextField(
        label=_("Postcode"),
        max_length=25,
        error_messages={"required": _("Enter your postcode")},
        widget=_box("billing postal-code"),
    )
    email = forms.EmailField(
        label=_("Email"),
        max_length=254,
        help_text=_("We use it only for this payment"),
        error_messages={
            "required": _("Enter your email address"),
            "invalid": _("Enter an email address such as name@example.com"),
        },
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )

    def __init__(self, payment: Payment, settings: PaymentSettings, **kwargs: Any) -> None:
        """``settings`` are the service's; the payment gives what is known already."""
        super().__init__(initial=_known(payment), **kwargs)
        self._account = payment.gateway_account
        self.fields["address_country"].choices = [("", ""), *country_choices(get_language() or "en")]  # type: ignore[attr-defined]
        if payment.is_moto:
            self._fit_telephone(settings)
        if payment.is_moto or not settings.collects_billing_address:
            self._leave_out(*ADDRESS_FIELDS)
        if settings.email == PaymentSettings.EmailMode.OFF:
            self._leave_out("email")
        elif settings.email == PaymentSettings.EmailMode.OPTIONAL:
            self.fields["email"].required = False
            self.fields["email"].label = _("Email (optional)")

    @property
    def card(self) -> CardDetails:
        """The card of a valid form."""
        data = self.cleaned_data
        return CardDetails(
            number=data["card_no"],
            security_code=data["cvc"],
            expiry_month=data["expiry_month"],
            expiry_year=data["expiry_year"],
            cardholder_name=data["cardholder_name"],
        )

    @property
    def payer(self) -> PayerDetails:
        """What a valid form says of the payer; nothing of it is about the card."""
        data = self.cleaned_data
        parts = {"line1": "line_1", "line2": "line_2", "city": "city", "postcode": "postcode", "country": "country"}
        address = {part: data.get(f"address_{name}") for part, name in parts.items()}
        kept = {part: value for part, value in address.items() if value}
        return PayerDetails(data["cardholder_name"], email=data.get("email", ""), billing_address=kept or None)

    def clean_card_no(self) -> CardNumber:
        """Refuse the cards that this account does not take."""
        number: CardNumber = self.cleaned_data["card_no"]
        if (refusal := card_refusal(self._account, number)) is not None:
            raise ValidationError(REFUSALS[refusal], params={"brand": number.brand})
        return number

    def clean_expiry_month(self) -> int:
        """Return the month, 1 to 12."""
        text = self.cleaned_data["expiry_month"].strip()
        if not re.fullmatch(r"0?[1-9]|1[0-2]", text):
            raise ValidationError(_("The month is a number from 1 to 12"))
        return int(text)

    def clean_expiry_year(self) -> int:
        """Return the year with four digits."""
        text = self.cleaned_data["expiry_year"].strip()
        if not re.fullmatch(r"(?:20)?[0-9]{2}", text):
            raise ValidationError(_("The year has two or four digits, such as 29 or 2029"))
        return 2000 + int(text[-2:])

    def clean_cardholder_name(self) -> str:
        """Refuse what looks like a security code."""
        name: str = self.cleaned_data["cardholder_name"]
        if re.fullmatch(r"\s*[0-9]{3,4}\s*", name):
            raise ValidationError(_("Enter the name on your card here, not the security code"))
        return name

    def clean(self) -> dict[str, Any]:
        """Check what takes two answers: expiry, security code and postcode."""
        data = self.cleaned_data
        self._check_expiry(data.get("expiry_month"), data.get("expiry_year"))
        number, code = data.get("card_no"), data.get("cvc")
        if number and code and number.brand == "American Express" and len(code.reveal()) != 4:
            self.add_error("cvc", _("American Express cards have a security code of 4 digits"))
        postcode = data.get("address_postcode", "")
        if postcode and data.get("address_country") == "GB" and not UK_POSTCODE.fullmatch(postcode):
            self.add_error("address_postcode", _("Enter a postcode of the United Kingdom, such as SW1A 1AA"))
        return data

    def _check_expiry(self, month: int | None, year: int | None) -> None:
        today = now().date()
        if month and year and (year, month) < (today.year, today.month):
            self.add_error("expiry_month", _("Your card has expired. Use another card."))

    def _fit_telephone(self, settings: PaymentSettings) -> None:
        """The card is not that of whoever types: their browser keeps none of it, and may have to hide it from them."""
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"
        hidden = {"card_no": settings.masks_card_number, "cvc": settings.masks_security_code}
        for name in (name for name, is_hidden in hidden.items() if is_hidden):
            self.fields[name].widget.input_type = "password"

    def _leave_out(self, *names: str) -> None:
        for name in names:
            del self.fields[name]


class PayerForm(CardForm):
    """Who pays, where the card itself is typed into the provider's own fields: not one field here is about it."""

    def __init__(self, payment: Payment, settings: PaymentSettings, **kwargs: Any) -> None:
        """As for ``CardForm``."""
        super().__init__(payment, settings, **kwargs)
        self._leave_out("card_no", "expiry_month", "expiry_year", "cvc")


def _known(payment: Payment) -> dict[str, str]:
    address = payment.billing_address or {}
    return {
        "cardholder_name": payment.cardholder_name,
        "email": payment.email,
        "address_line_1": address.get("line1", ""),
        "address_line_2": address.get("line2", ""),
        "address_city": address.get("city", ""),
        "address_postcode": address.get("postcode", ""),
        "address_country": address.get("country", ""),
    }
