"""The form about the ledger's export."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaap.theme.forms import ThemeRenderer
from gaap_payments.console.forms.transactions import day_field
from gaap_payments.console.modes import MODES
from gaap_payments.services.ledger_export import LONGEST_DAYS


class LedgerForm(forms.Form):
    """Asks for which days the ledger is wanted, and how."""

    default_renderer = ThemeRenderer

    mode = forms.ChoiceField(label=_("Which payments?"), choices=MODES)
    from_date = day_field(_("From"), required=True)
    to_date = day_field(_("To"), required=True)
    format = forms.ChoiceField(
        label=_("Format"),
        choices=(("csv", _("CSV, for spreadsheets")), ("xml", _("XML (ISO 20022, camt.053), for finance systems"))),
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order and more than a year."""
        first, last = self.cleaned_data.get("from_date"), self.cleaned_data.get("to_date")
        if first and last and not 0 <= (last - first).days < LONGEST_DAYS:
            self.add_error("to_date", _("Enter a day that is not before the first and at most a year after it"))
        return self.cleaned_data
