"""The evaluator against a reference that tries everything, on evidence that Hypothesis invents.

``GAAP_TEST_EVIDENCE_SETS`` says how many sets are tried (100,000 for the whole of it; a few hundred by default).
"""

import os
from dataclasses import replace
from itertools import permutations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gaap_identity.gpg45.evaluator import BY_NAME, Scores, advise, combination, evaluate, meets
from gaap_identity.gpg45.profiles import ACCEPTED, PROFILES, Profile

SETS = int(os.environ.get("GAAP_TEST_EVIDENCE_SETS", "300"))
thoroughly = settings(max_examples=SETS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
EVERY_PROFILE = {
    level: tuple(profile.name for profile in PROFILES if profile.confidence == confidence)
    for level, confidence in (("P1", "low"), ("P2", "medium"), ("P3", "high"), ("P4", "very high"))
}

pieces = st.tuples(st.integers(0, 4), st.integers(0, 4))
scores = st.builds(
    Scores,
    evidence=st.lists(pieces, max_size=5).map(tuple),
    activity=st.integers(0, 4),
    fraud=st.integers(0, 3),
    verification=st.integers(0, 4),
)


def holds(found: Scores, profile: Profile) -> bool:
    """The rule as it is written: try every way to put a piece held beside each piece asked for."""
    others = (
        found.activity >= profile.activity
        and found.fraud >= profile.fraud
        and found.verification >= profile.verification
    )
    return others and any(
        all(held[0] >= asked[0] and held[1] >= asked[1] for held, asked in zip(way, profile.evidence, strict=True))
        for way in permutations(found.evidence, len(profile.evidence))
    )


def reached(found: Scores, accepted: dict[str, tuple[str, ...]]) -> str:
    levels = (level for level, names in accepted.items() if any(holds(found, BY_NAME[name]) for name in names))
    return max(levels, default="P0")


@thoroughly
@example(Scores(((3, 2), (2, 2)), 1, 1, 2))
@given(scores)
def test_every_profile_and_level_is_as_the_reference_says(found: Scores) -> None:
    for profile in PROFILES:
        assert meets(found, profile) == holds(found, profile), profile.name
    assert evaluate(found).level == reached(found, ACCEPTED)
    assert evaluate(found, accepted=EVERY_PROFILE).level == reached(found, EVERY_PROFILE)


@thoroughly
@given(scores, st.data())
def test_raising_any_score_never_lowers_the_level(found: Scores, data: st.DataObject) -> None:
    raised = {
        "activity": data.draw(st.integers(found.activity, 4)),
        "fraud": data.draw(st.integers(found.fraud, 3)),
        "verification": data.draw(st.integers(found.verification, 4)),
    }
    better = tuple(
        (data.draw(st.integers(strength, 4)), data.draw(st.integers(validity, 4)))
        for strength, validity in found.evidence
    )
    more = (*better, *data.draw(st.lists(pieces, max_size=2)))
    for accepted in (ACCEPTED, EVERY_PROFILE):
        before = evaluate(found, accepted=accepted).level
        assert evaluate(Scores(evidence=more, **raised), accepted=accepted).level >= before


@thoroughly
@given(scores)
def test_the_combination_is_of_different_pieces_that_do(found: Scores) -> None:
    for profile in PROFILES:
        chosen = combination(found, profile)
        if chosen is None:
            continue
        assert len(set(chosen)) == len(profile.evidence)
        for place, asked in zip(chosen, profile.evidence, strict=True):
            assert found.evidence[place][0] >= asked[0]
            assert found.evidence[place][1] >= asked[1]


@thoroughly
@given(scores)
def test_what_is_advised_reaches_the_level_and_nothing_of_it_is_idle(found: Scores) -> None:
    for level, missing in advise(found, accepted=EVERY_PROFILE).items():
        needed = {name: getattr(missing, name) for name in ("activity", "fraud", "verification")}
        more = replace(
            found,
            evidence=(*found.evidence, *missing.evidence),
            **{name: max(getattr(found, name), score) for name, score in needed.items()},
        )
        assert evaluate(more, accepted=EVERY_PROFILE).level >= level
        assert missing.checks > 0
        for name, score in needed.items():
            assert not score or not meets(replace(more, **{name: getattr(found, name)}), BY_NAME[missing.profile])
