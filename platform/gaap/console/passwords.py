"""Rules for the passwords of team members and operators, in words of our own and in every language we offer."""

from pathlib import Path
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from gaap.breaches import is_breached
from gaap.conf import conf
from gaap.passwords import is_of_this_place


class LengthRule(password_validation.MinimumLengthValidator):
    """A password has at least ``min_length`` characters."""

    def get_error_message(self) -> str:
        """Say what is wrong."""
        return _("The password must have at least %(least)d characters") % {"least": self.min_length}

    def get_help_text(self) -> str:
        """Say what is asked for."""
        return _(
            "At least %(least)d characters. Three words that nobody would expect together are easy to remember."
        ) % {"least": self.min_length}


class CommonRule(password_validation.CommonPasswordValidator):
    """A password is none of the 20,000 that are tried first, and not made of the names of this place."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a password that is guessed first."""
        super().validate(password, user)
        if is_of_this_place(password):
            raise ValidationError(self.get_error_message(), code="password_too_common")

    def get_error_message(self) -> str:
        """Say what is wrong."""
        return _("This password is among those that are guessed first; choose another one")

    def get_help_text(self) -> str:
        """Say nothing: the rule explains itself when it is broken."""
        return ""


class BreachRule:
    """A password was not found in stolen data, as far as the installation's own file of it knows."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a password that stands in the file."""
        path = conf.breached_passwords_file
        if path and is_breached(password, path=Path(path)):
            raise ValidationError(
                _("This password was found in stolen data of another website. Choose another one"), code="breached"
            )

    def get_help_text(self) -> str:
        """Say nothing: the rule explains itself when it is broken."""
        return ""


class SimilarityRule(password_validation.UserAttributeSimilarityValidator):
    """A password does not resemble the person's name or address."""

    def get_error_message(self) -> str:
        """Say what is wrong."""
        return _("The password is too much like your name or email address")

    def get_help_text(self) -> str:
        """Say nothing: the rule explains itself when it is broken."""
        return ""
