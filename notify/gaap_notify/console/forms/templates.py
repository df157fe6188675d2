"""Forms about templates and their folders."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaap_notify.models import ContactBlock, Template, TemplateFolder
from gaap_notify.models.channels import Channel
from gaap_notify.models.postage import DOMESTIC, Postage
from gaap_notify.rendering.messages import placeholder_names
from gaap_notify.services.drafts import MAX_SMS_LENGTH
from gaap_notify.services.folders import Place
from gaap_notify.services.templates import TemplateParts

MAX_SUBJECT = 1000
#: What a text may hold besides what is sent: gaps and conditional parts are longer than what they become.
MAX_SOURCE = 100_000
GAPS = _("Write a gap as ((name)), and text that shows only sometimes as ((name??text)).")


class FolderField(forms.TypedChoiceField):
    """Chooses one of the service's folders, or the top."""

    def __init__(self, places: Sequence[Place] = (), **kwargs: Any) -> None:
        """Offer ``places``, each with the names that lead to it."""
        self.folders = {str(place.folder.pk): place.folder for place in places}
        choices = [("", _("No folder")), *((str(place.folder.pk), place.label) for place in places)]
        super().__init__(choices=choices, coerce=self.folders.__getitem__, empty_value=None, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a folder by its id."""
        return str(value.pk) if isinstance(value, TemplateFolder) else value


class TemplateForm(forms.Form):
    """Asks for the text of a template of one channel."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("Your team sees it; recipients do not."),
        max_length=255,
        error_messages={"required": _("Enter a name")},
    )
    subject = forms.CharField(
        label=_("Subject"), max_length=MAX_SUBJECT, error_messages={"required": _("Enter a subject")}
    )
    body = forms.CharField(
        label=_("Message"),
        help_text=GAPS,
        max_length=MAX_SOURCE,
        widget=forms.Textarea({"rows": 12}),
        error_messages={"required": _("Enter the message")},
    )
    has_unsubscribe_link = forms.BooleanField(
        label=_("Add a link for unsubscribing"),
        help_text=_("For emails that people can do without, such as news. Never for what they have to know."),
        required=False,
    )
    postage = forms.ChoiceField(
        label=_("Postage"), choices=[(value, Postage(value).label) for value in DOMESTIC], required=False
    )
    contact_block = forms.ModelChoiceField(
        queryset=ContactBlock.objects.none(),
        label=_("Contact block"),
        empty_label=_("No contact block"),
        required=False,
    )
    welsh_subject = forms.CharField(label=_("Heading in Welsh"), max_length=MAX_SUBJECT, required=False)
    welsh_body = forms.CharField(
        label=_("Text in Welsh"),
        help_text=_("With it the letter has two languages, and Welsh comes first."),
        max_length=MAX_SOURCE,
        widget=forms.Textarea({"rows": 12}),
        required=False,
    )

    def __init__(self, *args: Any, channel: str, service_id: Any, places: Sequence[Place], **kwargs: Any) -> None:
        """Ask what a template of ``channel`` has."""
        super().__init__(*args, **kwargs)
        self.channel = channel
        self.fields["folder"] = FolderField(places, label=_("Folder"))
        self.fields["contact_block"].queryset = ContactBlock.objects.filter(  # type: ignore[attr-defined]
            service_id=service_id
        )
        for name in _not_asked(channel):
            del self.fields[name]
        if channel == Channel.LETTER:
            self.fields["subject"].label = _("Heading")
            self.fields["subject"].error_messages["required"] = _("Enter a heading")

    def clean_body(self) -> str:
        """Refuse what could never be sent, or gaps that a spreadsheet cannot fill."""
        return _checked(self.cleaned_data["body"], self.channel)

    def clean_subject(self) -> str:
        """Refuse gaps that a spreadsheet cannot fill."""
        return _checked(self.cleaned_data["subject"], self.channel)

    def clean_welsh_body(self) -> str:
        """Refuse gaps that a spreadsheet cannot fill."""
        return _checked(self.cleaned_data["welsh_body"], self.channel)

    def clean(self) -> dict[str, Any]:
        """Ask for both halves of the Welsh letter, or for none."""
        cleaned = super().clean() or self.cleaned_data
        if bool(cleaned.get("welsh_subject")) != bool(cleaned.get("welsh_body")) and "welsh_body" in cleaned:
            missing = "welsh_body" if cleaned["welsh_subject"] else "welsh_subject"
            self.add_error(missing, _("Enter both the heading and the text in Welsh, or leave both empty"))
        return cleaned

    @property
    def text(self) -> dict[str, Any]:
        """The answers as ``create_template`` and ``change_template`` take them."""
        cleaned = self.cleaned_data
        text = {"name": cleaned["name"], "subject": cleaned.get("subject", ""), "body": cleaned["body"]}
        if self.channel == Channel.EMAIL:
            return {**text, "parts": TemplateParts(has_unsubscribe_link=cleaned["has_unsubscribe_link"])}
        if self.channel == Channel.SMS:
            return text
        block = cleaned["contact_block"]
        parts = TemplateParts(
            cleaned["postage"], block.pk if block else None, cleaned["welsh_subject"], cleaned["welsh_body"]
        )
        return {**text, "parts": parts}


class FolderForm(forms.Form):
    """Asks for a folder's name and place."""

    name = forms.CharField(label=_("Name"), max_length=100, error_messages={"required": _("Enter a name")})

    def __init__(self, *args: Any, places: Sequence[Place], **kwargs: Any) -> None:
        """Offer ``places`` to put it into."""
        super().__init__(*args, **kwargs)
        self.fields["parent"] = FolderField(places, label=_("Inside of"))


def initial_of(template: Template) -> dict[str, Any]:
    """Return what a form about a template begins with."""
    version = template.current
    if version is None:
        return {}
    return {
        "name": version.name,
        "subject": version.subject,
        "body": version.body,
        "has_unsubscribe_link": version.has_unsubscribe_link,
        "postage": version.postage,
        "contact_block": version.contact_block_id,
        "welsh_subject": version.welsh_subject,
        "welsh_body": version.welsh_body,
        "folder": str(template.folder_id or ""),
    }


def _not_asked(channel: str) -> tuple[str, ...]:
    letters = ("postage", "contact_block", "welsh_subject", "welsh_body")
    if channel == Channel.LETTER:
        return ("has_unsubscribe_link",)
    return ("subject", "has_unsubscribe_link", *letters) if channel == Channel.SMS else letters


def _checked(text: str, channel: str) -> str:
    """Return the text with one kind of line end; raises ValidationError."""
    text = text.replace("\r\n", "\n")
    if any("," in name for name in placeholder_names(text)):
        raise forms.ValidationError(_("The name of a gap cannot hold a comma"))
    if channel == Channel.SMS and "((" not in text and len(text) > MAX_SMS_LENGTH:
        raise forms.ValidationError(
            _("Text messages cannot be longer than %(limit)s characters"), params={"limit": MAX_SMS_LENGTH}
        )
    return text
