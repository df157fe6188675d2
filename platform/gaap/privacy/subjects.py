"""What a person may ask of the platform: to see what is kept of them, and to have it erased.

The person is found by what they say of themselves; a component that knows an account adds the addresses that belong to
it. Both acts are kept as a ``SubjectRequest``, which names nobody, and in the audit.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.crypto import keyed_digest
from gaap.privacy.declarations import DataProtection, data_protections
from gaap.privacy.models import SubjectRequest
from gaap.privacy.people import Erasure, Subject, SubjectRecord
from gaap.webhooks.services.retention import forget_deliveries


class PurposeMissingError(ValueError):
    """Nobody looks at or erases a citizen's data without saying why."""


@transaction.atomic
def export_subject(subject: Subject, *, by: Actor, purpose: str) -> list[SubjectRecord]:
    """Return every record of the person, component by component; audited with its purpose.

    Raises PurposeMissingError.
    """
    found = list(_records_of(subject))
    _keep(SubjectRequest.Kind.EXPORT, subject, by=by, purpose=purpose, outcome={"records": len(found)})
    return found


@transaction.atomic
def erase_subject(subject: Subject, *, by: Actor, purpose: str) -> list[Erasure]:
    """Erase what is kept of the person, save what the accounts need; audited with its purpose.

    What is still on its way (a message not yet sent, a payment not yet finished) is left, counted as kept, and can be
    erased by asking again. Raises PurposeMissingError.
    """
    whole = _widened(subject)
    erasures = [erasure for declared in data_protections() for erasure in declared.erase(whole)]
    told = forget_deliveries({name for erasure in erasures for name in erasure.subjects})
    erasures.append(Erasure("delivery", erased=told))
    outcome = {erasure.noun: {"erased": erasure.erased, "kept": erasure.kept} for erasure in erasures}
    _keep(SubjectRequest.Kind.ERASURE, subject, by=by, purpose=purpose, outcome=outcome)
    return erasures


def count_records(subject: Subject) -> dict[str, int]:
    """Return how many records of each kind there are of the person; to be asked before an erasure."""
    counts: dict[str, int] = {}
    for found in _records_of(subject):
        counts[found.noun] = counts.get(found.noun, 0) + 1
    return counts


def as_document(records: Iterable[SubjectRecord]) -> dict[str, Any]:
    """Return an export as a JSON value."""
    return {"made_at": now().isoformat(), "records": [found.as_json() for found in records]}


def _records_of(subject: Subject) -> Iterator[SubjectRecord]:
    whole = _widened(subject)
    for declared in data_protections():
        yield from declared.records_of(whole)


def _widened(subject: Subject) -> Subject:
    """Return the person with every address that a component knows to be theirs."""
    everybody: list[DataProtection] = list(data_protections())
    for declared in everybody:
        subject = declared.widen(subject)
    return subject


def _keep(kind: str, subject: Subject, *, by: Actor, purpose: str, outcome: dict[str, Any]) -> None:
    if not purpose.strip():
        raise PurposeMissingError("Say why the person's data is looked at or erased.")
    digest = keyed_digest("\n".join(subject.identifiers), purpose="privacy.subject")
    request = SubjectRequest.objects.create(kind=kind, subject_digest=digest, purpose=purpose.strip(), outcome=outcome)
    action = "subject_exported" if kind == SubjectRequest.Kind.EXPORT else "subject_erased"
    record(action, target=request, by=by, purpose=request.purpose[:255], after=outcome)
