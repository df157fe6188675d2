"""npm's oidc-provider, unmodified, as source of evidence: honest, down, slow, and lying; the citizen follows pages."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache

from gaap_identity.models import Account, Evidence, EvidenceSource, IdentityCheck
from gaap_site.journey.browser import Browser, Page
from tests.identity.libraries import CALLBACK, AuthlibParty
from tests.identity.people import CORE_IDENTITY, RETURN_CODE, SentCode
from tests.identity.visits import arrive, claims_of, new_account, sign_in
from tests.identity.world import Suite, World, beside
from tests.node.modules import Program, running

pytestmark = [pytest.mark.django_db, pytest.mark.node, pytest.mark.postgresql]

CLIENT = "sends-people-elsewhere"
HERE, SECRET = "the-platform", "shared with the provider elsewhere"
ASKED: dict[str, Any] = {"claims": {"userinfo": {CORE_IDENTITY: None, RETURN_CODE: None}}}
LEVELS = {
    "low": {"evidence": [["eid", 2, 2]], "fraud": 1, "verification": 1},
    "substantial": {"evidence": [["eid", 4, 2]], "fraud": 1, "verification": 2},
    "high": {"evidence": [["eid", 4, 3]], "fraud": 1, "verification": 3},
}


@dataclass(frozen=True)
class Elsewhere:
    """The provider that runs, and who it says it is."""

    program: Program
    issuer: str


@pytest.fixture(scope="module")
def running_elsewhere(suite: Suite) -> Iterator[Elsewhere]:
    """Run the provider for the module's tests; the suite is its client."""
    client = {
        "client_id": HERE,
        "client_secret": SECRET,
        "redirect_uris": [f"{suite.root}prove-identity/return/elsewhere"],
        "token_endpoint_auth_method": "client_secret_post",
    }
    with running("oidc_provider.mjs") as program:
        yield Elsewhere(program, program.tell(client)["issuer"])


@pytest.fixture
def elsewhere(world: World, running_elsewhere: Elsewhere) -> Elsewhere:
    """The provider, behaving, and the only source on offer."""
    running_elsewhere.program.tell({})
    offer(running_elsewhere.issuer)
    return running_elsewhere


@pytest.fixture
def party(world: World, elsewhere: Elsewhere) -> AuthlibParty:
    """A service that may ask for every level."""
    world.register(CLIENT, redirect_uris=CALLBACK, levels=["P0", "P1", "P2", "P3"])
    return AuthlibParty(world.root, CLIENT)


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A citizen's browser."""
    with Browser(language="en") as browser:
        yield browser


@dataclass
class Visit:
    """A new citizen whom a service asked who they are."""

    browser: Browser
    page: Page
    email: str

    def go(self, *, button: str = "") -> Page:
        """Go to the provider, sign in there (or press another button) and come back."""
        there = self.browser.submit(self.page, self.page.form)
        assert there.heading == "Elsewhere"
        self.page = self.browser.submit(there, there.form.fill(username="ngoc"), button=button)
        return self.page

    def try_again(self) -> Page:
        """Follow the page's link to the choice of a way."""
        (address,) = {link for link in self.page.links if link.endswith("/prove-identity")}
        self.page = self.browser.open(address)
        return self.page

    def leave(self) -> str:
        """Press the last page's button, and return the address at the service to which that leads."""
        page = self.page
        return arrive(self.browser, lambda: self.browser.submit(page, page.form))

    def knows(self) -> tuple[bool, bool]:
        """Say whether the suite believes who the citizen is, and whether it keeps evidence of that."""

        def ask() -> tuple[bool, bool]:
            account = Account.objects.with_email(self.email).get()
            evidence = Evidence.objects.filter(identity_check__account=account)
            return hasattr(account, "core_identity"), evidence.exists()

        return beside(ask)


@pytest.fixture
def begin(party: AuthlibParty, browser: Browser, codes: list[SentCode], request: Any) -> Any:
    """Send a new citizen from the service, which asks for a level, to the page about proving."""

    def begin(level: str = "P2") -> Visit:
        email = new_account(request)
        page = sign_in(browser, party.begin(vtr=[f"Cl.Cm.{level}"], **ASKED), codes, email=email)()
        return Visit(browser, page, email)

    return begin


def offer(issuer: str) -> None:
    """Put the provider on the market, rested and alone."""
    options = {"issuer": issuer, "client_id": HERE, "levels": LEVELS}
    facts = {"name": "Bank ID", "provider": "oidc", "options": options, "secret": SECRET}
    fresh = {**facts, "failures_in_row": 0, "unavailable_until": None}
    cache.clear()

    def put() -> None:
        EvidenceSource.objects.exclude(identifier="elsewhere").delete()
        EvidenceSource.objects.update_or_create(identifier="elsewhere", defaults=fresh)

    beside(put)


@pytest.mark.parametrize(("level", "acr"), [("P1", "low"), ("P2", "substantial"), ("P3", "high"), ("P2", "high")])
def test_it_proves_who_one_is(
    world: World, elsewhere: Elsewhere, party: AuthlibParty, begin: Any, level: str, acr: str
) -> None:
    elsewhere.program.tell({"acr": acr})
    visit = begin(level)
    assert visit.go().heading == "Your identity is confirmed"
    assert "Ngọc Nguyễn" in visit.page.text
    result = party.finish(visit.leave())
    core = claims_of(world, result.told[CORE_IDENTITY])
    assert (core["vot"], core["sub"], result.claims["vot"]) == (level, result.claims["sub"], "Cl.Cm")
    parts = core["vc"]["credentialSubject"]["name"][0]["nameParts"]
    assert [part["value"] for part in parts] == ["Ngọc", "Nguyễn"]
    assert RETURN_CODE not in result.told


