"""Test users: made in the console, let in by their own service's trial alone, brought back to new, removed."""

import html
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.organisations.models import Membership, Service
from gaap.testing.plugin import TESTER
from gaap_identity.models import Account, Consent, CoreIdentity, Passkey, Power, PowerScope, SandboxUser
from gaap_identity.models.powers import today
from gaap_identity.services import sandbox_users
from gaap_identity.services.account_changes import delete_account
from gaap_identity.services.sandbox_users import (
    MadeUser,
    SandboxUserRefusedError,
    create_sandbox_user,
    delete_sandbox_user,
    reset_sandbox_user,
)
from gaap_identity.services.subjects import subject_of
from gaap_identity.services.totp import code_at, present_step
from tests.identity.conftest import RSA, register
from tests.identity.people import Citizen, RelyingParty, answer_of, post_form, text_of
from tests.platform.parallel import in_parallel

pytestmark = pytest.mark.django_db
LIST = "identity-console-test-users"


@pytest.fixture
def team(trial_service: Service, owner: User) -> Browser:
    """The browser of somebody of the trial service's team."""
    Membership.objects.create(service=trial_service, user=owner, role=Membership.Role.DEVELOPER)
    browser = Browser()
    browser.force_login(owner)
    return browser


@pytest.fixture
def made(trial_service: Service) -> MadeUser:
    """A test user who has proven to be Ngọc."""
    return create_sandbox_user(trial_service, persona="ngoc", by=TESTER)


def sign_in(citizen: Citizen, made: MadeUser, *, ahead: int = 0) -> Any:
    """Give password and the app's code, that of now or of a step ahead since none works twice."""
    citizen.post("/sign-in/password", email=made.user.account.email, password=made.password)
    return citizen.post("/sign-in/app-code", code=code_at(made.app_secret, present_step() + ahead))


def shown(page: str) -> dict[str, str]:
    """What the page of a new test user shows, by what it calls it."""
    found = re.findall(r'aria-labelledby="([a-z]+)-label"><code>([^<]+)</code>', page)
    return {name: html.unescape(value) for name, value in found}


def test_a_team_makes_one_and_signs_in_as_it(
    team: Browser, trial_service: Service, citizen: Citizen, rp: RelyingParty
) -> None:
    address = reverse(LIST, args=[trial_service.pk])
    told = shown(team.post(address, {"persona": "ngoc"}).content.decode())
    page = team.get(address).content.decode()
    assert told["email"] in page
    assert told["password"] not in page
    user = SandboxUser.objects.get()
    one = team.get(reverse("identity-console-test-user", args=[trial_service.pk, user.pk])).content.decode()
    assert code_at(told["app"], present_step()) in one
    assert told["password"] not in one
    citizen.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]'))
    back = answer_of(sign_in(citizen, MadeUser(user, told["password"], told["app"])))
    tokens = post_form(citizen.browser, "/token", rp.token_form(back["code"])).json()
    said = citizen.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert said["email"] == told["email"]
    made_by = AuditEvent.objects.get(action="sandbox_user_created")
    assert (made_by.service_id, made_by.actor_kind) == (trial_service.pk, "person")
    assert told["password"] not in str(list(AuditEvent.objects.values()))


def test_nobody_in_particular_chooses_who_to_be_on_the_way(
    trial_service: Service, citizen: Citizen, rp: RelyingParty
) -> None:
    made = create_sandbox_user(trial_service, by=TESTER)
    citizen.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]'))
    assert sign_in(citizen, made)["Location"] == "/prove-identity"
    assert "code" in answer_of(citizen.prove("harriet"))


@pytest.mark.parametrize("wrong", [{}, {"persona": "edith"}, {"persona": "somebody"}])
def test_a_wrong_wish_makes_nobody(team: Browser, trial_service: Service, wrong: dict[str, str]) -> None:
    page = team.post(reverse(LIST, args=[trial_service.pk]), wrong).content.decode()
    assert "<title>Error: " in page
    assert 'href="#id_persona' in page
    assert not Account.objects.exists()


def test_a_live_service_has_none(team: Browser, service: Service) -> None:
    address = reverse(LIST, args=[service.pk])
    assert "<form" not in team.get(address).content.decode().partition("<main")[2]
    assert "<title>Error: " in team.post(address, {"persona": "ngoc"}).content.decode()
    assert not SandboxUser.objects.exists()


