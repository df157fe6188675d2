"""Levels that build up over several visits, run out, and bear doubts only so far."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gaap.outbox.models import OutboxEvent
from gaap_identity.gpg45.doubts import CEILINGS, DOUBTS, bearable, points
from gaap_identity.gpg45.evaluator import NO_LEVEL
from gaap_identity.models import CoreIdentity, Corroboration, Doubt, Evidence, IdentityCheck
from gaap_identity.providers.base import CheckResult, EvidenceItem, Facts, Name, NamePart
from gaap_identity.services.assessments import assess, judge_lapsed_identities
from gaap_identity.services.checks import keep_result
from gaap_identity.services.core_identities import level_held
from tests.identity.conftest import Clock

pytestmark = pytest.mark.django_db

PASSPORT = EvidenceItem("passport", 4, 2)
PASSPORT_READ = EvidenceItem("passport", 4, 3)
LICENCE = EvidenceItem("driving_permit", 3, 2)
BANK = EvidenceItem("bank_account", 2, 2)


def facts(*words: str, born: str = "1984-02-29") -> Facts:
    return Facts(names=(Name(parts=tuple(NamePart("GivenName", word) for word in words)),), birth_dates=(born,))


HARRIET = facts("Harriet", "Clarke")


@pytest.fixture
def visit(account: Any, trial_service: Any) -> Callable[..., IdentityCheck]:
    """One visit that brings what is given."""

    def make(*evidence: EvidenceItem, who: Facts | None = HARRIET, **scores: Any) -> IdentityCheck:
        check = IdentityCheck.objects.create(
            account=account, service=trial_service, provider="sandbox", state_digest=""
        )
        keep_result(check, result=CheckResult(facts=who, evidence=evidence, **scores))
        return check

    return make


def test_two_visits_reach_what_neither_reaches_alone(account: Any, visit: Any) -> None:
    assert visit(LICENCE, fraud=1).level == NO_LEVEL
    assert level_held(account) == NO_LEVEL
    check = visit(BANK, activity=1, verification=2)
    assert (check.status, check.level, check.profile) == ("passed", "P2", "M2B")
    assert level_held(account) == "P2"


def test_the_same_document_shown_twice_is_one_piece(account: Any, visit: Any) -> None:
    visit(LICENCE, activity=1, fraud=1, verification=2)
    visit(LICENCE)
    assert assess(account).outcome.level == "P1"


def test_the_better_of_two_readings_counts_whichever_serves(account: Any, visit: Any) -> None:
    visit(EvidenceItem("passport", 4, 1), verification=3)
    visit(EvidenceItem("passport", 3, 3))
    assert assess(account).outcome.profile == "M1C"


@pytest.mark.parametrize(
    ("who", "is_same"),
    [
        (facts("Clarke", "Harriet"), True),
        (facts("HARRIET", "CLARKÉ"), True),
        (facts("Harriet", "Clarke", born="1984"), True),
        (facts("Harriet", "Clarke", born="1984-02"), True),
        (facts("Harriet", "Clarke", born="1984-03"), False),
        (facts("Harriet", "Jones"), False),
        (facts("Harriet"), False),
    ],
)
def test_only_the_same_person_adds_to_an_identity(account: Any, visit: Any, who: Facts, is_same: bool) -> None:
    visit(BANK, fraud=1, verification=1)
    check = visit(PASSPORT, who=who, verification=2)
    assert check.return_codes == ([] if is_same else ["M"])
    assert level_held(account) == ("P2" if is_same else "P1")
    assert Evidence.objects.filter(account=account).count() == (2 if is_same else 1)


def test_an_earlier_name_is_the_same_person(account: Any, visit: Any) -> None:
    visit(BANK, fraud=1, verification=1)
    former = Name(parts=HARRIET.names[0].parts, valid_until="2020-01-01")
    new = Name(parts=(NamePart("GivenName", "Harriet"), NamePart("FamilyName", "Jones")), valid_from="2020-01-01")
    visit(PASSPORT, who=Facts(names=(new, former), birth_dates=("1984-02-29",)), verification=2)
    assert level_held(account) == "P2"


def test_vietnamese_and_plain_letters_are_the_same_person(account: Any, visit: Any) -> None:
    visit(BANK, who=facts("Nguyễn", "Thị", "Đào"), fraud=1, verification=1)
    visit(PASSPORT, who=facts("Thi", "Dao", "Nguyen"), verification=2)
    assert level_held(account) == "P2"


def test_who_reached_no_level_is_nobody_yet(account: Any, visit: Any) -> None:
    visit(BANK)
    visit(LICENCE, who=facts("Someone", "Else"), fraud=1, verification=1)
    assert set(Evidence.objects.values_list("kind", flat=True)) == {"driving_permit"}
    assert CoreIdentity.objects.get().facts["names"][0]["parts"][0]["value"] == "Someone"


def test_documents_of_an_earlier_visit_stay(account: Any, visit: Any) -> None:
    passport = {"documentNumber": "999228645"}
    first = Facts(names=HARRIET.names, birth_dates=HARRIET.birth_dates, passports=(passport,))
    visit(PASSPORT, who=first, fraud=1, verification=2)
    visit(BANK)
    assert CoreIdentity.objects.get().facts["passports"] == [passport]


def test_a_fraud_check_runs_out_and_is_all_that_is_missing(account: Any, visit: Any, clock: Clock) -> None:
    visit(PASSPORT, fraud=1, verification=2)
    identity = CoreIdentity.objects.get()
    assert identity.expires_at == Corroboration.objects.get(aspect="fraud").expires_at
    clock.advance(timedelta(days=179))
    assert judge_lapsed_identities() == 0
    clock.advance(timedelta(days=2))
    assert level_held(account) == NO_LEVEL
    assert OutboxEvent.objects.get(name="identity_lapsed").data == {"level": NO_LEVEL}
    missing = assess(account).advice["P2"]
    assert (missing.profile, missing.evidence, missing.fraud, missing.verification) == ("M1A", (), 1, 0)
    visit(fraud=1)
    assert level_held(account) == "P2"


def test_evidence_counts_to_the_end_of_its_last_day(account: Any, visit: Any, clock: Clock) -> None:
    from gaap.clock import now

    last = (now() + timedelta(days=10)).date().isoformat()
    visit(EvidenceItem("passport", 4, 2, expires_on=last), BANK, fraud=1, verification=2)
    clock.advance(timedelta(days=10))
    assert level_held(account) == "P2"
    clock.advance(timedelta(days=1))
    assert judge_lapsed_identities() == 1
    assert level_held(account) == "P1"
    assert judge_lapsed_identities() == 0


def test_a_lapse_changes_nothing_twice(account: Any, visit: Any, clock: Clock) -> None:
    visit(PASSPORT, fraud=1, verification=2)
    clock.advance(timedelta(days=200))
    assert [judge_lapsed_identities(), judge_lapsed_identities()] == [1, 0]
    assert OutboxEvent.objects.filter(name="identity_lapsed").count() == 1


def test_a_doubt_costs_the_level_until_it_is_mitigated(account: Any, visit: Any) -> None:
    visit(PASSPORT_READ, fraud=1, verification=3, doubts=("D07", "D04"))
    assert level_held(account) == "P1"
    better = visit(verification=3)
    assert better.return_codes == []
    assert Doubt.objects.exclude(mitigated_at=None).count() == 2
    assert level_held(account) == "P3"


def test_a_face_that_did_not_match_needs_a_person(account: Any, visit: Any) -> None:
    visit(PASSPORT_READ, who=None, return_codes=("M",), doubts=("D03", "D04"))
    visit(PASSPORT_READ, fraud=1, verification=3)
    assert (level_held(account), Doubt.objects.get(mitigated_at=None).code) == ("P2", "D03")
    visit(verification=3, in_person=True)
    assert level_held(account) == "P3"


def test_some_doubts_stay(account: Any, visit: Any) -> None:
    check = visit(PASSPORT_READ, fraud=3, verification=4, doubts=("D06",), in_person=True)
    visit(PASSPORT_READ, verification=4, in_person=True)
    assert (check.return_codes, level_held(account)) == (["F"], NO_LEVEL)


def test_a_visit_that_fails_brings_no_evidence(account: Any, visit: Any) -> None:
    visit(PASSPORT, who=None, fraud=1, verification=2, return_codes=("M",))
    assert not Evidence.objects.exists()
    assert not Corroboration.objects.exists()


def test_ceilings() -> None:
    assert [bearable("P3", weight=weight) for weight in (0, 10, 11, 20, 30, 31)] == ["P3", "P3", "P2", "P2", "P1", "P0"]
    assert bearable("P1", weight=0) == "P1"
    assert set(CEILINGS) == {"P1", "P2", "P3"}
    for code, doubt in DOUBTS.items():
        assert points([(code, False)]) == doubt.found >= doubt.mitigated == points([(code, True)])
        assert (doubt.mitigation is None) == (doubt.found == doubt.mitigated)


def test_proofs_outlive_the_check_that_brought_them(account: Any, visit: Any) -> None:
    visit(BANK, fraud=1, verification=1)
    visit(PASSPORT, verification=2)
    IdentityCheck.objects.exclude(pk=CoreIdentity.objects.get().identity_check_id).delete()
    assert assess(account).outcome.level == "P2"
    assert Evidence.objects.count() == 2
