"""How the pages of an account look."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap.theme.brand import brand_css
from gaap_payments.console.forms.brands import BrandForm
from gaap_payments.console.views.card_types import account_or_404
from gaap_payments.models import GatewayAccount, PaymentBrand
from gaap_payments.services.brands import COLOURS, brand_of, colour_fault, save_brand

ADMIN = Membership.Role.ADMIN
PREVIEW = ".payment-preview"


@require_http_methods(["GET", "POST"])
@service_page(ADMIN)
def change(request: ServiceRequest, account_id: UUID) -> HttpResponse:
    """Show how the pages look, try another look, and save it."""
    account = account_or_404(request, account_id)
    brand = brand_of(account)
    form = BrandForm(brand, *((request.POST, request.FILES) if request.method == "POST" else ()))
    is_fine = form.is_valid()
    if is_fine and request.POST.get("act") != "preview":
        save_brand(account, facts=form.facts, by=current_actor())
        messages.success(request, _("The look of the pages is saved."))
        return redirect("payments-console-brand", request.service.pk, account.pk)
    shown = _tried(account, form, brand) if is_fine else brand or PaymentBrand(account=account)
    context = {"form": form, "account": account, "shown": shown, "colours": urlencode(_colours(shown))}
    return render_service_page(request, "gaap_payments/console/brand.html", context)


@require_safe
@service_page(ADMIN)
def preview_sheet(request: ServiceRequest, account_id: UUID) -> HttpResponse:
    """Serve the colours that the address names for the preview; those that could not be saved are no colours here."""
    account = account_or_404(request, account_id)
    colours = {name: request.GET.get(name, "") for name in COLOURS}
    if any(colour and colour_fault(colour) for colour in colours.values()):
        raise Http404
    sheet = brand_css(PaymentBrand(account=account, **colours).colours, selector=PREVIEW)
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


def _tried(account: GatewayAccount, form: BrandForm, brand: PaymentBrand | None) -> PaymentBrand:
    """Return the look that the form asks for, unsaved and with the logo that is there already."""
    facts = form.facts
    tried = PaymentBrand(account=account, name=facts.name, logo_alt=facts.logo_alt)
    tried.primary_colour, tried.accent_colour = facts.primary_colour, facts.accent_colour
    tried.logo_digest = brand.logo_digest if brand and not facts.removes_logo else ""
    return tried


def _colours(brand: PaymentBrand) -> dict[str, str]:
    return {name: getattr(brand, name) for name in COLOURS}
