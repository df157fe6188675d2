"""What services may know: recorded when a citizen goes on, asked when it should be, shown, and taken back."""

from typing import Any

import pytest

from gaap.audit.models import AuditEvent
from gaap_identity.models import Consent
from tests.identity.people import CORE_IDENTITY, Citizen, RelyingParty, answer_of, claims_parameter, post_form, text_of

pytestmark = pytest.mark.django_db


def userinfo(citizen: Citizen, rp: RelyingParty, code: str) -> dict[str, Any]:
    tokens = post_form(citizen.browser, "/token", rp.token_form(code)).json()
    answer = citizen.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    told: dict[str, Any] = answer.json()
    return told


def test_going_on_is_recorded_and_shown(signed_in: Citizen, rp: RelyingParty, client_row: Any) -> None:
    code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
    assert set(Consent.objects.values_list("claim", "released_at")) == {("email", None), ("phone", None)}
    assert "Not told yet" in text_of(signed_in.browser.get("/account/shared"))
    assert "email" in userinfo(signed_in, rp, code)
    page = text_of(signed_in.browser.get("/account/shared"))
    assert client_row.service.name in page
    assert "Your email address" in page
    assert "Last told on" in page


def test_what_is_taken_back_is_told_no_more_and_asked_for_again(
    signed_in: Citizen, rp: RelyingParty, client_row: Any
) -> None:
    code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
    signed_in.post(f"/account/shared/{client_row.service_id}/withdraw")
    assert set(userinfo(signed_in, rp, code)) == {"sub"}
    assert "stopped sharing" in text_of(signed_in.browser.get("/account/shared"))
    assert answer_of(signed_in.browser.get(rp.authorize_path(prompt="none")))["error"] == "consent_required"
    assert signed_in.browser.get(rp.authorize_path())["Location"] == "/sign-in/consent"
    assert "Your phone number" in text_of(signed_in.browser.get("/sign-in/consent"))
    code = answer_of(signed_in.post("/sign-in/consent", answer="yes"))["code"]
    assert "email" in userinfo(signed_in, rp, code)
    acts = AuditEvent.objects.filter(action__startswith="consent_").order_by("id").values_list("action", flat=True)
    assert list(acts) == ["consent_given", "consent_withdrawn", "consent_given"]


def test_saying_no(signed_in: Citizen, rp: RelyingParty, settings: Any) -> None:
    settings.GAAP_IDENTITY = {"ASK_CONSENT": True}
    assert signed_in.browser.get(rp.authorize_path())["Location"] == "/sign-in/consent"
    assert answer_of(signed_in.post("/sign-in/consent", answer="no"))["error"] == "access_denied"
    assert not Consent.objects.exists()


def test_a_deployment_that_asks_asks_once(signed_in: Citizen, rp: RelyingParty, settings: Any) -> None:
    settings.GAAP_IDENTITY = {"ASK_CONSENT": True}
    signed_in.browser.get(rp.authorize_path())
    assert "code" in answer_of(signed_in.post("/sign-in/consent", answer="yes"))
    assert "code" in answer_of(signed_in.browser.get(rp.authorize_path()))
    assert "code" in answer_of(signed_in.browser.get(rp.authorize_path(scope="openid email")))


def test_a_service_that_asks_for_consent(signed_in: Citizen, rp: RelyingParty) -> None:
    assert "code" in answer_of(signed_in.browser.get(rp.authorize_path()))
    assert signed_in.browser.get(rp.authorize_path(prompt="consent"))["Location"] == "/sign-in/consent"
    assert "code" in answer_of(signed_in.post("/sign-in/consent", answer="yes"))


def test_the_identity_is_a_detail_of_its_own(signed_in: Citizen, rp: RelyingParty, settings: Any) -> None:
    settings.GAAP_IDENTITY = {"ASK_CONSENT": True}
    path = rp.authorize_path(vtr='["Cl.Cm.P2"]', claims=claims_parameter(CORE_IDENTITY), scope="openid")
    signed_in.browser.get(path)
    there = signed_in.post("/prove-identity")["Location"].removeprefix("http://127.0.0.1:8000")
    signed_in.browser.get(signed_in.post(there, persona="harriet")["Location"])
    assert signed_in.post("/prove-identity/result")["Location"] == "/sign-in/consent"
    assert "Your name and date of birth" in text_of(signed_in.browser.get("/sign-in/consent"))
    code = answer_of(signed_in.post("/sign-in/consent", answer="yes"))["code"]
    assert CORE_IDENTITY in userinfo(signed_in, rp, code)


@pytest.mark.parametrize("path", ["/sign-in/consent", "/account/shared"])
def test_nobody_is_asked_without_a_sign_in(citizen: Citizen, path: str) -> None:
    assert citizen.browser.get(path)["Location"] == "/sign-in"
