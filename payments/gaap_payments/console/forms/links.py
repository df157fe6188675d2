"""Forms about payment links."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gaap_payments.cards import holds_card_number
from gaap_payments.conf import conf
from gaap_payments.currencies import currency
from gaap_payments.models import GatewayAccount, PaymentLink
from gaap_payments.services.links import LinkFacts

TEXTS = ("name", "details", "reference_label", "reference_hint", "reference_format")


class PaymentLinkForm(forms.Form):
    """Asks what is paid, for how much, and what the citizen has to say with it."""

    name = forms.CharField(
        label=_("What is paid?"),
        max_length=255,
        error_messages={"required": _("Enter what is paid")},
    )
    details = forms.CharField(
        label=_("Details"), help_text=_("You may leave this empty."), max_length=500, required=False
    )
    amount = forms.DecimalField(
        label=_("Amount"),
        help_text=_("Leave this empty and the citizen says how much."),
        required=False,
        max_digits=14,
        error_messages={"invalid": _("Enter an amount of money")},
    )
    reference_label = forms.CharField(
        label=_("What do you call the reference?"),
        help_text=_("For example: invoice number. Leave this empty and each payment gets a reference of its own."),
        max_length=50,
        required=False,
    )
    reference_hint = forms.CharField(
        label=_("Where does the citizen find the reference?"), max_length=255, required=False
    )
    reference_format = forms.CharField(
        label=_("What does a reference look like?"),
        help_text=_("A stands for a letter, 9 for a digit, everything else for itself, for example: AA-9999."),
        max_length=50,
        required=False,
    )
    slug = forms.SlugField(
        label=_("Friendly address"),
        help_text=_("Small letters, digits and hyphens. Leave this empty and one is made from the name."),
        max_length=80,
        required=False,
    )
    language = forms.ChoiceField(label=_("Language of the pages"))
    return_url = forms.URLField(
        label=_("Where does the citizen go afterwards?"),
        help_text=_("An https address, or nothing for a page of ours."),
        max_length=2000,
        required=False,
        assume_scheme="https",
    )
    mode = forms.ChoiceField(label=_("Which payments?"), widget=forms.RadioSelect)

    def __init__(
        self, accounts: list[GatewayAccount], *args: Any, link: PaymentLink | None = None, **kwargs: Any
    ) -> None:
        """``accounts`` are the enabled ones of the service; fill in what ``link`` has, whose mode never changes."""
        if link is not None:
            money = link.money
            kwargs["initial"] = {name: getattr(link, name) for name in (*TEXTS, "slug", "language", "return_url")}
            kwargs["initial"]["amount"] = money.decimal if money else None
        super().__init__(*args, **kwargs)
        self._currencies = {account.mode: account.currency for account in accounts}
        self._link = link
        self.fields["language"].choices = [(code, code) for code in conf.languages]  # type: ignore[attr-defined]
        labels = {"test": _("Test payments"), "live": _("Live payments")}
        self.fields["mode"].choices = [(mode, labels[mode]) for mode in self._currencies]  # type: ignore[attr-defined]
        if link is not None:
            del self.fields["mode"]

    def clean(self) -> dict[str, Any]:
        """Refuse card numbers and amounts that the currency does not have."""
        data: dict[str, Any] = self.cleaned_data
        for name in TEXTS:
            if holds_card_number(data.get(name, "")):
                self.add_error(name, _("Do not enter a card number here"))
        if data.get("amount") is not None:
            self._check_amount(data["amount"])
        return data

    @property
    def facts(self) -> LinkFacts:
        """What was asked for, in the words of the services."""
        data = self.cleaned_data
        texts = {name: data[name] for name in (*TEXTS, "slug", "language", "return_url")}
        amount = data["amount"]
        whole = None if amount is None else int(amount.scaleb(currency(self._currency).exponent))
        return LinkFacts(amount=whole, **texts)

    @property
    def is_live(self) -> bool:
        """Whether the link is to take real money."""
        return bool(self.cleaned_data["mode"] == "live")

    @property
    def _currency(self) -> str:
        return self._link.currency if self._link else self._currencies.get(self.cleaned_data.get("mode", ""), "GBP")

    def _check_amount(self, amount: Decimal) -> None:
        unit = currency(self._currency)
        smallest = amount.scaleb(unit.exponent)
        if smallest != int(smallest) or not 0 < smallest <= unit.maximum:
            self.add_error("amount", ValidationError(_("Enter an amount of money")))
