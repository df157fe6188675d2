"""What an invited person sees who follows the link."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gaap.console.access import way_in
from gaap.console.models import Invitation
from gaap.console.services.invitations import InvitationError, accept, find_invitation


@never_cache
@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation, and accept it for the person who is signed in.

    Whoever holds the link reads the mailbox it was sent to, so an account made from here needs no code.
    """
    invitation = find_invitation(token)
    if invitation is None:
        return render(request, "gaap/console/invitation_closed.html", status=404)
    if not request.user.is_authenticated:
        get_adapter().stash_verified_email(request, invitation.email)
        return render(request, "gaap/console/invitation.html", {"invitation": invitation, "next": request.path})
    if request.method == "POST":
        return way_in(request) or _accept(request, invitation, request.user)
    is_other = request.user.email.lower() != invitation.email
    return render(request, "gaap/console/invitation.html", {"invitation": invitation, "is_other": is_other})


def _accept(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    try:
        membership = accept(invitation, user=user)
    except InvitationError as error:
        messages.error(request, str(error))
        return redirect("gaap-console")
    messages.success(request, _("You belong to the team now."))
    return redirect("gaap-console-service", membership.service_id)
