"""The form about which cards an account takes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gaap.theme.forms import ThemeRenderer
from gaap_payments.card_types import CREDIT, DEBIT, TYPES, CardTypes, normalised


def _brands(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, widget=forms.CheckboxSelectMultiple)


class CardTypesForm(forms.Form):
    """Asks for the brands of debit and of credit cards."""

    default_renderer = ThemeRenderer

    debit = _brands(_("Debit cards"))
    credit = _brands(_("Credit cards"))

    def __init__(self, *args: Any, known: CardTypes | None, brands: Sequence[str], **kwargs: Any) -> None:
        """Offer ``brands``, and tick those of ``known``; every one when there is no list."""
        kwargs["initial"] = {one: brands if known is None else known.get(one, ()) for one in TYPES}
        super().__init__(*args, **kwargs)
        self._brands = brands
        for one in TYPES:
            self.fields[one].choices = [(brand, brand) for brand in brands]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Want one at least: an account without any could take no payment."""
        if not any(self.cleaned_data.get(one) for one in (DEBIT, CREDIT)) and not self.errors:
            self.add_error(DEBIT, ValidationError(_("Choose at least one card")))
        return self.cleaned_data

    @property
    def card_types(self) -> CardTypes | None:
        """What was ticked; None when that is everything."""
        types = {one: self.cleaned_data[one] for one in TYPES}
        is_everything = all(set(types[one]) == set(self._brands) for one in TYPES)
        return None if is_everything else normalised(types)
