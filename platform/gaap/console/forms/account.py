"""The forms of sign-up, sign-in and passwords: allauth's rules under our own labels, hints and error texts."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

EMAIL = {"autocomplete": "username", "spellcheck": "false"}
CODE = {"autocomplete": "one-time-code", "spellcheck": "false", "class": "gaap-input--10 gaap-input--code"}
REQUIRED_EMAIL = _("Enter your work email address")
REQUIRED_PASSWORD = _("Enter a password")
REQUIRED_CODE = _("Enter the code")
INVALID_EMAIL = _("Enter an email address like name@department.example")


def shape(
    form: forms.BaseForm,
    name: str,
    *,
    label: StrOrPromise,
    required: StrOrPromise,
    hint: StrOrPromise = "",
    attrs: dict[str, str] | None = None,
) -> None:
    """Give a field that allauth made our label, hint, error texts and attributes, and take its placeholder away."""
    field = form.fields[name]
    field.label, field.help_text = label, hint
    field.error_messages.update(required=required, invalid=INVALID_EMAIL)
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs or {})


def password_hint() -> str:
    """Return what is asked of a new password."""
    return " ".join(filter(None, password_validators_help_texts()))


class SignInForm(account.LoginForm):  # type: ignore[misc]
    """Asks for the work address and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shape(self, "login", label=_("Work email address"), required=REQUIRED_EMAIL, attrs=EMAIL)
        shape(self, "password", label=_("Password"), required=REQUIRED_PASSWORD)


class SignUpForm(account.SignupForm):  # type: ignore[misc]
    """Asks for a work address and a new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("We send a code to this address.")
        shape(self, "email", label=_("Work email address"), required=REQUIRED_EMAIL, hint=hint, attrs=EMAIL)
        shape(self, "password1", label=_("Choose a password"), required=REQUIRED_PASSWORD, hint=password_hint())


class ConfirmEmailForm(account.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """Asks for the code that was sent to the new address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("6 digits, in the email that we have just sent.")
        shape(self, "code", label=_("Code"), required=REQUIRED_CODE, hint=hint, attrs={**CODE, "inputmode": "numeric"})


class ForgottenPasswordForm(account.ResetPasswordForm):  # type: ignore[misc]
    """Asks where to send a link with which a new password can be chosen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shape(self, "email", label=_("Work email address"), required=REQUIRED_EMAIL, attrs=EMAIL)


class NewPasswordForm(account.ResetPasswordKeyForm):  # type: ignore[misc]
    """Asks for the new password, once: the browser can show it, and a slip is mended by another link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        shape(self, "password1", label=_("New password"), required=REQUIRED_PASSWORD, hint=password_hint())


class ChangePasswordForm(account.ChangePasswordForm):  # type: ignore[misc]
    """Asks for the present and the new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        shape(self, "oldpassword", label=_("Present password"), required=REQUIRED_PASSWORD)
        shape(self, "password1", label=_("New password"), required=REQUIRED_PASSWORD, hint=password_hint())


class ConfirmPasswordForm(account.ReauthenticateForm):  # type: ignore[misc]
    """Asks for the password again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shape(self, "password", label=_("Password"), required=REQUIRED_PASSWORD)


class SecondFactorForm(mfa.AuthenticateForm):  # type: ignore[misc]
    """Asks for the code of the authenticator app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("6 digits from your authenticator app, or one of your recovery codes.")
        shape(self, "code", label=_("Code"), required=REQUIRED_CODE, hint=hint, attrs=CODE)


class ConfirmCodeForm(mfa.ReauthenticateForm):  # type: ignore[misc]
    """Asks for a code again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("6 digits from your authenticator app, or one of your recovery codes.")
        shape(self, "code", label=_("Code"), required=REQUIRED_CODE, hint=hint, attrs=CODE)


class SetUpAppForm(ActivateTOTPForm):  # type: ignore[misc]
    """Asks for the first code of a newly added authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("6 digits that the app shows now.")
        shape(self, "code", label=_("Code"), required=REQUIRED_CODE, hint=hint, attrs={**CODE, "inputmode": "numeric"})
