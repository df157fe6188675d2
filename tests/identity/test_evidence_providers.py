"""Evidence providers: the contract suite over all of them, and what no provider may say."""

from collections.abc import Mapping
from typing import Any

import pytest

from gaap.providers.errors import ProviderError
from gaap_identity.models import CoreIdentity, IdentityCheck
from gaap_identity.providers.base import (
    CheckRequest,
    CheckResult,
    EvidenceItem,
    EvidenceProvider,
    Facts,
    Name,
    NamePart,
    registry,
)
from gaap_identity.testing.evidence_contract import *  # noqa: F403
from tests.identity.people import Citizen, RelyingParty, answer_of, text_of

NAME = Name(parts=(NamePart("GivenName", "Ngọc"),))


@pytest.mark.parametrize(
    "say",
    [
        lambda: EvidenceItem("passport", 5, 1),
        lambda: EvidenceItem("passport", 1, -1),
        lambda: CheckResult(activity=5),
        lambda: CheckResult(fraud=4),
        lambda: CheckResult(verification=-1),
        lambda: CheckResult(return_codes=("?",)),
        lambda: Facts(names=(), birth_dates=()),
        lambda: Facts(names=(Name(parts=()),), birth_dates=()),
        lambda: Facts(names=(Name(parts=NAME.parts, valid_until="2020-01-01"),), birth_dates=()),
    ],
)
def test_what_no_provider_may_say(say: Any) -> None:
    with pytest.raises(ProviderError):
        say()


class Elsewhere(EvidenceProvider):
    """A provider on another host, for live services too."""

    origins = ("https://elsewhere.example",)

    def begin(self, request: CheckRequest) -> str:
        return f"https://elsewhere.example/?state={request.state}"

    def parse_result(self, parameters: Mapping[str, str]) -> CheckResult:
        if parameters.get("outcome") != "good":
            raise ProviderError("Elsewhere did not answer.", permanent=False)
        facts = Facts(names=(NAME,), birth_dates=("1992-09-02",))
        return CheckResult(facts=facts, evidence=(EvidenceItem("passport", 4, 2),), fraud=1, verification=2)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Another provider, chosen by settings."""
    registry.discover()
    monkeypatch.setitem(registry._classes, "elsewhere", Elsewhere)
    settings.GAAP_IDENTITY = {"EVIDENCE_PROVIDER": "elsewhere"}


@pytest.mark.django_db
@pytest.mark.usefixtures("elsewhere")
def test_another_provider_proves_identity_to_a_live_service(
    signed_in: Citizen, rp: RelyingParty, client_row: Any
) -> None:
    client_row.service.is_live = True
    client_row.service.save()
    signed_in.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]'))
    address = signed_in.post("/prove-identity")["Location"]
    state = address.removeprefix("https://elsewhere.example/?state=")
    back = f"/prove-identity/return/elsewhere?state={state}"
    assert signed_in.browser.get(f"{back}&outcome=late").status_code == 503
    assert IdentityCheck.objects.get().status == "started"
    assert signed_in.browser.get(f"{back}&outcome=good")["Location"] == "/prove-identity/result"
    assert "Ngọc" in text_of(signed_in.browser.get("/prove-identity/result"))
    assert "code" in answer_of(signed_in.post("/prove-identity/result"))
    assert CoreIdentity.objects.get().level == "P2"


@pytest.mark.django_db
@pytest.mark.usefixtures("elsewhere")
def test_the_page_lets_its_form_lead_to_the_provider(signed_in: Citizen, rp: RelyingParty) -> None:
    signed_in.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]'))
    policy = signed_in.browser.get("/prove-identity")["Content-Security-Policy"]
    assert "https://elsewhere.example" in policy


@pytest.mark.django_db
@pytest.mark.usefixtures("elsewhere")
def test_the_personas_are_gone(citizen: Citizen) -> None:
    assert citizen.browser.get("/sandbox/personas").status_code == 404
