"""Keeping and checking citizens' passwords: argon2id, with parameters of our own (contract A.5)."""

import secrets
import unicodedata
from functools import cache
from pathlib import Path

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from gaap.breaches import is_breached
from gaap.passwords import is_of_this_place
from gaap_identity.conf import conf

MIN_LENGTH = 8
MAX_LENGTH = 256


class CitizenPasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane (OWASP's floor): 26 ms, where Django's defaults take 285."""

    time_cost = 2
    memory_cost = 19456
    parallelism = 1


HASHER = CitizenPasswordHasher()


def check_password_rules(password: str) -> None:
    """Raise ValidationError unless ``password`` has 8 to 256 characters and is neither common nor breached."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise ValidationError(
            _("Password must have between %(least)d and %(most)d characters")
            % {"least": MIN_LENGTH, "most": MAX_LENGTH},
            code="length",
        )
    if _is_common(password):
        raise ValidationError(_("Choose a password that is harder to guess"), code="common")
    if conf.breached_passwords_file and is_breached(password, path=Path(conf.breached_passwords_file)):
        raise ValidationError(
            _("This password was found in stolen data of another website. Choose another one"), code="breached"
        )


def _is_common(password: str) -> bool:
    try:
        _common_passwords().validate(password)
    except ValidationError:
        return True
    return is_of_this_place(password)


def hash_password(password: str) -> str:
    """Return what is stored of ``password``."""
    return str(HASHER.encode(_normalise(password), HASHER.salt()))


def verify_password(password: str, *, stored: str) -> bool:
    """Tell whether ``password`` is the one that was stored."""
    return bool(HASHER.verify(_normalise(password), stored))


def waste_time(password: str) -> None:
    """Work as long as a real check does, so that an unknown account takes no less time than a wrong password."""
    verify_password(password, stored=_nobodys_password())


def _normalise(password: str) -> str:
    """Return one form of the text: keyboards differ in how they compose letters such as ễ and ŵ."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys_password() -> str:
    return hash_password(secrets.token_urlsafe(16))


@cache
def _common_passwords() -> CommonPasswordValidator:
    return CommonPasswordValidator()
