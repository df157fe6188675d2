"""Forms that narrow lists of records; they are sent by GET, so that a list has an address."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from gaap.components import known_events

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from gaap.outbox.models import OutboxEvent


class EventFilterForm(forms.Form):
    """Which events to show."""

    type = forms.ChoiceField(label=_("Type of event"), required=False)
    subject = forms.CharField(
        label=_("About"), help_text=_("A subject such as payment/hu20sqlact5260q2nanm0q8u93."), required=False
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        every = [("", _("Every type")), *((name, name) for name in sorted(known_events()))]
        self.fields["type"].choices = every  # type: ignore[attr-defined]

    def narrow(self, events: "QuerySet[OutboxEvent]") -> "QuerySet[OutboxEvent]":
        """Return the events that were asked for; all of them when the form was not sent or is wrong."""
        if not self.is_valid():
            return events
        wanted = {"name": self.cleaned_data["type"], "subject": self.cleaned_data["subject"].strip()}
        return events.filter(**{name: value for name, value in wanted.items() if value})
