"""Pairwise subjects: what a service knows a citizen by (contract A.5)."""

import hashlib
from collections.abc import Sequence
from urllib.parse import urlsplit

from gaap_identity.conf import conf
from gaap_identity.jose import base64url


def sector_host(sector_identifier: str, *, redirect_uris: Sequence[str]) -> str:
    """Return the host that shares subjects: of the sector identifier, else of the redirect addresses if they agree.

    ``sector_identifier`` is a host or an https address; a leading ``www.`` is dropped. Empty when undecided.
    """
    if sector_identifier:
        return _host(sector_identifier if "//" in sector_identifier else f"//{sector_identifier}")
    hosts = {_host(uri) for uri in redirect_uris}
    return hosts.pop() if len(hosts) == 1 else ""


def subject_for(sector: str, *, subject: str, salt: str) -> str:
    """Return the subject for a sector, from the account's internal ``subject`` and ``salt``."""
    digest = hashlib.sha256(f"{sector}{subject}{salt}".encode()).digest()
    return conf.subject_namespace + base64url(digest)


def wallet_subject_for(sector: str, *, subject: str) -> str:
    """Return the wallet's subject for a sector, from the account's internal ``subject`` (contract A.5)."""
    digest = hashlib.sha256(f"{sector}{subject}".encode()).digest()
    return conf.wallet_namespace + base64url(digest)


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.")
