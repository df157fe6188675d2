"""The identity profiles of GPG 45 as data. Each names its edition, so that another one can stand beside it.

Each profile asks for one to three pieces of evidence (strength, validity), and for scores of activity history, identity
fraud and verification. A level of identity is reached through the profiles that this platform accepts for it.
"""

from dataclasses import dataclass

EDITION = "0.4"


@dataclass(frozen=True)
class Profile:
    """What a profile asks for; ``evidence`` is one (strength, validity) for each piece."""

    name: str
    confidence: str
    evidence: tuple[tuple[int, int], ...]
    activity: int
    fraud: int
    verification: int
    edition: str = EDITION


LOW, MEDIUM, HIGH, VERY_HIGH = "low", "medium", "high", "very high"

PROFILES = (
    Profile("L1A", LOW, ((2, 2),), 0, 1, 1),
    Profile("L1B", LOW, ((3, 2),), 0, 0, 1),
    Profile("L1C", LOW, ((1, 1),), 3, 2, 2),
    Profile("L2A", LOW, ((1, 1), (1, 1)), 2, 1, 2),
    Profile("L2B", LOW, ((1, 1), (1, 1)), 2, 2, 1),
    Profile("L3A", LOW, ((1, 1), (1, 1), (1, 1)), 2, 1, 1),
    Profile("M1A", MEDIUM, ((4, 2),), 0, 1, 2),
    Profile("M1B", MEDIUM, ((3, 2),), 1, 2, 2),
    Profile("M1C", MEDIUM, ((3, 3),), 0, 0, 3),
    Profile("M1D", MEDIUM, ((2, 2),), 2, 1, 3),
    Profile("M2A", MEDIUM, ((2, 2), (2, 2)), 3, 2, 2),
    Profile("M2B", MEDIUM, ((3, 2), (2, 2)), 1, 1, 2),
    Profile("M2C", MEDIUM, ((3, 2), (2, 2)), 0, 1, 3),
    Profile("M3A", MEDIUM, ((2, 2), (2, 2), (2, 2)), 2, 2, 2),
    Profile("H1A", HIGH, ((4, 3),), 0, 1, 3),
    Profile("H1B", HIGH, ((3, 3),), 2, 1, 3),
    Profile("H1C", HIGH, ((4, 3),), 0, 0, 4),
    Profile("H2A", HIGH, ((2, 2), (2, 2)), 3, 2, 3),
    Profile("H2B", HIGH, ((4, 2), (3, 2)), 0, 2, 3),
    Profile("H2C", HIGH, ((3, 3), (2, 2)), 1, 1, 3),
    Profile("H2D", HIGH, ((3, 3), (2, 2)), 0, 1, 3),
    Profile("H2E", HIGH, ((4, 3), (3, 3)), 0, 0, 3),
    Profile("H3A", HIGH, ((2, 2), (2, 2), (2, 2)), 2, 2, 3),
    Profile("V1A", VERY_HIGH, ((4, 3),), 0, 3, 3),
    Profile("V1B", VERY_HIGH, ((4, 4),), 0, 1, 3),
    Profile("V1C", VERY_HIGH, ((4, 3),), 1, 1, 4),
    Profile("V1D", VERY_HIGH, ((4, 4),), 0, 0, 4),
    Profile("V2A", VERY_HIGH, ((3, 3), (3, 3)), 3, 2, 3),
    Profile("V2B", VERY_HIGH, ((4, 3), (3, 3)), 0, 2, 3),
    Profile("V2C", VERY_HIGH, ((4, 3), (2, 2)), 2, 2, 3),
    Profile("V2D", VERY_HIGH, ((4, 4), (4, 4)), 0, 0, 3),
    Profile("V3A", VERY_HIGH, ((3, 3), (2, 2), (2, 2)), 3, 3, 3),
)

#: The profiles accepted for each level of identity, as GOV.UK One Login accepts them.
ACCEPTED = {
    "P1": ("L1A",),
    "P2": ("M1A", "M1B", "M1C", "M2B"),
    "P3": ("H1A",),
}
