"""Companies: an officer is proven by the register, lets others act for the company, and is one no more."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.organisations.models import Service
from gaap.privacy.people import Subject
from gaap.testing.plugin import TESTER
from gaap_identity.errors import CompanyRefusedError, PowerRefusedError
from gaap_identity.matching import is_same_person
from gaap_identity.models import Account, Client, Company, CompanyOfficer, CoreIdentity, LogoutNotice, Power, PowerScope
from gaap_identity.models.accounts import email_digest
from gaap_identity.models.powers import today
from gaap_identity.privacy import IdentityDataProtection
from gaap_identity.providers import company_registers
from gaap_identity.providers.company_registers import CompanyEntry
from gaap_identity.services.checks import prove_with_persona
from gaap_identity.services.companies import appoint, become_officer, end_office
from gaap_identity.services.powers import NewPower
from gaap_identity.services.sandbox_users import create_sandbox_user, delete_sandbox_user, reset_sandbox_user
from gaap_identity.services.sessions import citizen as actor_of
from gaap_identity.services.subjects import subject_of
from tests.identity.conftest import RSA
from tests.identity.people import Citizen, RelyingParty, answer_of, post_form, read_token, text_of
from tests.platform.parallel import in_parallel

pytestmark = pytest.mark.django_db

NUMBER = "09990001"
CLERK = "clerk@example.org"
ADD = "/account/companies/add"


@pytest.fixture
def taker(make_client: Callable[..., Any]) -> Any:
    """A client that takes people who act for another, and a thing that can be granted."""
    client = make_client(takes_powers=True, back_channel_logout_uri="https://renew.transport.example/out")
    PowerScope.objects.create(service=client.service, identifier="renew", name="Renew the registration")
    return client


@pytest.fixture
def rp(taker: Any) -> RelyingParty:
    """The service behind it."""
    return RelyingParty(client_id=taker.client_id, key=RSA)


@pytest.fixture
def officer(taker: Any, account: Account, signed_in: Citizen) -> Citizen:
    """Harriet, whom the register of the sandbox names as an officer."""
    prove_with_persona(account, service=taker.service, persona="harriet")
    return signed_in


@pytest.fixture
def company(officer: Citizen) -> Company:
    """Harriet's company, in her account."""
    officer.post(ADD, country="GB", number=" 0999 0001 ")
    return Company.objects.get()


@pytest.fixture
def clerk(make_account: Callable[..., Any], codes: Any) -> Citizen:
    """Somebody who is to act for the company, signed in."""
    citizen = Citizen(codes)
    citizen.enter(make_account(CLERK, phone=""))
    return citizen


def form_of(email: str = CLERK, **changes: Any) -> dict[str, str]:
    days = {"starts_on": today(), "ends_on": today() + timedelta(days=30), **changes}
    parts = {
        f"{name}_{part}": str(getattr(day, part)) for name, day in days.items() for part in ("day", "month", "year")
    }
    return {"email": email, "scopes": "renew", **parts}


def appoint_page(company: Company, service: Any) -> str:
    return f"/account/companies/{company.pk}/appoint/{service.pk}"


@pytest.fixture
def power(officer: Citizen, company: Company, taker: Any, clerk: Citizen) -> Power:
    """A power of the company that the clerk holds."""
    assert officer.post(appoint_page(company, taker.service), **form_of())["Location"].endswith(str(company.pk))
    found = Power.objects.get()
    clerk.post(f"/account/powers/{found.pk}", answer="accept")
    found.refresh_from_db()
    assert found.status == "accepted"
    return found


def act(clerk: Citizen, rp: RelyingParty, power: Power) -> Any:
    """Sign in for the company and return the answer of the token endpoint."""
    assert clerk.browser.get(rp.authorize_path())["Location"] == "/sign-in/acting"
    code = answer_of(clerk.post("/sign-in/acting", person=str(power.pk)))["code"]
    return post_form(clerk.browser, "/token", rp.token_form(code))


def told(citizen: Citizen, tokens: Any) -> Any:
    return citizen.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})


