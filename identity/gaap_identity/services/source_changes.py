"""Changes that operators make to the market of evidence, and how its sources do."""

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap_identity.models import EvidenceSource, SourceDay


@transaction.atomic
def save_source(source: EvidenceSource, *, by: Actor) -> None:
    """Store a source; an empty secret leaves the one that stands. The secret is never recorded."""
    before = EvidenceSource.objects.select_for_update().filter(pk=source.pk).first()
    if before is not None and not source.secret:
        source.secret = before.secret
    source.save()
    record(
        "evidence_source_changed",
        target=source,
        by=by,
        before=_facts(before) if before else None,
        after=_facts(source),
    )


def success_rate(day: SourceDay) -> str:
    """Return the share of visits begun that proved an identity, e.g. ``48%``; empty when none began."""
    return f"{100 * day.passed // day.begun}%" if day.begun else ""


def _facts(source: EvidenceSource) -> dict[str, object]:
    return {
        "provider": source.provider,
        "options": source.options,
        "highest_level": source.highest_level,
        "is_active": source.is_active,
        "begins_until": source.begins_until.isoformat() if source.begins_until else None,
        "answers_until": source.answers_until.isoformat() if source.answers_until else None,
    }
