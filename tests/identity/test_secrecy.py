"""Nothing that a citizen types or gets, and no token, stands in the logs of a whole journey."""

import logging
from typing import Any

import pytest

from tests.identity.people import CORE_IDENTITY, Citizen, RelyingParty, answer_of, claims_parameter, post_form

pytestmark = pytest.mark.django_db

EMAIL = "canary.ngoc@example.org"
PHONE = "+84912345678"
PASSWORD = "canary wet paint on seven chairs"


def test_no_secret_in_the_logs(
    citizen: Citizen, rp: RelyingParty, client_row: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    citizen.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]', claims=claims_parameter(CORE_IDENTITY)))
    citizen.post("/sign-in/password", email=EMAIL, password=PASSWORD)
    citizen.create_account(EMAIL, phone=PHONE, password=PASSWORD)
    code = answer_of(citizen.prove("ngoc"))["code"]
    form = rp.token_form(code)
    tokens = post_form(citizen.browser, "/token", form).json()
    citizen.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    post_form(citizen.browser, "/token", {**form, "client_assertion": rp.assertion()})
    citizen.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    own = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    secrets = [
        EMAIL,
        PHONE,
        PASSWORD,
        "Nguyễn",
        code,
        form["client_assertion"],
        tokens["access_token"],
        tokens["id_token"],
        citizen.browser.cookies["gaap_citizen"].value,
        *(sent.code for sent in citizen.codes),
    ]
    assert [(secret, line) for secret in secrets for line in own if secret in line] == []


def test_what_reprs_show(citizen: Citizen, account: Any, client_row: Any) -> None:
    from gaap_identity.models import BrowserSession, CoreIdentity, OneTimeCode, SignIn

    rows = [
        account,
        BrowserSession(),
        OneTimeCode(recipient=EMAIL),
        SignIn(client=client_row),
        CoreIdentity(account=account),
    ]
    assert not [text for row in rows for text in (str(row), repr(row)) if EMAIL in text or account.email in text]
