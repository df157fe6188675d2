"""Whoever the sandbox invented is nobody to live services, and changes nobody who is somebody."""

from typing import Any

import pytest

from gaap.organisations.models import Service
from gaap_identity.models import Account, CoreIdentity, Doubt, Evidence, EvidenceSource, IdentityCheck
from gaap_identity.providers.base import CheckResult, EvidenceItem, Facts, Name, NamePart
from gaap_identity.providers.personas import PERSONAS
from gaap_identity.services.assessments import scores_held
from gaap_identity.services.checks import keep_result, prove_with_persona
from gaap_identity.services.core_identities import level_held

pytestmark = pytest.mark.django_db

PASSPORT = EvidenceItem("passport", 4, 3)
SCORES = {"activity": 3, "fraud": 2, "verification": 3}


def facts(*words: str) -> Facts:
    return Facts(names=(Name(parts=tuple(NamePart("GivenName", word) for word in words)),), birth_dates=("1984-02-29",))


@pytest.fixture(autouse=True)
def sources(db: None) -> None:
    for identifier, provider in (("sandbox", "sandbox"), ("counter", "counter"), ("letters", "sandbox_register")):
        EvidenceSource.objects.create(identifier=identifier, name=identifier, provider=provider)


def visit(account: Account, service: Service, source: str, **result: Any) -> IdentityCheck:
    check = IdentityCheck.objects.create(account=account, service=service, provider=source, state_digest="")
    keep_result(check, result=CheckResult(**result))
    return check


def prove(account: Account, service: Service, source: str, who: str = "Harriet") -> IdentityCheck:
    return visit(account, service, source, facts=facts(who, "Clarke"), evidence=(PASSPORT,), **SCORES)


@pytest.mark.parametrize("source", ["sandbox", "letters"])
def test_the_invented_are_nobody_to_live_services(
    account: Account, trial_service: Service, service: Service, source: str
) -> None:
    prove(account, trial_service, source)
    assert level_held(account, service=trial_service) != "P0"
    assert level_held(account, service=service) == "P0"
    assert scores_held(account, service=service).evidence == ()
    assert scores_held(account, service=trial_service).evidence != ()


def test_they_are_nobody_once_their_own_service_is_live(account: Account, trial_service: Service) -> None:
    prove_with_persona(account, service=trial_service, persona=PERSONAS[0].identifier)
    held = level_held(account, service=trial_service)
    trial_service.is_live = True
    assert (held != "P0", level_held(account, service=trial_service)) == (True, "P0")


def test_in_earnest_nothing_of_the_sandbox_is_left(account: Account, trial_service: Service, service: Service) -> None:
    prove(account, trial_service, "sandbox", who="Bronwen")
    visit(account, trial_service, "sandbox", doubts=("D04",), return_codes=("M",))
    check = visit(account, service, "counter", facts=facts("Harriet", "Clarke"), evidence=(EvidenceItem("bank", 2, 2),))
    identity = CoreIdentity.objects.get()
    assert (identity.is_sandbox, identity.level, identity.identity_check_id) == (False, "P0", check.pk)
    assert identity.facts["names"][0]["parts"][0]["value"] == "Harriet"
    assert list(Evidence.objects.values_list("kind", flat=True)) == ["bank"]
    assert not Doubt.objects.exists()
    prove(account, service, "counter")
    assert level_held(account, service=service) != "P0"


@pytest.mark.parametrize("who", ["Harriet", "Bronwen"])
def test_the_sandbox_changes_nobody_who_is_somebody(
    account: Account, trial_service: Service, service: Service, who: str
) -> None:
    visit(account, service, "counter", facts=facts("Harriet", "Clarke"), evidence=(EvidenceItem("bank", 2, 2),))
    check = prove(account, trial_service, "sandbox", who=who)
    assert (check.status, check.return_codes) == ("failed", ["M"])
    assert list(Evidence.objects.values_list("kind", flat=True)) == ["bank"]
    assert (CoreIdentity.objects.get().is_sandbox, level_held(account)) == (False, "P0")


def test_the_sandbox_takes_no_real_doubt_away(account: Account, trial_service: Service, service: Service) -> None:
    visit(account, service, "counter", doubts=("D04",), return_codes=("M",))
    found = Doubt.objects.get()
    prove(account, trial_service, "sandbox")
    visit(account, trial_service, "sandbox", doubts=("D04",), return_codes=("M",))
    kept = Doubt.objects.get()
    assert (kept.mitigated_at, kept.found_at, kept.is_sandbox) == (None, found.found_at, False)


def test_a_source_that_nobody_knows_counts_as_invented(account: Account, trial_service: Service) -> None:
    prove(account, trial_service, "gone")
    assert CoreIdentity.objects.get().is_sandbox
