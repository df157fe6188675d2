"""Every row of the contract (A.2 to A.7) against a running server, over HTTP: status, where it goes, error, words."""

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from joserfc import jwt

from gaap_identity.jose import base64url
from gaap_identity.services.signing_keys import active_signer
from tests.identity import contract_rows as rows
from tests.identity.conftest import RSA
from tests.identity.people import REDIRECT_URI
from tests.identity.world import World

pytestmark = pytest.mark.django_db


def test_the_table_is_whole() -> None:
    assert len(rows.ROWS) >= 120


def test_before_an_address_is_safe_the_answer_is_a_plain_400(world: World, subtests: Any) -> None:
    for row in rows.PLAIN:
        with subtests.test(msg=f"{row.changes} {row.is_signed}"):
            response = world.ask(world.rp("renew-vehicle"), row, is_signed=row.is_signed)
            assert (response.status_code, response.text) == (400, row.words)
            assert response.headers["Content-Type"].startswith("text/plain")
            assert "Location" not in response.headers


@pytest.mark.parametrize("is_signed", [False, True])
def test_afterwards_errors_go_to_the_service(world: World, subtests: Any, is_signed: bool) -> None:
    for row in rows.SENT_SIGNED if is_signed else rows.SENT:
        with subtests.test(msg=f"{row.client} {row.changes}"):
            rp = world.rp(row.client)
            response = world.ask(rp, row, is_signed=is_signed)
            assert response.status_code == 302
            address, _, query = response.headers["Location"].partition("?")
            state = {} if "state" in row.changes else {"state": rp.state}
            told = {"error": row.error, "error_description": row.description, **state, "iss": world.root}
            assert (address, dict(parse_qsl(query))) == (REDIRECT_URI, told)


def test_a_good_request_leads_to_a_page(world: World, subtests: Any) -> None:
    for row in rows.SHOWN:
        with subtests.test(msg=f"{row.client} {row.changes}"):
            response = world.ask(world.rp(row.client), row, is_signed=row.is_signed)
            assert (response.status_code, response.headers["Location"]) == (302, row.page)


def test_refused_token_requests(world: World, subtests: Any) -> None:
    for row in rows.TOKEN:
        with subtests.test(msg=f"{row.client} {row.changes} {row.claims}"):
            rp = world.rp(row.client)
            pkce = {"code_challenge": rp.challenge, "code_challenge_method": "S256"}
            code = world.code(rp, **(pkce if row.client == "with-pkce" else {}))
            form = {**rp.token_form(code, client_assertion=rp.assertion(**row.claims)), **row.changes}
            sent = {name: value for name, value in form.items() if value is not None}
            response = world.anonymous.post("/token", data=sent)
            answer = response.json()
            assert (response.status_code, answer) == (
                row.status,
                {"error": row.error, "error_description": row.description},
            )
            assert response.headers["Cache-Control"] == "no-store"


def test_userinfo_without_a_right(world: World, subtests: Any) -> None:
    rp = world.rp("renew-vehicle")
    code = world.code(rp)
    tokens = world.anonymous.post("/token", data=rp.token_form(code)).json()
    for row in rows.TOLD:
        with subtests.test(msg=str(row.header)):
            header = row.header and row.header.replace("{code}", code).replace("{id_token}", tokens["id_token"])
            response = world.anonymous.get("/userinfo", headers={"Authorization": header} if header else {})
            assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, row.challenge)


def test_logging_out(world: World, subtests: Any) -> None:
    rp = world.rp("renew-vehicle")
    tokens = world.anonymous.post("/token", data=rp.token_form(world.code(rp))).json()
    hints = hints_of(tokens["id_token"])
    for row in rows.LOGGED_OUT:
        with subtests.test(msg=str(row.values)):
            values = {name: hints.get(value, value) for name, value in row.values.items()}
            response = world.anonymous.get("/logout", params=values)
            address, _, query = response.headers["Location"].partition("?")
            assert response.status_code == 302
            if row.target != "/account/signed-out":
                assert response.headers["Location"] == row.target
                continue
            errors = {"error_code": row.error, "error_description": row.description} if row.error else {}
            assert (address, dict(parse_qsl(query))) == (row.target, errors)


def hints_of(id_token: str) -> dict[str, str]:
    """ID tokens to come back with: good, and not."""
    signer = active_signer("tokens", algorithm="ES256")
    body = id_token.split(".")[1]
    return {
        "{id_token}": id_token,
        "{unsigned}": f"{base64url(json.dumps({'alg': 'none'}).encode())}.{body}.",
        "{forged}": jwt.encode({"alg": "RS256"}, {"aud": "renew-vehicle"}, RSA, algorithms=["RS256"]),
        "{of_nobody}": signer.sign({"aud": "nobody", "sid": "x"}),
        "{without_sid}": signer.sign({"aud": "renew-vehicle"}),
    }
