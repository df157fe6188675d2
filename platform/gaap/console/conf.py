"""The console's settings, read in one place.

They stand in Django's settings as ``GAAP_CONSOLE = {"NAME": value}``; a deployment that sets none gets the defaults
given here.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings

from gaap.conf import conf as kernel_conf


@dataclass(frozen=True)
class ConsoleConf:
    """A view of the console's settings; nothing is cached, so tests may override settings freely."""

    @property
    def needs_second_factor(self) -> bool:
        """True when nobody gets in without a second factor; the default everywhere but on an embedded instance."""
        return bool(self._get("SECOND_FACTOR", not kernel_conf.is_embedded))

    @property
    def email_domains(self) -> tuple[str, ...]:
        """Domains whose addresses may sign up, each with its subdomains; empty lets every address sign up."""
        return tuple(str(domain).lower() for domain in self._get("EMAIL_DOMAINS", ()))

    @property
    def invitation_lifetime(self) -> timedelta:
        """How long an invitation can be accepted."""
        return timedelta(hours=float(self._get("INVITATION_HOURS", 48)))

    @property
    def email_retention(self) -> timedelta:
        """How long the console remembers that it sent an email; its text is forgotten once it is sent."""
        return timedelta(days=float(self._get("EMAIL_RETENTION_DAYS", 7)))

    def _get(self, name: str, default: Any) -> Any:
        return getattr(settings, "GAAP_CONSOLE", {}).get(name, default)


conf = ConsoleConf()
