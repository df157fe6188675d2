"""Addresses for answers that wait to be confirmed: asking once more, and dropping the wish."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import confirm_page
from gaap.organisations.models import Membership
from gaap_notify.console.forms.senders import FAULTS
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import WaitingReplyTo
from gaap_notify.services.reply_tos.asking import ask_again, find_waiting, remove_waiting
from gaap_notify.services.senders import SenderError

DEVELOPER = Membership.Role.DEVELOPER
PAGE = "notify-console-senders"


@require_POST
@service_page(DEVELOPER)
def ask(request: ServiceRequest, waiting_id: UUID) -> HttpResponse:
    """Send the email once more."""
    waiting = _waiting_or_404(request, waiting_id)
    try:
        is_sent = ask_again(waiting, by=current_actor())
    except NoResultFoundError as error:
        raise Http404 from error
    except SenderError as error:
        messages.error(request, FAULTS[error.code])
        return redirect(PAGE, request.service.pk)
    if is_sent:
        messages.success(request, _("We have sent an email to %(email)s.") % {"email": waiting.email})
    else:
        messages.info(request, _("We sent the email a moment ago. Wait a minute before you have it sent again."))
    return redirect(PAGE, request.service.pk)


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def remove(request: ServiceRequest, waiting_id: UUID) -> HttpResponse:
    """Drop the wish, after asking once."""
    waiting = _waiting_or_404(request, waiting_id)
    if request.method == "POST":
        remove_waiting(waiting, by=current_actor())
        messages.success(request, _("It is removed."))
        return redirect(PAGE, request.service.pk)
    return confirm_page(
        request,
        title=_("Remove this address for answers?"),
        text=_("The link that we sent to %(email)s will not work any more.") % {"email": waiting.email},
        button=_("Remove it"),
        back=PAGE,
    )


def _waiting_or_404(request: ServiceRequest, waiting_id: UUID) -> WaitingReplyTo:
    try:
        return find_waiting(request.service.pk, waiting_id)
    except NoResultFoundError as error:
        raise Http404 from error
