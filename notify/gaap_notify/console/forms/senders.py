"""Forms about what messages come from, where answers go, and whom a trial reaches."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from gaap.organisations.models import Service
from gaap_notify.models import ContactBlock, ReplyTo, SmsSender
from gaap_notify.recipients import RecipientError, parse_email
from gaap_notify.services.senders import Owned, SenderError, check_untaken, read_sms_sender

MOST_LINES = 10
MOST_LETTERS = 1000
FAULTS = {
    "form": _("A name has 3 to 11 letters, digits, spaces or the signs & . - _, and begins with no 00"),
    "generic": _("Choose a name that says who writes"),
    "foreign": _("Another organisation sends from this name"),
    "number": _("Enter a name, or a number that belongs to this service"),
    "taken": _("The service has this already"),
    "waiting": _("We have asked this address already; it waits to be confirmed"),
    "full": _("Too many addresses wait to be confirmed. Remove one of them first"),
    "often": _("Your service has asked too many addresses today. Try again tomorrow"),
}


class SenderForm(forms.Form):
    """Asks for one text and whether it is used where nothing else is said."""

    model: ClassVar[type[Owned]]
    #: The field that holds the text, as the model calls it.
    column: ClassVar[str]

    is_default = forms.BooleanField(
        label=_("Use it where nothing else is chosen"),
        help_text=_("One of them can be; it takes the place of another."),
        required=False,
    )

    def __init__(self, *args: Any, service: Service, row: Owned | None = None, **kwargs: Any) -> None:
        """Ask about ``row`` of the service, or a new one."""
        super().__init__(*args, **kwargs)
        self.service, self.row = service, row
        self.order_fields([self.column, "is_default"])

    def check(self, text: str) -> str:
        """Return ``text`` as it is kept; raises SenderError or RecipientError."""
        return text

    def clean(self) -> dict[str, Any]:
        """Refuse what may not be, and what is there already."""
        cleaned = super().clean() or self.cleaned_data
        if self.column in cleaned:
            try:
                cleaned[self.column] = self.check(cleaned[self.column])
                besides = self.row.pk if self.row else None
                check_untaken(self.model, cleaned[self.column], service=self.service, besides=besides)
            except SenderError as error:
                self.add_error(self.column, FAULTS[error.code])
        return cleaned


class ReplyToForm(SenderForm):
    """Asks for an address at which answers arrive."""

    model = ReplyTo
    column = "email"

    email = forms.CharField(
        label=_("Email address"),
        help_text=_("We send an email there. When somebody who reads it has confirmed, answers can go there."),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter an email address")},
    )

    def clean_email(self) -> str:
        """Refuse what is no address."""
        try:
            return parse_email(self.cleaned_data["email"])
        except RecipientError as error:
            text = _("Enter an email address in the right form, such as name@example.org.")
            raise forms.ValidationError(text) from error


class SmsSenderForm(SenderForm):
    """Asks for the name or number that text messages come from."""

    model = SmsSender
    column = "sender"

    sender = forms.CharField(
        label=_("Sender"),
        help_text=_("A name of 3 to 11 letters that people know you by. Nobody can answer to a name."),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter a name")},
    )

    def check(self, text: str) -> str:
        """Return the name or number as it is sent; raises SenderError."""
        return read_sms_sender(text, service=self.service)


class ContactBlockForm(SenderForm):
    """Asks for the lines at the top of a letter."""

    model = ContactBlock
    column = "text"

    text = forms.CharField(
        label=_("Lines"),
        help_text=_("They stand at the top of your letters, ten at most, and may hold gaps such as ((name))."),
        max_length=MOST_LETTERS,
        widget=forms.Textarea({"rows": 6}),
        error_messages={"required": _("Enter the lines")},
    )

    def clean_text(self) -> str:
        """Refuse more lines than there is room for."""
        text = self.check(self.cleaned_data["text"])
        if text.count("\n") >= MOST_LINES:
            raise forms.ValidationError(_("Enter %(lines)s lines at most"), params={"lines": MOST_LINES})
        return text

    def check(self, text: str) -> str:
        """Return the lines without stray spaces at their ends."""
        return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip("\n").split("\n"))


class GuestForm(forms.Form):
    """Asks for somebody who agreed to get messages while the service is on trial."""

    recipient = forms.CharField(
        label=_("Email address or telephone number"),
        help_text=_("Of somebody who knows that you are trying things out."),
        max_length=320,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter an email address or a telephone number")},
    )
