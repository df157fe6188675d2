"""The form that takes a spreadsheet."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from gaap.organisations.models import Service
from gaap_notify.models import Template
from gaap_notify.models.channels import Channel

LARGEST_FILE = 10 * 1024 * 1024


class SpreadsheetForm(forms.Form):
    """Asks for the template, the file, and when to send."""

    template = forms.ModelChoiceField(
        queryset=Template.objects.none(),
        label=_("Template"),
        empty_label=None,
        error_messages={"required": _("Choose a template"), "invalid_choice": _("Choose a template of this service")},
    )
    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_(
            "CSV, TSV, XLSX, XLS or ODS, at most 10 MB. The first row names the columns: “email address” or “phone "
            "number”, and one for each placeholder."
        ),
        error_messages={"required": _("Choose a file"), "empty": _("The file is empty")},
    )
    scheduled_for = forms.DateTimeField(
        label=_("Send later"),
        help_text=_("Leave it empty to send now. At most 7 days ahead, for example 2026-12-24 09:30 (UTC)."),
        required=False,
        error_messages={"invalid": _("Enter a date and a time, for example 2026-12-24 09:30")},
    )

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        """Offer the templates of ``service`` that can be sent."""
        super().__init__(*args, **kwargs)
        found = Template.objects.for_service(service.pk).in_use()
        self.fields["template"].queryset = found.filter(  # type: ignore[attr-defined]
            type__in=(Channel.EMAIL, Channel.SMS), is_hidden=False
        )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse files that are too large."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 10 MB"))
        return file


class MessageSearchForm(forms.Form):
    """Asks which messages to show."""

    to = forms.CharField(label=_("Recipient"), help_text=_("The whole address or number"), required=False)
    reference = forms.CharField(label=_("Reference"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, *args: Any, statuses: Any, **kwargs: Any) -> None:
        """Offer ``statuses``, pairs of a status and its words."""
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [("", _("All")), *statuses]  # type: ignore[attr-defined]
