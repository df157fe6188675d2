"""The form that fills in a template."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from gaap.organisations.models import Service
from gaap_notify.console.words import in_words, is_about_files
from gaap_notify.errors import BadRequestError
from gaap_notify.models import ReplyTo, SmsSender, TemplateVersion
from gaap_notify.models.channels import Channel
from gaap_notify.rendering.placeholders import Gap, compile_text
from gaap_notify.rendering.values import match_key
from gaap_notify.services.files.orders import DEFAULT_WEEKS, MAX_FILE_BYTES, MAX_NAME_LENGTH, MOST_WEEKS
from gaap_notify.services.files.types import TYPES
from gaap_notify.services.one_offs import file_value
from gaap_notify.services.previews import Placeholder, placeholders_of
from gaap_notify.services.service_settings import settings_of

LONGEST_VALUE = 5000
MOST_LINES = 7
LONGEST_REFERENCE = 1000
#: The longest ending that is added to a file's name, with its dot.
_ENDING = 5
_TYPES = ", ".join(extension.upper() for extension in TYPES)
ONLY_LOOK = _("Leave it empty to look at the message without sending it.")


def reference_field() -> forms.CharField:
    """Return the field for what the service itself calls a message."""
    return forms.CharField(
        label=_("Reference"),
        help_text=_("What you call this message, to find it again. The recipient does not see it."),
        max_length=LONGEST_REFERENCE,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


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
        self.fields["reference"] = reference_field()
        takes_files = self.channel == Channel.EMAIL and bool(settings_of(service.pk).contact_details)
        # A link is of no use in a subject.
        for_files = _gaps_of(version.body) - _gaps_of(version.subject)
        for number, placeholder in enumerate(self.placeholders):
            self.fields[f"value_{number}"] = _gap(placeholder)
            if takes_files and not placeholder.is_conditional and match_key(placeholder.name) in for_files:
                self.fields[f"file_{number}"] = _file(placeholder)
                self.fields[f"name_{number}"] = _file_name(placeholder)
        if any(name.startswith("file_") for name in self.fields):
            self.fields.update(_file_options())

    def clean_recipient(self) -> str:
        """Drop empty lines of a postal address, and refuse one that is too long."""
        lines = [line.strip() for line in self.cleaned_data["recipient"].splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(_("An address has 7 lines at most"))
        return "\n".join(lines)

    def clean(self) -> dict[str, Any]:
        """Ask for every value when it is to be sent, and take a text or a file for a gap, not both."""
        cleaned = super().clean() or self.cleaned_data
        for number, placeholder in enumerate(self.placeholders):
            text, file = cleaned.get(f"value_{number}"), cleaned.get(f"file_{number}")
            if file:
                self._take_file(number, file, has_text=bool(text))
            elif cleaned.get("recipient") and not text and not {f"value_{number}", f"file_{number}"} & {*self.errors}:
                self.add_error(f"value_{number}", _("Enter a value for “%(name)s”") % {"name": placeholder.name})
        return cleaned

    def _take_file(self, number: int, file: "UploadedFile[bytes]", *, has_text: bool) -> None:
        name = f"file_{number}"
        if has_text:
            self.add_error(name, _("Give a text or a file, not both"))
        elif (file.size or 0) > MAX_FILE_BYTES:
            self.add_error(name, _("The file is larger than 2 MB"))
        else:
            given = self.cleaned_data
            try:
                given[name] = file_value(
                    file.read(),
                    filename=_named(file.name or "", given.get(f"name_{number}", "")),
                    weeks=given.get("weeks") or DEFAULT_WEEKS,
                    needs_email=given["needs_email"],
                )
            except BadRequestError as error:
                self.add_error(name, in_words(error))

    @property
    def values(self) -> dict[str, Any]:
        """What was given for the gaps, by name: texts, and files."""
        given = {
            found.name: self.cleaned_data.get(f"file_{number}") or self.cleaned_data[f"value_{number}"]
            for number, found in enumerate(self.placeholders)
        }
        return {name: value for name, value in given.items() if value}

    def field_at_fault(self, error: Exception) -> str:
        """Return the field to which a refusal belongs: what is wrong with a file is said beside the first one."""
        files = (name for name, value in self.cleaned_data.items() if name.startswith("file_") and value)
        return next(files, "recipient") if is_about_files(error) else "recipient"

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


def _gaps_of(text: str) -> set[str]:
    return {match_key(piece.name) for piece in compile_text(text).pieces if isinstance(piece, Gap)}


def _file(placeholder: Placeholder) -> forms.FileField:
    return forms.FileField(
        label=_("Or a file for “%(name)s”") % {"name": placeholder.name},
        help_text=_("At most 2 MB: %(types)s. The recipient gets a link to it.") % {"types": _TYPES},
        required=False,
        error_messages={"empty": _("The file is empty")},
    )


def _file_name(placeholder: Placeholder) -> forms.CharField:
    return forms.CharField(
        label=_("Name of the file for “%(name)s”") % {"name": placeholder.name},
        help_text=_("What the recipient’s copy is called. Leave it empty to keep the name. Its ending is added."),
        max_length=MAX_NAME_LENGTH - _ENDING,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


def _file_options() -> dict[str, forms.Field]:
    """Return the fields that hold for every file of the message."""
    return {
        "weeks": forms.IntegerField(
            label=_("Weeks for which files can be downloaded"),
            help_text=_("1 to %(most)s") % {"most": MOST_WEEKS},
            initial=DEFAULT_WEEKS,
            min_value=1,
            max_value=MOST_WEEKS,
            required=False,
            widget=forms.TextInput({"inputmode": "numeric", "class": "gaap-input--3"}),
        ),
        "needs_email": forms.BooleanField(
            label=_("The recipient confirms their email address before they get a file"),
            help_text=_("Without it, everybody who has the link gets the file: programs that look through mail, too."),
            initial=True,
            required=False,
        ),
    }


def _named(own: str, wanted: str) -> str:
    """Return the name that a file is sent under: ``wanted`` with the ending of its own one, if any is wanted."""
    ending = Path(own).suffix
    if not wanted:
        return own
    return wanted if wanted.lower().endswith(ending.lower()) else f"{wanted}{ending}"


def _senders(channel: str, service: Service) -> list[tuple[str, str]]:
    if channel == Channel.LETTER:
        return []
    model = ReplyTo if channel == Channel.EMAIL else SmsSender
    return [(str(row.pk), str(row)) for row in model._default_manager.filter(service=service)]
