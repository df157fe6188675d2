"""Requests about a person: what is kept is handed out or erased, by operators who just proved who they are."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from gaap.actors import current_actor
from gaap.operators.admin import ReadOnlyAdmin
from gaap.operators.sign_in import sign_in
from gaap.privacy.models import SubjectRequest
from gaap.privacy.page import as_page
from gaap.privacy.people import Subject
from gaap.privacy.subjects import as_document, count_records, erase_subject, export_subject


class SubjectForm(forms.Form):
    """Asks who the person is and why."""

    email = forms.CharField(label=gettext_lazy("Email address"), required=False)
    phone = forms.CharField(
        label=gettext_lazy("Phone number"), required=False, help_text=gettext_lazy("With its country code.")
    )
    account = forms.UUIDField(label=gettext_lazy("ID of the citizen's account"), required=False)
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=255,
        help_text=gettext_lazy("For the audit, such as the number of the case. Do not name the person."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a form that names nobody."""
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.get(name) for name in ("email", "phone", "account")):
            raise forms.ValidationError(_("Give an email address, a phone number or the ID of an account"))
        return cleaned

    @property
    def subject(self) -> Subject:
        """The person whom the valid form names."""
        given = self.cleaned_data
        return Subject.known_by(email=given["email"], phone=given["phone"], account=given["account"] or "")


@admin.register(SubjectRequest)
class SubjectRequestAdmin(ReadOnlyAdmin):
    """What was handed out and erased, and the page on which to do it."""

    change_list_template = "gaap/operators/subjects_list.html"
    list_display = ["made_at", "kind", "purpose"]
    list_filter = ["kind"]
    search_fields = ["purpose"]

    def get_urls(self) -> list[URLPattern]:
        """Add the page."""
        page = sensitive_post_parameters("email", "phone")(self.ask)
        own = path("ask", self.admin_site.admin_view(page), name="gaap_subjectrequest_ask")
        return [own, *super().get_urls()]

    def ask(self, request: HttpRequest) -> HttpResponseBase:
        """Ask who and why, then hand out what is kept, or erase it once that has been confirmed."""
        if not request.user.has_perm("gaap.change_subjectrequest"):
            raise PermissionDenied
        if not sign_in().is_fresh(request):
            return sign_in().prove_again(request)
        form = SubjectForm(request.POST or None)
        if form.is_valid():
            return self._do(request, form)
        return self._show(request, form)

    def _do(self, request: HttpRequest, form: SubjectForm) -> HttpResponseBase:
        asked = request.POST.get("act")
        if asked == "erase":
            return self._show(request, form, found=count_records(form.subject), is_asking=True)
        if asked == "erase-now":
            done = erase_subject(form.subject, by=current_actor(), purpose=form.cleaned_data["purpose"])
            return self._show(
                request, SubjectForm(), erasures=[one for one in done if one.erased or one.kept], is_done=True
            )
        records = export_subject(form.subject, by=current_actor(), purpose=form.cleaned_data["purpose"])
        if asked == "page":
            return _download(HttpResponse(as_page(records)), "html")
        answer = JsonResponse(as_document(records), json_dumps_params={"indent": 2, "ensure_ascii": False})
        return _download(answer, "json")

    def _show(self, request: HttpRequest, form: SubjectForm, **context: Any) -> HttpResponse:
        page = {**self.admin_site.each_context(request), "title": _("A person's data"), "opts": self.opts, "form": form}
        return TemplateResponse(request, "gaap/operators/subject.html", {**page, **context})


def _download(response: HttpResponse, extension: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="personal-data.{extension}"'
    response["Cache-Control"] = "no-store"
    return response
