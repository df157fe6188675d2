"""Evidence about disputes: a service team enters it, a worker sends it to the provider once, the dispute follows."""

import base64
from datetime import timedelta

from django.db import IntegrityError, transaction

from gaap.actors import SYSTEM, Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.outbox.services import emit
from gaap.providers.errors import ProviderError
from gaap.states import move
from gaap.work import claim, held
from gaap_payments import states
from gaap_payments.errors import EvidenceClosedError
from gaap_payments.models import Dispute, DisputeEvidence, Payment
from gaap_payments.providers import registry
from gaap_payments.providers.base import DisputeEvidenceProvider, DisputeStatus, Evidence, EvidenceFile
from gaap_payments.services.disputes import apply_dispute
from gaap_payments.services.operations import charge_of, provider_for
from gaap_payments.services.waking import wake_by_name

#: Characters of an explanation, and bytes of a document: what providers take at least.
LONGEST_EXPLANATION = 10_000
LARGEST_FILE = 4_000_000
#: Media types of documents, and how such a file begins.
SIGNATURES = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
RETRY_AFTER = timedelta(minutes=10)


def media_type_of(content: bytes) -> str:
    """Return the media type of a document by how it begins; empty when it is of no kind that banks read."""
    return next((kind for kind, start in SIGNATURES.items() if content.startswith(start)), "")


def reason_closed(dispute: Dispute) -> str:
    """Return why no evidence can be entered now, a word of ``EvidenceClosedError``; empty when it can."""
    if dispute.status != states.NEEDS_RESPONSE:
        return "decided"
    if not issubclass(registry.get(dispute.payment.provider), DisputeEvidenceProvider):
        return "never"
    entered = DisputeEvidence.objects.filter(dispute=dispute).values_list("status", flat=True).first()
    if entered not in (None, states.REFUSED):
        return "entered"
    return "late" if dispute.evidence_due_at and dispute.evidence_due_at <= now() else ""


@transaction.atomic
def enter_evidence(
    dispute: Dispute, *, explanation: str, by: Actor, file: EvidenceFile | None = None
) -> DisputeEvidence:
    """Keep what the team says and have a worker send it; of many at once one counts.

    ``explanation`` has at most ``LONGEST_EXPLANATION`` characters, ``file`` at most ``LARGEST_FILE`` bytes. Raises
    EvidenceClosedError when none is taken.
    """
    if reason := reason_closed(dispute):
        raise EvidenceClosedError(reason)
    values = {
        "explanation": explanation,
        "file_name": file.name if file else "",
        "file_type": file.media_type if file else "",
        "file_content": base64.b64encode(file.content).decode() if file else "",
        "created_at": now(),
        "created_by": f"{by.kind}:{by.id}",
        "due_at": now(),
    }
    evidence = DisputeEvidence.objects.filter(dispute=dispute).first()
    if evidence is None:
        evidence = _create(dispute, values, by=by)
    elif not _enter_again(evidence, values, by=by):
        raise EvidenceClosedError("entered")
    wake_by_name("gaap_payments.tasks.send_evidence", evidence.pk)
    return evidence


def send_evidence(evidence_id: int) -> bool:
    """Send one piece of evidence; returns False when nothing is due, or somebody else sends it.

    A process that died while it asked is repeated under the same key.
    """
    evidence = DisputeEvidence.objects.select_related("dispute__payment__gateway_account").get(pk=evidence_id)
    if evidence.status not in (states.WAITING, states.SENDING) or not claim(evidence):
        return False
    if evidence.status == states.WAITING and not _move(evidence, states.SENDING):
        return False
    try:
        status = _ask(evidence)
    except ProviderError as error:
        _note_failure(evidence, error)
    else:
        _finish(evidence, status)
    return True


def _create(dispute: Dispute, values: dict[str, object], *, by: Actor) -> DisputeEvidence:
    try:
        with transaction.atomic():
            evidence: DisputeEvidence = DisputeEvidence.objects.create(
                dispute=dispute, service_id=dispute.service_id, **values
            )
    except IntegrityError as error:
        raise EvidenceClosedError("entered") from error
    record("dispute_evidence_entered", target=evidence, by=by, after={"status": evidence.status})
    emit(
        "dispute_evidence_entered",
        service_id=evidence.service_id,
        subject=f"{states.DISPUTE_EVIDENCE.noun}/{evidence.pk}",
        data={**_event_data(evidence), "status": evidence.status},
    )
    return evidence


def _enter_again(evidence: DisputeEvidence, values: dict[str, object], *, by: Actor) -> bool:
    changes = {**values, "entries": evidence.entries + 1, "failure": "", "attempts": 0}
    return move(
        evidence,
        states.WAITING,
        table=states.DISPUTE_EVIDENCE,
        by=by,
        changes=changes,
        data=_event_data(evidence),
    )


def _ask(evidence: DisputeEvidence) -> DisputeStatus:
    dispute = evidence.dispute
    provider = provider_for(dispute.payment.gateway_account)
    if not isinstance(provider, DisputeEvidenceProvider):
        raise ProviderError("The provider takes no evidence.", permanent=True)
    document = EvidenceFile(evidence.file_name, evidence.file_type, evidence.content) if evidence.file_name else None
    return provider.send_evidence(
        charge_of(dispute.payment),
        dispute.provider_id,
        Evidence(evidence.explanation, document),
        idempotency_key=f"{dispute.pk}-evidence-{evidence.entries}",
    )


def _note_failure(evidence: DisputeEvidence, error: ProviderError) -> None:
    failure = {"failure": str(error)[:500]}
    if error.permanent:
        _move(evidence, states.REFUSED, **failure, **EMPTY, due_at=None)
    else:
        _move(evidence, states.WAITING, **failure, due_at=now() + RETRY_AFTER)


@transaction.atomic
def _finish(evidence: DisputeEvidence, status: DisputeStatus) -> None:
    if _move(evidence, states.SENT, **EMPTY, failure="", due_at=None, sent_at=now()):
        payment = Payment.objects.for_pages().get(pk=evidence.dispute.payment_id)
        apply_dispute(payment, status=status)


#: What is removed as soon as the provider has it, or will never have it.
EMPTY = {"explanation": "", "file_content": ""}


def _move(evidence: DisputeEvidence, target: str, **changes: object) -> bool:
    data = _event_data(evidence)
    if held(evidence).exists():
        return move(evidence, target, table=states.DISPUTE_EVIDENCE, by=SYSTEM, changes=changes, data=data)
    return False


def _event_data(evidence: DisputeEvidence) -> dict[str, object]:
    return {"dispute_id": evidence.dispute_id, "payment_id": evidence.dispute.payment_id}
