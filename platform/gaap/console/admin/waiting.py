"""What operators see of the console: requests to go live, invitations, and emails on their way."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gaap.console.models import ConsoleEmail, GoLiveRequest, Invitation
from gaap.console.services.going_live import approve, refuse
from gaap.operators.acts import Act, GuardedAdmin
from gaap.operators.admin import ReadOnlyAdmin


class RefusalForm(forms.Form):
    """Asks what to tell the team."""

    answer = forms.CharField(label=_("Answer to the team"), max_length=2000, widget=forms.Textarea)


def _approve(request_to_go_live: GoLiveRequest, request: HttpRequest, asked: dict[str, Any]) -> bool:
    return approve(request_to_go_live, user=_operator(request))


def _refuse(request_to_go_live: GoLiveRequest, request: HttpRequest, asked: dict[str, Any]) -> bool:
    return refuse(request_to_go_live, answer=asked["answer"], user=_operator(request))


def _operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the site lets nobody else in
    return request.user


@admin.register(GoLiveRequest)
class GoLiveRequestAdmin(GuardedAdmin, ReadOnlyAdmin):
    """Teams that ask to go live; decided by somebody who neither asked nor belongs to the team."""

    list_display = ["service", "status", "requested_by", "requested_at", "decided_by", "decided_at"]
    list_filter = ["status"]
    list_select_related = ["service", "requested_by", "decided_by"]
    search_fields = ["service__name", "requested_by__email"]
    acts = (
        Act(
            "approve",
            _("Let the selected services go live"),
            _("They can make live keys, which reach everybody and move real money."),
            perform=_approve,
        ),
        Act(
            "refuse",
            _("Refuse the selected requests"),
            _("The teams get your answer by email. Their services stay in trial mode."),
            perform=_refuse,
            form=RefusalForm,
        ),
    )


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Who was invited where."""

    list_display = ["email", "service", "role", "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at"]
    list_select_related = ["service"]
    search_fields = ["email", "service__name"]
    exclude = ["token_digest"]


@admin.register(ConsoleEmail)
class ConsoleEmailAdmin(ReadOnlyAdmin):
    """Emails on their way, without their text: it may hold a code."""

    list_display = ["recipient", "subject", "created_at", "sent_at", "due_at", "attempts", "failure"]
    list_filter = [("sent_at", admin.EmptyFieldListFilter)]
    search_fields = ["recipient", "subject"]
    exclude = ["text"]
