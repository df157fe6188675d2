"""Acting for another: granted, accepted, chosen at sign-in, told in tokens, seen by both, ended by either."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gaap.audit.models import AuditEvent
from gaap.outbox.models import OutboxEvent
from gaap.privacy.people import Subject
from gaap.testing.plugin import TESTER
from gaap_identity.models import AccessToken, Company, Consent, LogoutNotice, Power, PowerScope, SignIn
from gaap_identity.models.powers import today
from gaap_identity.privacy import IdentityDataProtection
from gaap_identity.services.account_changes import delete_account
from gaap_identity.services.compromises import disable_account, enable_account
from gaap_identity.services.powers import NewPower, offer_power_of_company
from gaap_identity.services.subjects import subject_of
from tests.identity.conftest import RSA
from tests.identity.people import (
    CORE_IDENTITY,
    Citizen,
    RelyingParty,
    answer_of,
    claims_parameter,
    post_form,
    read_token,
    text_of,
)

pytestmark = pytest.mark.django_db

GIVER = "grandmother@example.org"


@pytest.fixture
def taker(make_client: Callable[..., Any]) -> Any:
    """A client that takes people who act for another, with two things that can be granted."""
    client = make_client(takes_powers=True)
    scope = {"identifier": "renew", "name": "Renew the registration", "names": {"cy": "Adnewyddu’r cofrestriad"}}
    PowerScope.objects.create(service=client.service, **scope)
    PowerScope.objects.create(service=client.service, identifier="sell", name="Sell the vehicle")
    return client


@pytest.fixture
def rp(taker: Any) -> RelyingParty:
    """The service behind it."""
    return RelyingParty(client_id=taker.client_id, key=RSA)


@pytest.fixture
def giver(taker: Any, make_account: Callable[..., Any], codes: Any) -> Citizen:
    """Somebody who cannot do it all themselves any more, signed in."""
    citizen = Citizen(codes)
    citizen.enter(make_account(GIVER))
    return citizen


def days(**names: Any) -> dict[str, str]:
    return {
        f"{name}_{part}": str(getattr(day, part)) for name, day in names.items() for part in ("day", "month", "year")
    }


def give(giver: Citizen, client: Any, **changes: Any) -> Any:
    first, last = changes.pop("starts_on", today()), changes.pop("ends_on", today() + timedelta(days=30))
    form = {"email": "Harriet@example.org", "scopes": "renew", **days(starts_on=first, ends_on=last), **changes}
    return giver.post(f"/account/powers/give/{client.service_id}", **form)


@pytest.fixture
def power(giver: Citizen, taker: Any, signed_in: Citizen) -> Power:
    """A power that `signed_in` holds."""
    assert give(giver, taker)["Location"] == "/account/powers"
    found = Power.objects.get()
    signed_in.post(f"/account/powers/{found.pk}", answer="accept")
    found.refresh_from_db()
    assert found.status == "accepted"
    return found


def act(signed_in: Citizen, rp: RelyingParty, power: Power | None, **asked: Any) -> str:
    """Sign in for somebody and return the code."""
    assert signed_in.browser.get(rp.authorize_path(**asked))["Location"] == "/sign-in/acting"
    answer = signed_in.post("/sign-in/acting", person=str(power.pk) if power else "myself")
    return answer_of(answer)["code"]


def redeem(citizen: Citizen, rp: RelyingParty, code: str) -> Any:
    return post_form(citizen.browser, "/token", rp.token_form(code))


def told(citizen: Citizen, access_token: str) -> Any:
    return citizen.browser.get("/userinfo", headers={"Authorization": f"Bearer {access_token}"})


def subjects(power: Power, client: Any) -> tuple[str, str]:
    """How the client knows the one acted for, and the one who acts."""
    assert power.actor is not None
    return subject_of(power.represented, client=client), subject_of(power.actor, client=client)


def test_every_token_names_both(signed_in: Citizen, rp: RelyingParty, power: Power, taker: Any) -> None:
    tokens = redeem(signed_in, rp, act(signed_in, rp, power)).json()
    keys = signed_in.browser.get("/.well-known/jwks.json").json()
    represented, actor = subjects(power, taker)
    assert represented != actor
    for name in ("id_token", "access_token"):
        claims = read_token(tokens[name], keys).claims
        assert (claims["sub"], claims["act"]) == (represented, {"sub": actor})
        assert claims["power"] == {"id": str(power.pk), "scopes": ["renew"], "ends_on": power.ends_on.isoformat()}
    said = told(signed_in, tokens["access_token"]).json()
    assert (said["sub"], said["act"]["sub"]) == (represented, actor)
    assert said["act"]["email"] == "harriet@example.org"
    assert "email" not in said, "the one acted for has not agreed to share it"


def test_who_acts_for_nobody_is_not_asked_and_who_does_may_act_for_themselves(
    signed_in: Citizen, rp: RelyingParty, giver: Citizen, power: Power, taker: Any
) -> None:
    assert "code" in answer_of(giver.browser.get(rp.authorize_path()))
    tokens = redeem(signed_in, rp, act(signed_in, rp, None)).json()
    claims = read_token(tokens["id_token"], signed_in.browser.get("/.well-known/jwks.json").json()).claims
    assert claims["sub"] == subjects(power, taker)[1]
    assert not {"act", "power"} & set(claims)


def test_a_client_that_does_not_take_it(signed_in: Citizen, power: Power, make_client: Callable[..., Any]) -> None:
    make_client(takes_powers=False)
    assert "code" in answer_of(signed_in.browser.get(RelyingParty("renew-vehicle", RSA).authorize_path()))


def test_another_client_of_another_sector_knows_both_by_other_names(
    signed_in: Citizen, power: Power, taker: Any, make_client: Callable[..., Any]
) -> None:
    other = make_client("other", takes_powers=True, sector_identifier="elsewhere.example")
    assert not set(subjects(power, taker)) & set(subjects(power, other))


def test_silence_cannot_choose(signed_in: Citizen, rp: RelyingParty, power: Power) -> None:
    assert answer_of(signed_in.browser.get(rp.authorize_path(prompt="none")))["error"] == "interaction_required"


def test_the_represented_share_what_they_agreed_to(
    signed_in: Citizen, rp: RelyingParty, giver: Citizen, taker: Any
) -> None:
    giver.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]'))
    giver.prove("harriet")
    give(giver, taker, names_giver="on")
    power = Power.objects.get()
    assert Consent.objects.filter(account=power.giver, claim="coreIdentityJWT").exists()
    page = text_of(signed_in.browser.get("/account/powers"))
    assert "Harriet" in page
    assert GIVER not in page
    signed_in.post(f"/account/powers/{power.pk}", answer="accept")
    asked = {"vtr": '["Cl.Cm.P2"]', "claims": claims_parameter(CORE_IDENTITY), "scope": "openid"}
    assert signed_in.browser.get(rp.authorize_path(**asked))["Location"] == "/prove-identity"
    assert signed_in.prove("ngoc")["Location"] == "/sign-in/acting"
    code = answer_of(signed_in.post("/sign-in/acting", person=str(power.pk)))["code"]
    power.refresh_from_db()
    said = told(signed_in, redeem(signed_in, rp, code).json()["access_token"]).json()
    keys = signed_in.browser.get("/.well-known/did.json").json()["assertionMethod"]
    keys = {"keys": [{**method["publicKeyJwk"], "kid": method["id"]} for method in keys]}
    for claims, subject in zip((said, said["act"]), subjects(power, taker), strict=True):
        assert read_token(claims[CORE_IDENTITY], keys).claims["sub"] == subject
    released = AuditEvent.objects.filter(action="claims_released", target_id=str(power.giver_id)).get()
    assert released.actor_id == str(power.actor_id)


def test_both_see_it_and_every_use(signed_in: Citizen, rp: RelyingParty, giver: Citizen, power: Power) -> None:
    assert "Never used" in text_of(giver.browser.get("/account/powers"))
    act(signed_in, rp, power)
    act(signed_in, rp, power)
    for citizen, person in ((giver, "harriet@example.org"), (signed_in, GIVER)):
        response = citizen.browser.get("/account/powers")
        page = text_of(response)
        assert person in page
        assert "Renew the registration" in page
        lists = response.context["lists"]
        assert [len(row.uses) for row in (*lists.given, *lists.held)] == [2]
        activity = text_of(citizen.browser.get("/account/activity"))
        assert activity.count("A power to act for another was used") == 2
    used = AuditEvent.objects.filter(action="power_used")
    assert {event.on_behalf_of for event in used} == {f"account/{power.giver_id}"}


@pytest.mark.parametrize("who", ["giver", "actor"])
def test_either_ends_it_and_nothing_is_given_any_more(
    signed_in: Citizen, rp: RelyingParty, giver: Citizen, power: Power, make_client: Callable[..., Any], who: str
) -> None:
    make_client(takes_powers=True, back_channel_logout_uri="https://renew.transport.example/out")
    unredeemed = act(signed_in, rp, power)
    tokens = redeem(signed_in, rp, act(signed_in, rp, power)).json()
    signed_in.browser.get(rp.authorize_path())
    (giver if who == "giver" else signed_in).post(f"/account/powers/{power.pk}", answer="end")
    power.refresh_from_db()
    assert power.status == "ended"
    assert told(signed_in, tokens["access_token"]).status_code == 401
    refused = redeem(signed_in, rp, unredeemed)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert not AccessToken.objects.filter(sign_in__power=power).exists()
    assert "code" not in signed_in.post("/sign-in/acting", person=str(power.pk)).get("Location", "")
    assert "code" in answer_of(signed_in.browser.get(rp.authorize_path()))
    notice = LogoutNotice.objects.get()
    assert (notice.subject, notice.actor_subject) == subjects(power, notice.client)
    events = OutboxEvent.objects.filter(subject=f"power/{power.pk}").order_by("id").values_list("name", flat=True)
    assert list(events) == ["power_accepted", "power_ended"]


def test_a_chosen_power_that_ends_before_the_sign_in_does(
    signed_in: Citizen, rp: RelyingParty, power: Power, taker: Any
) -> None:
    signed_in.browser.get(rp.authorize_path())
    SignIn.objects.filter(status="started").update(power=power, is_person_chosen=True)
    Power.objects.update(status="ended")
    assert signed_in.browser.get("/sign-in/consent")["Location"] == "/sign-in/acting"
    assert "code" in answer_of(signed_in.post("/sign-in/acting", person="myself"))


@pytest.mark.parametrize(("starts", "ends"), [(1, 30), (-30, -1)], ids=["not yet", "no more"])
def test_outside_of_its_days(signed_in: Citizen, rp: RelyingParty, power: Power, starts: int, ends: int) -> None:
    code = act(signed_in, rp, power)
    tokens = redeem(signed_in, rp, act(signed_in, rp, power)).json()
    change = {"starts_on": today() + timedelta(days=starts), "ends_on": today() + timedelta(days=ends)}
    Power.objects.update(**change)
    assert told(signed_in, tokens["access_token"]).status_code == 401
    assert redeem(signed_in, rp, code).json()["error"] == "invalid_grant"
    assert "code" in answer_of(signed_in.browser.get(rp.authorize_path()))


def test_first_and_last_day_count(signed_in: Citizen, rp: RelyingParty, power: Power) -> None:
    Power.objects.update(starts_on=today(), ends_on=today())
    assert act(signed_in, rp, power)


def test_signing_out_names_who_acted(
    signed_in: Citizen, rp: RelyingParty, power: Power, make_client: Callable[..., Any]
) -> None:
    client = make_client(takes_powers=True, back_channel_logout_uri="https://renew.transport.example/out")
    act(signed_in, rp, power)
    act(signed_in, rp, None)
    signed_in.post("/account/sign-out")
    represented, actor = subjects(power, client)
    notices = set(LogoutNotice.objects.values_list("subject", "actor_subject"))
    assert notices == {(represented, actor), (actor, "")}


def test_a_hint_from_acting_names_who_signed_in(
    signed_in: Citizen, power: Power, make_client: Callable[..., Any]
) -> None:
    make_client(takes_powers=True, is_standard=True)
    rp = RelyingParty("renew-vehicle", RSA)
    hint = redeem(signed_in, rp, act(signed_in, rp, power)).json()["id_token"]
    assert act(signed_in, rp, power, id_token_hint=hint)


def test_an_offer_is_for_the_address_alone(
    giver: Citizen, taker: Any, signed_in: Citizen, make_account: Callable[..., Any], codes: Any
) -> None:
    give(giver, taker)
    power = Power.objects.get()
    stranger = Citizen(codes)
    stranger.enter(make_account("stranger@example.org"))
    for citizen in (stranger, giver):
        citizen.post(f"/account/powers/{power.pk}", answer="accept")
    stranger.post(f"/account/powers/{power.pk}", answer="end")
    power.refresh_from_db()
    assert power.status == "offered"
    signed_in.post(f"/account/powers/{power.pk}", answer="decline")
    signed_in.post(f"/account/powers/{power.pk}", answer="accept")
    power.refresh_from_db()
    assert (power.status, power.actor) == ("declined", None)
    assert "Turned down" in text_of(giver.browser.get("/account/powers"))


def test_an_offer_taken_back(giver: Citizen, taker: Any, signed_in: Citizen) -> None:
    give(giver, taker)
    power = Power.objects.get()
    giver.post(f"/account/powers/{power.pk}", answer="end")
    signed_in.post(f"/account/powers/{power.pk}", answer="accept")
    power.refresh_from_db()
    assert power.status == "ended"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": GIVER}, "email"),
        ({"email": "nobody"}, "email"),
        ({"scopes": "rule-the-world"}, "scopes"),
        ({"ends_on": today() - timedelta(days=1), "starts_on": today() - timedelta(days=2)}, "ends_on"),
        ({"ends_on": today(), "starts_on": today() + timedelta(days=2)}, "ends_on"),
        ({"ends_on_month": "13"}, "ends_on"),
    ],
    ids=["oneself", "no address", "unknown scope", "past", "backwards", "no date"],
)
def test_what_cannot_be_granted(giver: Citizen, taker: Any, changes: dict[str, Any], field: str) -> None:
    response = give(giver, taker, **changes)
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert not Power.objects.exists()


def test_a_service_without_powers(giver: Citizen, make_client: Callable[..., Any], taker: Any) -> None:
    PowerScope.objects.update(is_active=False)
    assert giver.browser.get(f"/account/powers/give/{taker.service_id}").status_code == 404
    assert "No service knows" in text_of(giver.browser.get("/account/powers/give"))


def test_twenty_offers_in_a_day(giver: Citizen, taker: Any) -> None:
    for number in range(20):
        give(giver, taker, email=f"friend{number}@example.org")
    assert give(giver, taker, email="friend20@example.org").status_code == 429
    assert Power.objects.count() == 20


def test_the_page_does_not_ask_more_for_more_powers(
    giver: Citizen, taker: Any, signed_in: Citizen, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(15):
        give(giver, taker, email=f"friend{number}@example.org")
    giver.browser.get("/account/powers")
    with django_assert_max_num_queries(16):
        giver.browser.get("/account/powers")


@pytest.mark.parametrize("path", ["/sign-in/acting", "/account/powers", "/account/powers/give"])
def test_nobody_is_asked_without_a_sign_in(citizen: Citizen, path: str) -> None:
    assert citizen.browser.get(path)["Location"] == "/sign-in"


def test_an_officer_of_a_company(signed_in: Citizen, rp: RelyingParty, taker: Any, account: Any) -> None:
    company = Company.objects.create(name="Hughes Haulage", number="01234567")
    new = NewPower(service=taker.service, email=account.email, scopes=["sell"], starts_on=today(), ends_on=today())
    power = offer_power_of_company(new, company=company, by=TESTER)
    signed_in.post(f"/account/powers/{power.pk}", answer="accept")
    power.refresh_from_db()
    tokens = redeem(signed_in, rp, act(signed_in, rp, power)).json()
    said = told(signed_in, tokens["access_token"]).json()
    assert said["power"]["company"] == {"name": "Hughes Haulage", "number": "01234567"}
    assert (said["sub"], said["act"]["sub"]) == subjects(power, taker)


def test_operators_enter_companies_and_end_powers(operator_client: Browser, taker: Any, account: Any) -> None:
    base = "admin:gaap_identity"
    form = {"name": "Hughes Haulage", "number": "01234567"}
    assert operator_client.post(reverse(f"{base}_company_add"), form).status_code == 302
    scope = {"service": taker.service_id, "identifier": "scrap", "name": "Scrap it", "names": "{}", "is_active": "on"}
    assert operator_client.post(reverse(f"{base}_powerscope_add"), scope).status_code == 302
    bad = operator_client.post(reverse(f"{base}_powerscope_add"), {**scope, "identifier": "x", "names": "[1]"})
    assert bad.status_code == 200
    asked = {
        "company": Company.objects.get().pk,
        "service": taker.service_id,
        "email": account.email,
        "scopes": "scrap",
        "starts_on": today().isoformat(),
        "ends_on": today().isoformat(),
    }
    assert operator_client.post(reverse(f"{base}_power_add"), {**asked, "scopes": "fly"}).status_code == 200
    assert operator_client.post(reverse(f"{base}_power_add"), {**asked, "company": ""}).status_code == 200
    assert operator_client.post(reverse(f"{base}_power_add"), asked).status_code == 302
    power = Power.objects.get()
    page = operator_client.get(reverse(f"{base}_power_change", args=[power.pk]))
    assert account.email not in page.content.decode()
    address = f"{reverse(f'{base}_power_end')}?ids={power.pk}"
    operator_client.post(address)
    power.refresh_from_db()
    assert power.status == "ended"


@pytest.mark.parametrize("who", ["giver", "actor"])
def test_an_account_that_goes_takes_its_powers_along(
    signed_in: Citizen, rp: RelyingParty, power: Power, who: str
) -> None:
    tokens = redeem(signed_in, rp, act(signed_in, rp, power)).json()
    going = power.giver if who == "giver" else power.actor
    assert going is not None
    delete_account(going)
    assert not Power.objects.exists()
    assert told(signed_in, tokens["access_token"]).status_code == 401


def test_erasure_forgets_offers_too(giver: Citizen, taker: Any, account: Any) -> None:
    give(giver, taker)
    protection = IdentityDataProtection()
    subject = Subject.known_by(email=account.email)
    list(protection.erase(subject))
    assert not Power.objects.exists()


def test_what_is_kept_is_told_to_whom_it_is_about(power: Power) -> None:
    protection = IdentityDataProtection()
    for email, noun in ((GIVER, "power_given"), ("harriet@example.org", "power_held")):
        nouns = [record.noun for record in protection.records_of(Subject.known_by(email=email))]
        assert noun in nouns


def test_nobody_acts_for_an_account_that_operators_closed(
    signed_in: Citizen, rp: RelyingParty, giver: Citizen, power: Power
) -> None:
    """Whoever took it over may have let themselves act for it."""
    token = redeem(signed_in, rp, act(signed_in, rp, power)).json()["access_token"]
    code = act(signed_in, rp, power)
    assert power.giver is not None
    disable_account(power.giver, purpose="Reported", by=TESTER)
    assert told(signed_in, token).status_code == 401
    assert redeem(signed_in, rp, code).json()["error"] == "invalid_grant"
    assert "code" in answer_of(signed_in.browser.get(rp.authorize_path())), "as themselves, and not asked for whom"
    enable_account(power.giver, purpose="It was them", by=TESTER)
    assert told(signed_in, token).status_code == 401, "what was taken back stays so"
    assert redeem(signed_in, rp, act(signed_in, rp, power)).status_code == 200
