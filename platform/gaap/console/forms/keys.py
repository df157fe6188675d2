"""Forms about API keys."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap.components import known_scopes
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap.theme.fields import HintedRadioSelect

LIFETIMES = (
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("One year")),
    ("", gettext_lazy("It does not expire")),
)
OVERLAPS = (
    ("1", gettext_lazy("One hour")),
    ("24", gettext_lazy("One day")),
    ("168", gettext_lazy("One week")),
    ("0", gettext_lazy("No time at all: it stops now")),
)
TYPE_HINTS = {
    "test": gettext_lazy("Nothing leaves the platform: no message is sent, no money moves."),
    "team": gettext_lazy("Real messages, to your team and your guest list only."),
    "live": gettext_lazy("Real messages to everybody, and real money."),
}


class NewKeyForm(forms.Form):
    """Asks what a new key is for."""

    name = forms.CharField(
        label=gettext_lazy("Name of the key"),
        help_text=gettext_lazy("Say what will use it, such as “Website, staging”."),
        max_length=100,
        error_messages={"required": gettext_lazy("Enter a name for the key")},
    )
    type = forms.ChoiceField(
        label=gettext_lazy("What may it reach?"),
        widget=HintedRadioSelect(hints=TYPE_HINTS),
        initial="test",
        error_messages={"required": gettext_lazy("Choose what the key may reach")},
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What may it do?"),
        help_text=gettext_lazy("Leave every box empty for a key that may do everything."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    lifetime = forms.ChoiceField(
        label=gettext_lazy("When does it expire?"), choices=LIFETIMES, initial="365", required=False
    )

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        """``service`` decides which types there are."""
        super().__init__(*args, **kwargs)
        self._service = service
        self.fields["type"].choices = list(key_types(service))  # type: ignore[attr-defined]
        self.fields["scopes"].choices = [(scope, scope) for scope in sorted(known_scopes())]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """Refuse the name of a key that stands."""
        name: str = self.cleaned_data["name"]
        if ApiKey.objects.filter(service=self._service, name=name, revoked_at__isnull=True).exists():
            raise forms.ValidationError(_("The service already has a key with this name"), code="taken")
        return name

    @property
    def expires_in(self) -> timedelta | None:
        """The lifetime that was chosen."""
        days = self.cleaned_data["lifetime"]
        return timedelta(days=int(days)) if days else None


class RotationForm(forms.Form):
    """Asks how long the old key goes on working beside the new one."""

    overlap = forms.ChoiceField(
        label=gettext_lazy("How long should the old key go on working?"),
        help_text=gettext_lazy("Put the new key into your programs within this time."),
        choices=OVERLAPS,
        initial="24",
        widget=forms.RadioSelect,
    )

    @property
    def time(self) -> timedelta:
        """The overlap that was chosen."""
        return timedelta(hours=int(self.cleaned_data["overlap"]))


def key_types(service: Service) -> Iterator[tuple[str, str]]:
    """Yield the types of key that ``service`` may have, the most harmless first."""
    for value in ("test", "team", "live"):
        if value != "live" or service.is_live:
            yield value, str(ApiKey.Type(value).label)