LIES: dict[str, dict[str, Any]] = {
    "wrong nonce": {"lies": {"nonce": "another"}},
    "no nonce": {"lies": {"nonce": ""}},
    "wrong issuer": {"lies": {"iss": "https://other.example"}},
    "for another client": {"lies": {"aud": "another-client"}},
    "somebody else": {"lies": {"sub": "elsewhere-78"}},
    "too old": {"lies": {"iat": 1, "exp": 2}},
    "signed by another": {"isForged": True},
    "a code that it does not know": {"status": 400},
}


@pytest.mark.parametrize("lie", LIES)
def test_what_it_makes_up_identifies_nobody(
    elsewhere: Elsewhere, party: AuthlibParty, browser: Browser, begin: Any, lie: str
) -> None:
    visit = begin()
    elsewhere.program.tell(LIES[lie])
    page = visit.go()
    assert page.heading == "We could not confirm your identity"
    assert "That says nothing about you" in page.text
    (again,) = {link for link in page.links if link.endswith("/prove-identity")}
    assert browser.open(again).heading == "Prove who you are"
    told = party.finish(visit.leave()).told
    assert (told[RETURN_CODE], CORE_IDENTITY in told) == ([{"code": "X"}], False)
    assert visit.knows() == (False, False)


def test_a_lower_level_is_told_and_may_be_raised(
    world: World, elsewhere: Elsewhere, party: AuthlibParty, browser: Browser, begin: Any
) -> None:
    elsewhere.program.tell({"acr": "low"})
    visit = begin()
    assert "needs to be surer" in visit.go().text
    elsewhere.program.tell({"acr": "substantial"})
    visit.try_again()
    # The provider remembers the citizen, and at which level; nothing but the lower one comes back.
    visit.page = browser.submit(visit.page, visit.page.form)
    assert "needs to be surer" in visit.page.text
    told = party.finish(visit.leave()).told
    assert told[RETURN_CODE] == [{"code": "L"}]
    assert CORE_IDENTITY not in told


def test_an_unknown_level_is_none(elsewhere: Elsewhere, party: AuthlibParty, begin: Any) -> None:
    visit = begin()
    elsewhere.program.tell({"lies": {"acr": "very high indeed"}})
    assert "needs to be surer" in visit.go().text
    assert party.finish(visit.leave()).told[RETURN_CODE] == [{"code": "L"}]
    assert visit.knows() == (False, False)


def test_leaving_there_is_no_fault_of_anybody(elsewhere: Elsewhere, party: AuthlibParty, begin: Any) -> None:
    visit = begin()
    assert "You left before the check was finished" in visit.go(button="leave").text
    assert party.finish(visit.leave()).told[RETURN_CODE] == [{"code": "Q"}]


@pytest.mark.parametrize("trouble", [{"status": 503}, {"delaySeconds": 7}], ids=["down", "slow"])
def test_when_it_does_not_answer_another_way_leads_on(
    world: World, elsewhere: Elsewhere, party: AuthlibParty, browser: Browser, begin: Any, trouble: dict[str, Any]
) -> None:
    visit = begin()
    elsewhere.program.tell(trouble)
    began = time.monotonic()
    page = visit.go()
    assert (page.status, page.heading) == (503, "We cannot check your identity at the moment")
    assert time.monotonic() - began < 7
    assert visit.knows() == (False, False)
    beside(lambda: EvidenceSource.objects.create(identifier="sandbox", name="Sandbox", provider="sandbox"))
    page = visit.try_again()
    page = browser.submit(page, page.form.choose("sandbox"))
    visit.page = browser.submit(page, page.form.choose("llyr"))
    core = claims_of(world, party.finish(visit.leave()).told[CORE_IDENTITY])
    assert (core["vot"], core["vc"]["credentialSubject"]["birthDate"][0]["value"]) == ("P2", "1971-03-01")


def test_a_citizen_may_go_back_to_the_service_when_it_is_down(
    elsewhere: Elsewhere, party: AuthlibParty, begin: Any
) -> None:
    visit = begin()
    elsewhere.program.tell({"status": 503})
    assert visit.go().form.element.attributes["action"] == "/prove-identity/result"
    assert party.finish(visit.leave()).error == "access_denied"


def test_another_issuers_discovery_sends_nobody_there(
    elsewhere: Elsewhere, browser: Browser, begin: Any, party: AuthlibParty
) -> None:
    visit = begin()
    cache.clear()
    elsewhere.program.tell({"discovered": {"issuer": "https://other.example"}})
    visit.page = browser.submit(visit.page, visit.page.form)
    assert visit.page.status == 503
    assert party.finish(visit.leave()).error == "access_denied"


def test_a_provider_that_died_on_the_way(suite: Suite, world: World, party: AuthlibParty, begin: Any) -> None:
    client = {
        "client_id": HERE,
        "client_secret": SECRET,
        "redirect_uris": [f"{suite.root}prove-identity/return/elsewhere"],
        "token_endpoint_auth_method": "client_secret_post",
    }
    with running("oidc_provider.mjs") as program:
        offer(program.tell(client)["issuer"])
        visit = begin()
        browser, page = visit.browser, visit.page
        there = browser.submit(page, page.form)
        waiting = beside(lambda: IdentityCheck.objects.filter(status="started").count())
        program.stop()
    assert there.heading == "Elsewhere"
    assert waiting >= 1
    cache.clear()
    visit.page = browser.open(f"{suite.root}prove-identity")
    assert visit.page.heading == "Prove who you are"
    visit.page = browser.submit(visit.page, visit.page.form)
    assert visit.page.status == 503
    assert party.finish(visit.leave()).error == "access_denied"
    assert visit.knows() == (False, False)
