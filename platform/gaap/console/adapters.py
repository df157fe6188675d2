"""How allauth is fitted in: our error texts, addresses as names, emails by the table, secrets encrypted."""

import time
from typing import Any, ClassVar, cast
from urllib.parse import quote

import qrcode
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from qrcode.image.svg import SvgPathImage

from gaap.conf import conf as kernel_conf
from gaap.console.conf import conf
from gaap.console.refusals import note_wrong_proof
from gaap.console.services.emails import queue_email
from gaap.crypto import decrypt, encrypt
from gaap.theme.brand import current_brand

SECRETS = "mfa.authenticator"
LONGEST_NAME = 150


class ConsoleAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts of team members and operators: the name of an account is its address."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("This account is closed"),
        "email_password_mismatch": gettext_lazy("The address or the password is not right"),
        "enter_current_password": gettext_lazy("This is not your present password"),
        "incorrect_code": gettext_lazy("This code is not right, or too old"),
        "incorrect_password": gettext_lazy("The password is not right"),
        "invalid_password_reset": gettext_lazy("This link has been used or is too old"),
        "rate_limited": gettext_lazy("Wait a moment before you ask again"),
        "too_many_login_attempts": gettext_lazy("Too many tries; wait a few minutes and start again"),
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """Return the error of a form, and note it when it says that somebody did not prove who they are."""
        note_wrong_proof(code)
        return cast(ValidationError, super().validation_error(code, *args))

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """Name the account by its address."""
        user.username = user.email = user.email.lower()

    def clean_email(self, email: str) -> str:
        """Refuse addresses that may not sign up, unless they were invited, and those too long for a user name."""
        if not _may_sign_up(email) and not self.is_email_verified(context.request, email):
            raise ValidationError(_("Use your work email address; private addresses cannot sign up"), code="domain")
        if len(email) > LONGEST_NAME:
            raise ValidationError(_("This address is too long"), code="length")
        return email

    def format_email_subject(self, subject: str) -> str:
        """Leave the subject as it is."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Have the email sent by a worker."""
        words = {"brand": current_brand(), "base_url": kernel_conf.base_url.rstrip("/"), **context}
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", words).split())
        text = render_to_string(f"{template_prefix}_message.txt", words).strip()
        queue_email(email, subject=subject, text=f"{text}\n")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link to choose a new password, on our own host whatever host the request named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return kernel_conf.base_url.rstrip("/") + path.replace("UID-KEY", quote(key))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Tell whether the person must prove again who they are: not within five minutes of having done so."""
        request = context.request
        records = get_authentication_records(request, request.user) if request else []
        latest = max((record["at"] for record in records), default=0)
        return bool(time.time() - latest >= app_settings.REAUTHENTICATION_TIMEOUT)


def _may_sign_up(email: str) -> bool:
    """Tell whether the address lies in one of the domains that may sign up, or in one below them."""
    domain = email.rpartition("@")[2].lower()
    allowed = conf.email_domains
    return not allowed or any(domain == found or domain.endswith(f".{found}") for found in allowed)


class ConsoleMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: secrets are encrypted with the platform's keys."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This code is not right, or too old"),
        "cannot_delete_authenticator": gettext_lazy("Your second factor cannot be removed"),
        "unverified_email": gettext_lazy("Confirm your email address first"),
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """Return the error of a form, and note it when it says that somebody did not prove who they are."""
        note_wrong_proof(code)
        return cast(ValidationError, super().validation_error(code, *args))

    def get_totp_issuer(self) -> str:
        """Return the name under which the authenticator app lists us."""
        return str(current_brand().name)

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code as an ``svg`` element that can stand in a page."""
        image = qrcode.make(url, image_factory=SvgPathImage, border=2)
        return str(image.to_string(encoding="unicode"))

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return encrypt(text, context=SECRETS)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret."""
        return decrypt(encrypted_text, context=SECRETS)
