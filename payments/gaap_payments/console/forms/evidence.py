"""The form in which a team answers a payer's bank."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from gaap.theme.forms import ThemeRenderer
from gaap_payments.cards import holds_card_number
from gaap_payments.providers.base import EvidenceFile
from gaap_payments.services.evidence import LARGEST_FILE, LONGEST_EXPLANATION, media_type_of


class EvidenceForm(forms.Form):
    """Asks why the payment is right, and for a document that shows it."""

    default_renderer = ThemeRenderer

    explanation = forms.CharField(
        label=_("Why is the payment right?"),
        help_text=_("What was paid for, when the payer got it, and how you know that it was them."),
        max_length=LONGEST_EXPLANATION,
        error_messages={"required": _("Say why the payment is right")},
        widget=forms.Textarea({"rows": 10}),
    )
    file = forms.FileField(
        label=_("A document that shows it (optional)"),
        help_text=_("PDF, PNG or JPEG, at most 4 MB. Put several pages into one PDF."),
        required=False,
        max_length=255,
        error_messages={"empty": _("The file is empty")},
        widget=forms.FileInput({"accept": ".pdf,.png,.jpg,.jpeg"}),
    )

    def clean_explanation(self) -> str:
        """Refuse card numbers."""
        text: str = self.cleaned_data["explanation"]
        if holds_card_number(text):
            raise ValidationError(_("Do not enter a card number here"))
        return text

    def clean_file(self) -> EvidenceFile | None:
        """Return the document; what it is, its first bytes say and not its name."""
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if not file:
            return None
        if (file.size or 0) > LARGEST_FILE:
            raise ValidationError(_("The file is larger than 4 MB"))
        content = file.read()
        media_type = media_type_of(content)
        if not media_type:
            raise ValidationError(_("Choose a PDF, PNG or JPEG file"))
        name = PurePath(file.name or "").name
        if holds_card_number(name):
            raise ValidationError(_("Give the file a name without a card number"))
        return EvidenceFile(name, media_type, content)
