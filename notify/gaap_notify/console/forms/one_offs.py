"""The form that fills in a template."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from gaap.organisations.models import Service
from gaap_notify.models import ReplyTo, SmsSender, TemplateVersion
from gaap_notify.models.channels import Channel
from gaap_notify.services.previews import Placeholder, placeholders_of

LONGEST_VALUE = 5000
MOST_LINES = 7
ONLY_LOOK = _("Leave it empty to look at the message without sending it.")


class FillForm(forms.Form):
    """Asks for the recipient and for a value of each gap. Without a recipient gaps may stay open."""

    def __init__(self, *args: Any, version: TemplateVersion, service: Service, **kwargs: Any) -> None:
        """Ask what ``version`` needs."""
        super().__init__(*args, **kwargs)
        self.channel = version.template.type
        self.placeholders = placeholders_of(version)
        self.fields["recipient"] = _recipient(self.channel)
        senders = _senders(self.channel, service)
        if len(senders) > 1:
            label = _("Answers go to") if self.channel == Channel.EMAIL else _("Sender")
            self.fields["sender"] = forms.ChoiceField(label=label, choices=senders, required=False)
        for number, placeholder in enumerate(self.placeholders):
            self.fields[f"value_{number}"] = _gap(placeholder)

    def clean_recipient(self) -> str:
        """Drop empty lines of a postal address, and refuse one that is too long."""
        lines = [line.strip() for line in self.cleaned_data["recipient"].splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(_("An address has 7 lines at most"))
        return "\n".join(lines)

    def clean(self) -> dict[str, Any]:
        """Ask for every value when it is to be sent."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("recipient"):
            for number, placeholder in enumerate(self.placeholders):
                if not cleaned.get(f"value_{number}") and f"value_{number}" not in self.errors:
                    self.add_error(f"value_{number}", _("Enter a value for “%(name)s”") % {"name": placeholder.name})
        return cleaned

    @property
    def values(self) -> dict[str, str]:
        """What was given for the gaps, by name."""
        given = {found.name: self.cleaned_data[f"value_{number}"] for number, found in enumerate(self.placeholders)}
        return {name: value for name, value in given.items() if value}

    @property
    def sender_id(self) -> UUID | None:
        """The sender or reply-to address that was chosen, None for the default one."""
        chosen = self.cleaned_data.get("sender")
        return UUID(chosen) if chosen else None


def _recipient(channel: str) -> forms.CharField:
    if channel == Channel.LETTER:
        rows = forms.Textarea({"rows": MOST_LINES, "autocomplete": "off"})
        return forms.CharField(
            label=_("Postal address"), help_text=ONLY_LOOK, max_length=1000, required=False, widget=rows
        )
    label = _("Email address") if channel == Channel.EMAIL else _("Telephone number")
    widget = forms.TextInput({"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, help_text=ONLY_LOOK, max_length=320, required=False, widget=widget)


def _gap(placeholder: Placeholder) -> forms.Field:
    if placeholder.is_conditional:
        choices = [("yes", _("Yes")), ("no", _("No"))]
        label = _("Show the text of “%(name)s”?") % {"name": placeholder.name}
        return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect)
    return forms.CharField(label=placeholder.name, max_length=LONGEST_VALUE, required=False)


def _senders(channel: str, service: Service) -> list[tuple[str, str]]:
    if channel == Channel.LETTER:
        return []
    model = ReplyTo if channel == Channel.EMAIL else SmsSender
    return [(str(row.pk), str(row)) for row in model._default_manager.filter(service=service)]
