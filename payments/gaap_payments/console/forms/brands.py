"""The form about how an account's pages look."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from gaap.theme.forms import ThemeRenderer
from gaap_payments.cards import holds_card_number
from gaap_payments.errors import BrandRefusedError
from gaap_payments.models import PaymentBrand
from gaap_payments.services.brands import COLOURS, BrandFacts, colour_fault, draw_logo


def _colour(label: Any, help_text: Any) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", "spellcheck": "false", "class": "gaap-input--10"})
    return forms.CharField(label=label, help_text=help_text, max_length=7, required=False, widget=widget)


class BrandForm(forms.Form):
    """Asks for name, colours and logo."""

    default_renderer = ThemeRenderer

    name = forms.CharField(
        label=_("Name at the top of the pages"),
        help_text=_("Leave this empty for the platform's name. Receipts bear it too."),
        max_length=100,
        required=False,
    )
    primary_colour = _colour(
        _("Main colour"), _("Of the bar and of links, such as #1d4f7c. Leave this empty for the platform's.")
    )
    accent_colour = _colour(_("Colour of buttons"), _("White text stands on it. Leave this empty for the platform's."))
    logo = forms.FileField(
        label=_("Logo"),
        help_text=_("PNG or JPEG, at most 500 kB. It is shown 40 dots high on white."),
        required=False,
        max_length=255,
        error_messages={"empty": _("The file is empty")},
        widget=forms.FileInput({"accept": ".png,.jpg,.jpeg"}),
    )
    logo_alt = forms.CharField(
        label=_("What the logo shows"),
        help_text=_("For people who cannot see it, for example: Coat of arms of Harbour City."),
        max_length=100,
        required=False,
    )
    removes_logo = forms.BooleanField(label=_("Take the logo away"), required=False)

    def __init__(self, brand: PaymentBrand | None, *args: Any, **kwargs: Any) -> None:
        """Fill in what ``brand`` has."""
        names = ("name", *COLOURS, "logo_alt")
        kwargs["initial"] = {name: getattr(brand, name) for name in names} if brand else {}
        super().__init__(*args, **kwargs)
        self._has_logo = bool(brand and brand.logo_digest)
        if not self._has_logo:
            del self.fields["removes_logo"]

    def clean_primary_colour(self) -> str:
        """Refuse what cannot be read."""
        return self._readable("primary_colour")

    def clean_accent_colour(self) -> str:
        """Refuse what cannot be read."""
        return self._readable("accent_colour")

    def clean_logo(self) -> bytes | None:
        """Return the picture drawn anew; what it is, its content says and not its name."""
        file: UploadedFile[Any] | None = self.cleaned_data["logo"]
        if not file:
            return None
        try:
            return draw_logo(file.read())
        except BrandRefusedError as error:
            is_large = error.reason == "size"
            text = _("The picture is too large") if is_large else _("Choose a PNG or JPEG file")
            raise ValidationError(text) from error

    def clean(self) -> dict[str, Any]:
        """Want words for a logo, and no card number in any text."""
        data = self.cleaned_data
        for name in ("name", "logo_alt"):
            if holds_card_number(data.get(name, "")):
                self.add_error(name, _("Do not enter a card number here"))
        shows_logo = data.get("logo") or (self._has_logo and not data.get("removes_logo"))
        if shows_logo and not data.get("logo_alt", "x"):
            self.add_error("logo_alt", _("Say what the logo shows"))
        return data

    @property
    def facts(self) -> BrandFacts:
        """What was asked for, in the words of the services."""
        return BrandFacts(**self.cleaned_data)

    def _readable(self, name: str) -> str:
        colour: str = self.cleaned_data[name].strip().lower()
        if colour and (fault := colour_fault(colour)):
            raise ValidationError(fault)
        return colour
