"""The pages about a service's team, and the invitations into it."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.console.models import ConsoleEmail, Invitation
from gaap.console.services.invitations import InvitationError, accept, find_invitation, invite
from gaap.organisations.models import Membership, Service
from gaap.organisations.services import archive_service
from gaap.testing.plugin import TESTER
from tests.console.conftest import Page, browser_of, colleague, person

ADDRESS = "nia@transport.example"
PASSWORD = "three quiet otters"


def invite_nia(browser: Client, address: Page, role: str = "developer") -> str:
    """Invite Nia and return the link of the email."""
    page = browser.post(address("invite"), {"email": ADDRESS, "role": role})
    assert page.status_code == 302, page.content.decode()
    return link_in_the_last_email()


def link_in_the_last_email() -> str:
    email = ConsoleEmail.objects.latest("pk")
    assert email.recipient == ADDRESS
    found = re.search(r"https?://[^/]+(/console/invitations/\S+)", email.text)
    assert found is not None
    return found[1]


def test_an_invited_person_signs_up_and_joins(browser: Client, address: Page, client: Client) -> None:
    link = invite_nia(browser, address)
    assert "Create an account" in client.get(link).content.decode()
    fields = {"email": ADDRESS, "password1": PASSWORD, "next": link}
    assert client.post(reverse("account_signup"), fields)["Location"] == link
    page = client.post(link, follow=True).content.decode()
    assert "You belong to the team now." in page
    assert Membership.objects.get(user__email=ADDRESS).role == "developer"


def test_an_invited_person_may_have_any_address(
    browser: Client, address: Page, client: Client, settings: Settings
) -> None:
    settings.GAAP_CONSOLE = {"EMAIL_DOMAINS": ["interior.example"]}
    fields = {"email": ADDRESS, "password1": PASSWORD}
    assert "Use your work email address" in client.post(reverse("account_signup"), fields).content.decode()
    client.get(invite_nia(browser, address))
    assert client.post(reverse("account_signup"), fields).status_code == 302


def test_an_invited_person_who_has_an_account_joins(browser: Client, address: Page) -> None:
    link = invite_nia(browser, address, role="viewer")
    browser_of(person(ADDRESS)).post(link)
    assert Membership.objects.get(user__email=ADDRESS).role == "viewer"


def test_a_link_is_good_for_its_own_address_only(browser: Client, address: Page, stranger: User) -> None:
    link = invite_nia(browser, address)
    other = browser_of(stranger)
    assert "You are signed in as" in other.get(link).content.decode()
    assert "for another address" in other.post(link, follow=True).content.decode()
    assert not Membership.objects.filter(user=stranger, role="developer").exists()


def test_a_link_is_used_once(browser: Client, address: Page, service: Service) -> None:
    link = invite_nia(browser, address)
    nia = browser_of(person(ADDRESS))
    nia.post(link)
    assert nia.get(link).status_code == 404
    assert nia.post(link).status_code == 404


@pytest.mark.parametrize("hours", [48, 49])
def test_a_link_runs_out_after_two_days(browser: Client, address: Page, client: Client, hours: int) -> None:
    link = invite_nia(browser, address)
    Invitation.objects.update(expires_at=Invitation.objects.get().expires_at - timedelta(hours=hours))
    answer = client.get(link)
    assert answer.status_code == 404
    assert "too old" in answer.content.decode()


def test_an_invitation_lasts_for_two_days(service: Service, admin: User) -> None:
    invitation = invite(ADDRESS, service=service, role="viewer", user=admin).invitation
    assert abs(invitation.expires_at - now() - timedelta(days=2)) < timedelta(minutes=1)


def test_sending_again_makes_the_earlier_link_useless(browser: Client, address: Page, client: Client) -> None:
    first = invite_nia(browser, address)
    browser.post(address("resend", Invitation.objects.get().pk))
    second = link_in_the_last_email()
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)


def test_an_invitation_that_ran_out_can_be_sent_again(browser: Client, address: Page, client: Client) -> None:
    invite_nia(browser, address)
    Invitation.objects.update(expires_at=now() - timedelta(days=1))
    browser.post(address("resend", Invitation.objects.get().pk))
    assert client.get(link_in_the_last_email()).status_code == 200


def test_a_withdrawn_invitation_opens_nothing(browser: Client, address: Page, client: Client) -> None:
    link = invite_nia(browser, address)
    browser.post(address("withdraw", Invitation.objects.get().pk))
    assert client.get(link).status_code == 404
    assert not browser.get(address("members")).context["invitations"]


def test_invitations_of_a_closed_service_open_nothing(
    browser: Client, address: Page, client: Client, service: Service
) -> None:
    link = invite_nia(browser, address)
    archive_service(service, by=TESTER)
    assert client.get(link).status_code == 404


def test_nobody_is_invited_twice_or_into_their_own_team(browser: Client, address: Page, admin: User) -> None:
    invite_nia(browser, address)
    again = browser.post(address("invite"), {"email": ADDRESS.upper(), "role": "viewer"}).content.decode()
    assert "has been invited already" in again
    own = browser.post(address("invite"), {"email": admin.email, "role": "viewer"}).content.decode()
    assert "belongs to the team already" in own
    assert ConsoleEmail.objects.count() == 1


def test_accepting_never_lowers_a_role(service: Service, admin: User) -> None:
    invitation = invite(ADDRESS, service=service, role="viewer", user=admin).invitation
    nia = person(ADDRESS)
    Membership.objects.create(user=nia, service=service, role="developer")
    assert accept(invitation, user=nia).role == "developer"


def test_two_acceptances_at_once_make_one_member(service: Service, admin: User) -> None:
    token = invite(ADDRESS, service=service, role="viewer", user=admin).token
    first, second = filter(None, (find_invitation(token), find_invitation(token)))
    nia = person(ADDRESS)
    accept(first, user=nia)
    with pytest.raises(InvitationError):
        accept(second, user=nia)


def test_the_token_is_nowhere_but_in_the_email(service: Service, admin: User) -> None:
    token = invite(ADDRESS, service=service, role="viewer", user=admin).token
    assert token not in str(list(Invitation.objects.values()) + list(AuditEvent.objects.values()))


def test_a_role_is_changed(browser: Client, address: Page, service: Service) -> None:
    viewer = colleague(service, "viewer")
    member = Membership.objects.get(user=viewer)
    browser.post(address("member", member.pk), {"role": "caseworker"})
    member.refresh_from_db()
    assert member.role == "caseworker"
    event = AuditEvent.objects.filter(action="membership_set").latest("pk")
    assert (event.before, event.actor_label) == (
        {"service": str(service.pk), "role": "viewer"},
        "admin@transport.example",
    )


def test_a_member_is_removed_after_asking_once(browser: Client, address: Page, service: Service) -> None:
    viewer = colleague(service, "viewer")
    target = address("remove-member", Membership.objects.get(user=viewer).pk)
    assert "no longer see this service" in browser.get(target).content.decode()
    assert Membership.objects.filter(user=viewer).exists()
    browser.post(target)
    assert not Membership.objects.filter(user=viewer).exists()
    assert browser_of(viewer).get(address("service")).status_code == 404


def test_the_last_administrator_stays(browser: Client, address: Page, admin: User) -> None:
    member = Membership.objects.get(user=admin)
    page = browser.post(address("member", member.pk), {"role": "viewer"}).content.decode()
    assert "needs an administrator" in page
    page = browser.post(address("remove-member", member.pk), follow=True).content.decode()
    assert "needs an administrator" in page
    member.refresh_from_db()
    assert member.role == "admin"


def test_members_of_another_service_do_not_exist_here(browser: Client, address: Page, stranger: User) -> None:
    theirs = Membership.objects.get(user=stranger)
    for name in ("member", "remove-member"):
        assert browser.post(address(name, theirs.pk), {"role": "viewer"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.role == "admin"


def test_a_team_cannot_flood_strangers_with_emails(browser: Client, address: Page) -> None:
    for number in range(20):
        browser.post(address("invite"), {"email": f"p{number}@transport.example", "role": "viewer"})
    page = browser.post(address("invite"), {"email": ADDRESS, "role": "viewer"}).content.decode()
    assert "many invitations" in page
    target = address("resend", Invitation.objects.earliest("created_at").pk)
    assert "many invitations" in browser.post(target, follow=True).content.decode()
    assert ConsoleEmail.objects.count() == 20
