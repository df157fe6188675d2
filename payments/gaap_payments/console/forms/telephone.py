"""Forms about payments by telephone: what is paid, and who may take them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from gaap.organisations.models import Membership
from gaap.theme.forms import ThemeRenderer
from gaap_payments.cards import holds_card_number
from gaap_payments.conf import conf
from gaap_payments.console.modes import MODES
from gaap_payments.models import GatewayAccount, PaymentSettings
from gaap_payments.money import Money, read_money
from gaap_payments.providers import registry
from gaap_payments.services.languages import spoken_language
from gaap_payments.services.payments import NewPayment

#: Contract A.6.
ILLEGAL_CHARACTERS = frozenset("<>|")
EmailMode = PaymentSettings.EmailMode


class CardlessInput(forms.TextInput):
    """A text box that is drawn empty when a card number was typed into it."""

    def format_value(self, value: Any) -> str | None:
        """Leave card numbers out."""
        return None if holds_card_number(str(value or "")) else super().format_value(value)


class CardlessField(forms.CharField):
    """A text in which neither a card number nor what could be markup may stand."""

    widget = CardlessInput

    def clean(self, value: Any) -> str:
        """Return the text."""
        text = str(super().clean(value))
        if holds_card_number(text):
            raise ValidationError(_("Do not enter a card number here"), code="card_number")
        if ILLEGAL_CHARACTERS & set(text):
            raise ValidationError(_("Use letters, digits and ordinary signs only"), code="illegal")
        return text


class TelephonePaymentForm(forms.Form):
    """Asks everything about a payment but the card."""

    default_renderer = ThemeRenderer

    mode = forms.ChoiceField(label=_("Which payments?"), choices=MODES, widget=forms.RadioSelect)
    amount = CardlessField(
        label=_("Amount"),
        max_length=30,
        error_messages={"required": _("Enter how much is paid")},
        widget=CardlessInput({"autocomplete": "off", "inputmode": "decimal", "class": "gaap-input--10"}),
    )
    reference = CardlessField(
        label=_("Reference"),
        help_text=_("What the payer's letter or bill says. Never a card number."),
        max_length=255,
        error_messages={"required": _("Enter a reference")},
        widget=CardlessInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    description = CardlessField(
        label=_("What is paid?"),
        help_text=_("The payer reads it in the receipt."),
        max_length=255,
        error_messages={"required": _("Enter what is paid")},
        widget=CardlessInput({"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("The payer's email address"),
        help_text=_("The receipt goes there."),
        max_length=254,
        error_messages={
            "required": _("Enter the payer's email address"),
            "invalid": _("Enter an email address such as name@example.com"),
        },
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(label=_("Language of the card page and the receipt"))
    draft = forms.CharField(max_length=300, widget=forms.HiddenInput)

    def __init__(
        self, accounts: Sequence[GatewayAccount], data: Any = None, *, settings: PaymentSettings, draft: str
    ) -> None:
        """``accounts`` are those to choose from, one of each mode at most; ``draft`` is for a form that is opened."""
        initial = {"mode": accounts[0].mode, "language": spoken_language(get_language() or ""), "draft": draft}
        super().__init__(data, initial=initial)
        self._accounts = {account.mode: account for account in accounts}
        self._settings = settings
        self._narrow()

    def renew(self, draft: str) -> None:
        """Let the form that is shown again stand for another payment than the one it was sent for."""
        self.data = {**dict(self.data.items()), "draft": draft}

    @property
    def account(self) -> GatewayAccount:
        """The account that takes the payment."""
        mode = self.cleaned_data.get("mode")
        return self._accounts[mode] if mode else next(iter(self._accounts.values()))

    @property
    def order(self) -> NewPayment:
        """What was asked for, in the words of the services, which say where the person goes afterwards."""
        data = self.cleaned_data
        return NewPayment(
            amount=data["amount"],
            currency=self.account.currency,
            reference=data["reference"],
            description=data["description"],
            return_url="",
            language=data["language"],
            email=data.get("email", ""),
            is_moto=True,
        )

    def clean(self) -> dict[str, Any]:
        """Read the amount in the currency of the account that was chosen."""
        if "amount" in self.cleaned_data and "mode" not in self.errors:
            self._read_amount()
        return self.cleaned_data

    def _narrow(self) -> None:
        """Leave out what there is nothing to choose or to ask of."""
        known = dict(MODES)
        self.fields["mode"].choices = [(mode, known[mode]) for mode in self._accounts]  # type: ignore[attr-defined]
        if len(self._accounts) == 1:
            del self.fields["mode"]
        codes = conf.languages
        names = [(code, get_language_info(code)["name_local"]) for code in codes]
        self.fields["language"].choices = names  # type: ignore[attr-defined]
        if self._settings.email == EmailMode.OFF:
            del self.fields["email"]
        elif self._settings.email == EmailMode.OPTIONAL:
            self.fields["email"].required = False
            self.fields["email"].label = _("The payer's email address (optional)")

    def _read_amount(self) -> None:
        account = self.account
        amount = read_money(self.cleaned_data["amount"], code=account.currency)
        least = registry.get(account.provider).minimum_amounts.get(account.currency, 0)
        lowest = Money(max(least, 0 if self._settings.allows_zero else 1), account.currency)
        highest = Money(lowest.currency.maximum, account.currency)
        if amount is None or not lowest.amount <= amount <= highest.amount:
            text = _("Enter an amount of money from %(lowest)s to %(highest)s")
            params = {"lowest": lowest.format(), "highest": highest.format()}
            self.add_error("amount", ValidationError(text, params=params))
            return
        self.cleaned_data["amount"] = amount


class TelephoneTeamForm(forms.Form):
    """Asks which members may take payments by telephone besides the administrators."""

    default_renderer = ThemeRenderer

    members = forms.MultipleChoiceField(
        label=_("Who may take telephone payments?"),
        help_text=_("Administrators always may."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, members: Iterable[Membership], data: Any = None, *, permitted: set[int]) -> None:
        """Offer ``members``, and tick those whose keys are in ``permitted``."""
        super().__init__(data, initial={"members": [str(key) for key in permitted]})
        choices = [(str(member.pk), f"{member.user.email} ({member.get_role_display()})") for member in members]
        self.fields["members"].choices = choices  # type: ignore[attr-defined]

    @property
    def membership_ids(self) -> set[int]:
        """The keys of the memberships that were ticked."""
        return {int(key) for key in self.cleaned_data["members"]}
