"""Knowledge of data already held: compared, counted, and never searched. And the identity in the words of others."""

from typing import Any

import pytest

from gaap_identity.models import CoreIdentity, Doubt, EvidenceSource, IdentityCheck
from gaap_identity.services.core_identities import level_held
from tests.identity.people import CORE_IDENTITY, Citizen, RelyingParty, answer_of, claims_parameter, post_form, text_of

pytestmark = pytest.mark.django_db

BRONWEN = {
    "given_names": "Bronwen",
    "family_name": "Adeyemi",
    "born_on_day": "8",
    "born_on_month": "10",
    "born_on_year": "2005",
    "reference": "ga-4471-93",
}


@pytest.fixture
def asked(signed_in: Citizen, rp: RelyingParty) -> Citizen:
    """A citizen whom a service asked for P1, with the register as the only source."""
    EvidenceSource.objects.create(identifier="letters", name="Our letters", provider="sandbox_register")
    signed_in.browser.get(rp.authorize_path(vtr='["Cl.Cm.P1"]'))
    return signed_in


def tell(citizen: Citizen, **changes: str) -> Any:
    """Begin a check and say what one knows."""
    page = citizen.post("/prove-identity")["Location"].removeprefix("http://127.0.0.1:8000")
    assert citizen.browser.get(page).status_code == 200
    return citizen.browser.post(page, {**BRONWEN, **changes})


def test_who_knows_the_record_reaches_a_low_level(asked: Citizen, account: Any) -> None:
    assert tell(asked)["Location"] == "/prove-identity/result"
    assert "Bronwen Adeyemi" in text_of(asked.browser.get("/prove-identity/result"))
    assert level_held(account) == "P1"


@pytest.mark.parametrize(
    "change",
    [{"reference": "GA-0000-00"}, {"born_on_year": "2006"}, {"family_name": "Somebody"}, {"reference": "GA-1092-18"}],
)
def test_who_does_not_know_it_learns_nothing(asked: Citizen, change: dict[str, str]) -> None:
    tell(asked, **change)
    assert IdentityCheck.objects.get().return_codes == ["M"]
    assert Doubt.objects.get().code == "D04"
    assert "could not be matched" in text_of(asked.browser.get("/prove-identity/result"))
    assert not CoreIdentity.objects.exists()


def test_nobody_guesses_for_long(asked: Citizen) -> None:
    answers = [tell(asked, reference=f"GA-0000-{number:02}").status_code for number in range(6)]
    assert answers == [302] * 5 + [429]


def test_the_sandbox_register_is_not_for_live_services(asked: Citizen, client_row: Any) -> None:
    client_row.service.is_live = True
    client_row.service.save()
    assert asked.post("/prove-identity").status_code == 503


def test_verified_claims_are_an_extra(signed_in: Citizen, rp: RelyingParty, settings: Any) -> None:
    for framework in ("", "uk_dvstf"):
        settings.GAAP_IDENTITY = {"TRUST_FRAMEWORK": framework}
        path = rp.authorize_path(vtr='["Cl.Cm.P2"]', claims=claims_parameter(CORE_IDENTITY))
        response = signed_in.browser.get(path)
        back = signed_in.prove("ngoc") if response["Location"] == "/prove-identity" else response
        tokens = post_form(signed_in.browser, "/token", rp.token_form(answer_of(back)["code"])).json()
        answer = signed_in.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
        claims = answer.json()
        assert ("verified_claims" in claims) == bool(framework)
    told = claims["verified_claims"]
    assert told["verification"]["assurance_level"] == "medium"
    assert told["verification"]["trust_framework"] == "uk_dvstf"
    assert told["claims"] == {"given_name": "Thị Ngọc", "family_name": "Nguyễn", "birthdate": "1992-09-02"}
