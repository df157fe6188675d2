"""The ways to prove an identity as a citizen is shown them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gaap.organisations.models import Service
from gaap.providers.errors import ProviderError
from gaap_identity.models import Account
from gaap_identity.openid.levels import RequestedLevels
from gaap_identity.services.assessments import scores_held
from gaap_identity.services.routing import Route, rank
from gaap_identity.services.sources import Offer, SourceGoneError, note_failure, offer_called, offers_for


@dataclass(frozen=True)
class ShownWay:
    """One source to choose: ``minutes`` and ``days`` of the shortest route that begins with it (None: not known)."""

    identifier: str
    name: str
    minutes: int | None = None
    days: int = 0


def ways_for(account: Account, *, service: Service, levels: RequestedLevels, has: Iterable[str]) -> list[ShownWay]:
    """Return the sources on offer, those on the shortest routes first; raises SandboxRefusedError.

    ``has`` are names of ``HOLDINGS``; without any, everything is thought to be there.
    """
    offers = offers_for(service)
    if len(offers) < 2:
        return [ShownWay(offer.identifier, offer.name) for offer in offers]
    everything = {need for offer in offers for way in offer.provider.ways for need in way.needs}
    routes = rank(
        offers, held=scores_held(account, service=service), level=min(levels.identity), has=set(has) or everything
    )
    return _in_order(offers, routes)


def origins_of(identifiers: Sequence[str], *, service: Service) -> list[str]:
    """Return the origins that a page must let its form lead to; a source that does not answer is left out."""
    origins: list[str] = []
    for identifier in identifiers:
        try:
            origins += offer_called(identifier, service=service).provider.page_origins()
        except SourceGoneError:
            continue
        except ProviderError:
            note_failure(identifier)
    return origins


def _in_order(offers: Sequence[Offer], routes: Sequence[Route]) -> list[ShownWay]:
    names = {offer.identifier: offer.name for offer in offers}
    shown: dict[str, ShownWay] = {}
    for route in routes:
        for source in route.sources:
            shown.setdefault(source, ShownWay(source, names[source], route.minutes, route.days))
    rest = (ShownWay(offer.identifier, offer.name) for offer in offers if offer.identifier not in shown)
    return [*shown.values(), *rest]
