"""System checks of Notify: each with an id and a hint."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import InvalidStorageError
from django.utils.translation import gettext as _

from gaap.conf import conf as kernel_conf
from gaap.providers.registry import UnknownProviderError
from gaap_notify.conf import ProviderConfig, conf
from gaap_notify.models.channels import Channel
from gaap_notify.providers import REGISTRIES, make_provider
from gaap_notify.services.vault import vault_storage


@register(Tags.compatibility)
def check_providers(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Hold every entry of ``GAAP_NOTIFY["PROVIDERS"]`` to what its provider needs."""
    return [
        fault
        for channel in REGISTRIES
        for config in conf.providers(channel).values()
        for fault in _provider_faults(channel, config)
    ]


@register(Tags.compatibility)
def check_defaults(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Hold ``GAAP_NOTIFY["DEFAULT"]`` to the configured providers, and keep the sandbox from real people.

    A platform may do without letters; should a service send some, they wait until an operator names a printer.
    """
    return [fault for channel in REGISTRIES for fault in _default_faults(channel)]


@register(Tags.compatibility)
def check_file_storage(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Hold the storage for letters and files by email to what it needs; nothing is asked of it yet."""
    try:
        vault_storage()
    except (ImportError, ImproperlyConfigured, InvalidStorageError, TypeError) as error:
        message = _("The storage for letters and files by email cannot be used: %(error)s") % {"error": error}
        hint = _("Correct GAAP_FILE_STORAGE. An object store needs the extra: pip install gaap-suite[s3].")
        return [Error(message, hint=hint, id="gaap_notify.E005")]
    return []


def _provider_faults(channel: str, config: ProviderConfig) -> Iterator[CheckMessage]:
    where = f'GAAP_NOTIFY["PROVIDERS"]["{channel}"]["{config.alias}"]'
    try:
        faults = list(make_provider(channel, config).check())
    except UnknownProviderError:
        known = ", ".join(REGISTRIES[channel].identifiers())
        hint = _("Known are: %(known)s.") % {"known": known}
        message = _("%(where)s names a provider that does not exist.") % {"where": where}
        yield Error(message, hint=hint, id="gaap_notify.E001")
        return
    for fault in faults:
        hint = _("Correct the OPTIONS of this provider.")
        yield Error(f"{where}: {fault}", hint=hint, id="gaap_notify.E002")


def _default_faults(channel: str) -> Iterator[CheckMessage]:
    where = f'GAAP_NOTIFY["DEFAULT"]["{channel}"]'
    config = conf.providers(channel).get(conf.default_alias(channel))
    if config is None:
        message = _("%(where)s names a provider that is not configured.") % {"where": where}
        hint = _('Name one of the aliases in GAAP_NOTIFY["PROVIDERS"].')
        yield Error(message, hint=hint, id="gaap_notify.E003")
    elif config.is_sandbox and kernel_conf.is_production and channel != Channel.LETTER:
        message = _("%(where)s is the sandbox, which sends nothing to anybody.") % {"where": where}
        hint = _("Configure a real provider, or set GAAP_ENVIRONMENT to development.")
        yield Error(message, hint=hint, id="gaap_notify.E004")
