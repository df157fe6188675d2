"""Judging what an account has brought together over all its visits, and judging again when something runs out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from uuid import UUID

from django.db import transaction

from gaap.actors import SYSTEM
from gaap.audit.services import record
from gaap.clock import now
from gaap.organisations.models import Service
from gaap.outbox.services import emit
from gaap_identity.conf import conf
from gaap_identity.gpg45.doubts import bearable, points
from gaap_identity.gpg45.evaluator import Outcome, Scores, Shortfall, advise, evaluate
from gaap_identity.models import Account, CoreIdentity, Corroboration, Doubt, Evidence
from gaap_identity.models.proofs import in_force


@dataclass(frozen=True)
class Proof:
    """One piece of evidence (``strength``, ``validity``) or one score, and when it stops to count (None: never)."""

    kind: str
    score: tuple[int, int]
    expires_at: datetime | None


@dataclass(frozen=True)
class Assessment:
    """What an account's proofs amount to: the level, until when it holds, and what more each higher level takes."""

    outcome: Outcome
    expires_at: datetime | None
    advice: dict[str, Shortfall]


def assess(account: Account) -> Assessment:
    """Judge everything that ``account`` has shown and that still counts."""
    shown = Evidence.objects.filter(in_force(), account=account)
    evidence = [Proof(row.kind, (row.strength, row.validity), row.expires_at) for row in shown]
    corroborations = Corroboration.objects.filter(in_force(), account=account)
    scores = [Proof(row.aspect, (row.score, 0), row.expires_at) for row in corroborations]
    weight = weigh(account)
    outcome = _outcome(evidence, scores, weight=weight, at=now())
    advice = advise(next(_scores(evidence, scores, at=now())), accepted=conf.accepted_profiles)
    return Assessment(outcome, _expiry(evidence, scores, weight=weight, level=outcome.level), advice)


def scores_held(account: Account, *, service: Service) -> Scores:
    """Return what ``account`` has shown and what still counts for ``service``, each kind of evidence once."""
    if service.is_live and CoreIdentity.objects.filter(account=account, is_sandbox=True).exists():
        return Scores()
    shown = Evidence.objects.filter(in_force(), account=account)
    evidence = [Proof(row.kind, (row.strength, row.validity), row.expires_at) for row in shown]
    corroborations = Corroboration.objects.filter(in_force(), account=account)
    scores = [Proof(row.aspect, (row.score, 0), row.expires_at) for row in corroborations]
    return next(_scores(evidence, scores, at=now()))


def weigh(account: Account) -> int:
    """Return the points of all doubts about ``account``."""
    rows = Doubt.objects.filter(account=account).values_list("code", "mitigated_at")
    return points((code, mitigated_at is not None) for code, mitigated_at in rows)


def judge_lapsed_identities(*, limit: int = 500) -> int:
    """Judge again at most ``limit`` identities of which something has run out; return how many."""
    keys = list(CoreIdentity.objects.lapsed().order_by("expires_at").values_list("pk", flat=True)[:limit])
    return sum(judge_again(key) for key in keys)


@transaction.atomic
def judge_again(key: UUID) -> bool:
    """Judge the core identity of the account ``key`` anew; False when it has not lapsed (any more)."""
    identity = CoreIdentity.objects.lapsed().select_for_update().select_related("account").filter(pk=key).first()
    if identity is None:
        return False
    before = identity.level
    store_assessment(identity, assess(identity.account))
    if identity.level != before:
        account = identity.account
        level = {"level": identity.level}
        record("identity_lapsed", target=account, by=SYSTEM, before={"level": before}, after=level)
        emit("identity_lapsed", service_id=None, subject=f"account/{account.pk}", data=level)
    return True


def store_assessment(identity: CoreIdentity, assessment: Assessment) -> None:
    """Write the level that was judged. In a transaction that holds the row."""
    identity.level = assessment.outcome.level
    identity.profile = assessment.outcome.profile
    identity.expires_at = assessment.expires_at
    identity.save(update_fields=["level", "profile", "expires_at"])


def _outcome(evidence: list[Proof], scores: list[Proof], *, weight: int, at: datetime) -> Outcome:
    """Return the level that bears the doubts; its profile is the one that gives this very level."""
    accepted = conf.accepted_profiles
    choices = list(_scores(evidence, scores, at=at))
    level = bearable(max(evaluate(found, accepted=accepted).level for found in choices), weight=weight)
    fitting = {name: names for name, names in accepted.items() if name <= level}
    return max((evaluate(found, accepted=fitting) for found in choices), key=lambda outcome: outcome.level)


def _scores(evidence: list[Proof], scores: list[Proof], *, at: datetime) -> Iterator[Scores]:
    """Yield each choice of one score for each kind of evidence: shown twice, a document still is one piece."""
    kinds: dict[str, set[tuple[int, int]]] = {}
    for proof in filter(lambda proof: _counts(proof, at), evidence):
        kinds.setdefault(proof.kind, set()).add(proof.score)
    best = {
        aspect: max((proof.score[0] for proof in scores if proof.kind == aspect and _counts(proof, at)), default=0)
        for aspect in Corroboration.Aspect.values
    }
    for pieces in product(*(_undominated(found) for found in kinds.values())):
        yield Scores(evidence=pieces, **best)


def _undominated(found: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the scores that no other one equals or betters in both strength and validity, best first."""
    kept = (
        one for one in found if not any(other != one and other[0] >= one[0] and other[1] >= one[1] for other in found)
    )
    return sorted(kept, reverse=True)


def _expiry(evidence: list[Proof], scores: list[Proof], *, weight: int, level: str) -> datetime | None:
    """Return the first moment at which ``level`` no longer holds."""
    moments = sorted({proof.expires_at for proof in (*evidence, *scores) if proof.expires_at is not None})
    return next((at for at in moments if _outcome(evidence, scores, weight=weight, at=at).level < level), None)


def _counts(proof: Proof, at: datetime) -> bool:
    return proof.expires_at is None or proof.expires_at > at
