"""Identity checks: sending a citizen to an evidence provider, and judging what comes back."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import get_language

from gaap.clock import now
from gaap.crypto import keyed_digest
from gaap.organisations.models import Service
from gaap.providers.errors import ProviderError
from gaap.states import move
from gaap_identity import return_codes
from gaap_identity.conf import conf
from gaap_identity.errors import IdentityError
from gaap_identity.gpg45.evaluator import Scores, evaluate
from gaap_identity.models import Account, CoreIdentity, IdentityCheck, SignIn
from gaap_identity.openid.addresses import endpoint
from gaap_identity.openid.levels import IDENTITY_LEVELS, RequestedLevels
from gaap_identity.providers.base import CheckRequest, CheckResult
from gaap_identity.services.assessments import Assessment, assess, store_assessment
from gaap_identity.services.core_identities import level_held, take_facts
from gaap_identity.services.proofs import doubt_codes, keep_doubts, keep_proofs
from gaap_identity.services.sessions import citizen
from gaap_identity.services.sources import (
    RETURN_PATH,
    ceiling_of,
    count,
    first_offer,
    is_of_sandbox,
    note_answer,
    note_failure,
    offer_called,
    source_of,
)
from gaap_identity.states import IDENTITY_CHECK


class UnknownCheckError(IdentityError):
    """No check waits for this result: it never began, belongs to somebody else, or is judged already."""


@dataclass(frozen=True)
class Judgement:
    """What an account has reached for a service, and why not what it asked for (no codes: it is enough)."""

    assessment: Assessment
    return_codes: tuple[str, ...]


def start_check(
    account: Account, *, service: Service, levels: RequestedLevels, sign_in: SignIn | None, source: str = ""
) -> str:
    """Begin a check for ``service`` and return the address to send the citizen's browser to.

    ``source`` is one of those on offer; empty takes the first. Raises SandboxRefusedError for a live service,
    SourceGoneError, ProviderError when the source does not answer.
    """
    offer = offer_called(source, service=service) if source else first_offer(service)
    state = secrets.token_urlsafe(32)
    request = CheckRequest(
        return_url=endpoint(f"{RETURN_PATH}/{offer.identifier}"),
        state=state,
        levels=levels.identity,
        language=get_language() or "en",
    )
    try:
        address = offer.provider.begin(request)
    except ProviderError:
        note_failure(offer.identifier)
        raise
    IdentityCheck.objects.create(
        account=account, service=service, sign_in=sign_in, provider=offer.identifier, state_digest=_digest(state)
    )
    count(offer.identifier, "begun")
    return address


def waiting_check(account: Account, *, source: str, state: str) -> IdentityCheck:
    """Return the check of ``account`` that waits for a result; raises UnknownCheckError."""
    check = (
        IdentityCheck.objects.waiting()
        .select_related("account", "service", "sign_in")
        .filter(account=account, provider=source, state_digest=_digest(state))
        .first()
    )
    if check is None:
        raise UnknownCheckError("No check waits for this result.")
    return check


def finish_check(account: Account, *, provider_id: str, parameters: Mapping[str, str]) -> IdentityCheck:
    """Judge what a source brought back, and keep it. The check is found by ``state``, and belongs to ``account``.

    A source that does not answer leaves the check open, to be tried again; one that lies ends it, with nobody
    identified. Raises UnknownCheckError, SourceGoneError, and ProviderError when it does not answer.
    """
    check = waiting_check(account, source=provider_id, state=parameters.get("state", ""))
    offer = source_of(provider_id, service=check.service)
    try:
        result = offer.provider.parse_result(parameters)
        note_answer(provider_id)
    except ProviderError as error:
        note_failure(provider_id)
        if not error.permanent or offer.provider.is_sandbox:
            raise
        result = CheckResult(return_codes=(return_codes.SOURCE_FAILED,))
    keep_result(check, result=clamp(result, ceiling=ceiling_of(provider_id)))
    return check


def clamp(result: CheckResult, *, ceiling: str) -> CheckResult:
    """Return ``result`` with so much less verification that it gives no level above ``ceiling`` by itself."""
    pieces = tuple((item.strength, item.validity) for item in result.evidence)
    verification = result.verification
    while verification and _level_alone(replace(result, verification=verification), pieces) > ceiling:
        verification -= 1
    return replace(result, verification=verification)


def _level_alone(result: CheckResult, pieces: tuple[tuple[int, int], ...]) -> str:
    scores = Scores(pieces, result.activity, result.fraud, result.verification)
    return evaluate(scores, accepted=conf.accepted_profiles).level


def prove_with_persona(account: Account, *, service: Service, persona: str) -> None:
    """Let a sandbox citizen have proven who they are as ``persona``, unless they have already."""
    if level_held(account) != IDENTITY_LEVELS[0]:
        return
    offer = source_of("sandbox", service=service)
    check = IdentityCheck.objects.create(account=account, service=service, provider="sandbox", state_digest="")
    keep_result(check, result=offer.provider.parse_result({"persona": persona}))


@transaction.atomic
def keep_result(check: IdentityCheck, *, result: CheckResult) -> None:
    """Add ``result`` to what the account has brought before, and judge it all; raises UnknownCheckError."""
    if result.is_pending:
        _let_wait(check)
    else:
        _judge_result(check, result=result)


def _judge_result(check: IdentityCheck, *, result: CheckResult) -> None:
    # Two visits that end at once are judged one after the other, each with the other's scores.
    Account.objects.select_for_update().get(pk=check.account_id)
    identity = CoreIdentity.objects.filter(account=check.account).first()
    codes = list(result.return_codes)
    is_sandbox = is_of_sandbox(check.provider)
    keep_doubts(check, result=result, is_sandbox=is_sandbox)
    if result.facts is not None and not codes:
        taken = take_facts(identity, check=check, facts=result.facts, is_sandbox=is_sandbox)
        codes += [] if taken else [return_codes.NO_MATCH]
        identity = taken or identity
        if taken:
            keep_proofs(check, result=result)
    judgement = judge(check.account, asked=_asked(check), failed=codes or _reasons(result))
    if identity is not None:
        store_assessment(identity, judgement.assessment)
    _close(check, result=result, judgement=judgement)


def judge(account: Account, *, asked: RequestedLevels, failed: Sequence[str] = ()) -> Judgement:
    """Return what ``account`` has reached over all its visits, and the return codes when it is not what was ``asked``.

    ``failed`` are the codes of the last visit when it identified nobody; a level that was reached before counts.
    """
    assessment = assess(account)
    level = assessment.outcome.level
    is_enough = bool(asked.met_by(level)) or (not asked.needs_identity and level != IDENTITY_LEVELS[0])
    if is_enough and not failed:
        return Judgement(assessment, return_codes=())
    codes = [*failed, *doubt_codes(account)] or [return_codes.NOT_ENOUGH]
    return Judgement(assessment, return_codes=tuple(dict.fromkeys(codes)))


def _close(check: IdentityCheck, *, result: CheckResult, judgement: Judgement) -> None:
    """Move the check to its end and tell its sign-in why, if there is a why; raises UnknownCheckError."""
    outcome = judgement.assessment.outcome
    codes = list(judgement.return_codes)
    changes = {
        "activity": result.activity,
        "fraud": result.fraud,
        "verification": result.verification,
        "level": IDENTITY_LEVELS[0] if codes and not result.facts else outcome.level,
        "profile": "" if codes and not result.facts else outcome.profile,
        "return_codes": codes,
        "finished_at": now(),
    }
    data = {"level": changes["level"]}
    status = "failed" if codes else "passed"
    if not move(check, status, table=IDENTITY_CHECK, by=citizen(check.account), changes=changes, data=data):
        raise UnknownCheckError("The check is judged already.")
    count(check.provider, "failed" if codes else "passed")
    _tell_sign_in(check, codes)


def _let_wait(check: IdentityCheck) -> None:
    """Note that the result comes later; raises UnknownCheckError."""
    by = citizen(check.account)
    if not move(check, "pending", table=IDENTITY_CHECK, by=by):
        raise UnknownCheckError("The check is judged already.")
    count(check.provider, "pending")
    _tell_sign_in(check, [return_codes.WAITING])


def _tell_sign_in(check: IdentityCheck, codes: list[str]) -> None:
    if check.sign_in is not None:
        SignIn.objects.filter(pk=check.sign_in.pk).update(return_codes=codes)


def _reasons(result: CheckResult) -> tuple[str, ...]:
    return () if result.facts is not None else (return_codes.NO_EVIDENCE,)


def _asked(check: IdentityCheck) -> RequestedLevels:
    return check.sign_in.requested if check.sign_in else RequestedLevels()


def _digest(state: str) -> str:
    return keyed_digest(state, purpose="identity.check.state")
