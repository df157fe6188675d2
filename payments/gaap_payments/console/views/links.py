"""The service's payment links."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap_payments.console.forms.links import PaymentLinkForm
from gaap_payments.errors import LinkAddressTakenError
from gaap_payments.models import GatewayAccount, PaymentLink
from gaap_payments.services.languages import spoken_language
from gaap_payments.services.links import change_link, create_link, enable_link, link_address
from gaap_payments.services.qr_codes import qr_code

ADMIN, VIEWER = Membership.Role.ADMIN, Membership.Role.VIEWER


@require_safe
@service_page(VIEWER)
def show(request: ServiceRequest) -> HttpResponse:
    """List the links."""
    links = [_with_address(link) for link in PaymentLink.objects.for_service(request.service)]
    context = {"links": links, "may_edit": request.membership.includes(ADMIN)}
    return render_service_page(request, "gaap_payments/console/links.html", context)


@require_http_methods(["GET", "POST"])
@service_page(ADMIN)
def create(request: ServiceRequest) -> HttpResponse:
    """Make a link."""
    form = PaymentLinkForm(_accounts(request), request.POST or None)
    if form.is_valid():
        try:
            create_link(request.service, facts=form.facts, is_live=form.is_live, by=current_actor())
        except LinkAddressTakenError:
            form.add_error("slug", _("Another link has this address"))
        else:
            messages.success(request, _("The payment link is made."))
            return redirect("payments-console-links", request.service.pk)
    return render_service_page(request, "gaap_payments/console/link_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
@service_page(ADMIN)
def change(request: ServiceRequest, link_id: UUID) -> HttpResponse:
    """Change a link."""
    link = _link_or_404(request, link_id)
    form = PaymentLinkForm(_accounts(request), request.POST or None, link=link)
    if form.is_valid():
        try:
            change_link(link, facts=form.facts, by=current_actor())
        except LinkAddressTakenError:
            form.add_error("slug", _("Another link has this address"))
        else:
            messages.success(request, _("The payment link is changed."))
            return redirect("payments-console-links", request.service.pk)
    return render_service_page(request, "gaap_payments/console/link_form.html", {"form": form, "link": link})


@require_POST
@service_page(ADMIN)
def switch(request: ServiceRequest, link_id: UUID) -> HttpResponse:
    """Switch a link off, or on again."""
    link = _link_or_404(request, link_id)
    enable_link(link, is_enabled=not link.is_enabled, by=current_actor())
    return redirect("payments-console-links", request.service.pk)


@require_safe
@service_page(VIEWER)
def poster(request: ServiceRequest, link_id: UUID) -> HttpResponse:
    """Show a page to print, in the link's own language."""
    link = _with_address(_link_or_404(request, link_id))
    with translation.override(spoken_language(link.language)):
        return render(request, "gaap_payments/console/poster.html", {"link": link, "service": request.service})


@require_safe
@service_page(VIEWER)
def code(request: ServiceRequest, link_id: UUID) -> HttpResponse:
    """Return the QR code as an image for printing."""
    address = link_address(_link_or_404(request, link_id))
    return HttpResponse(qr_code(address), content_type="image/svg+xml")


def _accounts(request: ServiceRequest) -> list[GatewayAccount]:
    return list(GatewayAccount.objects.filter(service=request.service, is_enabled=True).order_by("is_live"))


def _with_address(link: PaymentLink) -> PaymentLink:
    link.address = link_address(link)  # type: ignore[attr-defined]
    return link


def _link_or_404(request: ServiceRequest, link_id: UUID) -> PaymentLink:
    link = PaymentLink.objects.for_service(request.service).select_related("service").filter(pk=link_id).first()
    if link is None:
        raise Http404
    return link
