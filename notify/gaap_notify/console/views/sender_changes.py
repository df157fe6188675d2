"""Adding, changing and removing reply-to addresses, text message senders and contact blocks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import confirm_page, render_service_page
from gaap.organisations.models import Membership
from gaap_notify.console.forms.senders import FAULTS, ContactBlockForm, ReplyToForm, SenderForm, SmsSenderForm
from gaap_notify.console.words import in_words
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import WaitingReplyTo
from gaap_notify.recipients import RecipientError
from gaap_notify.services.reply_tos.asking import propose_reply_to
from gaap_notify.services.senders import Owned, SenderError, find_owned, remove_owned
from gaap_notify.services.setup import set_contact_block, set_sms_sender

DEVELOPER = Membership.Role.DEVELOPER
PAGE = "notify-console-senders"


@dataclass(frozen=True)
class Kind:
    """One of the three: its form, how it is written, and what the pages say."""

    form: type[SenderForm]
    save: Callable[..., object]
    adding: Promise
    changing: Promise
    removing: Promise
    warning: Promise


KINDS: Mapping[str, Kind] = {
    "reply-to": Kind(
        ReplyToForm,
        propose_reply_to,
        _("Add an address for answers"),
        _("Change an address for answers"),
        _("Remove this address for answers?"),
        _("Programs that name the id of “%(name)s” get an error, and it is the default no more."),
    ),
    "text-senders": Kind(
        SmsSenderForm,
        set_sms_sender,
        _("Add a sender of text messages"),
        _("Change a sender of text messages"),
        _("Remove this sender of text messages?"),
        _("Programs that name the id of “%(name)s” get an error, and it is the default no more."),
    ),
    "contact-blocks": Kind(
        ContactBlockForm,
        set_contact_block,
        _("Add a contact block"),
        _("Change a contact block"),
        _("Remove this contact block?"),
        _("“%(name)s” cannot be chosen for letters any more."),
    ),
}


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def create(request: ServiceRequest, kind: str) -> HttpResponse:
    """Add one."""
    known = _kind_or_404(kind)
    rows = known.form.model._default_manager.filter(service=request.service, is_default=True)
    return _edit(request, known, None, initial={"is_default": not rows.exists()})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def change(request: ServiceRequest, kind: str, row_id: UUID) -> HttpResponse:
    """Change one; its id stays, so programs that name it need no change."""
    known = _kind_or_404(kind)
    row = _row_or_404(request, known, row_id)
    column = known.form.column
    return _edit(request, known, row, initial={column: getattr(row, column), "is_default": row.is_default})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def remove(request: ServiceRequest, kind: str, row_id: UUID) -> HttpResponse:
    """Remove one, after asking once."""
    known = _kind_or_404(kind)
    row = _row_or_404(request, known, row_id)
    if request.method == "POST":
        try:
            remove_owned(row, by=current_actor())
        except SenderError:
            messages.error(request, gettext("It stays, because it stands in a version of a template."))
        else:
            messages.success(request, gettext("It is removed."))
        return redirect(PAGE, request.service.pk)
    return confirm_page(
        request,
        title=str(known.removing),
        text=str(known.warning) % {"name": row},
        button=gettext("Remove it"),
        back=PAGE,
    )


def _edit(request: ServiceRequest, kind: Kind, row: Owned | None, *, initial: dict[str, Any]) -> HttpResponse:
    form = kind.form(request.POST or None, initial=initial, service=request.service, row=row)
    if form.is_valid() and _is_saved(request, kind, row, form):
        return redirect(PAGE, request.service.pk)
    title = kind.changing if row else kind.adding
    return render_service_page(request, "gaap_notify/console/sender_form.html", {"form": form, "title": title})


def _is_saved(request: ServiceRequest, kind: Kind, row: Owned | None, form: SenderForm) -> bool:
    text, is_default = form.cleaned_data[kind.form.column], form.cleaned_data["is_default"]
    try:
        saved = kind.save(request.service, text, is_default=is_default, by=current_actor(), id=row.pk if row else None)
    except SenderError as error:
        form.add_error(kind.form.column, FAULTS[error.code])
        return False
    except RecipientError as error:
        form.add_error(kind.form.column, in_words(error))
        return False
    if isinstance(saved, WaitingReplyTo):
        messages.success(request, gettext("We have sent an email to %(email)s.") % {"email": saved.email})
    else:
        messages.success(request, gettext("It is saved."))
    return True


def _kind_or_404(kind: str) -> Kind:
    if kind not in KINDS:
        raise Http404
    return KINDS[kind]


def _row_or_404(request: ServiceRequest, kind: Kind, row_id: UUID) -> Owned:
    try:
        return find_owned(kind.form.model, request.service.pk, row_id)
    except NoResultFoundError as error:
        raise Http404 from error
