"""What is due on mandates and Direct Debits, and doing it."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from gaap.clock import now
from gaap.providers.errors import ProviderError
from gaap.work import claim, held
from gaap_payments import direct_debit_states as states
from gaap_payments.errors import PaymentsError
from gaap_payments.models import DirectDebit, Mandate
from gaap_payments.services.direct_debits import collect, follow_collection, recover_collection
from gaap_payments.services.mandates import (
    LOOK_AGAIN_AFTER,
    expire_mandate,
    follow_mandate,
    recover_mandate,
)

logger = logging.getLogger(__name__)

MANDATE_DUTIES: Mapping[str, Callable[[Mandate], None]] = {
    states.CREATED: expire_mandate,
    states.STARTED: expire_mandate,
    states.SUBMITTING: recover_mandate,
    states.PENDING: follow_mandate,
    states.ACTIVE: follow_mandate,
    states.INACTIVE: follow_mandate,
}
COLLECTION_DUTIES: Mapping[str, Callable[[DirectDebit], None]] = {
    states.CREATED: collect,
    states.SUBMITTING: recover_collection,
    states.PENDING: follow_collection,
    states.SUCCESS: follow_collection,
    states.PAID_OUT: follow_collection,
    states.INDEMNITY_CLAIM: follow_collection,
}


def advance_mandate(mandate_id: str) -> bool:
    """Do what is due on a mandate; returns False when nothing is, or somebody else does it."""
    mandate = Mandate.objects.for_pages().get(pk=mandate_id)
    return _advance(mandate, MANDATE_DUTIES)


def advance_direct_debit(payment_id: str) -> bool:
    """Do what is due on a Direct Debit; returns False when nothing is, or somebody else does it."""
    payment = DirectDebit.objects.select_related("mandate__gateway_account").get(pk=payment_id)
    return _advance(payment, COLLECTION_DUTIES)


def find_direct_debit_id(account_id: Any, session_id: str) -> str:
    """Return the id of the mandate or Direct Debit that the provider calls ``session_id``; empty when there is none."""
    mandates = Mandate.objects.filter(gateway_account=account_id).order_by()
    payments = DirectDebit.objects.filter(mandate__gateway_account=account_id, provider_id=session_id).order_by()
    named = (mandates.filter(session_id=session_id), payments, mandates.filter(provider_id=session_id))
    found = (rows.values_list("pk", flat=True).first() for rows in named)
    return next((identifier for identifier in found if identifier), "")


def follow_direct_debit(account_id: Any, identifier: str) -> None:
    """Ask the provider what is true now of a mandate or Direct Debit of this account; raises ProviderError."""
    for mandate in Mandate.objects.for_pages().filter(gateway_account=account_id, pk=identifier):
        if mandate.status not in states.MANDATE.final:
            follow_mandate(mandate)
    payments = DirectDebit.objects.select_related("mandate__gateway_account")
    for payment in payments.filter(mandate__gateway_account=account_id, pk=identifier):
        follow_collection(payment)


def _advance(row: Any, duties: Mapping[str, Callable[[Any], None]]) -> bool:
    if row.status not in duties or not claim(row):
        return False
    try:
        duties[row.status](row)
    except (ProviderError, PaymentsError) as error:
        logger.warning("%s %s stays %s for now: %s", type(row).__name__, row.pk, row.status, error)
        return True
    if row.attempts:  # every move sets them back, and the time of the next look with them
        held(row).update(due_at=now() + LOOK_AGAIN_AFTER, attempts=0)
    return True
