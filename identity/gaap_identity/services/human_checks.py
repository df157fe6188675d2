"""Checks by people: uploaded documents seen by two pairs of eyes, and visits to a counter."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gaap.actors import Actor
from gaap.clock import now
from gaap.states import move
from gaap_identity import return_codes
from gaap_identity.errors import IdentityError
from gaap_identity.models import Account, HumanCheck, IdentityCheck
from gaap_identity.models.human_checks import counter_digest, new_counter_code
from gaap_identity.providers.base import CheckResult, EvidenceItem, Facts, Name, NamePart
from gaap_identity.services.checks import keep_result
from gaap_identity.services.notices import notify_citizen
from gaap_identity.states import HUMAN_CHECK

COUNTER_DAYS = 14

#: Why a document is not accepted, in the words of the queue; each is told to the service as a return code.
REASONS: Mapping[str, Any] = {
    "unreadable": _("The picture cannot be read"),
    "not_same_face": _("The faces are not of the same person"),
    "other_person": _("The document is of somebody else than the citizen says"),
    "expired": _("The document has expired"),
    "forged": _("The document seems forged"),
}
RETURN_CODES: Mapping[str, str] = {
    "unreadable": return_codes.NO_EVIDENCE,
    "not_same_face": return_codes.NO_MATCH,
    "other_person": return_codes.NO_MATCH,
    "expired": return_codes.NO_EVIDENCE,
    "forged": return_codes.FRAUD,
}
STRENGTH: Mapping[str, int] = {"passport": 3, "driving_permit": 3}


class ReviewRefusedError(IdentityError):
    """The review cannot be made: it is settled, belongs to another stage, or the same person looked before."""


@dataclass(frozen=True)
class Upload:
    """What a citizen uploaded: who they say they are (see ``told_of``), and two pictures (bytes)."""

    told: Mapping[str, Any]
    picture: bytes
    portrait: bytes


def told_of(*, given_names: str, family_name: str, born_on: str, kind: str = "") -> dict[str, Any]:
    """Return what a citizen says of themselves as it is kept; ``born_on`` is an ISO 8601 date."""
    return {"given_names": given_names, "family_name": family_name, "born_on": born_on, "kind": kind}


@transaction.atomic
def upload_documents(check: IdentityCheck, *, upload: Upload) -> HumanCheck:
    """Put documents into the queue, and let the check wait; raises UnknownCheckError."""
    keep_result(check, result=CheckResult(is_pending=True))
    told: Any = dict(upload.told)
    return HumanCheck.objects.create(
        identity_check=check,
        kind=HumanCheck.Kind.DOCUMENTS,
        told=told,
        picture=base64.b64encode(upload.picture).decode(),
        portrait=base64.b64encode(upload.portrait).decode(),
    )


@transaction.atomic
def book_counter(check: IdentityCheck, *, told: Mapping[str, Any]) -> HumanCheck:
    """Give the citizen a code for a counter, good for two weeks, and let the check wait; raises UnknownCheckError."""
    keep_result(check, result=CheckResult(is_pending=True))
    code = new_counter_code()
    said: Any = dict(told)
    return HumanCheck.objects.create(
        identity_check=check,
        kind=HumanCheck.Kind.COUNTER,
        told=said,
        code=code,
        code_digest=counter_digest(code),
        expires_at=now() + timedelta(days=COUNTER_DAYS),
    )


def waiting_visit(account: Account) -> HumanCheck | None:
    """Return the visit to a counter that ``account`` has a code for, the newest one."""
    booked = HumanCheck.objects.filter(
        identity_check__account=account, kind=HumanCheck.Kind.COUNTER, status="waiting", expires_at__gt=now()
    )
    return booked.order_by("-created_at").first()


def propose_outcome(human: HumanCheck, *, is_accepted: bool, reason: str, by: Actor) -> None:
    """Say as the first reviewer what you saw; raises ReviewRefusedError."""
    if not is_accepted and reason not in REASONS:
        raise ReviewRefusedError("A refusal needs a reason.")
    changes = {"is_accepted": is_accepted, "reason": "" if is_accepted else reason, "proposed_by": by.id}
    if human.status != "waiting" or not move(human, "proposed", table=HUMAN_CHECK, by=by, changes=changes):
        raise ReviewRefusedError("It does not wait for a first look.")


@transaction.atomic
def confirm_outcome(human: HumanCheck, *, agrees: bool, by: Actor) -> None:
    """Say as the second reviewer whether you saw the same; disagreement sends it back. Raises ReviewRefusedError."""
    if human.status != "proposed" or human.proposed_by == by.id:
        raise ReviewRefusedError("Another person has to look at it.")
    if not agrees:
        changes: dict[str, Any] = {"is_accepted": None, "reason": "", "proposed_by": ""}
        if not move(human, "waiting", table=HUMAN_CHECK, by=by, changes=changes):
            raise ReviewRefusedError("Somebody else looked at it meanwhile.")
        return
    _settle(human, result=_result_of(human), by=by)


@transaction.atomic
def settle_visit(code: str, *, kind: str, is_accepted: bool, reason: str, by: Actor) -> HumanCheck:
    """Note what was seen at the counter: the person and their document (``kind``). Raises ReviewRefusedError."""
    human = HumanCheck.objects.with_code(code).select_related("identity_check__account").first()
    if human is None or kind not in STRENGTH or (not is_accepted and reason not in REASONS):
        raise ReviewRefusedError("No visit waits under this code, or something is missing.")
    human.told = {**human.told, "kind": kind}
    human.save(update_fields=["told"])
    human.is_accepted, human.reason = is_accepted, "" if is_accepted else reason
    _settle(human, result=_result_of(human), by=by)
    return human


def _settle(human: HumanCheck, *, result: CheckResult, by: Actor) -> None:
    """End the check, remove the pictures, and tell the citizen; raises ReviewRefusedError."""
    changes = {
        "settled_by": by.id,
        "is_accepted": human.is_accepted,
        "reason": human.reason,
        "picture": "",
        "portrait": "",
        "code": "",
        "code_digest": "",
    }
    if not move(human, "settled", table=HUMAN_CHECK, by=by, changes=changes):
        raise ReviewRefusedError("Somebody else settled it meanwhile.")
    check = human.identity_check
    keep_result(check, result=result)
    account = check.account
    notice = "identity_ready" if check.status == "passed" else "identity_refused"
    notify_citizen(notice, recipient=account.email, language=account.language)  # type: ignore[arg-type]


def _result_of(human: HumanCheck) -> CheckResult:
    """Score what was seen: a picture is less than the person (GPG 45: validity and verification)."""
    if not human.is_accepted:
        return CheckResult(return_codes=(RETURN_CODES[human.reason],))
    at_counter = human.kind == HumanCheck.Kind.COUNTER
    kind = human.told["kind"]
    return CheckResult(
        facts=facts_of(human.told),
        evidence=(EvidenceItem(kind, STRENGTH[kind], 3 if at_counter else 2),),
        fraud=1,
        verification=3 if at_counter else 2,
        in_person=at_counter,
    )


def facts_of(told: Mapping[str, Any]) -> Facts:
    """Return what a citizen says of themselves in the words of providers; raises ProviderError without a name."""
    parts = [
        *([NamePart("GivenName", told["given_names"])] if told["given_names"] else []),
        *([NamePart("FamilyName", told["family_name"])] if told["family_name"] else []),
    ]
    return Facts(names=(Name(parts=tuple(parts)),), birth_dates=(told["born_on"],))
