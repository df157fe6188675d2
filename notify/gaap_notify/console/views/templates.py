"""Templates: the list with its folders, one with its text and gaps, writing, versions, archiving."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import confirm_page, render_service_page
from gaap.organisations.models import Membership
from gaap.theme.csp import allow
from gaap_notify.console.forms.templates import TemplateForm, initial_of
from gaap_notify.console.words import in_words
from gaap_notify.errors import ContractError, NoResultFoundError
from gaap_notify.models import Template, TemplateVersion
from gaap_notify.models.channels import Channel
from gaap_notify.services.folders import Place, move_template, places
from gaap_notify.services.previews import difference, placeholders_of, preview_of
from gaap_notify.services.templates import (
    change_template,
    create_template,
    current_version,
    find_template,
    find_version,
    set_template_archived,
)

VIEWER, DEVELOPER = Membership.Role.VIEWER, Membership.Role.DEVELOPER
PAGE_SIZE = 50
PAGE = "notify-console-template"


@require_safe
@service_page(VIEWER)
def show(request: ServiceRequest) -> HttpResponse:
    """List what is in a folder, or at the top; ``?archived=1`` lists what is archived."""
    found = places(request.service.pk)
    here = _place(request.GET.get("folder", ""), found)
    is_archive = bool(request.GET.get("archived"))
    rows = Template.objects.for_service(request.service.pk)
    if is_archive:
        rows = rows.filter(archived_at__isnull=False, is_hidden=False).order_by("current__name", "id")
    else:
        rows = rows.in_use().filter(folder=here.folder if here else None)
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "query": _query(here, is_archive=is_archive),
        "here": here,
        "folders": [] if is_archive else _inside(here, found),
        "is_archive": is_archive,
        "channels": Channel,
        "may_change": request.membership.includes(DEVELOPER),
    }
    return render_service_page(request, "gaap_notify/console/templates.html", context)


@require_safe
@service_page(VIEWER)
def show_one(request: ServiceRequest, template_id: UUID) -> HttpResponse:
    """Show a template as it is sent, its gaps still open."""
    version = current_version(template_or_404(request, template_id))
    answer = render_service_page(request, "gaap_notify/console/template.html", {**_shown(request, version)})
    allow(answer, "frame-src", "'self'")
    return answer


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def create(request: ServiceRequest, channel: str) -> HttpResponse:
    """Write a new template."""
    if channel not in Channel.values:
        raise Http404
    form = _form(request, channel, initial={"folder": request.GET.get("folder", "")})
    if form.is_valid():
        template = create_template(request.service, type=channel, by=current_actor(), **form.text)
        move_template(template, form.cleaned_data["folder"], by=current_actor())
        messages.success(request, _("The template is saved."))
        return redirect(PAGE, request.service.pk, template.pk)
    context = {"form": form, "channel": Channel(channel)}
    return render_service_page(request, "gaap_notify/console/template_form.html", context)


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def change(request: ServiceRequest, template_id: UUID) -> HttpResponse:
    """Write the template's next version."""
    template = template_or_404(request, template_id)
    form = _form(request, template.type, initial=initial_of(template))
    if form.is_valid():
        change_template(template, by=current_actor(), **form.text)
        move_template(template, form.cleaned_data["folder"], by=current_actor())
        messages.success(request, _("The template is saved."))
        return redirect(PAGE, request.service.pk, template.pk)
    context = {"form": form, "channel": Channel(template.type), "template": template}
    return render_service_page(request, "gaap_notify/console/template_form.html", context)


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def archive(request: ServiceRequest, template_id: UUID) -> HttpResponse:
    """Archive the template, after asking once."""
    template = template_or_404(request, template_id)
    if request.method == "POST":
        set_template_archived(template, is_archived=True, by=current_actor())
        messages.success(request, _("The template is archived."))
        return redirect(PAGE, request.service.pk, template_id)
    return confirm_page(
        request,
        title=_("Archive this template?"),
        text=_("Nothing more can be sent from “%(name)s”, and programs that use it get an error.") % {"name": template},
        button=_("Archive the template"),
        back="notify-console-templates",
    )


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def restore(request: ServiceRequest, template_id: UUID) -> HttpResponse:
    """Take an archived template back into use, after asking once."""
    template = template_or_404(request, template_id)
    if request.method == "POST":
        set_template_archived(template, is_archived=False, by=current_actor())
        messages.success(request, _("The template is in use again."))
        return redirect(PAGE, request.service.pk, template_id)
    return confirm_page(
        request,
        title=_("Use this template again?"),
        text=_("Messages can be sent from “%(name)s” again.") % {"name": template},
        button=_("Use the template again"),
        back="notify-console-templates",
    )


@require_safe
@service_page(VIEWER)
def versions(request: ServiceRequest, template_id: UUID) -> HttpResponse:
    """List who wrote what when."""
    template = template_or_404(request, template_id)
    page = Paginator(template.versions.order_by("-number"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"template": template, "page": page, "query": ""}
    return render_service_page(request, "gaap_notify/console/template_versions.html", context)


@require_safe
@service_page(VIEWER)
def version(request: ServiceRequest, template_id: UUID, number: int) -> HttpResponse:
    """Show one version, and in what it differs from the one before."""
    found = version_or_404(request, template_id, number)
    older = TemplateVersion.objects.filter(template_id=template_id, number=found.number - 1).first()
    context = {**_shown(request, found), "older": older, "lines": difference(older, found)}
    answer = render_service_page(request, "gaap_notify/console/template_version.html", context)
    allow(answer, "frame-src", "'self'")
    return answer


def template_or_404(request: ServiceRequest, template_id: UUID) -> Template:
    """Return one of the service's templates; raises Http404."""
    try:
        return find_template(request.service.pk, template_id)
    except NoResultFoundError as error:
        raise Http404 from error


def version_or_404(request: ServiceRequest, template_id: UUID, number: int) -> TemplateVersion:
    """Return one version of one of the service's templates; raises Http404."""
    try:
        return find_version(request.service.pk, template_id, number)
    except NoResultFoundError as error:
        raise Http404 from error


def _shown(request: ServiceRequest, version: TemplateVersion) -> dict[str, Any]:
    context: dict[str, Any] = {
        "version": version,
        "template": version.template,
        "placeholders": placeholders_of(version),
        "may_change": request.membership.includes(DEVELOPER),
        "may_send": request.membership.includes(Membership.Role.CASEWORKER),
    }
    try:
        return {**context, "preview": preview_of(version, {}, service=request.service)}
    except ContractError as error:
        return {**context, "fault": in_words(error)}


def _form(request: ServiceRequest, channel: str, *, initial: dict[str, Any]) -> TemplateForm:
    return TemplateForm(
        request.POST or None,
        initial=initial,
        channel=channel,
        service_id=request.service.pk,
        places=places(request.service.pk),
    )


def _place(folder_id: str, found: list[Place]) -> Place | None:
    """Return the folder that the address names, None for the top; raises Http404."""
    if not folder_id:
        return None
    place = next((place for place in found if str(place.folder.pk) == folder_id), None)
    if place is None:
        raise Http404
    return place


def _inside(here: Place | None, found: list[Place]) -> list[Place]:
    return [place for place in found if place.folder.parent_id == (here.folder.pk if here else None)]


def _query(here: Place | None, *, is_archive: bool) -> str:
    if is_archive:
        return "archived=1&"
    return f"folder={here.folder.pk}&" if here else ""
