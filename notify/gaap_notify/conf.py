"""Notify's settings: one dictionary, ``GAAP_NOTIFY``, read here and nowhere else.

======================  ===============================================================================================
``PROVIDERS``           channel -> alias -> ``{"BACKEND": identifier, "OPTIONS": {...}}``; an alias is what data names
``DEFAULT``             channel -> alias used by services that name none
``DEFAULT_REGION``      where numbers without a country code belong (ISO 3166), for services that do not say
``EMAIL_DOMAIN``        domain of the addresses that emails come from
``SMS_SENDER``          sender of text messages of services that have none
``UNSETTLED``           what becomes of a message when a call broke off and the provider cannot be asked: ``never-lost``
                        (it is sent again, perhaps twice; the default) or ``never-twice`` (it fails)
``BULK_ROWS``           how many rows one spreadsheet may have (default 100,000)
``SMS_RATE``            price of one fragment of a text message, in the platform's currency, as a decimal number
``SMS_MULTIPLIERS``     calling code (text, e.g. ``"84"``) -> how many times that price; others cost it once
``SMS_ALLOWANCE``       how many fragments each service sends free of charge in a year (default 0)
``YEAR_BEGINS``         month and day on which that year begins, ``"04-01"`` unless said otherwise
``FILE_STORAGE``        alias in Django's ``STORAGES`` where letters and files by email lie, sealed
``VIRUS_SCANNER``       where clamd listens: ``{"host": ..., "port": 3310}`` or ``{"socket": path}``; none: no scan
``LETTER_RATES``        postage -> prices of a letter of 1, 2, ... sheets, in the platform's currency
``LETTER_CALENDAR``     ``{"country": "GB", "subdivision": "ENG", "cut_off": "17:30"}``: working days, and when printing
                        begins
``LETTER_FONT``         ``{"family": ..., "folder": ...}``: what letters are set in, and where it lies
======================  ===============================================================================================
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings

SANDBOX = "sandbox"
NEVER_LOST = "never-lost"
NEVER_TWICE = "never-twice"
_SANDBOX_ONLY: Mapping[str, Any] = {SANDBOX: {"BACKEND": SANDBOX}}
_DEFAULT_PROVIDERS: Mapping[str, Mapping[str, Any]] = {
    "sms": _SANDBOX_ONLY,
    "email": {**_SANDBOX_ONLY, "smtp": {"BACKEND": "smtp"}},
    "letter": _SANDBOX_ONLY,
}


@dataclass(frozen=True)
class ProviderConfig:
    """One entry of ``PROVIDERS``: the identifier of a provider's class and what it is made with."""

    alias: str
    backend: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_sandbox(self) -> bool:
        """True when it only pretends to send."""
        return self.backend == SANDBOX


@dataclass(frozen=True)
class LetterCalendar:
    """Whose public holidays count (ISO 3166 and its subdivision), and the local time after which a day is over."""

    country: str
    subdivision: str = ""
    cut_off: str = "17:30"


@dataclass(frozen=True)
class NotifyConf:
    """A view of the settings; nothing is cached, so tests may override them freely."""

    def providers(self, channel: str) -> dict[str, ProviderConfig]:
        """Return the configured providers of a channel by alias; the sandbox is always among them."""
        configured = {**_SANDBOX_ONLY, **self._read("PROVIDERS", _DEFAULT_PROVIDERS).get(channel, {})}
        return {
            alias: ProviderConfig(alias, str(entry["BACKEND"]), entry.get("OPTIONS", {}))
            for alias, entry in configured.items()
        }

    def default_alias(self, channel: str) -> str:
        """Return the alias of the provider for services that name none."""
        return str(self._read("DEFAULT", {}).get(channel, SANDBOX))

    @property
    def default_region(self) -> str:
        """Where numbers without a country code belong, for services that do not say."""
        return str(self._read("DEFAULT_REGION", "GB"))

    @property
    def email_domain(self) -> str:
        """The domain of the addresses that emails come from."""
        return str(self._read("EMAIL_DOMAIN", "notify.localhost"))

    @property
    def sms_sender(self) -> str:
        """The sender of text messages of services that have none."""
        return str(self._read("SMS_SENDER", "GOVT"))

    @property
    def is_sent_again_when_unsettled(self) -> bool:
        """True when a message that a provider may have taken is rather sent twice than not at all."""
        return str(self._read("UNSETTLED", NEVER_LOST)) != NEVER_TWICE

    @property
    def most_bulk_rows(self) -> int:
        """How many rows one spreadsheet may have."""
        return int(self._read("BULK_ROWS", 100_000))

    @property
    def sms_rate(self) -> float:
        """The price of one fragment in the platform's currency."""
        return float(self._read("SMS_RATE", 0))

    @property
    def sms_allowance(self) -> int:
        """How many fragments each service sends free of charge in a year."""
        return int(self._read("SMS_ALLOWANCE", 0))

    def year_begins(self, today: date) -> date:
        """Return the first day of the year of free fragments that ``today`` belongs to."""
        month, day = (int(part) for part in str(self._read("YEAR_BEGINS", "04-01")).split("-"))
        begin = date(today.year, month, day)
        return begin if begin <= today else date(today.year - 1, month, day)

    def sms_multiplier(self, country_code: int) -> int:
        """Return how many times the price a fragment to ``country_code`` costs."""
        return int(self._read("SMS_MULTIPLIERS", {}).get(str(country_code), 1))

    @property
    def file_storage(self) -> str:
        """The alias of the storage for letters and files by email."""
        return str(self._read("FILE_STORAGE", "private"))

    @property
    def virus_scanner(self) -> Mapping[str, Any]:
        """Where clamd listens; empty when files are not scanned."""
        return dict(self._read("VIRUS_SCANNER", {}))

    def letter_rate(self, postage: str, sheets: int) -> float:
        """Return the price of a letter; one with more sheets than there are prices costs as the longest."""
        rates = self._read("LETTER_RATES", {}).get(postage, ())
        return float(rates[min(sheets, len(rates)) - 1]) if rates and sheets else 0.0

    @property
    def letter_calendar(self) -> LetterCalendar:
        """The working days of the printer, and the hour at which a day's letters are printed."""
        return LetterCalendar(**{"country": "GB", **self._read("LETTER_CALENDAR", {})})

    @property
    def letter_font(self) -> Mapping[str, str]:
        """What letters are set in (``family``), and the folder of fonts besides the built-in ones (``folder``)."""
        return {"family": "Libertinus Serif", "folder": "", **self._read("LETTER_FONT", {})}

    def _read(self, name: str, default: Any) -> Any:
        return getattr(settings, "GAAP_NOTIFY", {}).get(name, default)


conf = NotifyConf()
