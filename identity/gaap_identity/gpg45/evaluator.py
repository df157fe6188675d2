"""Which level of identity a set of scores reaches, by which pieces, and what more would raise it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gaap_identity.gpg45.profiles import ACCEPTED, PROFILES, Profile

Piece = tuple[int, int]
Accepted = Mapping[str, Sequence[str]]

NO_LEVEL = "P0"
BY_NAME: Mapping[str, Profile] = {profile.name: profile for profile in PROFILES}


@dataclass(frozen=True)
class Scores:
    """What was found out: (strength, validity) of each piece of evidence, and the best of each other check."""

    evidence: tuple[Piece, ...] = ()
    activity: int = 0
    fraud: int = 0
    verification: int = 0


@dataclass(frozen=True)
class Outcome:
    """The level reached, the profile that reached it (empty at P0), and the places of the pieces it stands on."""

    level: str
    profile: str
    pieces: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Shortfall:
    """What is missing for a profile: pieces of evidence that nothing held meets, and scores to be reached (0: none)."""

    level: str
    profile: str
    evidence: tuple[Piece, ...] = ()
    activity: int = 0
    fraud: int = 0
    verification: int = 0

    @property
    def checks(self) -> int:
        """How many more things must be found out."""
        return len(self.evidence) + sum(bool(score) for score in (self.activity, self.fraud, self.verification))


def evaluate(scores: Scores, *, accepted: Accepted = ACCEPTED) -> Outcome:
    """Return the strongest level of identity that ``scores`` reach.

    Args:
        scores: each score between 0 and 4 (fraud: 3); any number of pieces.
        accepted: the names of the profiles that give each level, e.g. ``{"P1": ("L1A",)}``; levels sort by name.

    Raises:
        KeyError: ``accepted`` names a profile that does not exist.
    """
    for level in sorted(accepted, reverse=True):
        for name in accepted[level]:
            pieces = combination(scores, BY_NAME[name])
            if pieces is not None:
                return Outcome(level=level, profile=name, pieces=pieces)
    return Outcome(level=NO_LEVEL, profile="")


def meets(scores: Scores, profile: Profile) -> bool:
    """Tell whether ``scores`` hold everything that ``profile`` asks for."""
    return combination(scores, profile) is not None


def combination(scores: Scores, profile: Profile) -> tuple[int, ...] | None:
    """Return which piece held (by its place) meets each piece that ``profile`` asks for; None when it is not met."""
    if any(getattr(scores, name) < getattr(profile, name) for name in ("activity", "fraud", "verification")):
        return None
    matched = _match(scores.evidence, profile.evidence)
    if len(matched) < len(profile.evidence):
        return None
    return tuple(matched[place] for place in range(len(profile.evidence)))


def shortfalls(scores: Scores, *, level: str, accepted: Accepted = ACCEPTED) -> Iterator[Shortfall]:
    """Yield what is missing for each profile that gives ``level``, the shortest list first."""
    missing = (_shortfall(scores, BY_NAME[name], level=level) for name in accepted.get(level, ()))
    yield from sorted(missing, key=lambda shortfall: shortfall.checks)


def advise(scores: Scores, *, accepted: Accepted = ACCEPTED) -> dict[str, Shortfall]:
    """Return, for each level above the one reached, the shortest list of what more would reach it."""
    reached = evaluate(scores, accepted=accepted).level
    higher = (level for level in sorted(accepted) if level > reached and accepted[level])
    return {level: next(shortfalls(scores, level=level, accepted=accepted)) for level in higher}


def _shortfall(scores: Scores, profile: Profile, *, level: str) -> Shortfall:
    matched = _match(scores.evidence, profile.evidence)
    return Shortfall(
        level=level,
        profile=profile.name,
        evidence=tuple(piece for place, piece in enumerate(profile.evidence) if place not in matched),
        **{
            name: getattr(profile, name) if getattr(scores, name) < getattr(profile, name) else 0
            for name in ("activity", "fraud", "verification")
        },
    )


def _match(held: Sequence[Piece], asked: Sequence[Piece]) -> dict[int, int]:
    """Meet as many pieces asked for as can be, each by another piece held (augmenting paths); places to places."""
    taken: dict[int, int] = {}
    for place in range(len(asked)):
        _place(place, held=held, asked=asked, taken=taken, tried=set())
    return {place: piece for piece, place in taken.items()}


def _place(
    place: int, *, held: Sequence[Piece], asked: Sequence[Piece], taken: dict[int, int], tried: set[int]
) -> bool:
    for piece, (strength, validity) in enumerate(held):
        fits = strength >= asked[place][0] and validity >= asked[place][1]
        if not fits or piece in tried:
            continue
        tried.add(piece)
        if piece not in taken or _place(taken[piece], held=held, asked=asked, taken=taken, tried=tried):
            taken[piece] = place
            return True
    return False
