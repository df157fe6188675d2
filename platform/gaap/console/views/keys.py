"""The service's API keys."""

from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaap.actors import current_actor
from gaap.clock import now
from gaap.console.access import ServiceRequest, service_page
from gaap.console.forms.keys import NewKeyForm, RotationForm
from gaap.console.pages import confirm_page, render_service_page
from gaap.console.snippets import snippets_for
from gaap.keys.approval import SamePersonError, approve_api_key
from gaap.keys.models import ApiKey, ApiKeyQuerySet
from gaap.keys.rotation import rotate_api_key
from gaap.keys.services import ApiKeyError, IssuedKey, create_api_key, revoke_api_key
from gaap.organisations.models import Membership, Service

ADMIN, DEVELOPER = Membership.Role.ADMIN, Membership.Role.DEVELOPER


@require_safe
@service_page(DEVELOPER)
def show(request: ServiceRequest) -> HttpResponse:
    """List the keys, those that open something first."""
    keys = list(ApiKey.objects.filter(service=request.service).select_related("service"))
    waiting = [key for key in keys if key.awaits_approval and not (key.is_revoked or key.is_expired)]
    usable = [key for key in keys if key.is_usable]
    closed = [key for key in keys if key not in waiting and key not in usable]
    context = {"waiting": waiting, "usable": usable, "closed": closed}
    return render_service_page(request, "gaap/console/keys.html", context)


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def create(request: ServiceRequest) -> HttpResponse:
    """Make a key and show its text, this once."""
    form = NewKeyForm(request.POST or None, service=request.service)
    if form.is_valid():
        try:
            return _show_once(request, _create(request.service, form))
        except (ApiKeyError, IntegrityError):
            form.add_error("name", _("Somebody has just made a key with this name"))
    return render_service_page(request, "gaap/console/new_key.html", {"form": form})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def rotate(request: ServiceRequest, key_id: UUID) -> HttpResponse:
    """Replace a key by a new one, which is shown this once, while the old one goes on for a time."""
    api_key = _usable_or_404(request.service, key_id)
    form = RotationForm(request.POST or None)
    if form.is_valid():
        try:
            return _show_once(request, rotate_api_key(api_key, overlap=form.time, by=current_actor()))
        except (ApiKeyError, IntegrityError):
            form.add_error(None, _("Somebody else has just changed this key; look at the list"))
    return render_service_page(request, "gaap/console/rotate_key.html", {"form": form, "api_key": api_key})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def revoke(request: ServiceRequest, key_id: UUID) -> HttpResponse:
    """Revoke a key, after asking once."""
    api_key = _found_or_404(ApiKey.objects.standing(), request.service, key_id)
    if request.method == "POST":
        revoke_api_key(api_key, by=current_actor())
        messages.success(request, _("The key “%(name)s” is revoked.") % {"name": api_key.name})
        return redirect("gaap-console-keys", request.service.pk)
    return confirm_page(
        request,
        title=_("Revoke the key “%(name)s”?") % {"name": api_key.name},
        text=_("Every program that uses it is refused from now on. This cannot be undone."),
        button=_("Revoke the key"),
        back="gaap-console-keys",
    )


@require_http_methods(["GET", "POST"])
@service_page(ADMIN)
def approve(request: ServiceRequest, key_id: UUID) -> HttpResponse:
    """Let a waiting key of somebody else open what it is for, after asking once."""
    api_key = _found_or_404(ApiKey.objects.standing().filter(awaits_approval=True), request.service, key_id)
    if request.method == "POST":
        _approve(request, api_key)
        return redirect("gaap-console-keys", request.service.pk)
    return confirm_page(
        request,
        title=_("Approve the key “%(name)s”?") % {"name": api_key.name},
        text=_("%(person)s made it. From now on it reaches everybody.") % {"person": api_key.created_by},
        button=_("Approve the key"),
        back="gaap-console-keys",
    )


def _approve(request: ServiceRequest, api_key: ApiKey) -> None:
    try:
        approve_api_key(api_key, user=request.user)
    except SamePersonError:
        messages.error(request, _("You made this key yourself. Another administrator has to approve it."))
    else:
        messages.success(request, _("The key “%(name)s” is approved.") % {"name": api_key.name})


def _show_once(request: ServiceRequest, issued: IssuedKey) -> HttpResponse:
    context = {"issued": issued, "snippets": snippets_for(request.service, key=issued.text)}
    return render_service_page(request, "gaap/console/key_created.html", context)


def _create(service: Service, form: NewKeyForm) -> IssuedKey:
    asked = form.cleaned_data
    return create_api_key(
        service,
        name=asked["name"],
        type=asked["type"],
        scopes=asked["scopes"] or None,
        expires_at=now() + form.expires_in if form.expires_in else None,
        by=current_actor(),
    )


def _usable_or_404(service: Service, key_id: UUID) -> ApiKey:
    return _found_or_404(ApiKey.objects.usable(), service, key_id)


def _found_or_404(keys: ApiKeyQuerySet, service: Service, key_id: UUID) -> ApiKey:
    found = keys.select_related("service").filter(service=service, pk=key_id).first()
    if found is None:
        raise Http404
    return found
