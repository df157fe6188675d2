"""System checks of the console: each with an id and a hint."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from gaap.conf import conf as kernel_conf
from gaap.console.conf import conf

NEEDED_APPS = ("allauth", "allauth.account", "allauth.mfa", "allauth.usersessions")
NEEDED_SETTINGS = {
    "ACCOUNT_ADAPTER": "gaap.console.adapters.ConsoleAccountAdapter",
    "MFA_ADAPTER": "gaap.console.adapters.ConsoleMFAAdapter",
}


@register(Tags.security)
def check_sign_in(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse to start when the sign-in is not wired as the console needs it."""
    missing = [name for name in NEEDED_APPS if not apps.is_installed(name)]
    wrong = [name for name, value in NEEDED_SETTINGS.items() if getattr(settings, name, "") != value]
    found: list[CheckMessage] = []
    if missing:
        hint = f"Add {', '.join(missing)} to INSTALLED_APPS after gaap.console, or take gaap.console out."
        found.append(Error("The console needs django-allauth.", hint=hint, id="gaap_console.E001"))
    if wrong:
        hint = " ".join(f"{name} = {NEEDED_SETTINGS[name]!r}." for name in wrong)
        found.append(Error("The console's sign-in is not wired.", hint=hint, id="gaap_console.E002"))
    return found


@register(Tags.security)
def check_second_factor(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse to serve real people without a second factor for those who look after services."""
    if kernel_conf.is_production and not conf.needs_second_factor:
        hint = "Take SECOND_FACTOR out of GAAP_CONSOLE (or set GAAP_CONSOLE_SECOND_FACTOR=1)."
        return [Error("Team members get in with a password alone.", hint=hint, id="gaap_console.E003")]
    return []


@register(Tags.security, deploy=True)
def check_domains(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Warn when everybody on the internet may sign up."""
    if conf.email_domains:
        return []
    hint = "List the domains of your departments in GAAP_CONSOLE_EMAIL_DOMAINS."
    return [checks.Warning("Every email address may sign up for the console.", hint=hint, id="gaap_console.W001")]
