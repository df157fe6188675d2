"""The shortest way to a level for what a citizen has: which source to begin with, and which to add."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from gaap_identity.conf import conf
from gaap_identity.gpg45.evaluator import Scores, evaluate
from gaap_identity.providers.base import Way
from gaap_identity.services.sources import Offer

#: A day of waiting weighs as much as this many minutes of the citizen's own time.
MINUTES_FOR_A_DAY = 60
MOST_STEPS = 2


@dataclass(frozen=True)
class Route:
    """The sources to go to, in order, and what it takes: the citizen's minutes, and days of waiting."""

    sources: tuple[str, ...]
    minutes: int
    days: int

    @property
    def cost(self) -> tuple[int, int]:
        """What routes are compared by: time, then the number of visits."""
        return self.minutes + self.days * MINUTES_FOR_A_DAY, len(self.sources)


def rank(offers: Sequence[Offer], *, held: Scores, level: str, has: Iterable[str]) -> list[Route]:
    """Return the ways to ``level`` from what is ``held``, the shortest first.

    Args:
        offers: the sources on offer.
        held: the scores of the account so far.
        level: the level that would be enough, e.g. ``P2``.
        has: names of ``HOLDINGS`` that the citizen says they have.
    """
    mine = frozenset(has)
    steps = [(offer.identifier, way) for offer in offers for way in offer.provider.ways if way.needs <= mine]
    routes = [
        _route(chosen)
        for length in range(1, MOST_STEPS + 1)
        for chosen in combinations(steps, length)
        if len({source for source, _way in chosen}) == length and _reaches(held, chosen, level=level)
    ]
    return sorted(routes, key=lambda route: route.cost)


def _reaches(held: Scores, chosen: Sequence[tuple[str, Way]], *, level: str) -> bool:
    ways = [way for _source, way in chosen]
    together = Scores(
        evidence=(*held.evidence, *(piece for way in ways for piece in way.evidence)),
        activity=max(held.activity, *(way.activity for way in ways)),
        fraud=max(held.fraud, *(way.fraud for way in ways)),
        verification=max(held.verification, *(way.verification for way in ways)),
    )
    return evaluate(together, accepted=conf.accepted_profiles).level >= level


def _route(chosen: Sequence[tuple[str, Way]]) -> Route:
    return Route(
        sources=tuple(source for source, _way in chosen),
        minutes=sum(way.minutes for _source, way in chosen),
        days=max(way.days for _source, way in chosen),
    )
