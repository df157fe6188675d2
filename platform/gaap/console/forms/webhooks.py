"""Forms about webhooks."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaap.components import known_events
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.models import Subscription
from gaap.webhooks.models.subscriptions import EVERY_EVENT
from gaap.webhooks.services.queueing import TEST_EVENT
from gaap.webhooks.services.subscriptions import check_address

PERIODS = (
    ("1", _("The last hour")),
    ("24", _("The last day")),
    ("72", _("The last three days")),
    ("168", _("The last week")),
)


class WebhookForm(forms.Form):
    """Asks where events should go, and which."""

    url = forms.CharField(
        label=_("Address"),
        help_text=_("An https address of your program that anybody on the internet can reach."),
        max_length=2000,
        widget=forms.URLInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter the address of your program")},
    )
    description = forms.CharField(
        label=_("What is it for?"), help_text=_("You may leave this empty."), max_length=255, required=False
    )
    events = forms.MultipleChoiceField(
        label=_("Which events?"),
        help_text=_("Leave every box empty to be told of everything."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, subscription: Subscription | None = None, **kwargs: Any) -> None:
        """Fill in what ``subscription`` has."""
        if subscription is not None:
            facts = {"url": subscription.url, "description": subscription.description, "events": subscription.events}
            kwargs["initial"] = facts
        super().__init__(*args, **kwargs)
        names = sorted(set(known_events()) - {TEST_EVENT})
        self.fields["events"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        """Refuse what the platform may not call."""
        url: str = self.cleaned_data["url"].strip()
        try:
            check_address(url)
        except WebhookError as error:
            raise forms.ValidationError(str(error), code="address") from error
        return url

    @property
    def facts(self) -> dict[str, Any]:
        """What was asked for, in the words of the services."""
        events: Sequence[str] = self.cleaned_data["events"] or [EVERY_EVENT]
        return {**self.cleaned_data, "events": events}


class ReplayForm(forms.Form):
    """Asks from when on to send again what did not get through."""

    hours = forms.ChoiceField(label=_("Send again what did not get through in"), choices=PERIODS, initial="24")

    @property
    def period(self) -> timedelta:
        """How far back to go."""
        return timedelta(hours=int(self.cleaned_data["hours"]))
