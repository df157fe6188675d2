"""How many statements a citizen's way through a service's sign-in may cost when they are signed in already."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaap.actors import SYSTEM
from gaap.organisations.models import Service
from gaap_identity.services.clients import set_client
from gaap_identity.services.signing_keys import TOKENS, active_signer, rotate_key
from tests.identity.people import Citizen, RelyingParty, answer_of, post_form

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture(autouse=True)
def snapshots(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What every request needs is kept in the process, as it is when it serves, and begins as that of this test."""
    for place in ("known_clients._by_name", "known_clients._by_key", "signing_keys._signers"):
        monkeypatch.setattr(f"gaap_identity.services.{place}._kept", {})
    settings.GAAP_SNAPSHOT_SECONDS = 60
    yield
    settings.GAAP_SNAPSHOT_SECONDS = 0


def round_trip(citizen: Citizen, rp: RelyingParty) -> dict[str, int]:
    """Go from `/authorize` to `/userinfo` and return how many statements each took."""
    form = rp.token_form("")
    with CaptureQueriesContext(connection) as authorize:
        code = answer_of(citizen.browser.get(rp.authorize_path()))["code"]
    with CaptureQueriesContext(connection) as token:
        given = post_form(citizen.browser, "/token", {**form, "code": code}).json()
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    with CaptureQueriesContext(connection) as userinfo:
        assert citizen.browser.get("/userinfo", headers=bearer).status_code == 200
    return {"authorize": len(authorize), "token": len(token), "userinfo": len(userinfo)}


def test_a_round_trip(signed_in: Citizen, rp: RelyingParty) -> None:
    """What each asks and writes, in order, each in a statement of its own and without a transaction around others.

    /authorize: session, session and sign-in written, simulation, consents twice, sign-in with code. /token: assertion,
    simulation, code, code taken, both tokens. /userinfo: token, simulation, consents, their use with the audit.
    """
    round_trip(signed_in, rp)
    assert round_trip(signed_in, rp) == {"authorize": 6, "token": 5, "userinfo": 4}


def test_a_round_trip_of_a_live_service(signed_in: Citizen, rp: RelyingParty, client_row: Any) -> None:
    """Nothing is simulated for it."""
    Service.objects.filter(pk=client_row.service_id).update(is_live=True)
    round_trip(signed_in, rp)
    assert round_trip(signed_in, rp) == {"authorize": 5, "token": 4, "userinfo": 3}


def test_a_changed_client_is_seen_at_once(signed_in: Citizen, rp: RelyingParty, client_row: Any) -> None:
    round_trip(signed_in, rp)
    set_client(rp.client_id, service=client_row.service, facts={"is_active": False}, by=SYSTEM)
    assert "error=unauthorized_client" in signed_in.browser.get(rp.authorize_path())["Location"]
    assert post_form(signed_in.browser, "/token", rp.token_form("any")).json()["error"] == "unauthorized_client"


def test_a_new_client_is_seen_at_once(signed_in: Citizen, make_client: Any, rp: RelyingParty) -> None:
    other = RelyingParty("another", rp.key)
    assert signed_in.browser.get(other.authorize_path()).status_code == 400
    make_client("another")
    assert "code" in answer_of(signed_in.browser.get(other.authorize_path()))


def test_a_rotated_key_signs_no_more(signed_in: Citizen, rp: RelyingParty) -> None:
    round_trip(signed_in, rp)
    before = active_signer(TOKENS, algorithm="ES256").kid
    rotated = rotate_key(TOKENS, algorithm="ES256", by=SYSTEM, is_forced=True)
    assert active_signer(TOKENS, algorithm="ES256").kid == rotated.kid != before
