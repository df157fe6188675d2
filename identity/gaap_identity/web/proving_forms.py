"""The forms on the way to a proven identity."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gaap.theme.fields import DatePartsField, DatePartsWidget, HintedRadioSelect
from gaap_identity.services.ways import ShownWay

MAX_FILE_BYTES = 8_000_000


class SourceForm(forms.Form):
    """Which way to take."""

    source = forms.ChoiceField(
        label=gettext_lazy("How do you want to prove who you are?"),
        error_messages={"required": gettext_lazy("Choose a way"), "invalid_choice": gettext_lazy("Choose a way")},
    )

    def __init__(self, *args: Any, ways: Sequence[ShownWay], **kwargs: Any) -> None:
        """Take the ways to choose from, in their order."""
        super().__init__(*args, **kwargs)
        self.ways = list(ways)
        field = self.fields["source"]
        field.widget = HintedRadioSelect(hints={way.identifier: _how_long(way) for way in ways})
        field.choices = [(way.identifier, way.name) for way in ways]  # type: ignore[attr-defined]


class HaveForm(forms.Form):
    """What the citizen has."""

    has = forms.MultipleChoiceField(
        label=gettext_lazy("Choose everything that you have"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("passport", gettext_lazy("A passport")),
            ("driving_permit", gettext_lazy("A driving licence")),
            ("records", gettext_lazy("Letters from us with a reference number")),
            ("account_elsewhere", gettext_lazy("An account with another identity provider")),
            ("counter", gettext_lazy("A way to come to a counter in person")),
        ],
    )


def _how_long(way: ShownWay) -> Promise | str:
    if way.minutes is None:
        return ""
    minutes = ngettext("About %(count)d minute", "About %(count)d minutes", way.minutes) % {"count": way.minutes}
    if not way.days:
        return minutes
    days = ngettext("the answer comes within %(count)d day", "the answer comes within %(count)d days", way.days)
    return f"{minutes}, {days % {'count': way.days}}"


class PersonForm(forms.Form):
    """Who the citizen says they are, before it is checked."""

    given_names = forms.CharField(
        label=gettext_lazy("Given names"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "given-name", "spellcheck": "false"}),
    )
    family_name = forms.CharField(
        label=gettext_lazy("Family name"),
        help_text=gettext_lazy("Leave one of the two empty if you have only one name."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "family-name", "spellcheck": "false"}),
    )
    born_on = DatePartsField(label=gettext_lazy("Date of birth"), widget=DatePartsWidget(autocomplete="bday"))

    def clean(self) -> dict[str, Any]:
        """Ask for one name at least."""
        values: dict[str, Any] = super().clean() or {}
        if not values.get("given_names") and not values.get("family_name"):
            self.add_error("given_names", _("Enter your name"))
        return values


class DocumentForm(PersonForm):
    """A document to be looked at by a person."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Which document is it?"),
        choices=[("passport", gettext_lazy("A passport")), ("driving_permit", gettext_lazy("A driving licence"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a document")},
    )
    picture = forms.FileField(
        label=gettext_lazy("Picture of the document"),
        help_text=gettext_lazy("A JPEG or PNG file of up to 8 MB that shows the whole page."),
        error_messages={"required": gettext_lazy("Choose a picture of the document")},
    )
    portrait = forms.FileField(
        label=gettext_lazy("Picture of yourself"),
        help_text=gettext_lazy("Taken today, with your whole face, as JPEG or PNG."),
        error_messages={"required": gettext_lazy("Choose a picture of yourself")},
    )

    def clean_picture(self) -> bytes:
        """Return the picture's bytes."""
        return _image(self.cleaned_data["picture"])

    def clean_portrait(self) -> bytes:
        """Return the picture's bytes."""
        return _image(self.cleaned_data["portrait"])


class RegisterForm(PersonForm):
    """What the citizen says that we hold about them."""

    reference = forms.CharField(
        label=gettext_lazy("Reference number"),
        help_text=gettext_lazy("From a letter that we sent you, for example GA-4471-93"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "gaap-input--20", "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Enter the reference number")},
    )


def _image(file: Any) -> bytes:
    """Return the bytes of a JPEG or PNG file; raises ValidationError for everything else."""
    if file.size > MAX_FILE_BYTES:
        raise forms.ValidationError(_("The picture is larger than 8 MB"), code="large")
    content: bytes = file.read()
    if not content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        raise forms.ValidationError(_("The picture must be a JPEG or PNG file"), code="kind")
    return content
