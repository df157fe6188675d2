"""The kernel's settings, read in one place.

Every setting stands in Django's settings under a name that begins with ``GAAP_``; a deployment that sets none of
them gets the defaults given here.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

DEFAULT_BRAND = {
    "name": "Government services",
    "organisation": "Example Government",
    "primary_colour": "#1d4f7c",
    "accent_colour": "#0b7a5c",
    "focus_colour": "#ffbf47",
    "logo_url": "",
    "logo_alt": "",
}


@dataclass(frozen=True)
class KernelConf:
    """A view of the kernel's settings; nothing is cached, so tests may override settings freely."""

    @property
    def base_url(self) -> str:
        """The public root of this host, always ending in a slash, e.g. ``https://platform.example/``."""
        return str(getattr(settings, "GAAP_BASE_URL", "http://127.0.0.1:8000/")).rstrip("/") + "/"

    @property
    def is_embedded(self) -> bool:
        """True on a laptop's instance: sandbox providers, local outbox, loopback webhooks, movable clock."""
        return bool(getattr(settings, "GAAP_EMBEDDED", False))

    @property
    def is_production(self) -> bool:
        """True when real people are served; everything meant for trying out is then refused."""
        return str(getattr(settings, "GAAP_ENVIRONMENT", "development")) == "production"

    @property
    def is_inner_network_encrypted(self) -> bool:
        """True when the network between the suite's parts encrypts by itself, so that plain connections are fine."""
        return str(getattr(settings, "GAAP_INNER_NETWORK", "open")) == "encrypted"

    @property
    def data_dir(self) -> Path | None:
        """The folder that holds everything of an embedded instance, or None on real services."""
        value = getattr(settings, "GAAP_DATA_DIR", None)
        return value if isinstance(value, Path) else Path(value) if value else None

    @property
    def encryption_keys(self) -> tuple[str, ...]:
        """Encryption keys as ``id:base64`` of 32 bytes each; the first encrypts, all decrypt."""
        return tuple(getattr(settings, "GAAP_ENCRYPTION_KEYS", ()))

    @property
    def digest_key(self) -> str:
        """Secret for keyed digests (look-up of API keys, recipients and codes); never rotated with the others."""
        return str(getattr(settings, "GAAP_DIGEST_KEY", "") or settings.SECRET_KEY)

    @property
    def work_lease(self) -> timedelta:
        """How long a worker may hold a piece of work before another one may take it over."""
        return timedelta(seconds=float(getattr(settings, "GAAP_WORK_LEASE_SECONDS", 60)))

    @property
    def snapshot_seconds(self) -> float:
        """How long a process goes by what it read of keys, templates, clients and settings before it reads anew."""
        return float(getattr(settings, "GAAP_SNAPSHOT_SECONDS", 2))

    @property
    def hint_seconds(self) -> float:
        """For how long a process puts off a hint that it has just given the workers; 0 gives every one at once."""
        return float(getattr(settings, "GAAP_HINT_SECONDS", 0.05))

    @property
    def metrics_token(self) -> str:
        """What whoever reads ``/metrics`` must bear; while it is empty, only an embedded instance shows them."""
        return str(getattr(settings, "GAAP_METRICS_TOKEN", ""))

    @property
    def otlp_endpoint(self) -> str:
        """The collector's whole address, such as ``https://collector:4318/v1/traces``; empty when nobody is told."""
        return str(getattr(settings, "GAAP_OTLP_ENDPOINT", ""))

    @property
    def otlp_authorization(self) -> str:
        """The value of the ``Authorization`` header that the collector wants, or an empty text."""
        return str(getattr(settings, "GAAP_OTLP_AUTHORIZATION", ""))

    @property
    def trace_share(self) -> float:
        """Of how many traces the collector is told, from 0 (none) to 1 (all)."""
        return float(getattr(settings, "GAAP_TRACE_SHARE", 1))

    @property
    def archive_dir(self) -> str:
        """The folder into which a month is copied before it is dropped with rows in it; empty when it is not."""
        return str(getattr(settings, "GAAP_ARCHIVE_DIR", ""))

    @property
    def is_forgetting_by_month(self) -> bool:
        """True when events go with their whole month, up to a month later, and not row by row."""
        return bool(getattr(settings, "GAAP_FORGET_BY_MONTH", False))

    @property
    def security_contacts(self) -> tuple[str, ...]:
        """Where weaknesses are reported: ``mailto:``, ``tel:`` or ``https:`` addresses, the one to prefer first."""
        return tuple(getattr(settings, "GAAP_SECURITY_CONTACTS", ()))

    @property
    def security_expires(self) -> str:
        """Until when those contacts hold: a time of ISO 8601 with its offset."""
        return str(getattr(settings, "GAAP_SECURITY_EXPIRES", ""))

    @property
    def security_languages(self) -> tuple[str, ...]:
        """The languages in which they may be written to; those of the pages where nothing is said."""
        return tuple(getattr(settings, "GAAP_SECURITY_LANGUAGES", ())) or tuple(code for code, _ in settings.LANGUAGES)

    @property
    def security_policy_url(self) -> str:
        """The page that says how reports are dealt with; empty when there is none."""
        return str(getattr(settings, "GAAP_SECURITY_POLICY_URL", ""))

    @property
    def breached_passwords_file(self) -> str:
        """A file of SHA-1 digests of breached passwords, sorted, one in each line; empty when there is none."""
        return str(getattr(settings, "GAAP_BREACHED_PASSWORDS_FILE", ""))

    @property
    def event_waiters(self) -> int:
        """How many readers of the event feed one process lets wait at a time."""
        return int(getattr(settings, "GAAP_EVENT_WAITERS", 4))

    @property
    def requests_at_once(self) -> int:
        """How many requests one web process works on at a time; 0 takes on whatever comes."""
        return int(getattr(settings, "GAAP_REQUESTS_AT_ONCE", 0))

    @property
    def requests_waiting(self) -> int:
        """How many requests of each lane one web process lets wait for their turn."""
        return int(getattr(settings, "GAAP_REQUESTS_WAITING", 16))

    @property
    def request_patience(self) -> float:
        """How many seconds a request waits for its turn before it is turned away; signing in waits thrice as long."""
        return float(getattr(settings, "GAAP_REQUEST_PATIENCE_SECONDS", 2))

    @property
    def surge_per_minute(self) -> float:
        """How many citizens a minute come in at the entrances, on all processes together; 0 holds nobody."""
        return float(getattr(settings, "GAAP_SURGE_PER_MINUTE", 0))

    @property
    def surge_pass_seconds(self) -> int:
        """For how long whoever was let in is not asked again."""
        return round(60 * float(getattr(settings, "GAAP_SURGE_PASS_MINUTES", 30)))

    @property
    def webhook_lanes(self) -> int:
        """How many deliveries may be on their way to one webhook at once."""
        return int(getattr(settings, "GAAP_WEBHOOK_LANES", 2))

    @property
    def brand(self) -> dict[str, Any]:
        """Names, colours and logo shown on every page; keys as in ``DEFAULT_BRAND``."""
        return {**DEFAULT_BRAND, **getattr(settings, "GAAP_BRAND", {})}

    @property
    def languages(self) -> tuple[tuple[str, str], ...]:
        """The languages citizens can choose, as (code, own name)."""
        return tuple((str(code), str(name)) for code, name in settings.LANGUAGES)


conf = KernelConf()
