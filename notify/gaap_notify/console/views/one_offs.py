"""Filling in a template, looking at the message, and sending it to one recipient."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap.theme.csp import allow
from gaap_notify.console.forms.one_offs import FillForm
from gaap_notify.console.views.previews import email_answer, letter_answer, picture_answer
from gaap_notify.console.views.templates import template_or_404
from gaap_notify.console.words import in_words
from gaap_notify.errors import ContractError, NoResultFoundError
from gaap_notify.models import OneOff
from gaap_notify.models.channels import Channel
from gaap_notify.services.notifications import find_notification
from gaap_notify.services.one_offs import files_of, find_one_off, send_one_off, sender_of, shown_values, write_one_off
from gaap_notify.services.previews import preview_of
from gaap_notify.services.templates import current_version

CASEWORKER = Membership.Role.CASEWORKER
PAGE = "notify-console-one-off"


@require_http_methods(["GET", "POST"])
@service_page(CASEWORKER)
def fill(request: ServiceRequest, template_id: UUID) -> HttpResponse:
    """Fill in a template."""
    template = template_or_404(request, template_id)
    if template.is_archived:
        raise Http404
    version = current_version(template)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FillForm(*given, version=version, service=request.service)
    if form.is_valid():
        try:
            one_off = write_one_off(
                version,
                form.values,
                service=request.service,
                recipient=form.cleaned_data["recipient"],
                reference=form.cleaned_data["reference"],
                sender_id=form.sender_id,
            )
        except ContractError as error:
            form.add_error(form.field_at_fault(error), in_words(error))
        else:
            return redirect(PAGE, request.service.pk, one_off.pk)
    return render_service_page(request, "gaap_notify/console/one_off_form.html", {"form": form, "template": template})


@require_safe
@service_page(CASEWORKER)
def show_one(request: ServiceRequest, one_off_id: UUID) -> HttpResponse:
    """Show the message as its recipient will see it."""
    return _show(request, one_off_or_404(request, one_off_id))


@require_POST
@service_page(CASEWORKER)
def send(request: ServiceRequest, one_off_id: UUID) -> HttpResponse:
    """Send it. Sent twice, the form leads to the one message that there is."""
    one_off = one_off_or_404(request, one_off_id)
    try:
        sent = send_one_off(one_off, by=current_actor())
    except NoResultFoundError as error:
        raise Http404 from error
    except ContractError as error:
        return _show(request, one_off, fault=in_words(error))
    messages.success(request, _("The message is on its way."))
    try:
        find_notification(request.service.pk, sent)
    except NoResultFoundError:
        # Nothing is kept of what goes to the contract's simulated recipients.
        return redirect(PAGE, request.service.pk, one_off.pk)
    return redirect("notify-console-message", request.service.pk, sent)


@require_safe
@xframe_options_sameorigin
@service_page(CASEWORKER)
def html(request: ServiceRequest, one_off_id: UUID) -> HttpResponse:
    """Serve the email."""
    one_off = one_off_or_404(request, one_off_id)
    return email_answer(request, one_off.template_version, shown_values(one_off))


@require_safe
@service_page(CASEWORKER)
def pdf(request: ServiceRequest, one_off_id: UUID) -> HttpResponse:
    """Serve the letter."""
    one_off = one_off_or_404(request, one_off_id)
    address = one_off.recipient.splitlines()
    return letter_answer(request, one_off.template_version, one_off.personalisation, address=address)


@require_safe
@service_page(CASEWORKER)
def picture(request: ServiceRequest, one_off_id: UUID) -> HttpResponse:
    """Serve the letter's first page as a picture."""
    one_off = one_off_or_404(request, one_off_id)
    address = one_off.recipient.splitlines()
    return picture_answer(request, one_off.template_version, one_off.personalisation, address=address)


def one_off_or_404(request: ServiceRequest, one_off_id: UUID) -> OneOff:
    """Return one of the service's filled-in templates; raises Http404."""
    try:
        return find_one_off(request.service.pk, one_off_id)
    except NoResultFoundError as error:
        raise Http404 from error


def _show(request: ServiceRequest, one_off: OneOff, *, fault: str = "") -> HttpResponse:
    version = one_off.template_version
    context = {"one_off": one_off, "template": version.template, "version": version, "refusal": fault}
    context["files"] = files_of(one_off)
    try:
        context["sender"] = sender_of(one_off)
        context["preview"] = preview_of(version, shown_values(one_off), service=request.service)
    except ContractError as error:
        context["fault"] = in_words(error)
    answer = render_service_page(request, "gaap_notify/console/one_off.html", context)
    if version.template.type == Channel.EMAIL:
        allow(answer, "frame-src", "'self'")
    return answer
