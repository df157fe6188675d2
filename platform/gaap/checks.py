"""System checks of the kernel: each with an id and a hint."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from gaap.conf import conf
from gaap.crypto import encrypt
from gaap.observing import otlp
from gaap.security import reporting


@register(Tags.security)
def check_encryption(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse to start without a key that encrypts."""
    try:
        encrypt("check", context="check")
    except ImproperlyConfigured as error:
        hint = "Set GAAP_ENCRYPTION_KEYS to id:base64 of 32 random bytes; several are separated by commas."
        return [Error(str(error), hint=hint, id="gaap.E001")]
    return []


@register(Tags.security)
def check_embedded(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse the laptop's conveniences where real people are served."""
    if conf.is_production and conf.is_embedded:
        hint = "Unset GAAP_EMBEDDED and GAAP_DATA, or set GAAP_ENVIRONMENT to development."
        return [
            Error("Embedded mode shows every message and code; it is refused in production.", hint=hint, id="gaap.E002")
        ]
    return []


@register(Tags.security)
def check_digest_key(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Warn when look-ups would be lost with the next SECRET_KEY."""
    if conf.is_production and not getattr(settings, "GAAP_DIGEST_KEY", ""):
        hint = "Set GAAP_DIGEST_KEY to a long random text and never change it."
        text = "API keys are found by SECRET_KEY; changing it would lose them."
        return [checks.Warning(text, hint=hint, id="gaap.W001")]
    return []


@register(Tags.security)
def check_breached_passwords(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse a file of breached passwords that is not there: every new password would fail."""
    if conf.breached_passwords_file and not Path(conf.breached_passwords_file).is_file():
        hint = "Name a sorted file of SHA-1 digests in GAAP_BREACHED_PASSWORDS_FILE, or none."
        return [Error("The file of breached passwords is not there.", hint=hint, id="gaap.E014")]
    return []


@register(Tags.security)
def check_security_reports(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse a security.txt that RFC 9116 does not allow; warn of one that has expired, which stops nobody's work."""
    hint = (
        "Set GAAP_SECURITY_CONTACTS to mailto:, tel: or https: addresses, and GAAP_SECURITY_EXPIRES to a time within "
        "a year such as 2027-06-30T00:00:00Z; move it on when you have checked the contacts."
    )
    faults: list[CheckMessage] = [Error(fault, hint=hint, id="gaap.E018") for fault in reporting.faults()]
    if reporting.has_expired():
        faults.append(checks.Warning("The contacts of security.txt have expired.", hint=hint, id="gaap.W004"))
    return faults


@register
def check_tracing(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse a collector of traces that nobody could tell anything, and a share that is none."""
    if not conf.otlp_endpoint:
        return []
    faults: list[CheckMessage] = []
    if not otlp.is_installed():
        hint = "Install requirements/tracing.txt, or leave GAAP_OTLP_ENDPOINT empty."
        faults.append(Error("The packages that tell traces are not installed.", hint=hint, id="gaap.E016"))
    if not 0 <= conf.trace_share <= 1:
        hint = "Set GAAP_TRACE_SHARE to a number from 0 to 1."
        faults.append(Error("The share of traces to tell is no share.", hint=hint, id="gaap.E017"))
    return faults


@register(Tags.security, deploy=True)
def check_base_url(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse a public address without TLS."""
    if conf.is_production and not conf.base_url.startswith("https://"):
        hint = "Set GAAP_BASE_URL to the public https address."
        return [Error("The public address of the platform is not https.", hint=hint, id="gaap.E003")]
    return []
