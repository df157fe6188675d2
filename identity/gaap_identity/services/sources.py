"""Choosing a source of evidence, and keeping count of how each does: by visits begun, so that drop-outs count."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.db.models import F

from gaap.clock import now
from gaap.organisations.models import Service
from gaap_identity.conf import conf
from gaap_identity.errors import IdentityError
from gaap_identity.models import EvidenceSource, SourceDay
from gaap_identity.openid.addresses import endpoint
from gaap_identity.providers.base import EvidenceProvider, ProviderSetup, registry

RETURN_PATH = "prove-identity/return"
#: So many broken calls in a row take a source off the list for a while.
FAILURES_TO_REST = 3
REST = timedelta(minutes=5)

Count = Literal["begun", "passed", "failed", "pending", "broken"]


class SandboxRefusedError(IdentityError):
    """The sandbox would vouch for somebody to a live service."""


class SourceGoneError(IdentityError):
    """The source is not offered (any more)."""


@dataclass(frozen=True)
class Offer:
    """A source as a citizen may choose it; ``provider`` is ready to begin."""

    identifier: str
    name: str
    provider: EvidenceProvider


def offers_for(service: Service) -> list[Offer]:
    """Return the sources that ``service``'s citizens may choose from; those of the sandbox are not for live services.

    Raises SandboxRefusedError when nothing but the sandbox is there.
    """
    rows = EvidenceSource.objects.offered_to(service)
    offers = [_offer(row) for row in rows] if EvidenceSource.objects.exists() else [_built_in()]
    allowed = [offer for offer in offers if not (offer.provider.is_sandbox and service.is_live)]
    if offers and not allowed:
        raise SandboxRefusedError("The sandbox proves nobody's identity to a live service.")
    return allowed


def first_offer(service: Service) -> Offer:
    """Return the source that comes first; raises SourceGoneError when there is none, SandboxRefusedError."""
    offers = offers_for(service)
    if not offers:
        raise SourceGoneError("No source of evidence is there.")
    return offers[0]


def offer_called(identifier: str, *, service: Service) -> Offer:
    """Return one of the sources on offer; raises SourceGoneError, SandboxRefusedError."""
    found = next((offer for offer in offers_for(service) if offer.identifier == identifier), None)
    if found is None:
        raise SourceGoneError("This source is not offered.")
    return found


def source_of(identifier: str, *, service: Service) -> Offer:
    """Return the source of a check that has begun; it may have left the list since, but must still answer.

    Raises SourceGoneError, SandboxRefusedError.
    """
    row = EvidenceSource.objects.filter(pk=identifier).first()
    if row is None and identifier not in registry.identifiers():
        raise SourceGoneError("There is no such source.")
    if row is not None and row.answers_until is not None and row.answers_until <= now():
        raise SourceGoneError("This source has left.")
    offer = _offer(row) if row else Offer(identifier, identifier, _provider(identifier, ProviderSetup(identifier)))
    if offer.provider.is_sandbox and service.is_live:
        raise SandboxRefusedError("The sandbox proves nobody's identity to a live service.")
    return offer


def is_of_sandbox(identifier: str) -> bool:
    """Tell whether the source of a check invents people; one that nobody knows any more is taken for that."""
    row = EvidenceSource.objects.filter(pk=identifier).only("provider").first()
    provider = row.provider if row else identifier
    return provider not in registry.identifiers() or registry.get(provider).is_sandbox


def sandbox_is_offered() -> bool:
    """Tell whether anybody may be sent to the sandbox's persona page, which answers as the source ``sandbox``."""
    if EvidenceSource.objects.exists():
        return EvidenceSource.objects.filter(pk="sandbox", provider="sandbox", is_active=True).exists()
    return conf.evidence_provider == "sandbox"


def ceiling_of(identifier: str) -> str:
    """Return the highest level that a source may give, whatever it says."""
    told = EvidenceSource.objects.filter(pk=identifier).values_list("highest_level", flat=True).first()
    return told or "P3"


def count(identifier: str, what: Count) -> None:
    """Count one visit or broken call of today."""
    day, _is_new = SourceDay.objects.get_or_create(source=identifier, day=now().date())
    SourceDay.objects.filter(pk=day.pk).update(**{what: F(what) + 1})


def note_failure(identifier: str) -> None:
    """Count a call that broke; after several in a row the source rests, so that citizens are spared it."""
    count(identifier, "broken")
    row = EvidenceSource.objects.filter(pk=identifier)
    row.update(failures_in_row=F("failures_in_row") + 1)
    row.filter(failures_in_row__gte=FAILURES_TO_REST).update(unavailable_until=now() + REST, failures_in_row=0)


def note_answer(identifier: str) -> None:
    """Note that the source answered."""
    EvidenceSource.objects.filter(pk=identifier, failures_in_row__gt=0).update(failures_in_row=0)


def _built_in() -> Offer:
    identifier = conf.evidence_provider
    return Offer(identifier, identifier, _provider(identifier, ProviderSetup(identifier)))


def _offer(row: EvidenceSource) -> Offer:
    setup = ProviderSetup(
        identifier=row.identifier,
        options=row.options,
        secret=row.secret,
        return_url=endpoint(f"{RETURN_PATH}/{row.identifier}"),
    )
    return Offer(row.identifier, row.name, _provider(row.provider, setup))


def _provider(identifier: str, setup: ProviderSetup) -> EvidenceProvider:
    return registry.get(identifier)(setup)
