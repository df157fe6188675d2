"""Consent: asked once for each service and detail, recorded, looked up before anything is told, and withdrawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap.audit.models import AuditEvent
from gaap.audit.services import record
from gaap.clock import now
from gaap.organisations.models import Service
from gaap.rows import change_rows, insert_rows, read_rows
from gaap_identity.conf import conf
from gaap_identity.models import Account, Consent, SignIn
from gaap_identity.openid.claims import ADDRESS, CORE_IDENTITY, DRIVING_PERMIT, PASSPORT, RETURN_CODE
from gaap_identity.services.sessions import citizen

#: The details that consent is asked for, in the citizen's words. A return code is about the check, not the person.
DETAILS: Mapping[str, Promise | str] = {
    "email": _("Your email address"),
    "phone": _("Your phone number"),
    CORE_IDENTITY: _("Your name and date of birth"),
    ADDRESS: _("Your address"),
    PASSPORT: _("Your passport's number"),
    DRIVING_PERMIT: _("Your driving licence's number"),
}
UNASKED = frozenset({RETURN_CODE, "openid"})


@dataclass(frozen=True)
class Shared:
    """A service that knows something of a citizen: what, since when, and when it was told last."""

    service: Service
    details: tuple[Promise | str, ...]
    given_at: datetime
    released_at: datetime | None
    is_withdrawn: bool


def details_asked(sign_in: SignIn) -> list[str]:
    """Return the details that ``sign_in`` asks for, in the order in which they are shown."""
    asked = {*sign_in.scopes, *sign_in.claims}
    return [name for name in DETAILS if name in asked]


def missing_consents(account: Account, *, sign_in: SignIn) -> list[str]:
    """Return the details asked for that the citizen has not agreed to tell this service, or no longer."""
    given = set(_standing(account, service_id=sign_in.service_id))
    return [name for name in details_asked(sign_in) if name not in given]


def unanswered(account: Account, *, sign_in: SignIn) -> list[str]:
    """Return the details that the citizen must be asked about before ``sign_in`` goes on.

    What was withdrawn is asked for again; anything at all when the deployment (``ASK_CONSENT``) or the service asks
    (``prompt=consent``). Otherwise going on is the agreement, and is recorded as such.
    """
    if "consent" in sign_in.prompts:
        fresh = Consent.objects.standing().filter(account=account, service=sign_in.service_id)
        given = set(fresh.filter(given_at__gte=sign_in.created_at).values_list("claim", flat=True))
        return [name for name in details_asked(sign_in) if name not in given]
    missing = missing_consents(account, sign_in=sign_in)
    if conf.asks_consent or not missing:
        return missing
    withdrawn = Consent.objects.filter(account=account, service=sign_in.service_id).exclude(withdrawn_at=None)
    return [name for name in missing if name in set(withdrawn.values_list("claim", flat=True))]


def consented(account: Account, *, service: Service, names: Iterable[str]) -> list[str]:
    """Return those of ``names`` that the citizen lets ``service`` know; what needs no consent is among them."""
    given = set(_standing(account, service_id=service.pk))
    return [name for name in names if name in given or name not in DETAILS]


def give_consent(account: Account, *, service: Service, names: Sequence[str]) -> None:
    """Record that the citizen lets ``service`` know these details; without any, nothing happened."""
    if names:
        _give(account, service=service, names=names)


@transaction.atomic
def _give(account: Account, *, service: Service, names: Sequence[str]) -> None:
    for name in names:
        values = {"given_at": now(), "withdrawn_at": None}
        Consent.objects.update_or_create(account=account, service=service, claim=name, defaults=values)
    record("consent_given", target=account, service=service, by=citizen(account), after={"claims": list(names)})


@transaction.atomic
def withdraw_consent(account: Account, *, service_id: UUID) -> bool:
    """Take back every consent for one service; it asks anew next time. False when there was none."""
    standing = Consent.objects.standing().filter(account=account, service=service_id)
    taken = standing.update(withdrawn_at=now())
    if taken:
        service = Service.objects.get(pk=service_id)
        record("consent_withdrawn", target=account, service=service, by=citizen(account), after={"claims": taken})
    return bool(taken)


def note_release(account: Account, *, service: Service, names: Iterable[str], event: AuditEvent) -> None:
    """Note that ``service`` was told these details just now, and write the audit's ``event`` of it with that."""
    claims = tuple(names)
    changes = {"released_at": now()}
    equal = {"account_id": account.pk, "service_id": service.pk, "claim": claims}
    if not claims or not change_rows(Consent, changes, inserting=[event], **equal):
        insert_rows(event)


def shared_with(account: Account) -> list[Shared]:
    """Return every service that the citizen let know something, by name."""
    by_service: dict[UUID, list[Consent]] = {}
    for consent in Consent.objects.filter(account=account).select_related("service"):
        by_service.setdefault(consent.service_id, []).append(consent)
    return [_shared(consents) for consents in by_service.values()]


def _shared(consents: list[Consent]) -> Shared:
    released = [consent.released_at for consent in consents if consent.released_at]
    return Shared(
        service=consents[0].service,
        details=tuple(DETAILS[consent.claim] for consent in consents if consent.claim in DETAILS),
        given_at=max(consent.given_at for consent in consents),
        released_at=max(released, default=None),
        is_withdrawn=all(consent.withdrawn_at for consent in consents),
    )


def _standing(account: Account, *, service_id: UUID) -> Iterable[str]:
    standing = read_rows(Consent, account_id=account.pk, service_id=service_id, withdrawn_at=None)
    return [consent.claim for consent in standing]
