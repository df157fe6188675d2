"""System checks of an installation that serves real people: what is fine on a laptop and unsafe there."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from gaap.conf import conf

LEAST_LENGTH = 32
LEAST_DIFFERENT = 8
#: Brokers of kombu that live in one process or on one disk.
LOCAL_BROKERS = ("memory", "filesystem")
#: What an administrator's password is set to "for now".
DEFAULT_PASSWORDS = ("admin", "password", "changeme", "administrator", "gaap")
OPERATORS_LOOKED_AT = 20


@register(Tags.security)
def check_debug(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse error pages that show code and settings."""
    if conf.is_production and settings.DEBUG:
        return [Error("DEBUG shows code and settings to everybody.", hint="Set DEBUG = False.", id="gaap.E007")]
    return []


@register(Tags.security)
def check_keys(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse keys that could be guessed, and one key in two places."""
    return list(_key_faults()) if conf.is_production else []


def _key_faults() -> Iterator[CheckMessage]:
    secrets = {"SECRET_KEY": str(settings.SECRET_KEY), "GAAP_DIGEST_KEY": str(getattr(settings, "GAAP_DIGEST_KEY", ""))}
    for name, value in secrets.items():
        if value and (len(value) < LEAST_LENGTH or len(set(value)) < LEAST_DIFFERENT):
            hint = f"Set {name} to the output of: openssl rand -hex 32"
            yield Error(f"{name} is short or monotonous: it could be guessed.", hint=hint, id="gaap.E008")
    if len(set(secrets.values())) < len(secrets):
        hint = "Give each a value of its own."
        yield Error("SECRET_KEY and GAAP_DIGEST_KEY are the same.", hint=hint, id="gaap.E009")
    for key in conf.encryption_keys:
        if _is_monotonous(key):
            hint = "Make one with gaap.crypto.new_encryption_key, and seal everything by it: rotate_encryption."
            yield Error(f"Encryption key {key.partition(':')[0]} could be guessed.", hint=hint, id="gaap.E010")


def _is_monotonous(key: str) -> bool:
    """Tell whether an encryption key is made of few different bytes; what is no key is another check's fault."""
    try:
        return len(set(base64.b64decode(key.partition(":")[2]))) < LEAST_DIFFERENT
    except binascii.Error:
        return False


@register(Tags.security)
def check_broker(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse a broker that other processes cannot reach."""
    broker = str(getattr(settings, "CELERY_BROKER_URL", ""))
    if conf.is_production and broker.startswith(LOCAL_BROKERS):
        hint = "Set BROKER_URL to RabbitMQ (amqp://...) or Redis (redis://...)."
        return [Error("The broker lives within one process.", hint=hint, id="gaap.E011")]
    return []


@register(Tags.security, deploy=True)
def check_proxy(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse an https address whose requests the suite takes for plain ones."""
    if conf.is_production and conf.base_url.startswith("https://") and not settings.SECURE_PROXY_SSL_HEADER:
        hint = "Set GAAP_BEHIND_PROXY=1, and let the proxy set X-Forwarded-Proto and X-Forwarded-For itself."
        return [Error("Nothing says that requests came over TLS.", hint=hint, id="gaap.E012")]
    return []


@register(Tags.security, deploy=True)
def check_operators(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse operators whose password everybody tries first."""
    if not conf.is_production or not apps.is_installed("django.contrib.auth"):
        return []
    from django.contrib.auth import get_user_model

    users = get_user_model()
    if users._meta.db_table not in connection.introspection.table_names():
        return []
    operators = users._default_manager.filter(is_staff=True, is_active=True).order_by("pk")[:OPERATORS_LOOKED_AT]
    hint = "Let them sign in and change it, or close the account."
    return [
        Error("An operator has a password that is tried first.", hint=hint, obj=operator.pk, id="gaap.E013")
        for operator in operators
        if any(operator.check_password(word) for word in (*DEFAULT_PASSWORDS, operator.get_username()))
    ]
