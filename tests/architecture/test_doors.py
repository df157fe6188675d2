"""Every address has somebody at the door: an authentication and a permission, or a written reason for having none."""

import inspect
import re
from http import HTTPMethod

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from gaap.components import known_scopes
from gaap.keys.permissions import HasScope
from tests.architecture.urls import Address, addresses, every_address

ADDRESSES = addresses()
API = [address for address in ADDRESSES if isinstance(address.view, type) and issubclass(address.view, APIView)]
OTHERS = [address for address in ADDRESSES if address not in API]

#: API views that anybody may call, and why.
OPEN_API = {
    r"docs.*": "the description of the public APIs",
    r"v1/auth": "the one-time token that comes with the card is the credential (Pay's contract, A.2)",
    r"\^v2/": "tells nothing but that there is no such address",
}
#: Modules of views without API keys, and who is at their door.
OTHER_DOORS = {
    r"gaap\.theme\.views": "public pages",
    r"gaap\.api\.(health|docs)": "public: says healthy or not; the description of the APIs",
    r"gaap\.status\.views": "public: what works and what operators tell everybody",
    r"gaap\.security\.views": "public: where weaknesses are reported",
    r"gaap\.observing\.views": "Prometheus, which bears a token of its own",
    r"gaap_payments\.api\.v1\.edge": "public: tells whom a firewall refused that it did (Pay's contract, A.1)",
    r"gaap_\w+\.web\..*": "citizens' pages: each looks at the citizen's own session or at an unguessable token",
    r"gaap_identity\.api\..*": "OpenID Connect, which has its own client authentication",
    r"gaap_\w+\.incoming": "providers, whose signatures are verified",
    r"django\.views\.generic\.base": "redirects",
    r"gaap(_\w+)?\.console\..*": "team members: each page names the role it needs, which the console's own tests hold",
    r"allauth\..*|gaap\.operators\..*": "operators' sign-in, which is the door",
}
#: Besides API views: what takes POSTs without a token against forgery, and why.
EXEMPT = {
    r"gaap_identity\.api\..*": "OpenID Connect endpoints that read no cookie, or only show a page",
    r"gaap_\w+\.incoming": "providers have no cookie of ours",
}
EXEMPT_ROUTES = {
    r"secure(/.*)?": "a service's own page posts the citizen's one-time token here, as Pay's contract has it",
    r"request-denied": "a firewall leads refused requests here; nothing is read",
    r"mandates/enter(/.*)?": "a service's own page posts the payer's one-time token here, as Pay's contract has it",
    r"card_details/<str:payment_id>/3ds_required_in": "the citizen's bank posts here; the page only passes it on",
    r"card_details/<str:payment_id>/3ds_handler": "passes on what the bank sent, which the provider judges",
    r"unsubscribe/<uuid:notification_id>/<str:token>": "mail programs post here without a page (RFC 8058)",
    r"sandbox/payments/bank/<uuid:charge_id>": "plays a bank at another site, where there is no cookie of ours",
}


def named(address: Address) -> str:
    return address.route


@pytest.mark.parametrize("address", API, ids=named)
def test_api_view_has_authentication_and_permission(address: Address) -> None:
    if AllowAny in address.view.permission_classes:
        assert any(re.fullmatch(pattern, address.route) for pattern in OPEN_API)
    else:
        assert address.view.authentication_classes
        assert HasScope in address.view.permission_classes


@pytest.mark.parametrize("address", [a for a in API if HasScope in a.view.permission_classes], ids=named)
def test_api_view_asks_for_known_scopes(address: Address) -> None:
    scope = address.view.required_scope
    answered = {method for method in HTTPMethod if hasattr(address.view, method.lower())} - {"OPTIONS", "HEAD", "TRACE"}
    asked = dict.fromkeys(answered, scope) if isinstance(scope, str) else scope
    assert asked.keys() >= answered
    assert set(asked.values()) <= known_scopes()


@pytest.mark.django_db
@pytest.mark.parametrize("address", [a for a in API if HasScope in a.view.permission_classes], ids=named)
def test_api_answers_nobody_without_a_key(address: Address, client: Client) -> None:
    for method in ("get", "post", "put", "patch", "delete"):
        if hasattr(address.view, method):
            answer = getattr(client, method)(address.sample, content_type="application/json")
            assert answer.status_code in (401, 403), f"{method} {address.sample} answered {answer.status_code}"


@pytest.mark.parametrize("address", OTHERS, ids=named)
def test_other_view_has_a_reason_for_needing_no_key(address: Address) -> None:
    assert any(re.fullmatch(pattern, address.module) for pattern in OTHER_DOORS)


@pytest.mark.parametrize("address", OTHERS, ids=named)
def test_only_what_has_a_reason_is_exempt_from_forgery_protection(address: Address) -> None:
    if getattr(address.callback, "csrf_exempt", False):
        is_known = any(re.fullmatch(pattern, address.module) for pattern in EXEMPT)
        assert is_known or any(re.fullmatch(pattern, address.route) for pattern in EXEMPT_ROUTES)


@pytest.mark.parametrize("address", API, ids=named)
def test_api_addresses_have_no_trailing_slash(address: Address) -> None:
    assert not address.route.endswith("/") or address.route in ("docs/", "^v2/")


@pytest.mark.django_db
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_admin_asks_everybody_to_sign_in(model: type, client: Client) -> None:
    meta = model._meta  # type: ignore[attr-defined]
    answer = client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_every_view_can_be_made() -> None:
    """A page that lacks a part fails here and not before the person who opens it."""
    assert [address.route for address in every_address() if inspect.isabstract(address.view)] == []
