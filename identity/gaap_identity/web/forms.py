"""The forms of the citizens' pages."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gaap.theme.fields import HintedRadioSelect
from gaap_identity.contacts import normalise_email, normalise_phone
from gaap_identity.models import Account
from gaap_identity.services.codes import CODE_DIGITS
from gaap_identity.services.passwords import MAX_LENGTH, check_password_rules

CODE_GAPS = " -\u00a0"


def _email_field() -> forms.CharField:
    widget = forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"})
    return forms.CharField(
        label=_("Email address"),
        max_length=254,
        widget=widget,
        error_messages={"required": _("Enter your email address")},
    )


class EmailForm(forms.Form):
    """The address of a new account."""

    email = _email_field()

    def clean_email(self) -> str:
        """Normalise the address."""
        return normalise_email(self.cleaned_data["email"])


class PasswordForm(EmailForm):
    """Address and password of an account that stands."""

    password = forms.CharField(
        label=_("Password"),
        max_length=MAX_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password")},
    )


class NewPasswordForm(forms.Form):
    """The password of a new account."""

    password = forms.CharField(
        label=_("Create a password"),
        help_text=_("At least 8 characters. Three words that only you would put together are a good password."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Enter a password")},
    )

    def clean_password(self) -> str:
        """Refuse what is too short or too common."""
        password: str = self.cleaned_data["password"]
        check_password_rules(password)
        return password


class CodeForm(forms.Form):
    """The code that was sent."""

    code = forms.CharField(
        label=_("Security code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "class": "gaap-input--10 gaap-input--code",
            }
        ),
        error_messages={"required": _("Enter the security code")},
    )

    def clean_code(self) -> str:
        """Drop the gaps that people type."""
        code = "".join(character for character in self.cleaned_data["code"] if character not in CODE_GAPS)
        if len(code) != CODE_DIGITS or not (code.isascii() and code.isdigit()):
            raise ValidationError(_("The security code has 6 digits"), code="invalid")
        return code


class SecondFactorForm(forms.Form):
    """Where the codes of a new account go."""

    second_factor = forms.ChoiceField(
        label=_("How do you want to get security codes?"),
        help_text=_(
            "A text message can be read by whoever gets hold of your number. A passkey, or an app that makes codes, is "
            "safer than both: you can add one as soon as you have an account."
        ),
        choices=[(Account.SecondFactor.SMS, _("By text message")), (Account.SecondFactor.EMAIL, _("By email"))],
        widget=HintedRadioSelect(
            hints={"sms": _("To your mobile phone, which is safer"), "email": _("To the address you just gave")}
        ),
        error_messages={"required": _("Choose how you want to get security codes")},
    )


class PhoneForm(forms.Form):
    """The mobile phone of a new account."""

    phone = forms.CharField(
        label=_("Mobile phone number"),
        help_text=_("With the country code if it is from abroad, for example +84 912 345 678"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "class": "gaap-input--20"}),
        error_messages={"required": _("Enter your mobile phone number")},
    )

    def clean_phone(self) -> str:
        """Normalise the number."""
        return normalise_phone(self.cleaned_data["phone"])


class ConfirmForm(forms.Form):
    """The password again, before something that matters."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password")},
    )


class RecoveryCodeForm(forms.Form):
    """A code from the citizen's sheet of paper."""

    code = forms.CharField(
        label=_("Recovery code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "gaap-input--20"}),
        error_messages={"required": _("Enter a recovery code")},
    )


class PasskeyForm(forms.Form):
    """What the browser answered when it was asked for a passkey."""

    answer = forms.CharField(max_length=20_000, widget=forms.HiddenInput)


class NothingForm(forms.Form):
    """A form that only confirms."""
