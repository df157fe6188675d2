"""npm's openid-client and PyPI's Authlib, unmodified, against the running suite; the citizen follows the pages."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from gaap_identity.models import Account, Client, Power, PowerScope
from gaap_identity.models.powers import today
from gaap_identity.services.powers import NewPower, accept_power, offer_power
from gaap_identity.tasks import sweep_logout_notices
from gaap_site.journey.browser import Browser, Page
from tests.identity.conftest import open_account
from tests.identity.libraries import CALLBACK, GOODBYE, AuthlibParty, NodeParty, Party
from tests.identity.people import CORE_IDENTITY, RETURN_CODE, SentCode
from tests.identity.visits import EMAIL, arrive, claims_of, new_account, sign_in
from tests.identity.world import World, beside
from tests.platform.receiver import receiving

# In memory, SQLite shares one connection between the threads of a live server, and closes it under them.
pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

CLIENT = "made-of-a-library"
ASKED: dict[str, Any] = {"claims": {"userinfo": {CORE_IDENTITY: None, RETURN_CODE: None}}}
NAMES = {"bronwen": "Bronwen Adeyemi", "llyr": "Llŷr ap Rhŷs", "sukarti": "Sukarti"}

Make = Callable[..., Party]


@pytest.fixture(
    params=[pytest.param(NodeParty, marks=pytest.mark.node), AuthlibParty], ids=["openid-client", "authlib"]
)
def make_party(request: pytest.FixtureRequest, world: World) -> Make:
    """Register a client and build the service behind it on a library."""

    def make(algorithm: str = "PS256", id_token_algorithm: str = "ES256", **facts: Any) -> Party:
        usual = {"redirect_uris": CALLBACK, "post_logout_redirect_uris": GOODBYE, "levels": ["P0", "P1", "P2", "P3"]}
        world.register(CLIENT, algorithm=id_token_algorithm, **{**usual, **facts})
        party: Party = request.param(world.root, CLIENT, algorithm, id_token_algorithm)
        return party

    return make


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A citizen's browser."""
    with Browser(language="en") as browser:
        yield browser


def prove(browser: Browser, page: Page, persona: str) -> str:
    """Go from the page about proving to the service, as a persona."""
    page = browser.submit(page, page.form)
    form = page.form
    form.choose(persona)
    page = browser.submit(page, form)
    return arrive(browser, lambda: browser.submit(page, page.form))


@pytest.mark.parametrize(("algorithm", "id_token_algorithm"), [("PS256", "ES256"), ("RS256", "RS256")])
@pytest.mark.parametrize("manner", ["plain", "signed", "pushed"])
def test_signing_in(
    make_party: Make, browser: Browser, codes: list[SentCode], algorithm: str, id_token_algorithm: str, manner: str
) -> None:
    party = make_party(algorithm, id_token_algorithm, is_jar_required=manner == "signed")
    result = party.finish(arrive(browser, sign_in(browser, party.begin(manner=manner), codes)))
    assert result.told["sub"] == result.claims["sub"]
    assert (result.told["email"], result.claims["vot"]) == (EMAIL, "Cl.Cm")


@pytest.mark.parametrize(("level", "persona"), [("P1", "bronwen"), ("P2", "llyr"), ("P3", "sukarti")])
def test_proving_who_one_is(
    make_party: Make, world: World, browser: Browser, codes: list[SentCode], level: str, persona: str, request: Any
) -> None:
    party = make_party()
    address = party.begin(manner="signed", vtr=[f"Cl.Cm.{level}"], **ASKED)
    page = sign_in(browser, address, codes, email=new_account(request))()
    result = party.finish(prove(browser, page, persona))
    core = claims_of(world, result.told[CORE_IDENTITY])
    assert (core["vot"], core["sub"]) == (level, result.claims["sub"])
    parts = core["vc"]["credentialSubject"]["name"][0]["nameParts"]
    assert " ".join(part["value"] for part in parts) == NAMES[persona]


def test_a_refusal_with_its_reason(make_party: Make, browser: Browser, codes: list[SentCode], request: Any) -> None:
    party = make_party()
    email = new_account(request)
    page = sign_in(browser, party.begin(vtr=["Cl.Cm.P2"], **ASKED), codes, email=email)()
    result = party.finish(prove(browser, page, "victor"))
    assert result.told[RETURN_CODE] == [{"code": "F"}]
    assert CORE_IDENTITY not in result.told


