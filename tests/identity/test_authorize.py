"""``/authorize``: which faults are a plain 400, which go back to the service, and what a good request leads to."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.identity.people import (
    CORE_IDENTITY,
    REDIRECT_URI,
    RETURN_CODE,
    Citizen,
    RelyingParty,
    answer_of,
    claims_parameter,
)

pytestmark = pytest.mark.django_db

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_missing_state_is_not_made_up(citizen: Citizen, rp: RelyingParty) -> None:
    answer = answer_of(citizen.browser.get(rp.authorize_path(state=None)))
    assert answer == {"error": "invalid_request", "error_description": "Request is missing state parameter"}


def test_a_parameter_given_twice_with_two_values_is_refused(citizen: Citizen, rp: RelyingParty) -> None:
    response = citizen.browser.get(rp.authorize_path() + "&redirect_uri=https%3A%2F%2Felsewhere.example")
    assert response.status_code == 400


def test_a_parameter_given_twice_with_one_value_is_taken(citizen: Citizen, rp: RelyingParty) -> None:
    assert citizen.browser.get(rp.authorize_path() + "&response_type=code")["Location"] == "/sign-in"


def test_only_get(citizen: Citizen, rp: RelyingParty) -> None:
    assert citizen.browser.post("/authorize", rp.parameters()).status_code == 405


def test_an_error_can_come_in_the_fragment(citizen: Citizen, rp: RelyingParty) -> None:
    response = citizen.browser.get(rp.authorize_path(prompt="none", response_mode="fragment"))
    assert response["Location"].startswith(REDIRECT_URI + "#error=login_required&")


def test_a_redirect_address_with_a_query_keeps_it(
    citizen: Citizen, rp: RelyingParty, make_client: Callable[..., Any]
) -> None:
    make_client(redirect_uris=REDIRECT_URI + "?from=here")
    response = citizen.browser.get(rp.authorize_path(redirect_uri=REDIRECT_URI + "?from=here", prompt="none"))
    assert response["Location"].startswith(REDIRECT_URI + "?from=here&error=login_required")


def test_a_client_that_is_switched_off(citizen: Citizen, rp: RelyingParty, make_client: Callable[..., Any]) -> None:
    make_client(is_active=False)
    answer = answer_of(citizen.browser.get(rp.authorize_path()))
    assert (answer["error"], answer["error_description"]) == ("unauthorized_client", "client deactivated")


def test_pkce_can_be_required(citizen: Citizen, rp: RelyingParty, make_client: Callable[..., Any]) -> None:
    make_client(is_pkce_required=True)
    assert answer_of(citizen.browser.get(rp.authorize_path()))["error"] == "invalid_request"
    good = rp.authorize_path(code_challenge=CHALLENGE, code_challenge_method="S256")
    assert citizen.browser.get(good)["Location"] == "/sign-in"


def test_a_nonce_can_be_waived(citizen: Citizen, rp: RelyingParty, make_client: Callable[..., Any]) -> None:
    make_client(is_nonce_required=False)
    assert citizen.browser.get(rp.authorize_path(nonce=None))["Location"] == "/sign-in"


def test_a_client_with_a_secret_may_not_ask_for_identity(
    citizen: Citizen, make_client: Callable[..., Any], rp: RelyingParty
) -> None:
    make_client("by-secret", secret="a secret of some length")
    answer = answer_of(citizen.browser.get(rp.authorize_path(client_id="by-secret", vtr='["Cl.Cm.P2"]')))
    assert answer["error_description"] == "Request vtr not valid"


@pytest.mark.parametrize(
    "vtr", [None, "", "[]", '["Cl"]', '["Cl.Cm"]', '["Cm.Cl"]', '["Cl.Cm.X9"]', '["Cl.Cm.P0"]', '["Cl","Cl.Cm"]']
)
def test_levels_without_identity_are_taken(citizen: Citizen, rp: RelyingParty, vtr: str | None) -> None:
    assert citizen.browser.get(rp.authorize_path(vtr=vtr))["Location"] == "/sign-in"


@pytest.mark.parametrize("vtr", ['["Cl.Cm.P2"]', '["P2.Cm.Cl"]', '["Cl.Cm.P1","Cl.Cm.P2"]'])
def test_levels_with_identity_are_taken(signed_in: Citizen, rp: RelyingParty, vtr: str) -> None:
    path = rp.authorize_path(vtr=vtr, claims=claims_parameter(CORE_IDENTITY, RETURN_CODE))
    assert signed_in.browser.get(path)["Location"] == "/prove-identity"


def test_whoever_is_signed_in_comes_straight_back(signed_in: Citizen, rp: RelyingParty) -> None:
    answer = answer_of(signed_in.browser.get(rp.authorize_path()))
    assert answer.keys() == {"code", "state"}
    assert answer["state"] == rp.state


def test_a_weak_sign_in_is_not_enough_for_a_strong_one(citizen: Citizen, account: Any, rp: RelyingParty) -> None:
    citizen.enter(account, vot="Cl")
    assert "code" in answer_of(citizen.browser.get(rp.authorize_path(vtr='["Cl"]')))
    assert citizen.browser.get(rp.authorize_path(vtr='["Cl.Cm"]'))["Location"] == "/sign-in"


def test_silence_for_somebody_who_is_signed_in(signed_in: Citizen, rp: RelyingParty) -> None:
    assert "code" in answer_of(signed_in.browser.get(rp.authorize_path(prompt="none")))
    answer = answer_of(signed_in.browser.get(rp.authorize_path(prompt="none", vtr='["Cl.Cm.P2"]')))
    assert answer["error"] == "interaction_required"


def test_prompt_login_asks_again(signed_in: Citizen, rp: RelyingParty) -> None:
    assert signed_in.browser.get(rp.authorize_path(prompt="login"))["Location"] == "/sign-in"
    assert "code" in answer_of(signed_in.sign_in("harriet@example.org"))


def test_prompt_create_goes_to_a_new_account(citizen: Citizen, rp: RelyingParty) -> None:
    assert citizen.browser.get(rp.authorize_path(prompt="create"))["Location"] == "/sign-in/create"


def test_max_age(signed_in: Citizen, rp: RelyingParty, make_client: Callable[..., Any]) -> None:
    assert "code" in answer_of(signed_in.browser.get(rp.authorize_path(max_age="nonsense")))
    make_client(is_max_age_allowed=True)
    assert "code" in answer_of(signed_in.browser.get(rp.authorize_path(max_age="100")))
    assert signed_in.browser.get(rp.authorize_path(max_age="0"))["Location"] == "/sign-in"
    for nonsense in ("-1", "ten", "1.5", "9" * 20, "²"):
        answer = answer_of(signed_in.browser.get(rp.authorize_path(max_age=nonsense)))
        assert answer["error_description"] == "Request max_age not valid"


@pytest.mark.parametrize(("ui_locales", "language"), [("cy", "cy"), ("fr vi-VN", "vi"), ("fr", None)])
def test_the_language_asked_for_is_remembered(
    citizen: Citizen, rp: RelyingParty, ui_locales: str, language: str | None
) -> None:
    response = citizen.browser.get(rp.authorize_path(ui_locales=ui_locales))
    cookie = response.cookies.get("gaap_language")
    assert (cookie.value if cookie else None) == language
