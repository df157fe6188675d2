"""Asking a register whether it knows what a citizen says of themselves."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from gaap.providers.errors import ProviderError
from gaap_identity.matching import is_same_person
from gaap_identity.models import IdentityCheck
from gaap_identity.providers.registers import RegisterProvider
from gaap_identity.services.checks import keep_result
from gaap_identity.services.human_checks import facts_of
from gaap_identity.services.limits import Limit, spend_try
from gaap_identity.services.sources import SourceGoneError, note_failure, source_of

REGISTER = Limit("register", tries=5, period=timedelta(days=1))


def ask_register(check: IdentityCheck, *, told: Mapping[str, Any], reference: str) -> None:
    """Compare what the citizen says with the register's entry, and keep the outcome.

    An unknown number and a wrong name come out alike, so that nobody learns which numbers exist. Raises LockedError
    after five tries in a day, SourceGoneError, UnknownCheckError, and ProviderError when the register does not answer.
    """
    spend_try(REGISTER, subject=str(check.account_id))
    provider = source_of(check.provider, service=check.service).provider
    if not isinstance(provider, RegisterProvider):
        raise SourceGoneError("This source is no register.")
    try:
        entry = provider.look_up(reference.strip().upper())
    except ProviderError:
        note_failure(check.provider)
        raise
    is_known = entry is not None and is_same_person(asdict(entry.facts), asdict(facts_of(told)))
    keep_result(check, result=provider.result_for(entry) if entry and is_known else provider.mismatch())
