"""The real pages of the theme, and the gallery beside them."""

from pathlib import Path
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.http import require_safe

from gaap.theme.csp import allow_form_redirect
from tests.theme.gallery.forms import EmailForm, EverythingForm

FOLDER = Path(__file__).parent
ROWS = [
    {"key": "Name", "value": "Nguyễn Thị Ngọc", "href": "/gallery/everything", "action": "Change"},
    {
        "key": "Address",
        "value": "12 Heol y Bont\nAberystwyth\nSY23 1AA",
        "href": "/gallery/everything",
        "action": "Change",
    },
    {"key": "Email", "value": "ngoc.nguyen.with.a.long.address@department.example.org"},
    {"key": "Total to pay", "value": "£1,482.50"},
]
TABLE = [["12 March 2031", "Renewal of a vehicle registration", "£82.50"], ["3 April 2031", "Late fee", "£1,400.00"]]


def page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    template = engines["django"].from_string((FOLDER / f"{name}.html").read_text(encoding="utf-8"))
    return HttpResponse(template.render(context, request))


def question(request: HttpRequest) -> HttpResponse:
    return page(request, "question", form=EmailForm(request.POST or None))


def everything(request: HttpRequest) -> HttpResponse:
    return page(request, "everything", form=EverythingForm(request.POST if request.method == "POST" else None))


def answers(request: HttpRequest) -> HttpResponse:
    return page(request, "answers", rows=ROWS)


def done(request: HttpRequest) -> HttpResponse:
    return page(request, "done")


def components(request: HttpRequest) -> HttpResponse:
    numbers = Paginator(range(100), 10).page(int(request.GET.get("page", "3")))
    return page(request, "components", table=TABLE, head=["Date", "What for", "Amount"], numbers=numbers)


@require_safe
def read_only(request: HttpRequest) -> HttpResponse:
    return HttpResponse("read")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("forbidden on purpose")


def suspicious(request: HttpRequest) -> HttpResponse:
    raise BadRequest("bad on purpose")


def leaves(request: HttpRequest) -> HttpResponse:
    response = page(request, "question", form=EmailForm())
    allow_form_redirect(response, request.GET["to"])
    return response


urlpatterns = [
    path("", include("gaap.theme.urls")),
    path("gallery/question", question),
    path("gallery/everything", everything),
    path("gallery/answers", answers),
    path("gallery/done", done),
    path("gallery/components", components),
    path("gallery/read-only", read_only),
    path("gallery/broken", broken),
    path("gallery/forbidden", forbidden),
    path("gallery/suspicious", suspicious),
    path("gallery/leaves", leaves),
]

handler400 = "gaap.theme.errors.bad_request"
handler403 = "gaap.theme.errors.permission_denied"
handler404 = "gaap.theme.errors.page_not_found"
handler500 = "gaap.theme.errors.server_error"
