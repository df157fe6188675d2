"""What stands in the frames of a preview: an email's HTML, a letter's pages. Each under a policy of its own."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from gaap.console.access import ServiceRequest, service_page
from gaap.organisations.models import Membership
from gaap_notify.console.views.templates import version_or_404
from gaap_notify.errors import ContractError
from gaap_notify.models import TemplateVersion
from gaap_notify.models.channels import Channel
from gaap_notify.rendering.letters.pictures import preview_png
from gaap_notify.services.previews import SAMPLE_ADDRESS, preview_letter, preview_page

#: An email's HTML is a stranger here: no script, no form, no other host, not even its own origin.
EMAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; object-src 'none'"
)


@require_safe
@xframe_options_sameorigin
@service_page(Membership.Role.VIEWER)
def html(request: ServiceRequest, template_id: UUID, number: int) -> HttpResponse:
    """Serve the email of a version, its gaps open."""
    return email_answer(request, version_or_404(request, template_id, number), {})


@require_safe
@service_page(Membership.Role.VIEWER)
def pdf(request: ServiceRequest, template_id: UUID, number: int) -> HttpResponse:
    """Serve the letter of a version, its gaps open."""
    return letter_answer(request, version_or_404(request, template_id, number), {})


@require_safe
@service_page(Membership.Role.VIEWER)
def picture(request: ServiceRequest, template_id: UUID, number: int) -> HttpResponse:
    """Serve the first page of a version's letter as a picture."""
    return picture_answer(request, version_or_404(request, template_id, number), {})


def email_answer(request: ServiceRequest, version: TemplateVersion, values: Mapping[str, Any]) -> HttpResponse:
    """Return an email's HTML under a policy of its own; raises Http404 for other messages."""
    if version.template.type != Channel.EMAIL:
        raise Http404
    answer = HttpResponse(preview_page(version, values, service=request.service))
    answer["Content-Security-Policy"] = EMAIL_POLICY
    return answer


def letter_answer(
    request: ServiceRequest, version: TemplateVersion, values: Mapping[str, Any], *, address: Sequence[str] = ()
) -> HttpResponse:
    """Return a letter's PDF; raises Http404 for other messages, and for a letter that cannot be set."""
    return HttpResponse(_letter(request, version, values, address), content_type="application/pdf")


def picture_answer(
    request: ServiceRequest, version: TemplateVersion, values: Mapping[str, Any], *, address: Sequence[str] = ()
) -> HttpResponse:
    """Return the first page of a letter as PNG; raises Http404 as ``letter_answer`` does."""
    data = _letter(request, version, values, address)
    return HttpResponse(preview_png(data, page=1), content_type="image/png")


def _letter(
    request: ServiceRequest, version: TemplateVersion, values: Mapping[str, Any], address: Sequence[str]
) -> bytes:
    if version.template.type != Channel.LETTER:
        raise Http404
    try:
        return preview_letter(version, values, service=request.service, address=address or SAMPLE_ADDRESS)
    except ContractError as error:
        raise Http404 from error
