"""System checks of Identity: what would stop a citizen or a service is said when the site starts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks

from gaap.conf import conf as kernel_conf
from gaap.providers.registry import UnknownProviderError
from gaap_identity.conf import DEFAULT_SUBJECT_NAMESPACE, MOST_TEXTS_ABROAD, conf
from gaap_identity.gpg45.evaluator import BY_NAME
from gaap_identity.openid.levels import IDENTITY_LEVELS
from gaap_identity.providers.base import registry
from gaap_identity.providers.company_registers import registry as company_registers

SWAPPED_MODELS = {
    "OAUTH2_PROVIDER_APPLICATION_MODEL": "gaap_identity.Client",
    "OAUTH2_PROVIDER_GRANT_MODEL": "gaap_identity.AuthorizationCode",
    "OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL": "gaap_identity.AccessToken",
    "OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL": "gaap_identity.RefreshToken",
    "OAUTH2_PROVIDER_ID_TOKEN_MODEL": "gaap_identity.IDToken",
}


@checks.register()
def check_identity(**_: Any) -> list[checks.CheckMessage]:
    """Return every fault found."""
    return [*_check_settings(), *_check_models(), *_check_notify(), *_check_provider(), *_check_production()]


def _check_settings() -> Iterator[checks.CheckMessage]:
    for name in sorted(conf.unknown_names):
        yield checks.Error(f"GAAP_IDENTITY has no setting {name!r}.", id="gaap_identity.E001")
    for name, value in {"SUBJECT": conf.subject_namespace, "WALLET": conf.wallet_namespace}.items():
        if not (value.startswith("urn:") and value.endswith(":")):
            yield checks.Error(f"{name}_NAMESPACE must be a URN that ends in a colon.", id="gaap_identity.E002")
    if not conf.claim_base.endswith("/"):
        yield checks.Error("CLAIM_BASE must end in a slash.", id="gaap_identity.E003")
    yield from _check_profiles()
    if conf.breached_passwords_file and not Path(conf.breached_passwords_file).is_file():
        yield checks.Error("BREACHED_PASSWORDS_FILE is no file.", id="gaap_identity.E008")
    if not 0 <= conf.texts_abroad_per_day <= MOST_TEXTS_ABROAD:
        yield checks.Error(f"TEXTS_ABROAD_PER_DAY must lie between 0 and {MOST_TEXTS_ABROAD}.", id="gaap_identity.E009")


def _check_profiles() -> Iterator[checks.CheckMessage]:
    unknown = {name for names in conf.accepted_profiles.values() for name in names} - set(BY_NAME)
    if unknown or not set(conf.accepted_profiles) <= set(IDENTITY_LEVELS[1:]):
        yield checks.Error(
            "ACCEPTED_PROFILES must name profiles of GPG 45 for the levels P1 to P3.",
            hint=f"Unknown: {', '.join(sorted(unknown))}." if unknown else None,
            id="gaap_identity.E007",
        )


def _check_models() -> Iterator[checks.CheckMessage]:
    for name, model in SWAPPED_MODELS.items():
        if getattr(settings, name, "") != model:
            yield checks.Error(f"Set {name} = {model!r}.", id="gaap_identity.E004")


def _check_notify() -> Iterator[checks.CheckMessage]:
    if not apps.is_installed("gaap_notify"):
        yield checks.Warning(
            "Notify is not installed, so no codes can be sent: nobody can create an account or sign in with a code.",
            hint="Add gaap_notify to INSTALLED_APPS.",
            id="gaap_identity.W001",
        )


def _check_provider() -> Iterator[checks.CheckMessage]:
    try:
        registry.get(conf.evidence_provider)
    except UnknownProviderError as error:
        yield checks.Error(str(error), hint=f"Known: {', '.join(registry.identifiers())}.", id="gaap_identity.E005")
    if conf.company_register not in ("", *company_registers.identifiers()):
        known = ", ".join(company_registers.identifiers())
        yield checks.Error("COMPANY_REGISTER names no register.", hint=f"Known: {known}.", id="gaap_identity.E010")


def _check_production() -> Iterator[checks.CheckMessage]:
    if not kernel_conf.is_production:
        return
    if conf.subject_namespace == DEFAULT_SUBJECT_NAMESPACE:
        yield checks.Error(
            "SUBJECT_NAMESPACE still has its example value; changing it later changes every subject.",
            id="gaap_identity.E006",
        )
    if conf.evidence_provider == "sandbox":
        yield checks.Warning(
            "The sandbox is the evidence provider, so nobody can prove their identity to a live service.",
            hint="Set EVIDENCE_PROVIDER in GAAP_IDENTITY.",
            id="gaap_identity.W002",
        )
