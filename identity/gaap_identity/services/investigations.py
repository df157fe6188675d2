"""Operators looking into a citizen's account: only with a purpose, and the citizen sees that it happened."""

from dataclasses import dataclass

from gaap.actors import Actor
from gaap.audit.services import record
from gaap_identity.models import Account, Corroboration, Doubt, Evidence, IdentityCheck
from gaap_identity.services.activity import Act, acts_of
from gaap_identity.services.assessments import Assessment, assess


@dataclass(frozen=True)
class Investigation:
    """What stands in an account, without names and numbers: scores, doubts, checks and acts."""

    assessment: Assessment
    evidence: list[Evidence]
    corroborations: list[Corroboration]
    doubts: list[Doubt]
    checks: list[IdentityCheck]
    acts: list[Act]


def note_look(account: Account, *, purpose: str, by: Actor) -> None:
    """Record that ``by`` looked at a citizen's data, and why."""
    record("citizen_looked_up", target=account, by=by, purpose=purpose)


def look_into(account: Account, *, purpose: str, by: Actor) -> Investigation:
    """Return what an operator needs in order to help or to find abuse; the look is recorded first."""
    note_look(account, purpose=purpose, by=by)
    return Investigation(
        assessment=assess(account),
        evidence=list(Evidence.objects.filter(account=account)),
        corroborations=list(Corroboration.objects.filter(account=account)),
        doubts=list(Doubt.objects.filter(account=account)),
        checks=list(IdentityCheck.objects.filter(account=account).select_related("service")[:50]),
        acts=acts_of(account),
    )
