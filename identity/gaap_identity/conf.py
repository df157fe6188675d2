"""The settings of Identity, read in one place from ``GAAP_IDENTITY`` in Django's settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings

from gaap.conf import conf as kernel_conf
from gaap_identity.gpg45.profiles import ACCEPTED

DEFAULT_SUBJECT_NAMESPACE = "urn:fdc:gaap.example:2026:"

DEFAULT_WALLET_NAMESPACE = "urn:fdc:wallet.gaap.example:2026:"

DEFAULTS: dict[str, Any] = {
    "SUBJECT_NAMESPACE": DEFAULT_SUBJECT_NAMESPACE,
    "WALLET_NAMESPACE": DEFAULT_WALLET_NAMESPACE,
    "CLAIM_BASE": "https://vocab.account.gov.uk/v1/",
    "PHONE_REGION": "GB",
    "EVIDENCE_PROVIDER": "sandbox",
    "COMPANY_REGISTER": "sandbox",
    "ACCEPTED_PROFILES": {},
    "FRAUD_CHECK_DAYS": 180,
    "BREACHED_PASSWORDS_FILE": "",
    "FACTOR_RESET_HOURS": 72,
    "ASK_CONSENT": False,
    "TRUST_FRAMEWORK": "",
    "TEXTS_ABROAD_PER_DAY": 1000,
}

CODE_LIFETIME = timedelta(seconds=300)
ACCESS_TOKEN_LIFETIME = timedelta(seconds=180)
ID_TOKEN_LIFETIME = timedelta(seconds=120)
CORE_IDENTITY_LIFETIME = timedelta(minutes=30)
SESSION_LIFETIME = timedelta(seconds=3600)
#: However often somebody comes back, they sign in again after this.
LONGEST_SESSION = timedelta(hours=12)
SIGN_IN_LIFETIME = timedelta(seconds=3600)
PUSHED_REQUEST_LIFETIME = timedelta(seconds=90)
LOGOUT_TOKEN_LIFETIME = timedelta(seconds=120)
CONFIRMATION_LIFETIME = timedelta(minutes=10)
ONE_TIME_CODE_LIFETIME = timedelta(minutes=15)

#: What the counter of texts abroad can hold.
MOST_TEXTS_ABROAD = 32767

#: How long a signing key signs, how long the next one is published before it does (relying parties keep the key set
#: for a day), and how long a retired one stays published (a core identity may be kept, and looked at, for weeks).
KEY_LIFETIME = timedelta(days=180)
KEY_PUBLICATION = timedelta(days=1)
RETIRED_KEY_MEMORY = timedelta(days=30)


@dataclass(frozen=True)
class IdentityConf:
    """A view of ``GAAP_IDENTITY``; nothing is cached, so tests may override settings freely."""

    @property
    def subject_namespace(self) -> str:
        """The URN that every pairwise subject begins with, ending in a colon. Changing it changes every subject."""
        return str(self._get("SUBJECT_NAMESPACE"))

    @property
    def wallet_namespace(self) -> str:
        """The URN that every wallet subject begins with, ending in a colon (contract A.5)."""
        return str(self._get("WALLET_NAMESPACE"))

    @property
    def claim_base(self) -> str:
        """The address that the names of identity claims begin with (contract A.6), ending in a slash."""
        return str(self._get("CLAIM_BASE"))

    @property
    def phone_region(self) -> str:
        """The region (ISO 3166-1 alpha-2) of phone numbers written without a country code."""
        return str(self._get("PHONE_REGION"))

    @property
    def evidence_provider(self) -> str:
        """The identifier of the evidence provider that citizens are sent to."""
        return str(self._get("EVIDENCE_PROVIDER"))

    @property
    def company_register(self) -> str:
        """The identifier of the register in which citizens' companies are looked up; empty for none."""
        return str(self._get("COMPANY_REGISTER"))

    @property
    def accepted_profiles(self) -> Mapping[str, Sequence[str]]:
        """The names of the GPG 45 profiles that give each level of identity; by default those One Login accepts."""
        given = dict(self._get("ACCEPTED_PROFILES"))
        return {str(level): tuple(names) for level, names in given.items()} or ACCEPTED

    @property
    def fraud_check_lifetime(self) -> timedelta:
        """How long a check for identity fraud counts before it has to be made again."""
        return timedelta(days=int(self._get("FRAUD_CHECK_DAYS")))

    @property
    def breached_passwords_file(self) -> str:
        """A file of SHA-1 digests of breached passwords, sorted, one in each line; the platform's own by default."""
        return str(self._get("BREACHED_PASSWORDS_FILE")) or kernel_conf.breached_passwords_file

    @property
    def factor_reset_wait(self) -> timedelta:
        """How long a citizen waits between asking for a new second factor and getting it."""
        return timedelta(hours=float(self._get("FACTOR_RESET_HOURS")))

    @property
    def asks_consent(self) -> bool:
        """Whether citizens are asked on a page of its own before a service is told of them for the first time."""
        return bool(self._get("ASK_CONSENT"))

    @property
    def trust_framework(self) -> str:
        """The framework that ``verified_claims`` names; empty leaves that claim out, as the contract knows none."""
        return str(self._get("TRUST_FRAMEWORK"))

    @property
    def texts_abroad_per_day(self) -> int:
        """How many texts with codes go to numbers abroad within 24 hours, of all citizens together; 0 sends none."""
        return int(self._get("TEXTS_ABROAD_PER_DAY"))

    @property
    def unknown_names(self) -> frozenset[str]:
        """The names in ``GAAP_IDENTITY`` that mean nothing here."""
        return frozenset(self._given()) - frozenset(DEFAULTS)

    def _get(self, name: str) -> Any:
        return self._given().get(name, DEFAULTS[name])

    def _given(self) -> dict[str, Any]:
        return dict(getattr(settings, "GAAP_IDENTITY", {}))


conf = IdentityConf()