def test_an_officer_is_proven_by_the_register(officer: Citizen, company: Company) -> None:
    assert (company.name, company.country, company.number) == ("Clarke and Rhŷs Haulage", "GB", NUMBER)
    assert company.is_sandbox
    assert company.name in text_of(officer.browser.get("/account/companies"))
    assert "Confirmed as an officer of a company" in text_of(officer.browser.get("/account/activity"))
    event = AuditEvent.objects.get(action="company_officer_confirmed")
    assert (event.target_id, event.actor_kind) == (str(company.pk), "citizen")
    again = officer.post(ADD, country="GB", number=NUMBER)
    assert again["Location"].endswith(str(company.pk))
    assert CompanyOfficer.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"country": "VN", "number": "0109990002"}, "We found no company"),
        ({"country": "VN", "number": NUMBER}, "We found no company"),
        ({"country": "GB", "number": "12345678"}, "We found no company"),
        ({"country": "GB", "number": ""}, "Enter the company's number"),
        ({"country": "XX", "number": NUMBER}, "Choose the country"),
        ({"number": NUMBER}, "Choose the country"),
    ],
    ids=["of others", "of another country", "unknown", "no number", "no such country", "no country"],
)
def test_a_wrong_company(officer: Citizen, form: dict[str, str], words: str) -> None:
    page = officer.post(ADD, **form)
    assert page.status_code == 200
    assert words in text_of(page).replace("&#x27;", "'")
    assert "<title>Error: " in page.content.decode()
    assert not Company.objects.exists()


@pytest.mark.parametrize("persona", ["", "bronwen", "abena"], ids=["nobody", "too low", "year of birth alone"])
def test_who_has_not_proven_enough_is_no_officer(
    signed_in: Citizen, account: Account, taker: Any, persona: str
) -> None:
    if persona:
        prove_with_persona(account, service=taker.service, persona=persona)
    page = signed_in.post(ADD, country="GB", number="09990004")
    assert ("Confirm your identity first" in text_of(page)) == (persona != "abena")
    assert not CompanyOfficer.objects.exists()


def test_a_register_that_does_not_answer(officer: Citizen) -> None:
    page = officer.post(ADD, country="GB", number=company_registers.SILENT)
    assert "No register of companies can be asked" in text_of(page)
    assert page.context["form"]["number"].value() == company_registers.SILENT
    assert not Company.objects.exists()


def test_a_register_that_does_not_answer_lets_nobody_be_appointed(
    officer: Citizen, company: Company, taker: Any
) -> None:
    Company.objects.update(number=company_registers.SILENT)
    page = officer.post(appoint_page(company, taker.service), **form_of())
    assert "No register of companies can be asked" in text_of(page)
    assert not Power.objects.exists()
    assert CompanyOfficer.objects.in_office().exists()


def test_ten_guesses_in_a_day(officer: Citizen) -> None:
    for number in range(10):
        officer.post(ADD, country="GB", number=str(number))
    assert officer.post(ADD, country="GB", number=NUMBER).status_code == 429
    assert not CompanyOfficer.objects.exists()


