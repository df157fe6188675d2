"""The forms that take a letter as a PDF and send it."""

from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from gaap_notify.console.forms.one_offs import reference_field
from gaap_notify.models import LetterUpload
from gaap_notify.models.postage import DOMESTIC, Postage
from gaap_notify.services.letters.accepting import MAX_PDF_BYTES


class UploadForm(forms.Form):
    """Asks for the PDF."""

    file = forms.FileField(
        label=_("Letter as a PDF"),
        help_text=_(
            "Choose the file or drag it here. At most 5 MB and 10 pages, all of them A4 upright, with every font in "
            "the file."
        ),
        widget=forms.FileInput({"accept": ".pdf,application/pdf", "class": "gaap-console-drop"}),
        error_messages={"required": _("Choose a file"), "empty": _("The file is empty")},
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse a file that is too large before it is read."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_PDF_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB"))
        return file

    @property
    def filename(self) -> str:
        """The name of the file, without the folder that some browsers add."""
        return Path(self.cleaned_data["file"].name or "").name


class SendLetterForm(forms.Form):
    """Asks how fast the letter goes, unless its address says so, and what the service calls it."""

    postage = forms.ChoiceField(
        label=_("Postage"),
        choices=[(value, Postage(value).label) for value in DOMESTIC],
        initial=Postage.SECOND,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a postage")},
    )
    reference = reference_field()

    def __init__(self, *args: Any, upload: LetterUpload, **kwargs: Any) -> None:
        """Leave out the postage where the address of ``upload`` says it."""
        super().__init__(*args, **kwargs)
        if upload.zone:
            del self.fields["postage"]