def test_a_service_that_goes_live_lets_them_in_no_more(
    made: MadeUser, trial_service: Service, citizen: Citizen, rp: RelyingParty, team: Browser
) -> None:
    sign_in(citizen, made)
    assert "code" in answer_of(citizen.browser.get(rp.authorize_path()))
    Service.objects.filter(pk=trial_service.pk).update(is_live=True)
    assert answer_of(citizen.browser.get(rp.authorize_path()))["error"] == "access_denied"
    other = Citizen(citizen.codes)
    assert sign_in(other, made, ahead=1).status_code == 403
    assert other.browser.get("/account")["Location"] == "/sign-in"
    with pytest.raises(SandboxUserRefusedError):
        reset_sandbox_user(made.user, by=TESTER)
    page = team.post(reverse("identity-console-test-user-reset", args=[trial_service.pk, made.user.pk]), follow=True)
    assert "trial mode" in text_of(page)
    assert team.post(reverse("identity-console-test-user-delete", args=[trial_service.pk, made.user.pk])).status_code
    assert not Account.objects.exists()


def test_another_service_is_not_for_them(
    made: MadeUser, other_service: Service, citizen: Citizen, rp: RelyingParty
) -> None:
    for is_live in (True, False):
        Service.objects.filter(pk=other_service.pk).update(is_live=is_live)
        register(other_service, f"other-{is_live}")
        visitor = Citizen(citizen.codes)
        visitor.enter(made.user.account)
        path = RelyingParty(f"other-{is_live}", RSA).authorize_path()
        assert answer_of(visitor.browser.get(path))["error"] == "access_denied"


def test_production_knows_none(made: MadeUser, citizen: Citizen, rp: RelyingParty, settings: Any) -> None:
    sign_in(citizen, made)
    settings.GAAP_ENVIRONMENT = "production"
    assert answer_of(citizen.browser.get(rp.authorize_path()))["error"] == "access_denied"
    assert sign_in(Citizen(citizen.codes), made, ahead=1).status_code == 403
    with pytest.raises(SandboxUserRefusedError):
        create_sandbox_user(made.user.service, by=TESTER)


def test_begun_anew_it_is_as_it_was_made(
    made: MadeUser, citizen: Citizen, rp: RelyingParty, client_row: Any, team: Browser, trial_service: Service
) -> None:
    account = made.user.account
    subject = subject_of(account, client=client_row)
    sign_in(citizen, made)
    citizen.browser.get(rp.authorize_path())
    Passkey.objects.create(account=account, credential_id="x", credential="y", name="Key")
    CoreIdentity.objects.update(level="P0")
    assert Consent.objects.exists()
    address = reverse("identity-console-test-user-reset", args=[trial_service.pk, made.user.pk])
    told = shown(team.post(address).content.decode())
    assert told["email"] == account.email
    assert citizen.browser.get("/account")["Location"] == "/sign-in"
    assert not Consent.objects.exists()
    assert not Passkey.objects.exists()
    assert CoreIdentity.objects.get().level == "P2"
    account.refresh_from_db()
    assert subject_of(account, client=client_row) == subject
    old, new = Citizen(citizen.codes), Citizen(citizen.codes)
    assert "is wrong" in text_of(old.post("/sign-in/password", email=account.email, password=made.password))
    assert sign_in(new, MadeUser(made.user, told["password"], told["app"]))["Location"] == "/account"
    assert AuditEvent.objects.filter(action="sandbox_user_reset", service_id=trial_service.pk).count() == 1


def test_deleted_it_is_gone(made: MadeUser, team: Browser, trial_service: Service, citizen: Citizen) -> None:
    sign_in(citizen, made)
    address = reverse("identity-console-test-user-delete", args=[trial_service.pk, made.user.pk])
    assert made.user.account.email in team.get(address).content.decode()
    assert Account.objects.exists()
    assert team.post(address)["Location"] == reverse(LIST, args=[trial_service.pk])
    assert not Account.objects.exists()
    assert citizen.browser.get("/account")["Location"] == "/sign-in"
    assert team.post(address).status_code == 404
    assert AuditEvent.objects.get(action="sandbox_user_deleted").actor_kind == "person"


def test_another_teams_test_user_is_not_there(team: Browser, service: Service, made: MadeUser) -> None:
    for name, method in (("", "get"), ("-reset", "post"), ("-delete", "get"), ("-delete", "post")):
        address = reverse(f"identity-console-test-user{name}", args=[service.pk, made.user.pk])
        assert getattr(team, method)(address).status_code == 404
    assert SandboxUser.objects.exists()


