"""The federated market: another OpenID provider as source of evidence, honest, down, slow, leaving, or lying."""

import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from joserfc.jwk import ECKey

from gaap.clock import now
from gaap_identity.gpg45.evaluator import Scores
from gaap_identity.models import Account, CoreIdentity, Evidence, EvidenceSource, IdentityCheck, SourceDay
from gaap_identity.providers.base import CheckRequest, CheckResult, EvidenceProvider, ProviderSetup, Way
from gaap_identity.services.routing import rank
from gaap_identity.services.sources import Offer
from tests.identity.conftest import Clock
from tests.identity.oidc_peer import CLIENT_ID, SECRET, Peer, running_peer
from tests.identity.people import RETURN_CODE, Citizen, RelyingParty, answer_of, claims_parameter, text_of

pytestmark = pytest.mark.django_db

LEVELS = {
    "substantial": {"evidence": [["eid", 4, 2]], "fraud": 1, "verification": 2},
    "high": {"evidence": [["eid", 4, 3]], "fraud": 1, "verification": 3},
}


@pytest.fixture
def peer() -> Iterator[Peer]:
    """Another identity provider."""
    cache.clear()
    with running_peer() as peer:
        yield peer
    cache.clear()


@pytest.fixture
def source(db: None, peer: Peer) -> EvidenceSource:
    """The only source on offer: the peer."""
    return EvidenceSource.objects.create(
        identifier="peer",
        name="Citizens' Bank ID",
        provider="oidc",
        options={"issuer": peer.issuer, "client_id": CLIENT_ID, "levels": LEVELS, "hint": {"login_hint": "bank"}},
        secret=SECRET,
    )


@pytest.fixture
def asked(signed_in: Citizen, rp: RelyingParty, source: EvidenceSource) -> Citizen:
    """A citizen whom a service asked for P2 and who wants the reasons if it fails."""
    signed_in.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]', claims=claims_parameter(RETURN_CODE)))
    return signed_in


def go(citizen: Citizen, peer: Peer, **changes: str) -> Any:
    """Go to the peer and come back."""
    there = citizen.post("/prove-identity")
    carried = {**peer.visit(there["Location"]), **changes}
    return citizen.browser.get(f"/prove-identity/return/peer?{urlencode(carried)}")


def test_an_honest_source_proves_the_identity(asked: Citizen, peer: Peer) -> None:
    policy = asked.browser.get("/prove-identity")["Content-Security-Policy"]
    assert peer.issuer in policy
    assert go(asked, peer)["Location"] == "/prove-identity/result"
    assert "Ngọc Nguyễn" in text_of(asked.browser.get("/prove-identity/result"))
    assert "code" in answer_of(asked.post("/prove-identity/result"))
    check = IdentityCheck.objects.get()
    assert (check.status, check.level, check.profile) == ("passed", "P2", "M1A")
    assert peer.token_form["client_secret"] == SECRET
    day = SourceDay.objects.get(source="peer")
    assert (day.begun, day.passed, day.failed, day.broken) == (1, 1, 0, 0)


def test_the_source_learns_nothing_of_the_service_nor_of_the_citizen(
    asked: Citizen, peer: Peer, account: Account
) -> None:
    go(asked, peer)
    told = f"{peer.asked} {peer.token_form}"
    check = IdentityCheck.objects.get()
    for secret in (str(check.service_id), check.service.name, "renew-vehicle", account.email, account.subject):
        assert secret not in told
    assert peer.asked["redirect_uri"].endswith("/prove-identity/return/peer")
    assert (peer.asked["login_hint"], set(peer.asked["acr_values"].split())) == ("bank", {"substantial", "high"})
    assert peer.asked["code_challenge_method"] == "S256"


LIES: list[dict[str, Any]] = [
    {"lies": {"nonce": "another"}},
    {"lies": {"nonce": None}},
    {"lies": {"iss": "https://other.example"}},
    {"lies": {"aud": "another-client"}},
    {"lies": {"aud": [CLIENT_ID, "another-client"]}},
    {"lies": {"azp": "another-client"}},
    {"lies": {"exp": 1}},
    {"lies": {"iat": 1}},
    {"lies": {"iat": int(time.time()) + 3600}},
    {"lies": {"sub": None}},
    {"signs_with": ECKey.generate_key("P-256", {"kid": "peer-1"})},
    {"userinfo_subject": "somebody-else"},
    {"status": 400},
]


