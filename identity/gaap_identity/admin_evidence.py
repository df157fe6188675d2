"""Operators' pages for evidence: the market and how it does, the review queue, counters, looking into an account."""

import base64
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap.actors import current_actor
from gaap.operators.acts import Act, GuardedAdmin
from gaap.operators.admin import NoDeleteAdmin, ReadOnlyAdmin
from gaap.operators.sign_in import sign_in
from gaap_identity.models import Account, EvidenceSource, HumanCheck, SourceDay
from gaap_identity.providers.base import registry
from gaap_identity.services.human_checks import (
    REASONS,
    ReviewRefusedError,
    confirm_outcome,
    propose_outcome,
    settle_visit,
)
from gaap_identity.services.investigations import look_into, note_look
from gaap_identity.services.source_changes import save_source, success_rate

PICTURES = ("picture", "portrait")


class SourceForm(forms.ModelForm[EvidenceSource]):
    """A source, with its provider to choose from those installed and its secret to be typed but never shown."""

    provider = forms.ChoiceField(label=gettext_lazy("provider"), choices=lambda: registry.choices())
    secret = forms.CharField(label=gettext_lazy("new secret"), required=False, widget=forms.PasswordInput)

    class Meta:
        model = EvidenceSource
        exclude: ClassVar[list[str]] = []


@admin.register(EvidenceSource)
class EvidenceSourceAdmin(NoDeleteAdmin):
    """The market: sources join, rest, and leave by a date."""

    form = SourceForm
    list_display = ("name", "identifier", "provider", "highest_level", "is_active", "unavailable_until", "begins_until")
    list_filter = ("is_active", "provider")
    filter_horizontal = ("services",)

    def save_model(self, request: HttpRequest, obj: EvidenceSource, form: Any, change: bool) -> None:
        """Store through the service, which keeps an untyped secret and records the change."""
        save_source(obj, by=current_actor())


@admin.register(SourceDay)
class SourceDayAdmin(ReadOnlyAdmin):
    """How sources did, day by day. The rate is of visits begun: whoever dropped out counts as not proven."""

    list_display = ("day", "source", "begun", "passed", "failed", "pending", "dropped_out", "broken", "rate")
    list_filter = ("source", "day")

    @admin.display(description=gettext_lazy("dropped out"))
    def dropped_out(self, day: SourceDay) -> int:
        """Return how many neither passed, failed nor wait."""
        return max(0, day.begun - day.passed - day.failed - day.pending)

    @admin.display(description=gettext_lazy("proven of begun"))
    def rate(self, day: SourceDay) -> str:
        """Return the share of visits that proved an identity."""
        return success_rate(day)


