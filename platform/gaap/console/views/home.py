"""The services that a person belongs to, and the person's own account."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gaap.components import components
from gaap.console.access import ConsoleRequest, console_page
from gaap.console.second_factor import has_second_factor
from gaap.organisations.models import Membership


@require_safe
@console_page
def show(request: ConsoleRequest) -> HttpResponse:
    """List the services that the person belongs to."""
    memberships = Membership.objects.filter(user=request.user, service__archived_at__isnull=True)
    found = memberships.select_related("service__organisation").order_by("service__name")
    pages = [page for component in components() for page in component.console_home_pages]
    context = {"memberships": found, "pages": pages, "has_second_factor": has_second_factor(request.user)}
    return render(request, "gaap/console/home.html", context)


@require_safe
@console_page
def account(request: ConsoleRequest) -> HttpResponse:
    """Show the person's account: address, password, second factor, sessions."""
    return render(request, "gaap/console/account.html", {"has_second_factor": has_second_factor(request.user)})