@pytest.mark.parametrize("lie", LIES, ids=range(len(LIES)))
def test_a_source_that_lies_identifies_nobody(asked: Citizen, peer: Peer, lie: dict[str, Any]) -> None:
    for name, value in lie.items():
        setattr(peer, name, value)
    assert go(asked, peer)["Location"] == "/prove-identity/result"
    page = text_of(asked.browser.get("/prove-identity/result"))
    assert "That says nothing about you" in page
    assert "Try again in another way" in page
    assert not CoreIdentity.objects.exists()
    assert not Evidence.objects.exists()
    assert IdentityCheck.objects.get().return_codes == ["X"]
    assert "code" in answer_of(asked.post("/prove-identity/result"))


def test_an_answer_in_another_issuers_name(asked: Citizen, peer: Peer) -> None:
    go(asked, peer, iss="https://mixed-up.example")
    assert IdentityCheck.objects.get().return_codes == ["X"]
    assert peer.token_form == {}


@pytest.mark.parametrize("acr", ["low", "", "substantially"])
def test_a_lower_level_is_no_identity(asked: Citizen, peer: Peer, acr: str) -> None:
    peer.acr = acr
    go(asked, peer)
    assert IdentityCheck.objects.get().return_codes == ["L"]
    assert not CoreIdentity.objects.exists()
    assert "needs to be surer" in text_of(asked.browser.get("/prove-identity/result"))


@pytest.mark.parametrize(("answer", "code"), [("access_denied", "Q"), ("login_required", "Q")])
def test_a_citizen_who_turned_back(asked: Citizen, peer: Peer, answer: str, code: str) -> None:
    go(asked, peer, error=answer)
    assert IdentityCheck.objects.get().return_codes == [code]


@pytest.mark.parametrize("trouble", [{"status": 503}, {"delay_seconds": 6.0}], ids=str)
def test_a_source_that_is_down_or_slow_leaves_a_way_on(asked: Citizen, peer: Peer, trouble: dict[str, Any]) -> None:
    for name, value in trouble.items():
        setattr(peer, name, value)
    began = time.monotonic()
    response = go(asked, peer)
    assert time.monotonic() - began < 15
    assert response.status_code == 503
    page = response.content.decode()
    assert 'href="/prove-identity"' in page
    assert 'action="/prove-identity/result"' in page
    assert not CoreIdentity.objects.exists()
    assert answer_of(asked.post("/prove-identity/result"))["error"] == "access_denied"


def test_a_visit_goes_on_when_the_source_is_back(asked: Citizen, peer: Peer) -> None:
    peer.status = 503
    assert go(asked, peer).status_code == 503
    peer.status = 200
    carried = urlencode({"state": peer.asked["state"], "code": "good"})
    assert asked.browser.get(f"/prove-identity/return/peer?{carried}")["Location"] == "/prove-identity/result"
    assert CoreIdentity.objects.get().level == "P2"


def test_a_source_that_cannot_begin(asked: Citizen, source: EvidenceSource) -> None:
    source.options["issuer"] = "http://127.0.0.1:9"
    source.save()
    assert asked.browser.get("/prove-identity").status_code == 200
    assert asked.post("/prove-identity").status_code == 503
    assert not IdentityCheck.objects.exists()


def test_another_issuers_discovery_document(asked: Citizen, peer: Peer) -> None:
    peer.discovery_issuer = "https://other.example"
    assert asked.post("/prove-identity").status_code == 503


def test_after_three_failures_the_source_rests_and_comes_back(
    asked: Citizen, peer: Peer, source: EvidenceSource, clock: Clock
) -> None:
    peer.status = 503
    for _ in range(3):
        go(asked, peer)
    assert not EvidenceSource.objects.offered_to(IdentityCheck.objects.all()[0].service).exists()
    assert asked.post("/prove-identity").status_code == 503
    clock.advance(timedelta(minutes=6))
    peer.status = 200
    assert go(asked, peer)["Location"] == "/prove-identity/result"