class RefusalForm(forms.Form):
    """Why a document is not accepted."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=lambda: list(REASONS.items()))


class CounterForm(forms.Form):
    """What staff at a counter saw."""

    code = forms.CharField(label=gettext_lazy("Code that the citizen shows"), max_length=20)
    kind = forms.ChoiceField(
        label=gettext_lazy("Document"),
        choices=[("passport", gettext_lazy("A passport")), ("driving_permit", gettext_lazy("A driving licence"))],
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Not accepted because"),
        required=False,
        choices=lambda: [("", _("It is accepted")), *REASONS.items()],
    )


@admin.register(HumanCheck)
class HumanCheckAdmin(GuardedAdmin, ReadOnlyAdmin):
    """The review queue: two people look at each document, and neither decides alone."""

    change_form_template = "gaap_identity/admin/review.html"
    change_list_template = "gaap_identity/admin/queue.html"
    list_display = ("id", "kind", "status", "is_accepted", "reason", "created_at")
    list_filter = ("status", "kind")
    fields = ("id", "kind", "status", "is_accepted", "reason", "created_at")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer the acts; rows are read-only otherwise."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    acts = (
        Act(
            "accept",
            gettext_lazy("Accept (first look)"),
            gettext_lazy("You have looked at the pictures, and they are the citizen's."),
            lambda row, request, asked: _review(propose_outcome, row, is_accepted=True, reason=""),
        ),
        Act(
            "refuse",
            gettext_lazy("Refuse (first look)"),
            gettext_lazy("The citizen is told that the identity could not be confirmed, once a second person agrees."),
            lambda row, request, asked: _review(propose_outcome, row, is_accepted=False, reason=asked["reason"]),
            form=RefusalForm,
        ),
        Act(
            "agree",
            gettext_lazy("Agree (second look)"),
            gettext_lazy("You have looked for yourself. This settles the check and removes the pictures."),
            lambda row, request, asked: _review(confirm_outcome, row, agrees=True),
        ),
        Act(
            "disagree",
            gettext_lazy("Disagree (second look)"),
            gettext_lazy("The documents go back to be looked at from the beginning."),
            lambda row, request, asked: _review(confirm_outcome, row, agrees=False),
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the pictures and the counter's page."""
        view = self.admin_site.admin_view
        return [
            path("counter", view(self.counter), name="gaap_identity_counter"),
            path("<uuid:key>/<slug:which>.image", view(self.image), name="gaap_identity_review_image"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show one check with what the citizen says; the look is recorded."""
        human = self._find(object_id)
        if human is not None and self.has_view_permission(request, human):
            note_look(human.identity_check.account, purpose="document review", by=current_actor())
            kwargs["extra_context"] = {"human": human, "pictures": [name for name in PICTURES if getattr(human, name)]}
        return super().change_view(request, object_id, *args, **kwargs)

    def image(self, request: HttpRequest, key: UUID, which: str) -> HttpResponse:
        """Return one of the pictures."""
        human = self._find(str(key))
        if human is None or which not in PICTURES or not getattr(human, which):
            raise Http404
        if not self.has_view_permission(request, human):
            raise PermissionDenied
        content = base64.b64decode(getattr(human, which))
        kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
        return HttpResponse(content, content_type=kind, headers={"Cache-Control": "no-store"})

    def counter(self, request: HttpRequest) -> HttpResponse:
        """Note what was seen at a counter."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        if not sign_in().is_fresh(request):
            return sign_in().prove_again(request)
        form = CounterForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and self._settle(request, form.cleaned_data):
            return HttpResponseRedirect(reverse("admin:gaap_identity_humancheck_changelist"))
        context = {**self.admin_site.each_context(request), "form": form, "opts": self.opts, "title": _("Counter")}
        return TemplateResponse(request, "gaap_identity/admin/counter.html", context)

    def _settle(self, request: HttpRequest, asked: dict[str, Any]) -> bool:
        reason = asked["reason"]
        facts = {"kind": asked["kind"], "is_accepted": not reason, "reason": reason}
        try:
            settle_visit(asked["code"], by=current_actor(), **facts)
        except ReviewRefusedError:
            messages.error(request, _("No visit waits under this code."))
            return False
        messages.success(request, _("Noted. The citizen is told."))
        return True

    @staticmethod
    def _find(key: str) -> HumanCheck | None:
        try:
            return HumanCheck.objects.select_related("identity_check__account").filter(pk=UUID(key)).first()
        except ValueError:
            return None


def _review(verb: Any, row: HumanCheck, **seen: Any) -> bool:
    try:
        verb(row, by=current_actor(), **seen)
    except ReviewRefusedError as error:
        raise ValueError(str(error)) from error
    return True


class PurposeForm(forms.Form):
    """Why an operator looks into an account."""

    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=255,
        help_text=gettext_lazy("For the audit, such as the number of the case. Do not name the person."),
    )


def investigate(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show what stands in an account to an operator who says why and has just proven who they are."""
    if not request.user.has_perm("gaap_identity.view_account"):
        raise PermissionDenied
    if not sign_in().is_fresh(request):
        return sign_in().prove_again(request)
    account = Account.objects.filter(pk=key).first()
    if account is None:
        raise Http404
    form = PurposeForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_valid():
        found = look_into(account, purpose=form.cleaned_data["purpose"], by=current_actor())
    context = {
        **admin.site.each_context(request),
        "title": _("Look into an account"),
        "form": form,
        "account": account,
        "found": found,
        "opts": Account._meta,
    }
    return TemplateResponse(request, "gaap_identity/admin/investigate.html", context)