def test_a_refusal_to_a_service_that_wants_no_reasons(
    make_party: Make, browser: Browser, codes: list[SentCode], request: Any
) -> None:
    party = make_party()
    page = sign_in(browser, party.begin(vtr=["Cl.Cm.P2"]), codes, email=new_account(request))()
    assert party.finish(prove(browser, page, "victor")).error == "access_denied"


def test_signing_in_again_as_the_same_person_and_as_another(
    make_party: Make, browser: Browser, codes: list[SentCode], request: Any
) -> None:
    party = make_party()
    first = party.finish(arrive(browser, sign_in(browser, party.begin(), codes)))
    again = party.begin(manner="signed", prompt="login", id_token_hint=first.id_token)
    second = party.finish(arrive(browser, sign_in(browser, again, codes)))
    assert second.claims["sub"] == first.claims["sub"]
    assert second.claims["auth_time"] >= first.claims["auth_time"]
    again = party.begin(manner="signed", prompt="login", id_token_hint=first.id_token)
    other = arrive(browser, sign_in(browser, again, codes, email=new_account(request)))
    assert party.finish(other).error == "login_required"


def test_silence(make_party: Make, browser: Browser, codes: list[SentCode]) -> None:
    party = make_party()
    assert party.finish(arrive(browser, lambda: browser.open(party.begin(prompt="none")))).error == "login_required"
    arrive(browser, sign_in(browser, party.begin(), codes))
    result = party.finish(arrive(browser, lambda: browser.open(party.begin(prompt="none"))))
    assert result.told["email"] == EMAIL


def test_signing_out_here_and_everywhere(
    make_party: Make, browser: Browser, codes: list[SentCode], settings: Any
) -> None:
    settings.GAAP_EMBEDDED = True
    with receiving() as receiver:
        party = make_party(back_channel_logout_uri=receiver.url)
        result = party.finish(arrive(browser, sign_in(browser, party.begin(), codes)))
        bye = arrive(browser, lambda: browser.open(party.logout(result.id_token)))
        beside(sweep_logout_notices)
        tokens = [parse_qs(received.body.decode())["logout_token"][0] for received in receiver.received]
    assert bye == f"{GOODBYE}?state=s-1"
    claims = party.signed_out(tokens[-1])
    assert (claims["sub"], "sid" in claims) == (result.claims["sub"], False)
    assert party.finish(arrive(browser, lambda: browser.open(party.begin(prompt="none")))).error == "login_required"


def test_acting_for_another(make_party: Make, browser: Browser, codes: list[SentCode], request: Any) -> None:
    party = make_party(takes_powers=True)
    email = new_account(request)
    beside(lambda: hold_power(email))
    page = sign_in(browser, party.begin(), codes, email=email)()
    form = page.form
    form.choose(str(beside(lambda: power_of(email).pk)))
    result = party.finish(arrive(browser, lambda: browser.submit(page, form)))
    own = party.finish(arrive(browser, lambda: choose(browser, party.begin(), "myself")))
    assert result.claims["act"] == {"sub": own.claims["sub"]}
    assert result.told["sub"] == result.claims["sub"] != own.claims["sub"]
    assert (result.told["act"]["email"], result.claims["power"]["scopes"]) == (email, ["renew"])
    assert "act" not in own.claims


def choose(browser: Browser, address: str, person: str) -> Page:
    """Go from the service to the choice, and make it."""
    page = browser.open(address)
    form = page.form
    form.choose(person)
    return browser.submit(page, form)


def hold_power(email: str) -> None:
    """Let the person with this address act for another, as the two would by their pages."""
    client = Client.objects.get(client_id=CLIENT)
    PowerScope.objects.get_or_create(service=client.service, identifier="renew", defaults={"name": "Renew"})
    giver, actor = open_account(f"giver-of-{email}"), Account.objects.with_email(email).get()
    last = today() + timedelta(days=1)
    new = NewPower(service=client.service, email=email, scopes=["renew"], starts_on=today(), ends_on=last)
    power = offer_power(new, giver=giver)
    assert accept_power(power.pk, account=actor)


def power_of(email: str) -> Power:
    """Return the power that the person with this address holds."""
    return Power.objects.get(actor=Account.objects.with_email(email).get())
