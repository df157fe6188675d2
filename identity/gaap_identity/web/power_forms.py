"""The forms of acting for another."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap.theme.fields import DatePartsField
from gaap_identity.contacts import normalise_email
from gaap_identity.models import PowerScope
from gaap_identity.models.powers import today
from gaap_identity.services.companies import company_register

#: The choice of somebody who acts for nobody else.
MYSELF = "myself"


class PowerForm(forms.Form):
    """Who is to act, in what, and between which days."""

    email = forms.CharField(
        label=gettext_lazy("Email address of the person who is to act for you"),
        help_text=gettext_lazy("They sign in with it, and agree before anything happens."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter an email address")},
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What they may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose what they may do")},
    )
    starts_on = DatePartsField(label=gettext_lazy("From"))
    ends_on = DatePartsField(label=gettext_lazy("Until"), help_text=gettext_lazy("The last day on which it counts."))

    def __init__(self, *args: Any, scopes: Sequence[PowerScope], **kwargs: Any) -> None:
        """Take what can be granted."""
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(scope.identifier, scope.words) for scope in scopes]  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        """Normalise the address."""
        return normalise_email(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        """Refuse days that lie behind, or in the wrong order."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("starts_on") and values.get("ends_on"):
            if values["ends_on"] < values["starts_on"]:
                self.add_error("ends_on", _("The last day must not be before the first"))
            elif values["ends_on"] < today():
                self.add_error("ends_on", _("The last day must not lie in the past"))
        return values


class GivePowerForm(PowerForm):
    """Whom the citizen lets act for them."""

    names_giver = forms.BooleanField(
        label=gettext_lazy("The service may know my name and date of birth when they act for me"), required=False
    )


class AppointForm(PowerForm):
    """Whom an officer lets act for a company."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Speak of the company."""
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Email address of the person who is to act for the company")


class CompanyForm(forms.Form):
    """Which company the citizen is an officer of."""

    country = forms.ChoiceField(
        label=gettext_lazy("Country of the company"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose the country of the company"),
            "invalid_choice": gettext_lazy("Choose the country of the company"),
        },
    )
    number = forms.CharField(
        label=gettext_lazy("Number in the register"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter the company's number in the register")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the countries that the register knows."""
        super().__init__(*args, **kwargs)
        register = company_register()
        self.fields["country"].choices = list(register.countries.items()) if register else []  # type: ignore[attr-defined]


class ActingForm(forms.Form):
    """For whom the citizen acts in this sign-in."""

    person = forms.ChoiceField(
        label=gettext_lazy("For whom are you signing in?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose for whom you are signing in"),
            "invalid_choice": gettext_lazy("Choose for whom you are signing in"),
        },
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Take whom the citizen may act for here, by the power's id."""
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [(MYSELF, _("For myself")), *choices]  # type: ignore[attr-defined]
