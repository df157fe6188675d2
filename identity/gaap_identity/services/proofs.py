"""Keeping what a visit brought: evidence, scores and doubts, each with the time for which it counts."""

from datetime import UTC, datetime, time, timedelta

from django.db.models import QuerySet

from gaap.clock import now
from gaap_identity.conf import conf
from gaap_identity.gpg45.doubts import DOUBTS, takes_away
from gaap_identity.models import Account, Corroboration, Doubt, Evidence, IdentityCheck
from gaap_identity.providers.base import CheckResult, EvidenceItem


def keep_proofs(check: IdentityCheck, *, result: CheckResult) -> None:
    """Keep the evidence and the scores of ``result`` for the check's account. In a transaction."""
    Evidence.objects.bulk_create(
        Evidence(
            account=check.account,
            identity_check=check,
            kind=item.kind,
            strength=item.strength,
            validity=item.validity,
            expires_at=_end_of(item),
        )
        for item in result.evidence
    )
    scores = {"activity": result.activity, "fraud": result.fraud, "verification": result.verification}
    Corroboration.objects.bulk_create(
        Corroboration(
            account=check.account, identity_check=check, aspect=aspect, score=score, expires_at=_end_of_score(aspect)
        )
        for aspect, score in scores.items()
        if score
    )


def keep_doubts(check: IdentityCheck, *, result: CheckResult, is_sandbox: bool) -> None:
    """Keep the doubts of ``result``, and mitigate those of earlier visits that it answers. In a transaction.

    What the sandbox tells (``is_sandbox``) touches none that somebody else found.
    """
    known = Doubt.objects.filter(account=check.account)
    touchable = known.filter(is_sandbox=True) if is_sandbox else known
    if result.facts is not None and not result.return_codes:
        _mitigate(touchable, result=result)
    kept = set(known.exclude(pk__in=touchable).values_list("code", flat=True))
    facts = {"identity_check": check, "found_at": now(), "mitigated_at": None, "is_sandbox": is_sandbox}
    for code in set(result.doubts) - kept:
        Doubt.objects.update_or_create(account=check.account, code=code, defaults=facts)


def doubt_codes(account: Account) -> tuple[str, ...]:
    """Return the return codes of the doubts about ``account`` that nothing has mitigated."""
    codes = Doubt.objects.filter(account=account, mitigated_at=None).order_by("code").values_list("code", flat=True)
    return tuple(dict.fromkeys(DOUBTS[code].return_code for code in codes))


def _mitigate(doubts: "QuerySet[Doubt]", *, result: CheckResult) -> None:
    pieces = [(item.strength, item.validity) for item in result.evidence]
    for doubt in doubts.filter(mitigated_at=None):
        if takes_away(doubt.code, verification=result.verification, pieces=pieces, in_person=result.in_person):
            doubt.mitigated_at = now()
            doubt.save(update_fields=["mitigated_at"])


def _end_of(item: EvidenceItem) -> datetime | None:
    """Return the moment at which the evidence no longer counts: the end of its last day."""
    day = item.last_day
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC) if day else None


def _end_of_score(aspect: str) -> datetime | None:
    return now() + conf.fraud_check_lifetime if aspect == Corroboration.Aspect.FRAUD else None
