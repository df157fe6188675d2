"""What a live service's program may ask citizens for: asked with a reason, decided by somebody else, and held to."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.console.models import ConsoleEmail
from gaap.organisations.models import Membership, Service
from gaap.organisations.services import change_service
from gaap.outbox.models import OutboxEvent
from gaap.testing.plugin import TESTER
from gaap_identity.console.contributions import IdentityContributions
from gaap_identity.models import Client, PermissionRequest
from gaap_identity.services.permissions import (
    PermissionRefusedError,
    Wish,
    ask_permission,
    grant_permission,
    refuse_permission,
)
from gaap_identity.services.team_clients import register_client
from tests.identity.conftest import RSA
from tests.identity.people import CORE_IDENTITY, RelyingParty, claims_parameter, text_of
from tests.platform.parallel import in_parallel

pytestmark = pytest.mark.django_db

CALLBACK = "https://renew.transport.example/callback"
WISH = Wish(levels=["P2"], claims=["coreIdentityJWT", "address"], reason="The Vehicles Act, section 4")


@pytest.fixture
def program(trial_service: Service) -> Client:
    """A program that the team of a trial service registered by itself."""
    key = RSA.as_pem(private=False).decode()
    return register_client(trial_service, redirect_uris=[CALLBACK], public_key=key, by=TESTER).client


@pytest.fixture
def developer(trial_service: Service) -> User:
    """Somebody of the service's team."""
    user = User.objects.create_user("dev@transport.example", email="dev@transport.example")
    Membership.objects.create(user=user, service=trial_service, role=Membership.Role.DEVELOPER)
    return user


@pytest.fixture
def team(client: Browser, developer: User) -> Browser:
    """The team member's browser."""
    client.force_login(developer)
    return client


def go_live(program: Client) -> Client:
    change_service(program.service, by=TESTER, is_live=True)
    return Client.objects.select_related("service").get(pk=program.pk)


def page_of(program: Client, name: str = "identity-console-client-permissions") -> str:
    return reverse(name, args=[program.service_id, program.pk])


def ask(team: Browser, program: Client, **changes: Any) -> Any:
    form = {"levels": list(WISH.levels), "claims": list(WISH.claims), "reason": WISH.reason, **changes}
    return team.post(page_of(program), form, follow=True)


def decide(operator_client: Browser, request: PermissionRequest, act: str, **asked: str) -> str:
    address = reverse(f"admin:gaap_identity_permissionrequest_{act}")
    return text_of(operator_client.post(f"{address}?ids={request.pk}", asked, follow=True))


def asks_for_identity(program: Client, browser: Browser, *, claims: str = CORE_IDENTITY) -> str:
    """Return where the browser is sent that asks for P2 and claims."""
    rp = RelyingParty(program.client_id, RSA)
    path = rp.authorize_path(redirect_uri=CALLBACK, vtr='["Cl.Cm.P2"]', claims=claims_parameter(claims))
    return str(browser.get(path)["Location"])


def test_in_trial_mode_everything_is_open_and_live_nothing_without_a_grant(program: Client, client: Browser) -> None:
    assert asks_for_identity(program, client) == "/sign-in"
    live = go_live(program)
    assert "error=invalid_request" in asks_for_identity(live, client)
    assert (live.allowed_levels, live.allowed_claims, live.can_identify) == (["P0"], [], False)
    only_signing_in = RelyingParty(live.client_id, RSA).authorize_path(redirect_uri=CALLBACK)
    assert client.get(only_signing_in)["Location"] == "/sign-in"


