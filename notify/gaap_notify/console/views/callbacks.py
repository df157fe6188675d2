"""The service's callbacks: where it is told of deliveries, answers, returned letters and complaints."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import confirm_page, render_service_page
from gaap.organisations.models import Membership
from gaap.webhooks.errors import WebhookError
from gaap_notify.console.forms.callbacks import CallbackForm
from gaap_notify.services.callbacks import CallbackKind, callbacks_of, remove_callback, set_callback

DEVELOPER = Membership.Role.DEVELOPER
PAGE = "notify-console-callbacks"


@require_safe
@service_page(DEVELOPER)
def show(request: ServiceRequest) -> HttpResponse:
    """List what the service can be told, and where it is told."""
    found = callbacks_of(request.service.pk)
    rows = [{"kind": kind, "callback": found.get(kind.value)} for kind in CallbackKind]
    return render_service_page(request, "gaap_notify/console/callbacks.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def change(request: ServiceRequest, kind: str) -> HttpResponse:
    """Set one callback. Its token is asked for again, and never shown."""
    known = _kind_or_404(kind)
    found = callbacks_of(request.service.pk).get(kind)
    form = CallbackForm(request.POST or None, initial={"url": found.url if found else ""})
    if form.is_valid():
        try:
            set_callback(request.service, kind, by=current_actor(), **form.cleaned_data)
        except WebhookError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The callback is set."))
            return redirect(PAGE, request.service.pk)
    return render_service_page(request, "gaap_notify/console/callback.html", {"form": form, "kind": known})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def remove(request: ServiceRequest, kind: str) -> HttpResponse:
    """Stop one callback, after asking once."""
    known = _kind_or_404(kind)
    if request.method == "POST":
        remove_callback(request.service, kind, by=current_actor())
        messages.success(request, _("The callback is removed."))
        return redirect(PAGE, request.service.pk)
    return confirm_page(
        request,
        title=_("Remove this callback?"),
        text=_("Your service is not told any more: %(kind)s.") % {"kind": known.label},
        button=_("Remove the callback"),
        back=PAGE,
    )


def _kind_or_404(kind: str) -> CallbackKind:
    try:
        return CallbackKind(kind)
    except ValueError as error:
        raise Http404 from error
