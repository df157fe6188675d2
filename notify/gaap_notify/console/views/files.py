"""Files that went by email, as the team sees them on the page of their message."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.organisations.models import Membership
from gaap_notify.errors import NoResultFoundError
from gaap_notify.services.files.taking_back import find_file, take_back_file


@require_POST
@service_page(Membership.Role.CASEWORKER)
def take_back(request: ServiceRequest, file_id: UUID) -> HttpResponse:
    """Drop a file, and go back to its message."""
    try:
        file = find_file(request.service.pk, file_id)
    except NoResultFoundError as error:
        raise Http404 from error
    if take_back_file(file, by=current_actor()):
        messages.success(request, _("The file is taken back. Its link leads to nothing any more."))
    return redirect("notify-console-message", request.service.pk, file.notification_id)
