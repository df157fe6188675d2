"""The settings of payments, read in one place."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from gaap.conf import conf as kernel

FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True)
class PaymentsConf:
    """A view of the settings whose names begin with ``GAAP_PAYMENTS_``; nothing is cached."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages in which payment pages are offered, in the site's order."""
        return tuple(code for code, _ in kernel.languages)

    @property
    def default_language(self) -> str:
        """The language of a payment that names none: English as in the contract, else the site's first language."""
        return FALLBACK_LANGUAGE if FALLBACK_LANGUAGE in self.languages else self.languages[0]

    @property
    def platform_name(self) -> str:
        """How the platform calls itself in the contract's error texts, some of which clients compare whole."""
        return str(getattr(settings, "GAAP_PAYMENTS_PLATFORM_NAME", "GOV.UK Pay"))

    @property
    def support_text(self) -> str:
        """The sentence in error texts that says where a service team gets help."""
        return str(getattr(settings, "GAAP_PAYMENTS_SUPPORT_TEXT", "Contact support with your error code."))

    @property
    def live_webhook_domains(self) -> tuple[str, ...]:
        """The domains, with all below them, to which webhooks tell of live payments; empty means any (contract B)."""
        return tuple(
            domain.lower().strip(".") for domain in getattr(settings, "GAAP_PAYMENTS_LIVE_WEBHOOK_DOMAINS", ())
        )

    @property
    def provider_addresses(self) -> Mapping[str, str]:
        """Where a provider's API is instead of at the vendor: a peer on loopback to try things out with.

        Maps a provider's identifier to an address such as ``http://127.0.0.1:12111``; refused in production.
        """
        return dict(getattr(settings, "GAAP_PAYMENTS_PROVIDER_ADDRESSES", None) or {})


conf = PaymentsConf()
