"""The guest list: whom a service on trial, and team keys, reach besides the team."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import confirm_page, render_service_page
from gaap.organisations.models import Membership
from gaap_notify.console.forms.senders import GuestForm
from gaap_notify.console.words import in_words
from gaap_notify.errors import NoResultFoundError
from gaap_notify.recipients import RecipientError
from gaap_notify.services.guests import MOST_GUESTS, GuestError, add_guest, find_guest, guests_of, remove_guest

DEVELOPER = Membership.Role.DEVELOPER
PAGE = "notify-console-guests"


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def show(request: ServiceRequest) -> HttpResponse:
    """Show the guest list, and add somebody."""
    form = GuestForm(request.POST or None)
    if form.is_valid() and _added(request, form):
        messages.success(request, _("The guest list is saved."))
        return redirect(PAGE, request.service.pk)
    context = {"form": form, "guests": guests_of(request.service.pk), "most": MOST_GUESTS}
    return render_service_page(request, "gaap_notify/console/guests.html", context)


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def remove(request: ServiceRequest, guest_id: int) -> HttpResponse:
    """Take somebody off the list, after asking once."""
    try:
        guest = find_guest(request.service.pk, guest_id)
    except NoResultFoundError as error:
        raise Http404 from error
    if request.method == "POST":
        remove_guest(guest, by=current_actor())
        messages.success(request, _("The guest list is saved."))
        return redirect(PAGE, request.service.pk)
    return confirm_page(
        request,
        title=_("Remove this person from the guest list?"),
        text=_("While the service is on trial, nothing can be sent to %(recipient)s.") % {"recipient": guest.recipient},
        button=_("Remove the person"),
        back=PAGE,
    )


def _added(request: ServiceRequest, form: GuestForm) -> bool:
    faults = {
        "taken": _("This person is on the list already"),
        "full": _("The list holds %(most)s addresses and %(most)s numbers at most") % {"most": MOST_GUESTS},
    }
    try:
        add_guest(request.service, form.cleaned_data["recipient"], by=current_actor())
    except RecipientError as error:
        form.add_error("recipient", in_words(error))
    except GuestError as error:
        form.add_error("recipient", faults[error.code])
    else:
        return True
    return False
