"""The people of a service's team, and those who were invited."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.forms.members import InvitationForm, RoleForm
from gaap.console.models import Invitation
from gaap.console.pages import confirm_page, render_service_page
from gaap.console.services.invitations import InvitationError, invite, resend, withdraw
from gaap.organisations.models import Membership
from gaap.organisations.teams import LastAdministratorError, change_role, remove_member

ADMIN = Membership.Role.ADMIN


@require_safe
@service_page()
def show(request: ServiceRequest) -> HttpResponse:
    """List the team, and the invitations that stand."""
    members = Membership.objects.filter(service=request.service).select_related("user").order_by("user__email")
    invitations = Invitation.objects.standing(request.service.pk)
    context = {"members": members, "invitations": invitations, "may_change": request.membership.includes(ADMIN)}
    return render_service_page(request, "gaap/console/members.html", context)


@require_http_methods(["GET", "POST"])
@service_page(ADMIN)
def invite_colleague(request: ServiceRequest) -> HttpResponse:
    """Send an invitation."""
    form = InvitationForm(request.POST or None)
    if form.is_valid():
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        try:
            invite(email, service=request.service, role=role, user=request.user)
        except InvitationError as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": email})
            return redirect("gaap-console-members", request.service.pk)
    return render_service_page(request, "gaap/console/invite.html", {"form": form})


@require_POST
@service_page(ADMIN)
def resend_invitation(request: ServiceRequest, invitation_id: UUID) -> HttpResponse:
    """Send an invitation once more, with a new link."""
    try:
        if resend(_invitation_or_404(request, invitation_id), user=request.user):
            messages.success(request, _("The invitation is sent again. The earlier link opens nothing any more."))
    except InvitationError as error:
        messages.error(request, str(error))
    return redirect("gaap-console-members", request.service.pk)


@require_POST
@service_page(ADMIN)
def withdraw_invitation(request: ServiceRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    if withdraw(_invitation_or_404(request, invitation_id), by=current_actor()):
        messages.success(request, _("The invitation is withdrawn."))
    return redirect("gaap-console-members", request.service.pk)


@require_http_methods(["GET", "POST"])
@service_page(ADMIN)
def change(request: ServiceRequest, member_id: int) -> HttpResponse:
    """Give a member another role."""
    member = _member_or_404(request, member_id)
    form = RoleForm(request.POST or None, initial={"role": member.role})
    if form.is_valid():
        try:
            change_role(member, role=form.cleaned_data["role"], by=current_actor())
        except LastAdministratorError:
            form.add_error("role", _("A service needs an administrator; make somebody else one first"))
        else:
            messages.success(request, _("%(person)s has a new role.") % {"person": member.user.email})
            return redirect("gaap-console-members", request.service.pk)
    return render_service_page(request, "gaap/console/member.html", {"form": form, "member": member})


@require_http_methods(["GET", "POST"])
@service_page(ADMIN)
def remove(request: ServiceRequest, member_id: int) -> HttpResponse:
    """Take a member out of the team, after asking once."""
    member = _member_or_404(request, member_id)
    if request.method == "POST":
        return _remove(request, member)
    return confirm_page(
        request,
        title=_("Remove %(person)s from the team?") % {"person": member.user.email},
        text=_("They no longer see this service. Keys that they made go on working."),
        button=_("Remove from the team"),
        back="gaap-console-members",
    )


def _remove(request: ServiceRequest, member: Membership) -> HttpResponse:
    try:
        remove_member(member, by=current_actor())
    except LastAdministratorError:
        messages.error(request, _("A service needs an administrator; make somebody else one first"))
        return redirect("gaap-console-members", request.service.pk)
    messages.success(request, _("%(person)s is no longer in the team.") % {"person": member.user.email})
    if member.user_id == request.user.pk:
        return redirect("gaap-console")
    return redirect("gaap-console-members", request.service.pk)


def _invitation_or_404(request: ServiceRequest, invitation_id: UUID) -> Invitation:
    found = Invitation.objects.standing(request.service.pk).filter(pk=invitation_id).first()
    if found is None:
        raise Http404
    return found


def _member_or_404(request: ServiceRequest, member_id: int) -> Membership:
    members = Membership.objects.select_related("user", "service")
    found = members.filter(service=request.service, pk=member_id).first()
    if found is None:
        raise Http404
    return found
