"""System checks of the operators' admin: each with an id and a hint."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from gaap.conf import conf as kernel_conf
from gaap.operators.conf import PASSWORD_ONLY, conf


@register(Tags.security)
def check_second_factor(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse what would lock every operator out, and what would let them in with a password where it matters."""
    if not apps.is_installed("django.contrib.admin"):
        return []
    if conf.needs_second_factor and conf.sign_in == PASSWORD_ONLY:
        hint = "Install gaap.console and set GAAP_OPERATOR_SIGN_IN, or leave GAAP_OPERATOR_MFA out."
        text = "Operators need a second factor, and their sign-in knows of none: nobody can get in."
        return [Error(text, hint=hint, id="gaap.E005")]
    if kernel_conf.is_production and not conf.needs_second_factor:
        if conf.sign_in == PASSWORD_ONLY:
            hint = 'Install gaap.console and set GAAP_OPERATOR_SIGN_IN to its "ConsoleSignIn".'
            return [checks.Warning("Operators get in with a password alone.", hint=hint, id="gaap.W003")]
        hint = "Take GAAP_OPERATOR_MFA=0 away."
        return [Error("The operators' second factor is switched off.", hint=hint, id="gaap.E006")]
    return []