def test_citizens_are_no_test_users(team: Browser, trial_service: Service, account: Account) -> None:
    assert account.email not in team.get(reverse(LIST, args=[trial_service.pk])).content.decode()
    for name in ("", "-reset", "-delete"):
        address = reverse(f"identity-console-test-user{name}", args=[trial_service.pk, account.pk])
        assert team.post(address).status_code in (404, 405)
    assert Account.objects.get() == account


def test_there_are_so_many_and_no_more(
    team: Browser, trial_service: Service, monkeypatch: pytest.MonkeyPatch, made: MadeUser
) -> None:
    monkeypatch.setattr(sandbox_users, "MOST", 1)
    page = team.post(reverse(LIST, args=[trial_service.pk]), {"persona": "ngoc"})
    assert "as many as there may be" in text_of(page)
    assert SandboxUser.objects.count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_four_made_at_once_only_so_many_stand(trial_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_users, "MOST", 2)

    def make() -> bool:
        try:
            create_sandbox_user(trial_service, persona="ngoc", by=TESTER)
        except SandboxUserRefusedError:
            return False
        return True

    assert sum(in_parallel([make] * 4)) == 2
    assert SandboxUser.objects.count() == Account.objects.count() == 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_begun_anew_twice_at_once_one_password_opens_it(made: MadeUser, citizen: Citizen) -> None:
    results = in_parallel([partial(reset_sandbox_user, made.user, by=TESTER)] * 2)
    answers = [sign_in(Citizen(citizen.codes), result).get("Location", "") for result in results]
    assert sorted(answers) in (["", "/account"], ["/account", "/sign-in/password"])


@pytest.mark.parametrize("page", ["email", "phone"])
def test_it_keeps_its_address_and_has_no_phone(made: MadeUser, citizen: Citizen, page: str) -> None:
    sign_in(citizen, made)
    assert f"/account/{page}" not in citizen.browser.get("/account").content.decode()
    form = {"email": "somebody@example.org", "phone": "+447700900456"}
    assert citizen.post(f"/account/{page}", **form)["Location"] == "/account"
    assert not citizen.codes


def test_nothing_is_sent_to_it(
    made: MadeUser, account: Account, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(
        "gaap_identity.services.notices._send", lambda notice, recipient, language: sent.append(recipient)
    )
    told = account.email
    with django_capture_on_commit_callbacks(execute=True):
        delete_sandbox_user(made.user, by=TESTER)
        delete_account(account)
    assert sent == [told]


def test_it_lets_other_test_users_of_its_service_act_for_it_and_nobody_else(
    made: MadeUser, citizen: Citizen, make_client: Callable[..., Any], other_service: Service, trial_service: Service
) -> None:
    make_client(takes_powers=True)
    register(other_service, "elsewhere", takes_powers=True)
    for known in (trial_service, other_service):
        PowerScope.objects.create(service=known, identifier="renew", name="Renew")
    friend = create_sandbox_user(trial_service, persona="harriet", by=TESTER)
    sign_in(citizen, made)
    day = today()
    form = {
        "scopes": "renew",
        **{
            f"{end}_on_{part}": str(getattr(day, part))
            for end in ("starts", "ends")
            for part in ("day", "month", "year")
        },
    }
    there = f"/account/powers/give/{other_service.pk}"
    assert citizen.post(there, email=friend.user.account.email, **form).status_code == 404
    here = f"/account/powers/give/{trial_service.pk}"
    assert "other test users only" in text_of(citizen.post(here, email="somebody@example.org", **form))
    assert not Power.objects.exists()
    assert citizen.post(here, email=friend.user.account.email, **form).status_code == 302
    assert Power.objects.get().giver == made.user.account


def test_what_a_colleague_removed_meanwhile_is_not_there(
    made: MadeUser, team: Browser, trial_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have the page open, and one is a moment ahead."""
    seen = sandbox_users.sandbox_user(trial_service, made.user.pk)
    delete_sandbox_user(made.user, by=TESTER)
    monkeypatch.setattr("gaap_identity.console.sandbox_users.sandbox_user", lambda *_: seen)
    at = [trial_service.pk, made.user.pk]
    assert team.post(reverse("identity-console-test-user-reset", args=at)).status_code == 404
    assert team.post(reverse("identity-console-test-user-delete", args=at)).status_code == 302
    assert AuditEvent.objects.filter(action="sandbox_user_deleted").count() == 1
