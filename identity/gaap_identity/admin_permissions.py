"""Operators' page for what live services want to ask citizens for."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from gaap.operators.acts import Act, GuardedAdmin
from gaap.operators.admin import ReadOnlyAdmin
from gaap_identity.models import PermissionRequest
from gaap_identity.services.permissions import grant_permission, refuse_permission


class AnswerForm(forms.Form):
    """Asks what to tell the team."""

    answer = forms.CharField(label=gettext_lazy("Answer to the team"), max_length=2000, widget=forms.Textarea)


def _operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the site lets nobody else in
    return request.user


@admin.register(PermissionRequest)
class PermissionRequestAdmin(GuardedAdmin, ReadOnlyAdmin):
    """Teams that ask for levels and claims; decided by somebody who neither asked nor belongs to the team."""

    list_display = ("client", "service", "status", "levels", "claims", "requested_by", "requested_at", "decided_by")
    list_filter = ("status",)
    list_select_related = ("client", "service", "requested_by", "decided_by")
    search_fields = ("client__client_id", "service__name", "requested_by__email")
    fields = (
        "service",
        "client",
        "status",
        "levels",
        "claims",
        "reason",
        "requested_by",
        "requested_at",
        "decided_by",
        "decided_at",
        "answer",
    )
    acts = (
        Act(
            "grant",
            gettext_lazy("Grant what is asked for"),
            gettext_lazy("The program may ask every citizen for these once its service is live. The team is told."),
            lambda row, request, asked: grant_permission(row, user=_operator(request)),
        ),
        Act(
            "refuse",
            gettext_lazy("Refuse"),
            gettext_lazy("The team gets your answer by email, and keeps what it has."),
            lambda row, request, asked: refuse_permission(row, user=_operator(request), **asked),
            form=AnswerForm,
        ),
    )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer the acts; rows are read-only otherwise."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}
