"""Folders of templates: making, renaming and moving, removing."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import confirm_page, render_service_page
from gaap.organisations.models import Membership
from gaap_notify.console.forms.templates import FolderForm
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import TemplateFolder
from gaap_notify.services.folders import (
    DEEPEST,
    FolderError,
    change_folder,
    create_folder,
    delete_folder,
    find_folder,
    places,
)

DEVELOPER = Membership.Role.DEVELOPER
LIST = "notify-console-templates"


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def create(request: ServiceRequest) -> HttpResponse:
    """Make a folder."""
    form = FolderForm(
        request.POST or None, initial={"parent": request.GET.get("folder", "")}, places=places(request.service.pk)
    )
    if form.is_valid():
        try:
            create_folder(request.service, by=current_actor(), **form.cleaned_data)
        except FolderError as error:
            form.add_error(*_fault(error))
        else:
            messages.success(request, _("The folder is saved."))
            return redirect(LIST, request.service.pk)
    return render_service_page(request, "gaap_notify/console/folder_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def change(request: ServiceRequest, folder_id: UUID) -> HttpResponse:
    """Rename a folder, or put it into another."""
    folder = _folder_or_404(request, folder_id)
    initial = {"name": folder.name, "parent": str(folder.parent_id or "")}
    form = FolderForm(request.POST or None, initial=initial, places=places(request.service.pk))
    if form.is_valid():
        try:
            change_folder(folder, by=current_actor(), **form.cleaned_data)
        except FolderError as error:
            form.add_error(*_fault(error))
        else:
            messages.success(request, _("The folder is saved."))
            return redirect(LIST, request.service.pk)
    return render_service_page(request, "gaap_notify/console/folder_form.html", {"form": form, "folder": folder})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def delete(request: ServiceRequest, folder_id: UUID) -> HttpResponse:
    """Remove an empty folder, after asking once."""
    folder = _folder_or_404(request, folder_id)
    if request.method == "POST":
        try:
            delete_folder(folder, by=current_actor())
        except FolderError:
            messages.error(request, _("The folder is not empty. Move what is in it first."))
        else:
            messages.success(request, _("The folder is removed."))
        return redirect(LIST, request.service.pk)
    return confirm_page(
        request,
        title=_("Remove this folder?"),
        text=_("The folder “%(name)s” is removed if nothing is in it.") % {"name": folder.name},
        button=_("Remove the folder"),
        back=LIST,
    )


def _folder_or_404(request: ServiceRequest, folder_id: UUID) -> TemplateFolder:
    try:
        return find_folder(request.service.pk, folder_id)
    except NoResultFoundError as error:
        raise Http404 from error


def _fault(error: FolderError) -> tuple[str, str]:
    faults = {
        "taken": ("name", _("There is a folder of that name already")),
        "circle": ("parent", _("A folder cannot stand inside of itself")),
        "deep": ("parent", _("Folders can stand %(number)s deep at most") % {"number": DEEPEST}),
    }
    return faults[error.code]
