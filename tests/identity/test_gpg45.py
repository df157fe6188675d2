"""The profiles of GPG 45 and the evaluator over them."""

from itertools import product

import pytest

from gaap_identity.gpg45.evaluator import Outcome, Scores, evaluate, meets
from gaap_identity.gpg45.profiles import ACCEPTED, PROFILES, Profile

ORDER = ("low", "medium", "high", "very high")


def scores_of(profile: Profile) -> Scores:
    return Scores(profile.evidence, profile.activity, profile.fraud, profile.verification)


def test_there_are_32_profiles() -> None:
    counts = [sum(profile.confidence == confidence for profile in PROFILES) for confidence in ORDER]
    assert counts == [6, 8, 9, 9]
    assert len({profile.name for profile in PROFILES}) == 32


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_profile_meets_itself_and_some_profile_of_each_weaker_confidence(profile: Profile) -> None:
    scores = scores_of(profile)
    reached = {other.confidence for other in PROFILES if meets(scores, other)}
    assert reached == set(ORDER[: ORDER.index(profile.confidence) + 1])


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_one_point_less_anywhere_no_longer_meets_it(profile: Profile) -> None:
    for name in ("activity", "fraud", "verification"):
        if getattr(profile, name):
            less = {**vars(scores_of(profile)), name: getattr(profile, name) - 1}
            assert not meets(Scores(**less), profile)
    for index, (strength, validity) in enumerate(profile.evidence):
        for weaker in ((strength - 1, validity), (strength, validity - 1)):
            evidence = (*profile.evidence[:index], weaker, *profile.evidence[index + 1 :])
            assert not meets(Scores(evidence, 4, 3, 4), profile)
    assert not meets(Scores(profile.evidence[1:], 4, 3, 4), profile)


@pytest.mark.parametrize(("level", "name"), [(level, name) for level in ACCEPTED for name in ACCEPTED[level]])
def test_levels_are_reached_by_their_accepted_profiles(level: str, name: str) -> None:
    profile = next(profile for profile in PROFILES if profile.name == name)
    assert evaluate(scores_of(profile)) == Outcome(level=level, profile=name)


def test_no_evidence_reaches_nothing() -> None:
    assert evaluate(Scores()) == Outcome(level="P0", profile="")
    assert evaluate(Scores(activity=4, fraud=3, verification=4)) == Outcome(level="P0", profile="")


def test_each_piece_asked_for_is_met_by_another_piece() -> None:
    two = next(profile for profile in PROFILES if profile.name == "M2B")
    assert not meets(Scores(((3, 2),), 1, 1, 2), two)
    assert meets(Scores(((2, 2), (3, 2)), 1, 1, 2), two)
    assert not meets(Scores(((2, 2), (2, 2)), 1, 1, 2), two)
    assert meets(Scores(((1, 1), (3, 3), (2, 2)), 1, 1, 2), two)


def test_a_better_score_never_lowers_the_level() -> None:
    pieces = list(product((2, 3, 4), (2, 3)))
    for piece, activity, fraud, verification in product(pieces, (0, 1), (0, 1, 2), (1, 2, 3)):
        level = evaluate(Scores((piece,), activity, fraud, verification)).level
        assert evaluate(Scores((piece,), activity + 1, fraud, verification)).level >= level
        assert evaluate(Scores((piece,), activity, fraud + 1, verification)).level >= level
        assert evaluate(Scores((piece,), activity, fraud, verification + 1)).level >= level
        assert evaluate(Scores((piece, (2, 2)), activity, fraud, verification)).level >= level
