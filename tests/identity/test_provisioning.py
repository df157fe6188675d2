"""The ``identity`` section of a provisioning file."""

import copy
from typing import Any

import pytest

from gaap.audit.models import AuditEvent
from gaap.provisioning.check import ProvisionError
from gaap.provisioning.services import provision
from gaap.testing.plugin import TESTER
from gaap_identity.models import Account, Client, CoreIdentity, IdentityCheck, PowerScope
from tests.identity.conftest import RSA
from tests.identity.people import PASSWORD, REDIRECT_URI, Citizen, RelyingParty, answer_of

pytestmark = pytest.mark.django_db

PEM = RSA.as_pem(private=False).decode()
CLIENT = {
    "client_id": "renew-vehicle",
    "redirect_uris": [REDIRECT_URI],
    "post_logout_redirect_uris": ["https://renew.transport.example/bye"],
    "public_key": PEM,
    "auth_method": "private_key_jwt",
    "id_token_alg": "ES256",
    "scopes": ["openid", "email", "phone"],
    "claims": ["coreIdentityJWT", "returnCode"],
    "levels": ["P0", "P2"],
    "sector_identifier": "transport.example",
    "pkce_required": False,
}
PERSON = {"email": "Ngoc@example.org", "password": PASSWORD, "phone": "+84912345678", "persona": "ngoc"}


def document(*, client: dict[str, Any] | None = None, person: dict[str, Any] | None = None, **service: Any) -> Any:
    return {
        "organisations": [{"name": "Ministry of Transport", "type": "central"}],
        "services": [
            {
                "name": "Renew a vehicle registration",
                "organisation": "Ministry of Transport",
                "mode": "trial",
                "identity": {"clients": [client or CLIENT], "people": [person or PERSON]},
                **service,
            }
        ],
    }


def faults_of(wanted: Any) -> list[str]:
    with pytest.raises(ProvisionError) as raised:
        provision(wanted, by=TESTER)
    assert not Client.objects.exists()
    assert not Account.objects.exists()
    return [str(fault) for fault in raised.value.faults]


def test_a_client_and_a_person_who_can_use_it(citizen: Citizen) -> None:
    told = provision(document(), by=TESTER)["services"][0]["identity"]
    assert told["clients"] == [{"client_id": "renew-vehicle"}]
    assert told["people"] == [{"account": str(Account.objects.get().pk)}]
    rp = RelyingParty("renew-vehicle", RSA)
    citizen.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]'))
    assert "code" in answer_of(citizen.sign_in("ngoc@example.org"))
    assert CoreIdentity.objects.get().level == "P2"


def test_again_and_again_without_harm() -> None:
    first = provision(document(), by=TESTER)
    events = AuditEvent.objects.count()
    assert provision(document(), by=TESTER) == first
    assert AuditEvent.objects.count() == events
    assert (Client.objects.count(), Account.objects.count(), IdentityCheck.objects.count()) == (1, 1, 1)


def test_a_change_is_applied_and_recorded() -> None:
    provision(document(), by=TESTER)
    provision(document(client={**CLIENT, "pkce_required": True}), by=TESTER)
    assert Client.objects.get().is_pkce_required
    event = AuditEvent.objects.get(action="client_changed")
    assert event.before is not None
    assert event.after is not None
    assert (event.before["is_pkce_required"], event.after["is_pkce_required"]) == (False, True)


def test_a_secret_is_kept_hashed_and_never_audited() -> None:
    client = {**CLIENT, "auth_method": "client_secret_post", "client_secret": "a secret of some length"}
    del client["public_key"]
    provision(document(client=client), by=TESTER)
    events = AuditEvent.objects.count()
    provision(document(client=client), by=TESTER)
    assert AuditEvent.objects.count() == events
    assert Client.objects.get().client_secret.startswith("argon2$argon2id$")
    assert "some length" not in str(list(AuditEvent.objects.values()))


def without(entry: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in copy.deepcopy(entry).items() if key not in keys}


@pytest.mark.parametrize(
    ("client", "path"),
    [
        (without(CLIENT, "client_id"), "clients[0]"),
        (without(CLIENT, "redirect_uris"), "clients[0]"),
        ({**CLIENT, "redirect_uris": []}, "clients[0].redirect_uris"),
        ({**CLIENT, "redirect_uris": ["https://a.example/ https://b.example/"]}, "clients[0].redirect_uris[0]"),
        ({**CLIENT, "redirect_uris": ["https://a.example/#top"]}, "clients[0].redirect_uris[0]"),
        ({**CLIENT, "client_id": "two words"}, "clients[0].client_id"),
        ({**CLIENT, "scopes": ["email"]}, "clients[0].scopes"),
        ({**CLIENT, "scopes": ["openid", "everything"]}, "clients[0].scopes[1]"),
        ({**CLIENT, "claims": ["shoeSize"]}, "clients[0].claims[0]"),
        ({**CLIENT, "levels": ["P4"]}, "clients[0].levels[0]"),
        ({**CLIENT, "id_token_alg": "HS256"}, "clients[0].id_token_alg"),
        ({**CLIENT, "auth_method": "none"}, "clients[0].auth_method"),
        ({**CLIENT, "shoe_size": 42}, "clients[0]"),
        ({**CLIENT, "public_key": "no key"}, "clients[0].public_key"),
        ({**CLIENT, "public_key": RSA.as_pem(private=True).decode()}, "clients[0].public_key"),
        (without(CLIENT, "public_key"), "clients[0].public_key"),
        ({**CLIENT, "jwks_uri": "https://transport.example/jwks"}, "clients[0].public_key"),
        ({**CLIENT, "auth_method": "client_secret_post"}, "clients[0].public_key"),
        (
            {**CLIENT, "redirect_uris": [REDIRECT_URI, "https://b.example/"], "sector_identifier": ""},
            "clients[0].sector_identifier",
        ),
    ],
)
def test_faulty_clients(db: None, client: dict[str, Any], path: str) -> None:
    assert [fault for fault in faults_of(document(client=client)) if f"services[0].identity.{path}" in fault]


