"""Doubts about an identity (contra-indicators), as data: how much each weighs, and what takes the weight away.

A doubt weighs ``found`` points; once it is mitigated it weighs ``mitigated`` points. Each level bears only so many
points in all (contract B.3): above its ceiling the level is not given, whatever the scores.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gaap_identity import return_codes
from gaap_identity.gpg45.evaluator import NO_LEVEL


@dataclass(frozen=True)
class Mitigation:
    """What a later visit must bring: a verification score, or a piece of evidence of at least this strength."""

    verification: int = 0
    strength: int = 0
    validity: int = 0
    in_person: bool = False


@dataclass(frozen=True)
class DoubtKind:
    """One kind of doubt; ``return_code`` is what the service is told when it costs the level asked for."""

    code: str
    meaning: str
    found: int
    mitigated: int
    return_code: str
    mitigation: Mitigation | None = None


DOUBTS: Mapping[str, DoubtKind] = {
    doubt.code: doubt
    for doubt in (
        DoubtKind("D01", "The document is reported lost or stolen.", 40, 40, return_codes.FRAUD),
        DoubtKind(
            "D02",
            "The document could not be read or shows signs of copying.",
            15,
            0,
            return_codes.NO_MATCH,
            Mitigation(strength=3, validity=2),
        ),
        DoubtKind(
            "D03",
            "The face is not that of the document's holder.",
            20,
            0,
            return_codes.NO_MATCH,
            Mitigation(verification=3, in_person=True),
        ),
        DoubtKind(
            "D04",
            "Answers to questions about the person's records were wrong.",
            10,
            0,
            return_codes.NO_MATCH,
            Mitigation(verification=2),
        ),
        DoubtKind(
            "D05",
            "The identity is named in a source of known fraud.",
            40,
            10,
            return_codes.FRAUD,
            Mitigation(verification=3, in_person=True),
        ),
        DoubtKind("D06", "The person is recorded as dead.", 40, 40, return_codes.FRAUD),
        DoubtKind(
            "D07",
            "The identity is at higher risk of being impersonated.",
            15,
            5,
            return_codes.NOT_ENOUGH,
            Mitigation(verification=3),
        ),
    )
}

#: The most points that each level bears.
CEILINGS: Mapping[str, int] = {"P1": 30, "P2": 20, "P3": 10}


def points(doubts: Iterable[tuple[str, bool]]) -> int:
    """Return what ``doubts`` (code, and whether it is mitigated) weigh together; raises KeyError for unknown codes."""
    return sum(DOUBTS[code].mitigated if is_mitigated else DOUBTS[code].found for code, is_mitigated in set(doubts))


def bearable(level: str, *, weight: int) -> str:
    """Return ``level``, or the strongest one below it that bears ``weight`` points; ``P0`` when none does."""
    fitting = (name for name, ceiling in CEILINGS.items() if name <= level and weight <= ceiling)
    return max(fitting, default=NO_LEVEL)


def takes_away(doubt: str, *, verification: int, pieces: Iterable[tuple[int, int]], in_person: bool) -> bool:
    """Tell whether a visit that brought these scores mitigates ``doubt`` (its code; raises KeyError)."""
    asked = DOUBTS[doubt].mitigation
    if asked is None or verification < asked.verification or (asked.in_person and not in_person):
        return False
    return not asked.strength or any(
        strength >= asked.strength and validity >= asked.validity for strength, validity in pieces
    )