@pytest.mark.parametrize("change", [{"GAAP_IDENTITY": {"COMPANY_REGISTER": ""}}, {"GAAP_ENVIRONMENT": "production"}])
def test_without_a_register_nobody_adds_a_company(officer: Citizen, settings: Any, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(settings, name, value)
    assert ADD not in officer.browser.get("/account/companies").content.decode()
    assert officer.browser.get(ADD).status_code == 404


def test_tokens_name_the_company_and_who_acts(clerk: Citizen, rp: RelyingParty, power: Power, company: Company) -> None:
    tokens = act(clerk, rp, power).json()
    keys = clerk.browser.get("/.well-known/jwks.json").json()
    for name in ("id_token", "access_token"):
        claims = read_token(tokens[name], keys).claims
        assert claims["power"]["company"] == {"name": company.name, "country": "GB", "number": NUMBER}
        assert claims["power"]["scopes"] == ["renew"]
        assert claims["sub"] != claims["act"]["sub"]
    assert claims["sub"] == subject_of(company, client=Client.objects.get(client_id=rp.client_id))
    assert told(clerk, tokens).json()["power"]["company"]["number"] == NUMBER


def test_both_see_it_and_every_use(
    officer: Citizen, clerk: Citizen, rp: RelyingParty, power: Power, company: Company
) -> None:
    act(clerk, rp, power)
    page = officer.browser.get(f"/account/companies/{company.pk}")
    assert CLERK in text_of(page)
    assert [len(row.uses) for row in page.context["rows"]] == [1]
    held = clerk.browser.get("/account/powers")
    assert company.name in text_of(held)
    assert [len(row.uses) for row in held.context["lists"].held] == [1]
    for citizen in (officer, clerk):
        assert "A power to act for another was used" in text_of(citizen.browser.get("/account/activity"))
    used = AuditEvent.objects.get(action="power_used")
    assert used.on_behalf_of == f"company/{company.pk}"


@pytest.mark.parametrize("who", ["officer", "clerk"])
def test_either_ends_it_in_the_middle_of_a_session(
    request: Any, clerk: Citizen, rp: RelyingParty, power: Power, who: str
) -> None:
    tokens = act(clerk, rp, power).json()
    request.getfixturevalue(who).post(f"/account/powers/{power.pk}", answer="end")
    power.refresh_from_db()
    assert power.status == "ended"
    assert told(clerk, tokens).status_code == 401
    assert LogoutNotice.objects.get().actor_subject
    assert "code" in answer_of(clerk.browser.get(rp.authorize_path()))


def test_a_power_that_ran_out(clerk: Citizen, rp: RelyingParty, power: Power) -> None:
    tokens = act(clerk, rp, power).json()
    Power.objects.update(starts_on=today() - timedelta(days=9), ends_on=today() - timedelta(days=1))
    assert told(clerk, tokens).status_code == 401
    assert "code" in answer_of(clerk.browser.get(rp.authorize_path()))


def test_an_officer_may_name_themselves(officer: Citizen, rp: RelyingParty, company: Company, taker: Any) -> None:
    officer.post(appoint_page(company, taker.service), **form_of("harriet@example.org"))
    power = Power.objects.get()
    officer.post(f"/account/powers/{power.pk}", answer="accept")
    assert act(officer, rp, power).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"scopes": "rule"}, "scopes"),
        ({"ends_on_year": "1999"}, "ends_on"),
    ],
)
def test_what_cannot_be_granted(
    officer: Citizen, company: Company, taker: Any, changes: dict[str, str], field: str
) -> None:
    page = officer.post(appoint_page(company, taker.service), **{**form_of(), **changes})
    assert field in page.context["form"].errors
    assert not Power.objects.exists()


def test_strangers_and_other_companies(
    officer: Citizen, clerk: Citizen, company: Company, power: Power, taker: Any
) -> None:
    other = Company.objects.create(name="Hughes", number="1")
    for citizen, found in ((clerk, company), (officer, other)):
        assert citizen.browser.get(f"/account/companies/{found.pk}").status_code == 404
        assert citizen.post(f"/account/companies/{found.pk}/leave").status_code == 404
        assert citizen.post(appoint_page(found, taker.service), **form_of()).status_code == 404
    Power.objects.filter(pk=power.pk).update(company=other, appointed_by=None)
    officer.post(f"/account/powers/{power.pk}", answer="end")
    power.refresh_from_db()
    assert power.status == "accepted"
    assert Power.objects.count() == 1