def test_an_allow_list_and_a_graceful_exit(asked: Citizen, peer: Peer, source: EvidenceSource, client_row: Any) -> None:
    there = asked.post("/prove-identity")
    source.begins_until = now()
    source.save()
    assert asked.post("/prove-identity").status_code == 503
    carried = urlencode(peer.visit(there["Location"]))
    assert asked.browser.get(f"/prove-identity/return/peer?{carried}")["Location"] == "/prove-identity/result"
    source.begins_until = None
    source.save()
    source.services.add(client_row.service)
    assert EvidenceSource.objects.offered_to(client_row.service).exists()


def test_a_source_that_has_left_answers_no_more(asked: Citizen, peer: Peer, source: EvidenceSource) -> None:
    there = asked.post("/prove-identity")
    source.answers_until = now()
    source.save()
    carried = urlencode(peer.visit(there["Location"]))
    assert asked.browser.get(f"/prove-identity/return/peer?{carried}").status_code == 503
    assert not CoreIdentity.objects.exists()


def test_a_source_gives_no_more_than_its_ceiling(asked: Citizen, peer: Peer, source: EvidenceSource) -> None:
    source.highest_level = "P2"
    source.save()
    peer.acr = "high"
    go(asked, peer)
    assert CoreIdentity.objects.get().level == "P2"


def test_several_sources_are_a_choice_and_a_wrong_one_is_refused(asked: Citizen, source: EvidenceSource) -> None:
    EvidenceSource.objects.create(identifier="sandbox", name="The sandbox", provider="sandbox", position=200)
    page = asked.browser.get("/prove-identity").content.decode()
    assert page.index("Bank ID") < page.index("The sandbox")
    assert "Choose a way" in text_of(asked.post("/prove-identity"))
    assert "Choose a way" in text_of(asked.post("/prove-identity", source="made-up"))
    assert "personas" in asked.post("/prove-identity", source="sandbox")["Location"]
    assert asked.post("/prove-identity/have", has="passport")["Location"] == "/prove-identity"
    page = asked.browser.get("/prove-identity").content.decode()
    assert "About 2 minutes" not in page


class Quick(EvidenceProvider):
    """A provider with two ways, which nobody goes."""

    def begin(self, request: CheckRequest) -> str:
        raise NotImplementedError

    def parse_result(self, parameters: Mapping[str, str]) -> CheckResult:
        raise NotImplementedError

    ways: ClassVar[tuple[Way, ...]] = (
        Way(needs=frozenset({"passport"}), evidence=((4, 2),), fraud=1, verification=2, minutes=10),
        Way(needs=frozenset({"records"}), evidence=((2, 2),), activity=1, minutes=3),
    )


class Counter(Quick):
    """A provider where somebody has to go."""

    ways = (Way(needs=frozenset({"counter"}), evidence=((3, 2),), fraud=1, verification=3, minutes=40, days=1),)


OFFERS = [Offer("quick", "Quick", Quick(ProviderSetup())), Offer("counter", "Counter", Counter(ProviderSetup()))]
LICENCE_SHOWN = Scores(evidence=((3, 2),), fraud=1, verification=2)


@pytest.mark.parametrize(
    ("has", "held", "expected"),
    [
        ({"passport", "counter"}, Scores(), ("quick",)),
        ({"records"}, Scores(), None),
        ({"records", "counter"}, Scores(), ("quick", "counter")),
        ({"records"}, LICENCE_SHOWN, ("quick",)),
        (set(), LICENCE_SHOWN, None),
    ],
)
def test_routing_takes_the_shortest_way_for_what_the_person_has(
    has: set[str], held: Scores, expected: tuple[str, ...] | None
) -> None:
    routes = rank(OFFERS, held=held, level="P2", has=has)
    assert (routes[0].sources if routes else None) == expected