def test_a_team_asks_and_an_operator_grants(team: Browser, program: Client, operator_client: Browser) -> None:
    assert "You have asked" in text_of(ask(team, program))
    request = PermissionRequest.objects.get()
    assert (request.levels, request.claims, request.reason) == (["P0", "P2"], list(WISH.claims), WISH.reason)
    assert "done" in decide(operator_client, request, "grant")
    live = go_live(program)
    assert (live.allowed_levels, live.allowed_claims) == (["P0", "P2"], list(WISH.claims))
    assert asks_for_identity(live, Browser()) == "/sign-in"
    assert "error=" in asks_for_identity(live, Browser(), claims="https://vocab.account.gov.uk/v1/passport")
    events = OutboxEvent.objects.filter(subject=f"permission_request/{request.pk}").values_list("name", flat=True)
    assert list(events.order_by("sequence")) == ["permission_requested", "permission_granted"]
    actions = AuditEvent.objects.filter(target_id=str(request.pk)).values_list("action", flat=True)
    assert set(actions) == {"permission_requested", "permission_granted"}
    change = AuditEvent.objects.filter(action="client_changed", target_id=str(program.pk)).latest("id")
    assert change.after is not None
    assert change.after["granted_levels"] == ["P0", "P2"]
    mail = ConsoleEmail.objects.get()
    assert mail.recipient == "dev@transport.example"
    assert page_of(program) in mail.text


def test_a_refusal_changes_nothing_and_says_why(team: Browser, program: Client, operator_client: Browser) -> None:
    ask(team, program)
    request = PermissionRequest.objects.get()
    assert "This field is required" in decide(operator_client, request, "refuse")
    decide(operator_client, request, "refuse", answer="P1 is enough for this")
    request.refresh_from_db()
    assert (request.status, request.answer) == ("refused", "P1 is enough for this")
    assert go_live(program).allowed_levels == ["P0"]
    assert "P1 is enough for this" in ConsoleEmail.objects.get().text
    assert "P1 is enough for this" in text_of(team.get(page_of(program)))
    assert "You have asked" in text_of(ask(team, program, levels=["P1"]))


def test_a_live_service_gives_back_what_it_leaves_out(team: Browser, program: Client, operator_client: Browser) -> None:
    ask(team, program)
    decide(operator_client, PermissionRequest.objects.get(), "grant")
    live = go_live(program)
    ask(team, live, levels=["P1"], claims=["returnCode"])
    decide(operator_client, PermissionRequest.objects.get(status="waiting"), "grant")
    live.refresh_from_db()
    assert (live.allowed_levels, live.allowed_claims) == (["P0", "P1"], ["returnCode"])


def test_a_level_beyond_the_sandbox_comes_with_the_grant(program: Client, developer: User, operator: User) -> None:
    assert "P3" not in program.levels
    request = ask_permission(program, wish=Wish(["P3"], [], "Pilots"), user=developer)
    grant_permission(request, user=operator)
    assert go_live(program).allowed_levels == ["P0", "P3"]


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"levels": ["P4"]}, {"claims": ["salary"]}, {"levels": []}, {"reason": "x" * 2001}]
)
def test_a_wrong_wish_asks_for_nothing(team: Browser, program: Client, wrong: dict[str, Any]) -> None:
    answer = ask(team, program, **wrong)
    assert answer.status_code == 200
    assert "<title>Error: " in answer.content.decode()
    assert not PermissionRequest.objects.exists()


def test_a_program_with_a_secret_cannot_ask(team: Browser, trial_service: Service) -> None:
    program = register_client(trial_service, redirect_uris=[CALLBACK], public_key="", by=TESTER).client
    assert "A program with a secret may only sign in" in text_of(ask(team, program))
    assert not PermissionRequest.objects.exists()


def test_one_wish_at_a_time_and_it_can_be_taken_back(team: Browser, program: Client) -> None:
    ask(team, program)
    page = text_of(team.get(page_of(program)))
    assert "Take the wish back" in page
    assert WISH.reason in page
    assert "You have asked already" in text_of(ask(team, program))
    withdraw = page_of(program, "identity-console-client-permissions-withdraw")
    assert team.post(withdraw)["Location"] == page_of(program)
    assert team.post(withdraw).status_code == 404
    assert PermissionRequest.objects.get().status == "withdrawn"
    assert "You have asked." in text_of(ask(team, program))


