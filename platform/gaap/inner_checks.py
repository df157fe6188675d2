"""System checks of the connections between the suite's own parts: encrypted, and to whom they should be."""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from gaap.conf import conf

ENCRYPTED = ("amqps", "rediss", "https")
VERIFYING = ("verify-ca", "verify-full")
SMTP = "django.core.mail.backends.smtp.EmailBackend"
HINT = (
    "{how} Or set GAAP_INNER_NETWORK=encrypted, when the network between the machines encrypts everything by itself "
    "and knows its members (a mesh, WireGuard)."
)


@register(Tags.security)
def check_inner_connections(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse plain or unverified connections to database, broker, cache, files and mail server on other machines."""
    if not conf.is_production or conf.is_inner_network_encrypted:
        return []
    return [
        Error(f"{what} is reached without TLS, or without asking who it is.", hint=HINT.format(how=how), id="gaap.E015")
        for what, how in _faults()
    ]


def _faults() -> Iterator[tuple[str, str]]:
    if any(_is_plain_database(database) for database in settings.DATABASES.values()):
        yield "The database", "Add sslmode=verify-full to DATABASE_URL."
    if any(_is_plain_url(url) for url in str(getattr(settings, "CELERY_BROKER_URL", "")).split(";")):
        yield "The broker", "Use amqps:// or rediss:// in BROKER_URL."
    if _is_plain_url(str(getattr(settings, "REDIS_URL", ""))):
        yield "Redis", "Use rediss:// in REDIS_URL."
    if conf.otlp_endpoint and _is_plain_url(conf.otlp_endpoint):
        yield "The collector of traces", "Use https:// in GAAP_OTLP_ENDPOINT."
    if any(_is_plain_store(storage.get("OPTIONS", {})) for storage in settings.STORAGES.values()):
        yield "The object store", "Use https:// in the endpoint_url of GAAP_FILE_STORAGE, and leave verify on."
    is_mail_plain = not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL)
    if settings.EMAIL_BACKEND == SMTP and is_mail_plain and not _is_here(settings.EMAIL_HOST):
        yield "The mail server", "Set GAAP_EMAIL_USE_TLS=1."


def _is_plain_database(database: dict[str, Any]) -> bool:
    if not str(database["ENGINE"]).endswith("postgresql") or _is_here(str(database.get("HOST") or "")):
        return False
    return database.get("OPTIONS", {}).get("sslmode") not in VERIFYING


def _is_plain_store(options: dict[str, Any]) -> bool:
    """Tell whether a storage's options name a store elsewhere that is reached without TLS, or whoever it is."""
    parts = urlsplit(str(options.get("endpoint_url") or ""))
    if parts.hostname and _is_here(parts.hostname):
        return False
    return parts.scheme == "http" or options.get("use_ssl") is False or options.get("verify") is False


def _is_plain_url(url: str) -> bool:
    parts = urlsplit(url)
    if not parts.hostname or _is_here(parts.hostname):
        return False
    is_unverified = parse_qs(parts.query).get("ssl_cert_reqs", [""])[-1].lower() in ("none", "cert_none")
    return parts.scheme not in ENCRYPTED or is_unverified


def _is_here(host: str) -> bool:
    """Tell whether ``host`` is this machine: a socket in the file system, or a loopback address."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
