"""An account's colours and logo, as addresses that the pages name: the policy allows no style within them."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from gaap_payments.models import PaymentBrand

ONE_YEAR_SECONDS = 365 * 24 * 60 * 60


@require_safe
def style_sheet(request: HttpRequest, account_id: UUID, version: str) -> HttpResponse:
    """Serve the colours of an account; there is no other version than the one that holds now."""
    brand = PaymentBrand.objects.filter(account=account_id).defer("logo").first()
    if brand is None or brand.sheet_version != version:
        raise Http404
    return _kept(HttpResponse(brand.style_sheet, content_type="text/css; charset=utf-8"), version)


@require_safe
def logo(request: HttpRequest, account_id: UUID, version: str) -> HttpResponse:
    """Serve the logo of an account."""
    brand = PaymentBrand.objects.filter(account=account_id).exclude(logo_digest="").first()
    if brand is None or brand.logo_version != version:
        raise Http404
    return _kept(HttpResponse(bytes(brand.logo), content_type="image/png"), version)


def _kept(response: HttpResponse, version: str) -> HttpResponse:
    """Let everybody keep what changes its address when it changes."""
    patch_cache_control(response, public=True, max_age=ONE_YEAR_SECONDS, immutable=True)
    response.headers["ETag"] = f'"{version}"'
    return response
