"""Letters that come as a PDF: the upload, what is wrong with its pages, sending, and taking a letter back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gaap.actors import current_actor
from gaap.audit.services import record
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap_notify.console.faults import faulty_pages, in_short
from gaap_notify.console.forms.letters import SendLetterForm, UploadForm
from gaap_notify.console.words import in_words
from gaap_notify.errors import ContractError, NoResultFoundError
from gaap_notify.models import LetterUpload, Notification
from gaap_notify.services.letters.changing import cancel_letter, letter_pdf
from gaap_notify.services.letters.uploads import (
    find_upload,
    remove_upload,
    send_upload,
    upload_letter,
    upload_page,
    waiting_uploads,
)
from gaap_notify.services.notifications import find_notification

CASEWORKER = Membership.Role.CASEWORKER
NEWEST = 50
LIST = "notify-console-letters"
PAGE = "notify-console-letter"
MESSAGE = "notify-console-message"


@require_safe
@service_page(CASEWORKER)
def show(request: ServiceRequest) -> HttpResponse:
    """List the newest letters that were uploaded and not sent."""
    uploads = waiting_uploads(request.service.pk)[:NEWEST]
    return render_service_page(request, "gaap_notify/console/letters.html", {"uploads": uploads})


@require_http_methods(["GET", "POST"])
@service_page(CASEWORKER)
def create(request: ServiceRequest) -> HttpResponse:
    """Take a PDF."""
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        data = form.cleaned_data["file"].read()
        try:
            upload = upload_letter(request.service, data, filename=form.filename, by=current_actor())
        except ContractError as error:
            form.add_error("file", in_words(error))
        else:
            return redirect(PAGE, request.service.pk, upload.pk)
    return render_service_page(request, "gaap_notify/console/letter_form.html", {"form": form})


@require_safe
@service_page(CASEWORKER)
def show_one(request: ServiceRequest, upload_id: UUID) -> HttpResponse:
    """Show the pages with what is wrong with them, and the form that sends the letter."""
    upload = upload_or_404(request, upload_id)
    if upload.notification_id:
        return redirect(MESSAGE, request.service.pk, upload.notification_id)
    return _show(request, upload, SendLetterForm(upload=upload))


@require_safe
@service_page(CASEWORKER)
def picture(request: ServiceRequest, upload_id: UUID, number: int) -> HttpResponse:
    """Serve a page as a picture."""
    try:
        drawn = upload_page(upload_or_404(request, upload_id), number)
    except NoResultFoundError as error:
        raise Http404 from error
    return HttpResponse(drawn, content_type="image/png")


@require_POST
@service_page(CASEWORKER)
def send(request: ServiceRequest, upload_id: UUID) -> HttpResponse:
    """Send it. Sent twice, the form leads to the one letter that there is."""
    upload = upload_or_404(request, upload_id)
    form = SendLetterForm(request.POST, upload=upload)
    if not form.is_valid():
        return _show(request, upload, form)
    values = {"postage": form.cleaned_data.get("postage", ""), "reference": form.cleaned_data["reference"]}
    try:
        sent = send_upload(upload, **values, by=current_actor())
    except NoResultFoundError as error:
        raise Http404 from error
    except ContractError as error:
        form.add_error(None, in_words(error))
        return _show(request, upload, form)
    messages.success(request, _("The letter is on its way."))
    return redirect(MESSAGE, request.service.pk, sent)


@require_POST
@service_page(CASEWORKER)
def remove(request: ServiceRequest, upload_id: UUID) -> HttpResponse:
    """Remove it unsent."""
    if remove_upload(upload_or_404(request, upload_id), by=current_actor()):
        messages.success(request, _("The letter is removed. Nothing was sent."))
    else:
        messages.error(request, _("The letter was sent meanwhile."))
    return redirect(LIST, request.service.pk)


@require_POST
@service_page(CASEWORKER)
def cancel(request: ServiceRequest, notification_id: UUID) -> HttpResponse:
    """Take a letter back before it is printed."""
    if cancel_letter(_letter_or_404(request, notification_id), by=current_actor()):
        messages.success(request, _("The letter is taken back. It is not printed."))
    else:
        messages.error(request, _("It is too late: this letter can no longer be taken back."))
    return redirect(MESSAGE, request.service.pk, notification_id)


@require_safe
@service_page(CASEWORKER)
def pdf(request: ServiceRequest, notification_id: UUID) -> HttpResponse:
    """Hand out the PDF of a letter, to be saved: somebody else made it."""
    letter = _letter_or_404(request, notification_id)
    try:
        data = letter_pdf(letter)
    except ContractError as error:
        raise Http404 from error
    record("letter_pdf_downloaded", target=letter, service=request.service, by=current_actor())
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="letter-{letter.pk}.pdf"'
    return answer


def upload_or_404(request: ServiceRequest, upload_id: UUID) -> LetterUpload:
    """Return one of the service's uploaded letters; raises Http404."""
    try:
        return find_upload(request.service.pk, upload_id)
    except NoResultFoundError as error:
        raise Http404 from error


def _letter_or_404(request: ServiceRequest, notification_id: UUID) -> Notification:
    try:
        found = find_notification(request.service.pk, notification_id)
    except NoResultFoundError as error:
        raise Http404 from error
    if not hasattr(found, "letter"):
        raise Http404
    return found


def _show(request: ServiceRequest, upload: LetterUpload, form: SendLetterForm) -> HttpResponse:
    pages = faulty_pages(upload)
    context = {"upload": upload, "form": form, "pages": pages, "fault": in_short(upload.fault)}
    return render_service_page(request, "gaap_notify/console/letter.html", context)