@pytest.mark.parametrize(
    ("person", "path"),
    [
        (without(PERSON, "password"), "people[0]"),
        ({**PERSON, "email": "nobody"}, "people[0].email"),
        ({**PERSON, "password": "short"}, "people[0].password"),
        ({**PERSON, "phone": "12"}, "people[0].phone"),
        ({**PERSON, "persona": "somebody"}, "people[0].persona"),
    ],
)
def test_faulty_people(db: None, person: dict[str, Any], path: str) -> None:
    assert [fault for fault in faults_of(document(person=person)) if f"services[0].identity.{path}" in fault]


def test_a_client_of_somebody_else(make_client: Any) -> None:
    make_client()
    with pytest.raises(ProvisionError, match="another service"):
        provision(document(), by=TESTER)


def test_people_are_refused_in_production(db: None, settings: Any) -> None:
    settings.GAAP_ENVIRONMENT = "production"
    assert any("refused in production" in fault for fault in faults_of(document()))


def test_a_persona_is_refused_for_a_live_service(db: None) -> None:
    assert any("live service" in fault for fault in faults_of(document(mode="live")))


SCOPES = [
    {"identifier": "renew", "name": "Renew it", "names": {"cy": "Adnewyddu"}},
    {"identifier": "sell", "name": "S"},
]


def with_scopes(scopes: Any) -> Any:
    wanted = document(client={**CLIENT, "takes_powers": True})
    wanted["services"][0]["identity"]["power_scopes"] = scopes
    return wanted


def test_what_can_be_granted_is_declared_and_offered_to_citizens(citizen: Citizen) -> None:
    told = provision(with_scopes(SCOPES), by=TESTER)["services"][0]["identity"]
    assert told["power_scopes"] == [{"identifier": "renew"}, {"identifier": "sell"}]
    citizen.browser.get(RelyingParty("renew-vehicle", RSA).authorize_path())
    citizen.sign_in("ngoc@example.org")
    page = citizen.browser.get(f"/account/powers/give/{Client.objects.get().service_id}").content.decode()
    assert "Renew it" in page


def test_what_can_be_granted_changes_and_is_withdrawn_with_a_record() -> None:
    provision(with_scopes(SCOPES), by=TESTER)
    events = AuditEvent.objects.count()
    provision(with_scopes(SCOPES), by=TESTER)
    assert AuditEvent.objects.count() == events
    provision(with_scopes([{"identifier": "sell", "name": "Sell it", "active": False}]), by=TESTER)
    event = AuditEvent.objects.get(action="power_scope_changed", before__isnull=False)
    assert event.before == {"identifier": "sell", "name": "S", "names": {}, "is_active": True}
    assert event.after == {"identifier": "sell", "name": "Sell it", "names": {}, "is_active": False}
    assert PowerScope.objects.get(identifier="renew").names == {"cy": "Adnewyddu"}


@pytest.mark.parametrize(
    ("scopes", "path"),
    [
        ([{"identifier": "renew"}], "power_scopes[0]"),
        ([{"identifier": "re new", "name": "x"}], "power_scopes[0].identifier"),
        ([{"identifier": "renew\n", "name": "x"}], "power_scopes[0].identifier"),
        ([{"identifier": "r" * 51, "name": "x"}], "power_scopes[0].identifier"),
        ([{"identifier": "renew", "name": " "}], "power_scopes[0].name"),
        ([{"identifier": "renew", "name": "x", "names": ["cy"]}], "power_scopes[0].names"),
        ([{"identifier": "renew", "name": "x", "names": {"cy": 1}}], "power_scopes[0].names.cy"),
        ([{"identifier": "renew", "name": "x", "names": {"Welsh": "y"}}], "power_scopes[0].names"),
        ([{"identifier": "renew", "name": "x"}] * 2, "power_scopes[1].identifier"),
    ],
)
def test_faulty_declarations(db: None, scopes: Any, path: str) -> None:
    assert [fault for fault in faults_of(with_scopes(scopes)) if f"services[0].identity.{path}" in fault]
