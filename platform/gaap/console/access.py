"""Who may see which page of the console: the one place that decides it.

Every view of the console carries ``console_page`` or ``service_page``; a test walks over all addresses and finds any
that does not. A service that a person does not belong to does not exist for them (404); one that they belong to in too
small a role is refused (403).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache

from gaap.console.conf import conf
from gaap.console.second_factor import has_second_factor, used_second_factor
from gaap.organisations.models import Membership, Service

View = Callable[..., HttpResponse]
#: Tells whether a member may open a page although their role is too small for it.
Permission = Callable[[Membership], bool]


class ConsoleRequest(HttpRequest):
    """A request of a person who is signed in."""

    user: User


class ServiceRequest(ConsoleRequest):
    """A request of a person about a service to whose team they belong."""

    membership: Membership
    service: Service


def console_page(view: View) -> View:
    """Decorate a view so that only people see it who are signed in, with a second factor where one is needed."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return way_in(request) or view(request, *args, **kwargs)

    guarded.console_role = None  # type: ignore[attr-defined]
    return never_cache(guarded)


def service_page(role: str = Membership.Role.VIEWER, *, also: Permission | None = None) -> Callable[[View], View]:
    """Decorate a view of one service so that only its team sees it, from ``role`` upwards.

    The view gets ``request.service`` and ``request.membership``; the address's ``service_id`` is taken out. ``also``
    lets in those members in smaller roles who have a permission of their own.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: ServiceRequest, *args: Any, service_id: UUID, **kwargs: Any) -> HttpResponse:
            if refusal := way_in(request):
                return refusal
            request.membership = find_membership(request.user, service_id)
            request.service = request.membership.service
            if not request.membership.includes(role) and not (also and also(request.membership)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.console_role = role  # type: ignore[attr-defined]
        return never_cache(guarded)

    return decorate


def find_membership(user: User, service_id: UUID) -> Membership:
    """Return the person's membership of an open service; raises Http404 when there is none."""
    memberships = Membership.objects.select_related("service__organisation", "user")
    found = memberships.filter(user=user, service_id=service_id, service__archived_at__isnull=True).first()
    if found is None:
        raise Http404
    return found


def way_in(request: HttpRequest) -> HttpResponse | None:
    """Return the redirect to what the person must do first, or None when they may go on."""
    if not request.user.is_authenticated:
        return _redirect(resolve_url(settings.LOGIN_URL), request)
    if not conf.needs_second_factor:
        return None
    if not has_second_factor(request.user):
        return _redirect(reverse("mfa_activate_totp"), request)
    return None if used_second_factor(request) else _redirect(reverse("mfa_reauthenticate"), request)


def _redirect(address: str, request: HttpRequest) -> HttpResponse:
    """Return a redirect that comes back here; after a form was sent, to the page that it stood on."""
    here = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("gaap-console")
    return HttpResponseRedirect(f"{address}?{urlencode({'next': here})}")