def test_nobody_decides_on_their_own_team(program: Client, developer: User, operator: User) -> None:
    request = ask_permission(program, wish=WISH, user=developer)
    for verb in (grant_permission, lambda row, user: refuse_permission(row, answer="no", user=user)):
        with pytest.raises(PermissionRefusedError):
            verb(request, user=developer)
    Membership.objects.create(user=operator, service=program.service, role=Membership.Role.VIEWER)
    with pytest.raises(PermissionRefusedError):
        grant_permission(request, user=operator)
    request.refresh_from_db()
    assert request.status == "waiting"
    with pytest.raises(IntegrityError), transaction.atomic():
        PermissionRequest.objects.filter(pk=request.pk).update(decided_by=developer)


def test_what_was_decided_stays(program: Client, developer: User, operator: User) -> None:
    request = ask_permission(program, wish=WISH, user=developer)
    stale = PermissionRequest.objects.get(pk=request.pk)
    assert refuse_permission(request, answer="no", user=operator)
    assert not grant_permission(stale, user=operator)
    assert not grant_permission(request, user=operator)
    assert go_live(program).allowed_levels == ["P0"]
    assert ConsoleEmail.objects.count() == 1


def test_a_program_that_lost_its_key_gets_nothing(program: Client, developer: User, operator: User) -> None:
    request = ask_permission(program, wish=WISH, user=developer)
    Client.objects.filter(pk=program.pk).update(auth_method="client_secret_post")
    stale = PermissionRequest.objects.select_related("client").get(pk=request.pk)
    with pytest.raises(PermissionRefusedError):
        grant_permission(stale, user=operator)
    assert PermissionRequest.objects.get().status == "waiting"


def test_others_see_and_change_nothing(program: Client, operator_client: Browser, owner: User) -> None:
    stranger, viewer = Browser(), Browser()
    stranger.force_login(owner)
    user = User.objects.create_user("viewer@transport.example")
    Membership.objects.create(user=user, service=program.service, role=Membership.Role.VIEWER)
    viewer.force_login(user)
    for name in ("identity-console-client-permissions", "identity-console-client-permissions-withdraw"):
        assert stranger.post(page_of(program, name)).status_code == 404
        assert viewer.post(page_of(program, name)).status_code == 403
    assert not PermissionRequest.objects.exists()


def test_the_list_before_going_live_and_the_operators_duties(program: Client, developer: User, operator: User) -> None:
    contributions = IdentityContributions()
    (item,) = contributions.checklist(program.service)
    assert (item.is_done, item.is_required) == (False, False)
    assert list(contributions.duties()) == []
    request = ask_permission(program, wish=WISH, user=developer)
    assert [duty.number for duty in contributions.duties()] == [1]
    grant_permission(request, user=operator)
    (item,) = contributions.checklist(program.service)
    assert item.is_done
    assert list(contributions.duties()) == []


def test_what_operators_set_themselves_needs_no_grant(make_client: Callable[..., Client], client: Browser) -> None:
    live = go_live(make_client())
    assert (live.granted_levels, live.allowed_levels) == (None, live.levels)
    assert asks_for_identity(live, client) == "/sign-in"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_four_operators_at_once_one_decides(program: Client, developer: User) -> None:
    request = ask_permission(program, wish=WISH, user=developer)
    operators = [User.objects.create_user(f"operator{number}@example.org") for number in range(4)]

    def decide_as(user: User, *, grants: bool) -> bool:
        row = PermissionRequest.objects.select_related("client", "service").get(pk=request.pk)
        return grant_permission(row, user=user) if grants else refuse_permission(row, answer="no", user=user)

    verbs = [partial(decide_as, user, grants=number % 2 == 0) for number, user in enumerate(operators)]
    assert sum(in_parallel(verbs)) == 1
    assert ConsoleEmail.objects.count() == 1
