"""Who may open which page: every address of the console, for every kind of person."""

import uuid
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from gaap.organisations.models import Membership, Service
from gaap.organisations.services import archive_service
from gaap.testing.plugin import TESTER
from tests.console.conftest import browser_of, colleague

ROLES = tuple(Membership.Role.values)

#: Pages that anybody may open, because they are how people get in.
OPEN = {
    "account_signup",
    "account_email_verification_sent",
    "account_login",
    "mfa_authenticate",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "gaap-console-invitation",
    "gaap-console-short",
}

#: Pages of everybody who is signed in; allauth guards those that bear its names.
PERSONAL = {
    "gaap-console",
    "gaap-console-new-service",
    "account_email",
    "account_reauthenticate",
    "account_change_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "usersessions_list",
    "payments-console-all-transactions",
    "payments-console-all-transactions-csv",
}


def console_patterns() -> dict[str, URLPattern]:
    found = dict(_patterns(get_resolver()))
    return {name: pattern for name, (route, pattern) in found.items() if route.startswith("console")}


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, tuple[str, URLPattern]]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, route)
        else:
            yield str(pattern.name), (route, pattern)


SERVICE_PAGES = sorted(set(console_patterns()) - OPEN - PERSONAL)


def address_of(name: str, service: Service) -> str:
    """The page's address, with ids of nothing in place of what else it names."""
    converters = console_patterns()[name].pattern.converters
    ids = {key: 10**9 if type(found).__name__ == "IntConverter" else uuid.uuid4() for key, found in converters.items()}
    return reverse(name, kwargs={**ids, "service_id": service.pk})


def least_role(name: str) -> str:
    return str(vars(console_patterns()[name].callback)["console_role"])


@pytest.mark.parametrize("name", SERVICE_PAGES)
def test_every_page_of_a_service_says_who_may_see_it(name: str) -> None:
    assert least_role(name) in ROLES


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", SERVICE_PAGES)
def test_strangers_find_nothing(name: str, method: str, service: Service, stranger: User) -> None:
    assert getattr(browser_of(stranger), method)(address_of(name, service)).status_code in (404, 405)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", SERVICE_PAGES)
def test_operators_are_strangers_in_the_console(name: str, method: str, service: Service, operator: User) -> None:
    assert getattr(browser_of(operator), method)(address_of(name, service)).status_code in (404, 405)


@pytest.mark.parametrize("name", SERVICE_PAGES)
def test_people_who_are_not_signed_in_are_sent_to_sign_in(name: str, service: Service, client: Client) -> None:
    answer = client.get(address_of(name, service))
    assert answer.status_code == 405 or answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", SERVICE_PAGES)
def test_members_get_in_from_the_least_role_upwards(name: str, role: str, service: Service) -> None:
    browser = browser_of(colleague(service, role))
    statuses = {getattr(browser, method)(address_of(name, service)).status_code for method in ("get", "post")}
    if ROLES.index(role) <= ROLES.index(least_role(name)):
        assert 403 not in statuses
    else:
        assert statuses <= {403, 405}


@pytest.mark.parametrize("name", SERVICE_PAGES)
def test_an_archived_service_is_gone(name: str, service: Service) -> None:
    browser = browser_of(colleague(service, "admin"))
    archive_service(service, by=TESTER)
    assert browser.get(address_of(name, service)).status_code in (404, 405)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_personal_pages_want_somebody_signed_in(name: str, client: Client) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_no_page_is_kept_by_the_browser(service: Service, owner: User) -> None:
    answer = browser_of(owner).get(reverse("gaap-console-service", args=[service.pk]))
    assert "no-store" in answer["Cache-Control"]
