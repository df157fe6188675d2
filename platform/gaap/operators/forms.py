"""Forms of the operators' admin."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap.components import known_limits
from gaap.keys.models import ApiKey
from gaap.limits.services import MOST_CALLS
from gaap.privacy.declarations import all_retentions
from gaap.privacy.models import RetentionPeriod


class RateLimitsForm(forms.Form):
    """Asks for other numbers of calls, one field for each limit that the installed components declare."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for limit in known_limits().values():
            hint = _("Calls per %(seconds)s seconds. Usual: %(calls)s; 0 goes back to that; empty leaves it as it is.")
            self.fields[limit.name] = forms.IntegerField(
                label=f"{limit.title} ({limit.name})",
                min_value=0,
                max_value=MOST_CALLS,
                required=False,
                help_text=hint % {"seconds": limit.seconds, "calls": limit.calls},
            )

    def clean(self) -> dict[str, Any] | None:
        """Keep what was filled in, with None for the usual number."""
        cleaned = super().clean() or {}
        return {name: number or None for name, number in cleaned.items() if number is not None}


class RetentionPeriodForm(forms.ModelForm[RetentionPeriod]):
    """Asks for a kind of record, among those that a service may choose for, and the days."""

    noun = forms.ChoiceField(label=gettext_lazy("kind of record"), choices=lambda: _choosable())

    class Meta:
        model = RetentionPeriod
        fields = ["service", "noun", "days"]


def _choosable() -> list[tuple[str, str]]:
    found = (retention for retention in all_retentions().values() if not retention.is_fixed)
    text = _("%(noun)s: usually %(days)s days")
    return [(one.noun, text % {"noun": one.noun, "days": one.days}) for one in found]


class ApiKeyForm(forms.ModelForm[ApiKey]):
    """Asks what a new key is for."""

    class Meta:
        model = ApiKey
        fields = ["service", "name", "type", "expires_at"]

    def clean(self) -> dict[str, Any] | None:
        """Refuse what ``create_api_key`` would refuse, beside the field that is wrong."""
        cleaned = super().clean() or {}
        service = cleaned.get("service")
        if service and cleaned.get("type") == ApiKey.Type.LIVE and not service.is_live:
            self.add_error("type", _("A service in trial mode cannot have a live key."))
        name = cleaned.get("name")
        if service and ApiKey.objects.filter(service=service, name=name, revoked_at__isnull=True).exists():
            self.add_error("name", _("The service already has a key with this name."))
        return cleaned
