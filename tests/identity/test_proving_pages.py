"""Proving identity, page by page."""

from collections.abc import Callable
from typing import Any

import pytest

from gaap.outbox.models import OutboxEvent
from gaap_identity.models import CoreIdentity, Evidence, IdentityCheck, SignIn
from gaap_identity.providers.personas import PERSONAS
from tests.identity.people import RETURN_CODE, Citizen, RelyingParty, answer_of, claims_parameter, text_of

pytestmark = pytest.mark.django_db

PROVEN = {"harriet", "llyr", "ngoc", "maria", "sukarti", "abena"}


@pytest.fixture
def asked(signed_in: Citizen, rp: RelyingParty) -> Citizen:
    """A signed-in citizen whom a service asked to prove who they are."""
    assert signed_in.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]'))["Location"] == "/prove-identity"
    return signed_in


def pick(citizen: Citizen, persona: str) -> Any:
    """Pick a persona and return the page with the result."""
    there = citizen.post("/prove-identity")["Location"].removeprefix("http://127.0.0.1:8000")
    assert "invented" in text_of(citizen.browser.get(there))
    back = citizen.post(there, persona=persona)["Location"]
    assert citizen.browser.get(back)["Location"] == "/prove-identity/result"
    return citizen.browser.get("/prove-identity/result")


@pytest.mark.parametrize("persona", [persona for persona in PERSONAS if persona.identifier in PROVEN])
def test_personas_that_are_confirmed(asked: Citizen, persona: Any) -> None:
    page = pick(asked, persona.identifier)
    assert "Your identity is confirmed" in text_of(page)
    assert persona.name in text_of(page).replace("&#x27;", "'")
    assert "code" in answer_of(asked.post("/prove-identity/result"))


@pytest.mark.parametrize(
    "persona", [persona for persona in PERSONAS if not persona.result.is_pending and persona.identifier not in PROVEN]
)
def test_personas_that_are_not(asked: Citizen, rp: RelyingParty, persona: Any) -> None:
    page = pick(asked, persona.identifier)
    assert "We could not confirm your identity" in text_of(page)
    assert persona.name not in text_of(page)
    answer = answer_of(asked.post("/prove-identity/result"))
    assert answer == {
        "error": "access_denied",
        "error_description": "Identity could not be proven",
        "state": rp.state,
    }
    assert SignIn.objects.get().status == "refused"


def test_a_service_that_wants_reasons_gets_a_code(signed_in: Citizen, rp: RelyingParty) -> None:
    path = rp.authorize_path(vtr='["Cl.Cm.P2"]', claims=claims_parameter(RETURN_CODE))
    signed_in.browser.get(path)
    pick(signed_in, "victor")
    assert "code" in answer_of(signed_in.post("/prove-identity/result"))


def test_scores_and_events_are_kept(asked: Citizen, account: Any) -> None:
    pick(asked, "llyr")
    check = IdentityCheck.objects.get()
    assert (check.status, check.level, check.profile) == ("passed", "P2", "M2B")
    assert (check.activity, check.fraud, check.verification) == (1, 1, 2)
    assert set(Evidence.objects.values_list("kind", "strength", "validity")) == {
        ("driving_permit", 3, 2),
        ("bank_account", 2, 2),
    }
    event = OutboxEvent.objects.get(name="identity_proven")
    assert event.data == {"status": "passed", "level": "P2"}
    assert event.service_id == check.service_id


def test_another_try_after_a_failure(asked: Citizen) -> None:
    pick(asked, "edith")
    assert "Your identity is confirmed" in text_of(pick(asked, "harriet"))
    assert "code" in answer_of(asked.post("/prove-identity/result"))


def test_a_proven_identity_is_used_again(asked: Citizen, rp: RelyingParty) -> None:
    pick(asked, "ngoc")
    asked.post("/prove-identity/result")
    for vtr in ('["Cl.Cm.P2"]', '["Cl.Cm.P1"]'):
        assert "code" in answer_of(asked.browser.get(rp.authorize_path(vtr=vtr, prompt="none")))


def test_a_lower_level_counts_for_a_lower_request(signed_in: Citizen, rp: RelyingParty) -> None:
    signed_in.browser.get(rp.authorize_path(vtr='["Cl.Cm.P1"]'))
    assert "Your identity is confirmed" in text_of(pick(signed_in, "bronwen"))
    signed_in.post("/prove-identity/result")
    assert signed_in.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]'))["Location"] == "/prove-identity"


def test_a_weaker_check_takes_nothing_away(asked: Citizen, rp: RelyingParty, make_client: Callable[..., Any]) -> None:
    make_client(levels=["P0", "P2", "P3"])
    pick(asked, "harriet")
    asked.browser.get(rp.authorize_path(vtr='["Cl.Cm.P3"]'))
    pick(asked, "bronwen")
    assert CoreIdentity.objects.get().level == "P2"


def test_a_result_is_judged_once(asked: Citizen) -> None:
    there = asked.post("/prove-identity")["Location"].removeprefix("http://127.0.0.1:8000")
    tomos = asked.post(there, persona="tomos")["Location"]
    harriet = asked.post(there, persona="harriet")["Location"]
    asked.browser.get(tomos)
    assert asked.browser.get(harriet)["Location"] == "/prove-identity"
    assert not CoreIdentity.objects.exists()


def test_a_result_needs_its_state(asked: Citizen) -> None:
    asked.post("/prove-identity")
    for query in ("persona=harriet", "persona=harriet&state=", "persona=harriet&state=made-up"):
        assert asked.browser.get(f"/prove-identity/return/sandbox?{query}")["Location"] == "/prove-identity"
    assert not CoreIdentity.objects.exists()


def test_a_result_belongs_to_who_began(asked: Citizen, make_account: Callable[..., Any], rp: RelyingParty) -> None:
    there = asked.post("/prove-identity")["Location"].removeprefix("http://127.0.0.1:8000")
    back = asked.post(there, persona="harriet")["Location"]
    other = Citizen(asked.codes)
    other.enter(make_account("other@example.org"))
    other.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]'))
    assert other.browser.get(back)["Location"] == "/prove-identity"
    assert not CoreIdentity.objects.exists()


def test_an_unknown_persona_is_no_crash(asked: Citizen) -> None:
    there = asked.post("/prove-identity")["Location"].removeprefix("http://127.0.0.1:8000")
    assert "Error:" in asked.post(there, persona="nobody").content.decode()
    assert "Choose a person" in text_of(asked.post(there))
    state = there.partition("state=")[2]
    response = asked.browser.get(f"/prove-identity/return/sandbox?persona=nobody&state={state}")
    assert response.status_code == 503


def test_live_services_cannot_use_the_sandbox(asked: Citizen, client_row: Any) -> None:
    client_row.service.is_live = True
    client_row.service.save()
    response = asked.post("/prove-identity")
    assert response.status_code == 503
    assert not IdentityCheck.objects.exists()


@pytest.mark.parametrize("path", ["/prove-identity", "/prove-identity/result", "/prove-identity/return/sandbox"])
def test_nothing_to_prove(citizen: Citizen, account: Any, path: str) -> None:
    assert citizen.browser.get(path)["Location"] == "/sign-in"
    citizen.enter(account)
    assert citizen.browser.get(path)["Location"] == "/account"


def test_what_was_proven_is_stored_encrypted(asked: Citizen) -> None:
    from django.db import connection

    pick(asked, "harriet")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM gaap_identity_coreidentity")
        stored = repr(cursor.fetchall())
    for fact in ("Harriet", "Clarke", "1984-02-29", "999228645", "Orchard Lane"):
        assert fact not in stored