def test_who_is_an_officer_no_more_in_the_register_grants_nothing(
    officer: Citizen, company: Company, taker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(company_registers, "SANDBOX_COMPANIES", {("GB", NUMBER): CompanyEntry("Clarke", ())})
    page = officer.post(appoint_page(company, taker.service), **form_of())
    assert "no more" in text_of(page)
    assert not Power.objects.exists()
    assert officer.browser.get(f"/account/companies/{company.pk}").status_code == 404
    assert AuditEvent.objects.get(action="company_officer_ended").actor_kind == "system"


def test_who_loses_their_level_grants_nothing(officer: Citizen, company: Company, taker: Any) -> None:
    CoreIdentity.objects.update(level="P0")
    page = officer.post(appoint_page(company, taker.service), **form_of())
    assert "Confirm your identity first" in text_of(page)
    assert not Power.objects.exists()


def test_leaving(officer: Citizen, clerk: Citizen, company: Company, power: Power, rp: RelyingParty) -> None:
    officer.post(f"/account/companies/{company.pk}/leave")
    assert officer.browser.get(f"/account/companies/{company.pk}").status_code == 404
    officer.post(f"/account/powers/{power.pk}", answer="end")
    assert act(clerk, rp, power).status_code == 200, "what the company granted stands"
    assert "no more" in text_of(officer.browser.get("/account/activity"))


def test_an_invented_company_counts_at_no_live_service(
    officer: Citizen, clerk: Citizen, rp: RelyingParty, company: Company, power: Power, taker: Any
) -> None:
    tokens = act(clerk, rp, power).json()
    Service.objects.filter(pk=taker.service_id).update(is_live=True)
    assert told(clerk, tokens).status_code == 401
    assert "code" in answer_of(clerk.browser.get(rp.authorize_path()))
    assert officer.post(appoint_page(company, taker.service), **form_of()).status_code == 404
    new = NewPower(taker.service, CLERK, ["renew"], today(), today())
    with pytest.raises(CompanyRefusedError):
        appoint(new, company=company, account=Account.objects.get(email_digest=email_digest("harriet@example.org")))


def test_officers_of_an_invented_company_do_not_see_each_others_powers(
    company: Company, power: Power, make_account: Callable[..., Any], codes: Any, taker: Any
) -> None:
    llyr = make_account("llyr@example.org", phone="")
    prove_with_persona(llyr, service=taker.service, persona="llyr")
    become_officer(llyr, country="GB", number=NUMBER)
    other = Citizen(codes)
    other.enter(llyr)
    path = f"/account/companies/{company.pk}"
    assert CLERK not in text_of(other.browser.get(path))
    other.post(f"/account/powers/{power.pk}", answer="end")
    power.refresh_from_db()
    assert power.status == "accepted"
    Company.objects.update(is_sandbox=False)
    assert CLERK in text_of(other.browser.get(path)), "of a real one they do"
    other.post(f"/account/powers/{power.pk}", answer="end")
    power.refresh_from_db()
    assert power.status == "ended"


def test_a_test_user_speaks_for_an_invented_company_at_its_own_service(taker: Any) -> None:
    boss, hand = (create_sandbox_user(taker.service, persona=who, by=TESTER).user.account for who in ("ngoc", "maria"))
    company = become_officer(boss, country="VN", number="0109990002")
    new = NewPower(taker.service, hand.email, ["renew"], today(), today())
    assert appoint(new, company=company, account=boss).company == company
    with pytest.raises(PowerRefusedError):
        appoint(NewPower(taker.service, CLERK, ["renew"], today(), today()), company=company, account=boss)


def test_a_test_user_finds_no_real_company(taker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company_registers.SandboxCompanyRegister, "is_sandbox", False)
    boss = create_sandbox_user(taker.service, persona="ngoc", by=TESTER).user.account
    with pytest.raises(CompanyRefusedError):
        become_officer(boss, country="VN", number="0109990002")


def test_operators_enter_officers(operator_client: Browser, account: Account, officer: Citizen, taker: Any) -> None:
    company = Company.objects.create(name="Hughes Haulage", country="GB", number="7654321")
    base = "admin:gaap_identity_companyofficer"
    form = {"company": str(company.pk), "email": "Harriet@example.org"}
    for wrong in ({**form, "email": "nobody@example.org"}, {**form, "company": ""}, {**form, "email": "x"}):
        assert operator_client.post(reverse(f"{base}_add"), wrong).status_code == 200
    assert operator_client.post(reverse(f"{base}_add"), form).status_code == 302
    assert operator_client.post(reverse(f"{base}_add"), form).status_code == 200
    office = CompanyOfficer.objects.get()
    assert office.is_entered
    assert officer.post(appoint_page(company, taker.service), **form_of()).status_code == 200, "invented people"
    CoreIdentity.objects.update(is_sandbox=False)
    assert officer.post(appoint_page(company, taker.service), **form_of()).status_code == 302
    page = operator_client.get(reverse(f"{base}_change", args=[office.pk])).content.decode()
    assert account.email not in page
    operator_client.post(f"{reverse(f'{base}_end')}?ids={office.pk}")
    assert officer.browser.get(f"/account/companies/{company.pk}").status_code == 404


def test_what_is_kept_of_an_officer(company: Company, account: Account) -> None:
    nouns = [row.noun for row in IdentityDataProtection().records_of(Subject.known_by(email=account.email))]
    assert "office" in nouns
    list(IdentityDataProtection().erase(Subject.known_by(email=account.email)))
    assert not CompanyOfficer.objects.exists()
    assert Company.objects.exists()


@pytest.mark.parametrize("takes_powers", [True, False])
def test_a_simulation_acts_for_a_company(make_client: Callable[..., Any], citizen: Citizen, takes_powers: bool) -> None:
    client = make_client(takes_powers=takes_powers)
    PowerScope.objects.create(service=client.service, identifier="renew", name="Renew")
    rp = RelyingParty(client.client_id, RSA)
    form = {**rp.token_form(""), "configuration": f'{{"persona": "ngoc", "company": "{NUMBER}"}}'}
    assert post_form(citizen.browser, "/simulation", form).status_code == 200
    for _again in range(2):
        code = answer_of(citizen.browser.get(rp.authorize_path()))["code"]
        tokens = post_form(citizen.browser, "/token", rp.token_form(code)).json()
        said = told(citizen, tokens).json()
        assert ("act" in said) == takes_powers
        assert said.get("power", {}).get("company", {}).get("number", "") == (NUMBER if takes_powers else "")
        assert said.get("power", {}).get("scopes", []) == (["renew"] if takes_powers else [])
    assert Power.objects.count() == takes_powers


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_found_four_times_at_once_it_is_one_company_with_one_officer(taker: Any, account: Account) -> None:
    prove_with_persona(account, service=taker.service, persona="harriet")
    in_parallel([partial(become_officer, account, country="GB", number=NUMBER)] * 4)
    assert (Company.objects.count(), CompanyOfficer.objects.count()) == (1, 1)
    assert AuditEvent.objects.filter(action="company_officer_confirmed").count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_ended_while_granting_either_comes_first(taker: Any, account: Account) -> None:
    prove_with_persona(account, service=taker.service, persona="harriet")
    company = become_officer(account, country="GB", number=NUMBER)
    office = CompanyOfficer.objects.get()
    new = NewPower(taker.service, CLERK, ["renew"], today(), today())

    def grant() -> bool:
        try:
            return bool(appoint(new, company=company, account=account))
        except CompanyRefusedError:
            return False

    acts: list[Callable[[], bool]] = [partial(end_office, office, by=actor_of(account)), grant]
    ended, granted = in_parallel(acts)
    assert ended
    assert Power.objects.count() == granted
    assert not grant()


def test_the_register_is_not_asked_without_end(
    officer: Citizen, company: Company, taker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def look_up(register: Any, country: str, number: str) -> CompanyEntry | None:
        asked.append(number)
        return company_registers.SANDBOX_COMPANIES.get((country, number))

    monkeypatch.setattr(company_registers.SandboxCompanyRegister, "look_up", look_up)
    answers = [officer.post(appoint_page(company, taker.service), **form_of()).status_code for _ in range(22)]
    assert (answers[-1], len(asked)) == (429, answers.count(302))
    assert Power.objects.count() == answers.count(302) == 20


def test_a_test_user_begun_anew_speaks_for_nobody_and_has_appointed_nobody(taker: Any) -> None:
    made = create_sandbox_user(taker.service, persona="harriet", by=TESTER)
    account = made.user.account
    company = become_officer(account, country="GB", number=NUMBER)
    friend = create_sandbox_user(taker.service, persona="ngoc", by=TESTER).user.account
    day = today()
    new = NewPower(taker.service, email=friend.email, scopes=["renew"], starts_on=day, ends_on=day)
    power = appoint(new, company=company, account=account)
    reset_sandbox_user(made.user, by=TESTER)
    power.refresh_from_db()
    assert (power.status, CompanyOfficer.objects.in_office().exists()) == ("ended", False)
    again = appoint(new, company=become_officer(account, country="GB", number=NUMBER), account=account)
    delete_sandbox_user(made.user, by=TESTER)
    again.refresh_from_db()
    assert again.status == "ended"


@pytest.mark.parametrize("nobody", ["", "---", "\u200b", "‘’ 1"])
def test_names_without_a_letter_are_nobodys(nobody: str) -> None:
    facts = {"birth_dates": ["1980-01-01"], "names": [{"parts": [{"value": nobody}]}]}
    assert not is_same_person(facts, facts)
