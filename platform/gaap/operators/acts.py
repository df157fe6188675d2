"""Dangerous acts in the admin: asked about once more, by somebody who has just proved who they are.

A ``GuardedAdmin`` names its acts; each appears among the list's actions and leads to a page that names the rows and
asks. Nothing happens before that page's form is sent by an operator who proved within five minutes who they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from gaap.operators.sign_in import sign_in

Text = str | Promise
#: Does the act for one row with what the form asked; returns False when there was nothing to do, and raises
#: ValueError with a text for the operator when it must not be done.
Perform = Callable[[Any, HttpRequest, dict[str, Any]], bool]
IDS = "ids"
MOST_ROWS = 100


@dataclass(frozen=True)
class Act:
    """Something dangerous that an operator may do to rows."""

    name: str
    title: Text
    warning: Text
    perform: Perform
    form: type[forms.Form] = forms.Form


class GuardedAdmin(admin.ModelAdmin[Any]):
    """An admin page whose dangerous acts are asked about once more."""

    acts: ClassVar[Sequence[Act]] = ()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer each act beside Django's own actions to those who may change rows."""
        actions: dict[str, Any] = super().get_actions(request)
        if self.has_act_permission(request):
            actions |= {act.name: (_leads_to(act), act.name, act.title) for act in self.acts}
        return actions

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Tell whether the operator may do the acts: those who may change such rows."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def get_urls(self) -> list[URLPattern]:
        """Add one page for each act."""
        own = [
            path(f"acts/{act.name}", self.admin_site.admin_view(self._page(act)), name=self.act_url_name(act))
            for act in self.acts
        ]
        return [*own, *super().get_urls()]

    def act_url_name(self, act: Act) -> str:
        """Return the name of an act's address within the admin."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{act.name}"

    def _page(self, act: Act) -> Callable[[HttpRequest], HttpResponse]:
        def page(request: HttpRequest) -> HttpResponse:
            if not self.has_act_permission(request):
                raise PermissionDenied
            if not sign_in().is_fresh(request):
                return sign_in().prove_again(request)
            rows = self._rows(request)
            form = act.form(request.POST if request.method == "POST" else None)
            if form.is_valid():
                return self._perform(act, rows, request, form.cleaned_data)
            return self._ask(act, rows, request, form)

        return page

    def _rows(self, request: HttpRequest) -> "QuerySet[Any]":
        try:
            rows = self.get_queryset(request).filter(pk__in=request.GET.get(IDS, "").split(",")[:MOST_ROWS])
            found = rows.exists()
        except (ValidationError, ValueError):
            found = False
        if not found:
            raise Http404
        return rows

    def _ask(self, act: Act, rows: "QuerySet[Any]", request: HttpRequest, form: forms.Form) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": act.title,
            "act": act,
            "rows": rows,
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "gaap/operators/act.html", context)

    def _perform(self, act: Act, rows: "QuerySet[Any]", request: HttpRequest, asked: dict[str, Any]) -> HttpResponse:
        for row in rows:
            try:
                done = act.perform(row, request, asked)
            except ValueError as error:
                messages.error(request, f"{row}: {error}")
            else:
                text = _("%(row)s: done.") if done else _("%(row)s: nothing was left to do.")
                messages.success(request, text % {"row": row})
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))


def _leads_to(act: Act) -> Callable[[GuardedAdmin, HttpRequest, "QuerySet[Model]"], HttpResponse]:
    def lead(model_admin: GuardedAdmin, request: HttpRequest, rows: "QuerySet[Model]") -> HttpResponse:
        keys = ",".join(str(key) for key in rows.values_list("pk", flat=True)[:MOST_ROWS])
        page = reverse(f"admin:{model_admin.act_url_name(act)}")
        return HttpResponseRedirect(f"{page}?{urlencode({IDS: keys})}")

    return lead
